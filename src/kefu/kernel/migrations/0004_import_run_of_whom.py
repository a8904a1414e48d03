"""An import knows who ran it and for which site; runs from before take both from their audit entries."""

from django.db import migrations, models


def from_audit(apps, _schema_editor):
    runs, entries = apps.get_model("kernel", "ImportRun"), apps.get_model("kernel", "AuditEntry")
    for run in runs.objects.all().iterator():
        last = entries.objects.filter(action="import.started", subject_kind="import_run", subject_id=run.pk).order_by("-pk").first()
        given = (run.options or {}).get("given") or {}
        if last is not None:
            runs.objects.filter(pk=run.pk).update(actor_kind=last.actor_kind, actor_id=last.actor_id, site_id=given.get("site_id"))


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0003_newest_of_site'),
    ]

    operations = [
        migrations.AddField(model_name='importrun', name='actor_kind', field=models.CharField(default='system', max_length=12)),
        migrations.AddField(model_name='importrun', name='actor_id', field=models.BigIntegerField(default=0)),
        migrations.AddField(model_name='importrun', name='site_id', field=models.BigIntegerField(null=True)),
        migrations.RunPython(from_audit, migrations.RunPython.noop),
    ]
