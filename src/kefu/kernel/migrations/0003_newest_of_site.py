"""The newest documents of one site, for people who reach no other."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0002_search'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='searchdocument',
            index=models.Index(fields=['kind', 'site_id', '-id'], name='search_newest_of_site'),
        ),
    ]
