"""Parcels of a site by the day they were registered: the monthly rate of appeals counts them (R30)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("parcels", "0008_standings")]

    operations = [
        migrations.AddIndex(
            model_name="parcel",
            index=models.Index(fields=["site", "created_at"], name="parcel_site_day"),
        ),
    ]
