"""Saved views belong to a list; those there are belong to the list of cases."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("desk", "0001_initial")]

    operations = [
        migrations.AddField(model_name="savedview", name="list_key", field=models.CharField(default="cases", max_length=40), preserve_default=False),
    ]
