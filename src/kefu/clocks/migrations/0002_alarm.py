"""Alarms of clocks in a table of their own (ADR 11), with what the open clocks have done so far."""

import django.db.models.deletion
from django.db import migrations, models

_AT_ONCE = 5000


def _fired(clock):
    """How many of its moments are done. An uncapped pause has emptied the plan; warning and breach are stamped, which must do."""
    if not clock.plan:
        return (clock.warned_at is not None) + (clock.breached_at is not None)
    moments = 1 + (clock.warn_at is not None) + sum(1 for rung in clock.ladder if rung[0])
    return moments - sum(1 for moment in clock.plan[clock.fired :] if moment[1] != "resume")


def fill(apps, _editor):
    Alarm = apps.get_model("clocks", "Alarm")
    rows = apps.get_model("clocks", "Clock").objects.filter(state__in=["running", "paused"]).order_by("pk")
    rows = rows.only("plan", "ladder", "fired", "next_fire_at", "warn_at", "warned_at", "breached_at")
    after = 0
    while found := list(rows.filter(pk__gt=after)[:_AT_ONCE]):
        after = found[-1].pk
        Alarm.objects.bulk_create(Alarm(clock_id=clock.pk, at=clock.next_fire_at, fired=_fired(clock)) for clock in found)


class Migration(migrations.Migration):
    dependencies = [("clocks", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="Alarm",
            fields=[
                (
                    "clock",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to="clocks.clock"
                    ),
                ),
                ("at", models.DateTimeField(null=True)),
                ("fired", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "indexes": [models.Index(condition=models.Q(("at__isnull", False)), fields=["at"], name="alarm_rings")],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
