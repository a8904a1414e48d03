"""What a clock will do follows from its deadline and ladder, and how far it has come says its alarm: the columns for it go."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("clocks", "0002_alarm")]
    operations = [
        migrations.RemoveIndex(model_name="clock", name="clock_fires"),
        *[migrations.RemoveField(model_name="clock", name=name) for name in ("plan", "fired", "next_fire_at", "warned_at")],
    ]
