import django.db.models.deletion
from django.db import migrations, models

# Derived from the scans: moved from the wide row of the parcel to a narrow one of its own (ADR 12).
_MOVED = ("state", "collected_at", "first_attempt_at", "signed_at", "last_scan_at", "last_scan_code", "last_scan_site_id", "marks")
_RARE = ("part_signed", "problem", "held", "refused", "intercepted", "returning", "returned", "forwarded")


def move_standings(apps, schema_editor):
    columns = ", ".join(_MOVED)
    if schema_editor.connection.vendor == "postgresql":
        # Room on every page for a row's next versions: it moves a handful of times, mostly within two days.
        schema_editor.execute("ALTER TABLE parcels_standing SET (fillfactor = 50)")
    schema_editor.execute(
        f"INSERT INTO parcels_standing (parcel_id, version, {columns}) SELECT id, version, {columns} FROM parcels_parcel ORDER BY id"
    )


class Migration(migrations.Migration):

    dependencies = [
        ('parcels', '0007_whole_indexes'),
        ('people', '0002_staff_must_set_password'),
    ]

    operations = [
        migrations.CreateModel(
            name='Standing',
            fields=[
                ('parcel', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='standing', serialize=False, to='parcels.parcel')),
                ('version', models.PositiveIntegerField(default=0)),
                ('state', models.CharField(choices=[('ordered', '已录单，未收件'), ('collected', '已收件'), ('in_transit', '运输中'), ('arrived', '已到派件网点'), ('stored', '待取件'), ('out_for_delivery', '派件中'), ('part_signed', '部分签收'), ('signed', '已签收'), ('problem', '问题件'), ('held', '留仓'), ('refused', '拒收'), ('intercepted', '已拦截'), ('returning', '退回中'), ('returned', '已退回'), ('forwarded', '已转件')], default='ordered', max_length=20)),
                ('collected_at', models.DateTimeField(null=True)),
                ('first_attempt_at', models.DateTimeField(null=True)),
                ('signed_at', models.DateTimeField(null=True)),
                ('last_scan_at', models.DateTimeField(null=True)),
                ('last_scan_code', models.CharField(blank=True, default='', max_length=12)),
                ('marks', models.PositiveSmallIntegerField(default=0, null=True)),
                ('rare_state', models.GeneratedField(db_persist=True, expression=models.Case(models.When(state__in=_RARE, then='state')), output_field=models.CharField(max_length=20, null=True))),
                ('last_scan_site', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.site')),
            ],
        ),
        migrations.RunPython(move_standings, elidable=False),
        migrations.AddIndex(
            model_name='standing',
            index=models.Index(condition=models.Q(('rare_state__isnull', False)), fields=['rare_state', '-parcel'], name='standing_rare'),
        ),
        migrations.RemoveIndex(model_name='parcel', name='parcel_site_state'),
        *(migrations.RemoveField(model_name='parcel', name=name.removesuffix('_id')) for name in _MOVED),
    ]
