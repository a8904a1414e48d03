"""The table of presence: rows that go stale by themselves."""

from typing import ClassVar

from django.db import models


class Presence(models.Model):
    """Somebody has a thing open, at least until ``until``."""

    staff = models.ForeignKey("people.Staff", on_delete=models.CASCADE, related_name="+")
    subject_kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    typing = models.BooleanField(default=False)
    until = models.DateTimeField()

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "staff"], name="presence_once")
        ]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["until"], name="presence_until")]
