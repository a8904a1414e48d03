"""Tables of scanning: guns at work, what they answered, and who holds a parcel's last scan."""

from typing import Any

from django.db import models

from kefu.parcels.vocabulary import ScanCode
from kefu.station.scanning.modes import Mode, Tone


class GunSession(models.Model):
    """A gun at work: where, by whom, set how. One is open per person; its counts run."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+")
    staff_id = models.BigIntegerField()
    operator = models.CharField(max_length=20, blank=True, default="")
    mode = models.CharField(max_length=16, choices=Mode.choices)
    courier = models.CharField(max_length=20, blank=True, default="")
    previous_site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+")
    next_site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+")
    truck = models.CharField(max_length=40, blank=True, default="")
    device = models.CharField(max_length=40, blank=True, default="")
    reason = models.CharField(max_length=20, blank=True, default="")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    ok_count = models.PositiveIntegerField(default=0)
    warn_count = models.PositiveIntegerField(default=0)
    refused_count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff_id"], condition=models.Q(closed_at=None), name="gun_session_one_open"),
        ]


class Answer(models.Model):
    """What a gun said to one number. ``notices`` are codes with values; ``codes`` the scans it made, parted by blanks."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    session = models.ForeignKey(GunSession, null=True, on_delete=models.PROTECT, related_name="answers", db_index=False)
    given = models.CharField(max_length=60)
    waybill = models.CharField(max_length=40, blank=True, default="")
    piece = models.CharField(max_length=40, blank=True, default="")
    mode = models.CharField(max_length=16, choices=Mode.choices)
    tone = models.CharField(max_length=8, choices=Tone.choices)
    reason = models.CharField(max_length=20, blank=True, default="")
    notices: models.JSONField[Any, Any] = models.JSONField(default=list)
    codes = models.CharField(max_length=40, blank=True, default="")
    scanned_at = models.DateTimeField()
    answered_at = models.DateTimeField()
    actor_id = models.BigIntegerField()
    operator = models.CharField(max_length=20, blank=True, default="")
    courier = models.CharField(max_length=20, blank=True, default="")
    device = models.CharField(max_length=40, blank=True, default="")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=80, blank=True, default="")
    undone_why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(fields=["site", "-answered_at", "-id"], name="answer_site"),
            models.Index(fields=["session", "-id"], name="answer_session"),
            models.Index(fields=["actor_id", "-id"], name="answer_actor"),
            models.Index(fields=["waybill"], name="answer_waybill"),
        ]


class Claim(models.Model):
    """Who scanned a number last in one way at a site: of two guns at the same moment one gets it (O8)."""

    site_id = models.BigIntegerField()
    number = models.CharField(max_length=40)
    code = models.CharField(max_length=12, choices=ScanCode.choices)
    at = models.DateTimeField()
    operator = models.CharField(max_length=20, blank=True, default="")
    # Told apart by the write that took it.
    token = models.CharField(max_length=32)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["number", "code", "site_id"], name="scan_claim_once")]
