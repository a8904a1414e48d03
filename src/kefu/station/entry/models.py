"""Tables of waybill entry: what is not the parcel's own."""

from typing import Any

from django.db import models

from kefu.station.entry.vocabulary import Source


class Entry(models.Model):
    """That somebody entered a waybill: who, when, from where, with which remarks of the checks. The waybill itself is the parcel."""

    parcel = models.OneToOneField("parcels.Parcel", on_delete=models.PROTECT, related_name="+")
    waybill = models.CharField(max_length=40, unique=True)
    # Sending site.
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    sent_on = models.DateField()
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.FORM)
    receipt_no = models.CharField(max_length=40, blank=True, default="")
    # Whether the sender was told of the area (R19), what the table said then, and its row.
    told = models.BooleanField(default=False)
    area_verdict = models.CharField(max_length=12, blank=True, default="")
    area_id = models.BigIntegerField(null=True)
    # Codes of warnings the clerk let stand, parted by blanks.
    warnings = models.CharField(max_length=200, blank=True, default="")
    entered_by_id = models.BigIntegerField(null=True)
    entered_by = models.CharField(max_length=80)
    entered_at = models.DateTimeField()
    changed_by = models.CharField(max_length=80, blank=True, default="")
    changed_at = models.DateTimeField(null=True)
    change_count = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["site", "-id"], name="entry_site"),
            models.Index(fields=["entered_by_id", "-id"], name="entry_by"),
            models.Index(fields=["site", "sent_on"], name="entry_sent"),
        ]


class EntryChange(models.Model):
    """A field that was changed after entry, personal values masked."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="changes")
    field = models.CharField(max_length=30)
    old = models.CharField(max_length=200, blank=True, default="")
    new = models.CharField(max_length=200, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")
    by_id = models.BigIntegerField(null=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()


class VoidNumber(models.Model):
    """A number that must not be used: a spoilt form, a waybill cancelled before collection (作废单)."""

    waybill = models.CharField(max_length=40, unique=True)
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=200)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["site", "-id"], name="void_number_site")]


class Collection(models.Model):
    """A parcel taken over at a site (收件录入): who collected it, what it weighed. The scan is the parcel's."""

    waybill = models.CharField(max_length=40)
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    collector = models.CharField(max_length=20)
    weight: models.DecimalField[Any, Any] = models.DecimalField(max_digits=10, decimal_places=3, null=True)
    collected_at = models.DateTimeField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["waybill", "site"], name="collection_once")]
        indexes = [models.Index(fields=["site", "-id"], name="collection_site")]
