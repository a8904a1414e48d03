"""Keys of lists have up to 40 characters."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("exports", "0001_initial")]

    operations = [migrations.AlterField(model_name="exportfile", name="source", field=models.CharField(max_length=40))]
