from django.db import migrations

_NAMES = "sender_name, sender_phone, sender_address, receiver_name, receiver_phone, receiver_address"


class Migration(migrations.Migration):
    """Encrypted names, phones and addresses move to a table of their own; the values are copied as they are stored."""

    dependencies = [("parcels", "0002_station_fields")]

    operations = [
        migrations.RunSQL(
            f"INSERT INTO parcels_parcelparties (parcel_id, sender_company, receiver_company, {_NAMES}) "
            f"SELECT id, '', '', {_NAMES} FROM parcels_parcel WHERE {' || '.join(_NAMES.split(', '))} <> ''",
            "UPDATE parcels_parcel AS p SET "
            + ", ".join(f"{name} = q.{name}" for name in _NAMES.split(", "))
            + " FROM parcels_parcelparties AS q WHERE q.parcel_id = p.id",
        ),
    ]
