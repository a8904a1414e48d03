"""Tables: handbooks by version. A version that was in force is never changed again (HB2)."""

from typing import Any

from django.db import models
from django.db.models import Q


class HandbookVersion(models.Model):
    """One version of a handbook: its text as written, and the merged content it stands for.

    ``resolved`` holds everything a decision needs, so nothing outside the row is read when it is replayed. A version is in force from
    ``effective_from`` until ``effective_until``, whatever its state says besides draft.
    """

    class State(models.TextChoices):
        """States of a version."""

        DRAFT = "draft"
        IN_FORCE = "in_force"
        RETIRED = "retired"

    key = models.CharField(max_length=60)
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    text = models.TextField()
    resolved: models.JSONField[Any, Any] = models.JSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)
    bases: models.JSONField[Any, Any] = models.JSONField(default=list)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    effective_from = models.DateTimeField(null=True)
    effective_until = models.DateTimeField(null=True)
    based_on = models.ForeignKey("self", null=True, on_delete=models.SET_NULL, related_name="+")
    builtin = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True)
    created_by_kind = models.CharField(max_length=12)
    created_by_id = models.BigIntegerField()
    created_by_name = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)  # of the row, for kernel.claims

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "number"], name="handbook_version_once"),
            models.UniqueConstraint(fields=["key", "effective_from"], name="handbook_start_once"),
            models.CheckConstraint(condition=Q(state="draft") | Q(effective_from__isnull=False), name="handbook_in_force_since"),
            models.CheckConstraint(
                condition=Q(effective_until=None) | Q(effective_until__gte=models.F("effective_from")), name="handbook_ends_later"
            ),
        ]
        indexes = [models.Index(fields=["key", "-effective_from"], name="handbook_at")]

    def __str__(self) -> str:
        return f"{self.key}@{self.number}"
