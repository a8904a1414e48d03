"""申诉率: appeals per million parcels of a month, all and valid ones, by site; every figure opens to its appeals (R30, R63)."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, Q

from kefu.kernel.actor import Actor
from kefu.kernel.moment import on_days
from kefu.parcels import queries as parcels
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.regulator import access, rules
from kefu.regulator.vocabulary import Verdict


@dataclass(frozen=True, slots=True)
class Rate:
    """A site's month: appeals received, those found valid, parcels registered, both rates per million (``None`` without parcels)."""

    site_id: int
    site: str
    appeals: int
    valid: int
    parcels: int
    rate: float | None
    valid_rate: float | None


def last_of(month: date) -> date:
    """The last day of a month."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def rates(actor: Actor, month: date) -> list[Rate]:
    """Rates of the sites in reach that had appeals or parcels, the most appeals first. Platform complaints are not among them (R63)."""
    people_access.require(actor, Permission.REGULATOR_VIEW)
    first, last = month.replace(day=1), last_of(month)
    found = access.visible_to(actor).filter(**on_days("received_at", first, last)).order_by().values("site_id")
    counted = {one["site_id"]: one for one in found.annotate(all=Count("pk"), valid=Count("pk", filter=Q(verdict=Verdict.VALID)))}
    carried = parcels.registered_by_site(actor, first, last)
    sites = people.sites_by_id()
    lines = []
    for site_id in counted.keys() | carried.keys():
        appeals, valid = (counted[site_id]["all"], counted[site_id]["valid"]) if site_id in counted else (0, 0)
        pieces = carried.get(site_id, 0)
        rate, valid_rate = rules.per_million(appeals, pieces), rules.per_million(valid, pieces)
        lines.append(Rate(site_id, sites[site_id].name, appeals, valid, pieces, rate, valid_rate))
    return sorted(lines, key=lambda one: (-one.appeals, -one.parcels, one.site_id))
