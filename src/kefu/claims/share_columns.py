"""Columns of a share of liability, for the tables of every room that splits a sum (claims, arbitration)."""

from typing import Any, ClassVar

from django.db import models

from kefu.claims.liability import Party, Portion


class ShareColumns(models.Model):
    """A party's part of a sum; ``place`` keeps the order they were written in. The whole split is written at once, checked by ``split``."""

    place = models.PositiveSmallIntegerField()
    party = models.CharField(max_length=1, choices=Party.choices)
    site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+")
    percent: models.DecimalField[Any, Any] = models.DecimalField(max_digits=5, decimal_places=2)
    # Yuan.
    amount: models.DecimalField[Any, Any] = models.DecimalField(max_digits=12, decimal_places=2)
    clause = models.CharField(max_length=160, blank=True, default="")

    class Meta:
        abstract = True
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(condition=models.Q(percent__gt=0, percent__lte=100), name="%(class)s_percent"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="%(class)s_not_negative"),
            models.CheckConstraint(
                condition=models.Q(party="S", site__isnull=False) | (~models.Q(party="S") & models.Q(site__isnull=True)),
                name="%(class)s_site_named",
            ),
        ]


def columns_of(portion: Portion, place: int) -> dict[str, Any]:
    """The columns of a portion at its place."""
    share = portion.share
    return {
        "place": place,
        "party": share.party,
        "site_id": share.site_id,
        "percent": share.percent,
        "amount": portion.amount,
        "clause": share.clause,
    }
