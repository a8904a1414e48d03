"""Which matter became which case."""

from django.db import models


class Escalation(models.Model):
    """A matter (``kind`` and ``matter_id`` of a station room) and the case it became."""

    kind = models.CharField(max_length=30)
    matter_id = models.BigIntegerField()
    case = models.ForeignKey("cases.Case", on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "matter_id"], name="escalation_once")]
