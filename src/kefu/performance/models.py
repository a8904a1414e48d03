"""Daily facts: what the figures on screens are summed from."""

from django.db import models


class DayFact(models.Model):
    """One measured value of one day, site and person (``None``: nobody in particular). Follows from other rows; can be rebuilt."""

    day = models.DateField()
    site_id = models.BigIntegerField()
    staff_id = models.BigIntegerField(default=0)
    measure = models.CharField(max_length=40)
    value = models.DecimalField(max_digits=16, decimal_places=2)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "site_id", "measure", "staff_id"], name="day_fact_once")]
        indexes = [models.Index(fields=["site_id", "measure", "day"], name="day_fact_site")]


class HitFact(models.Model):
    """Findings of one day of a site by one of their sides (``by``: item, team, staff, hour, version; ``key`` which one), and its cards.

    Each side adds up by itself, so a dashboard sums a few rows a day instead of every finding. Follows from other rows; can be rebuilt.
    """

    day = models.DateField()
    site_id = models.BigIntegerField()
    by = models.CharField(max_length=8)
    key = models.CharField(max_length=70)
    count = models.PositiveIntegerField(default=0)
    waiting = models.PositiveIntegerField(default=0)
    points = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    money = models.DecimalField(max_digits=14, decimal_places=2, default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site_id", "day", "by", "key"], name="hit_fact_once")]
        indexes = [models.Index(fields=["day"], name="hit_fact_day")]


class DayMark(models.Model):
    """A day of a site whose facts must be worked out again."""

    day = models.DateField()
    site_id = models.BigIntegerField()
    marked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["day", "site_id"], name="day_mark_once")]
