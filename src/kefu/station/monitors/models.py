"""Tables of this room: what people do about differences, and counts kept for the trend. The differences themselves are computed."""

from django.db import models

from kefu.kernel.encryption import EncryptedTextField
from kefu.station.monitors.vocabulary import Result


class Difference(models.Model):
    """The follow-up of one difference, made when somebody first works on it or when it is warned of. It closes when a scan settles it."""

    # Key of a set of ``sets``.
    kind = models.CharField(max_length=30)
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    waybill = models.CharField(max_length=40)
    piece = models.CharField(max_length=40, blank=True, default="")
    expected_at = models.DateTimeField()
    previous_site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    handler = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    result = models.CharField(max_length=12, choices=Result.choices, blank=True, default="")
    note = EncryptedTextField(blank=True, default="")
    urged_at = models.DateTimeField(null=True)
    reported_at = models.DateTimeField(null=True)
    # The problem parcel it became (OPS8), or the code of why it could not become one.
    problem_id = models.BigIntegerField(null=True)
    refusal = models.CharField(max_length=40, blank=True, default="")
    # Warned of as a suspected loss (O5).
    lost_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "kind", "waybill", "piece"], name="difference_once", condition=models.Q(closed_at=None))
        ]
        indexes = [models.Index(fields=["waybill"], name="difference_waybill")]


class DayCount(models.Model):
    """How many scans of a day a set expected, and how many of them are a difference still. Follows from the scans; can be rebuilt."""

    site = models.ForeignKey("people.Site", on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    kind = models.CharField(max_length=30)
    expected = models.PositiveIntegerField()
    standing = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "day", "kind"], name="difference_day_once")]


class DayMark(models.Model):
    """A day of a site whose counts must be made again."""

    site = models.ForeignKey("people.Site", on_delete=models.CASCADE, related_name="+", db_index=False)
    day = models.DateField()
    marked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "day"], name="difference_mark_once")]


class LossNotice(models.Model):
    """What the leads of a site are told of once: parcels that are missing as long as the handbook says. ``seq`` is the event's number."""

    site = models.ForeignKey("people.Site", on_delete=models.CASCADE, related_name="+", db_index=False)
    seq = models.BigIntegerField(unique=True)
    count = models.PositiveIntegerField()
    clause = models.CharField(max_length=120, blank=True, default="")
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    seen_by = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["site", "-id"], name="loss_notice_open", condition=models.Q(seen_at=None))]
