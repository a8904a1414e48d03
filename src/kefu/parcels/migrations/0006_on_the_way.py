from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('parcels', '0005_scans_by_month'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='parcel',
            index=models.Index(fields=['origin_site', 'created_at'], name='parcel_origin_day'),
        ),
        migrations.AddIndex(
            model_name='scan',
            index=models.Index(condition=models.Q(('next_site__isnull', False)), fields=['next_site', 'scanned_at'], name='scan_next_site'),
        ),
    ]
