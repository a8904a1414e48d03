"""Of two guns that scan one parcel at the same moment, exactly one gets it (O8)."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db.models import Q

from kefu.station.scanning.models import Claim


class Holder(NamedTuple):
    """Who has the last scan, and when it was."""

    operator: str
    at: datetime


def take(numbers: Mapping[str, datetime], *, code: str, site_id: int, operator: str, window: timedelta) -> dict[str, Holder]:
    """Claim numbers with the times of their scans; gives the holders of those somebody else has within the window.

    A conditional update takes those whose last scan is long ago, an insert under the unique key the new ones; both wait for a writer in
    between. Must run in the transaction that records the scans.
    """
    token = secrets.token_hex(16)
    for at in sorted(set(numbers.values())):
        wanted = [number for number, one in numbers.items() if one == at]
        free = Q(at__lte=at - window) | Q(at__gte=at + window)
        Claim.objects.filter(free, site_id=site_id, code=code, number__in=wanted).update(at=at, operator=operator, token=token)
    fresh = [Claim(site_id=site_id, number=number, code=code, at=at, operator=operator, token=token) for number, at in numbers.items()]
    Claim.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=500)
    rows = Claim.objects.filter(site_id=site_id, code=code, number__in=sorted(numbers)).values_list("number", "token", "operator", "at")
    return {number: Holder(holder, at) for number, mine, holder, at in rows if mine != token}


def release(numbers: Sequence[str], *, code: str, site_id: int) -> None:
    """Free numbers again: their scan was taken back, or not recorded after all."""
    Claim.objects.filter(site_id=site_id, code=code, number__in=list(numbers)).delete()
