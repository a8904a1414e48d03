"""Tables of served areas."""

from typing import Any

from django.db import models

from kefu.station.areas.vocabulary import AreaKind


class AreaBook(models.Model):
    """The area table of a site. Every change of its rows claims ``version``, so that two people cannot write overlapping periods."""

    site = models.OneToOneField("people.Site", on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField()


class ServedArea(models.Model):
    """What a site does for a place between two days (R19, R47).

    ``region`` is a path from the province down to a village (浙江省/杭州市/西湖区/文新街道/骆家庄社区). ``places`` narrows it to
    addresses that name one of these roads or estates, parted by 、. Rows are ended, never deleted: what was promised on a day can
    be shown years later.
    """

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    region = models.CharField(max_length=160)
    depth = models.PositiveSmallIntegerField()
    places = models.CharField(max_length=200, blank=True, default="")
    kind = models.CharField(max_length=10, choices=AreaKind.choices)
    valid_from = models.DateField()
    # First day it no longer holds.
    valid_to = models.DateField(null=True)
    published_on = models.DateField()
    # Yuan on top of the freight, to be agreed with the sender at collection (R19a).
    surcharge: models.DecimalField[Any, Any] = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    note = models.CharField(max_length=200, blank=True, default="")
    entered_by = models.CharField(max_length=80)
    entered_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "region", "places", "kind", "valid_from"], name="area_row_once"),
            models.CheckConstraint(
                condition=models.Q(valid_to=None) | models.Q(valid_to__gt=models.F("valid_from")), name="area_period_forward"
            ),
            models.CheckConstraint(condition=models.Q(surcharge__gte=0), name="area_surcharge"),
        ]
        indexes = [
            models.Index(fields=["region", "site"], name="area_region"),
            models.Index(fields=["site", "-id"], name="area_site"),
        ]
