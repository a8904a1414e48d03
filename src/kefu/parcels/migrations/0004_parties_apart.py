from django.db import migrations


class Migration(migrations.Migration):
    """What was moved goes from the old place."""

    dependencies = [('parcels', '0003_move_parties')]

    operations = [
        migrations.RemoveField(
            model_name='parcel',
            name='receiver_address',
        ),
        migrations.RemoveField(
            model_name='parcel',
            name='receiver_name',
        ),
        migrations.RemoveField(
            model_name='parcel',
            name='receiver_phone',
        ),
        migrations.RemoveField(
            model_name='parcel',
            name='sender_address',
        ),
        migrations.RemoveField(
            model_name='parcel',
            name='sender_name',
        ),
        migrations.RemoveField(
            model_name='parcel',
            name='sender_phone',
        ),
    ]
