"""Differences of the monitors as cases: an enquiry, a delay, a loss (OPS5)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.cases.actions import CaseRequest
from kefu.escalations.actions import Escalated, Matter, escalate_all
from kefu.handbook import queries as handbooks
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, Message
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.monitors import actions as monitors
from kefu.station.monitors.reading import Key
from kefu.station.monitors.sets import SETS

KINDS = ("enquiry", "delay", "loss")
"""Kinds a difference may become, of those the site's handbook has."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Cases by key, and refusals in words."""

    done: Mapping[Key, Escalated]
    refused: Mapping[Key, Message]


def open_cases(*, actor: Actor, kind: str, keys: Sequence[Key], case_kind: str, now: datetime) -> Opened:
    """A case for each difference, or the one it has; an open case on the same waybill takes it in (CASE8)."""
    people.require(actor, Permission.CASE_OPEN)
    if case_kind not in KINDS:
        raise Invalid(_("请选择工单类型：咨询、延误或遗失。"), code="no_case_kind")
    rows, refused = monitors.taken_up(actor=actor, kind=kind, keys=keys, now=now)
    by_id = {row.pk: Key(row.site_id, row.waybill, row.piece) for row in rows}
    title = str(SETS[kind].title)
    matters = []
    for row in rows:
        at = f"{timezone.localtime(row.expected_at):%Y-%m-%d %H:%M}"
        before = row.previous_site.name if row.previous_site else _("不详")
        text = _("对比监控发现%(title)s：运单 %(waybill)s，上一站 %(before)s，扫描时间 %(at)s。") % {
            "title": title, "waybill": row.piece or row.waybill, "before": before, "at": at,
        }  # fmt: skip
        request = CaseRequest(row.site_id, case_kind, "hq", text, f"{title} {row.waybill}", row.waybill)
        matters.append(Matter(monitors.difference_ref(row), request))
    done, failed = escalate_all(actor=actor, matters=matters, now=now)
    return Opened({by_id[pk]: one for pk, one in done.items()}, {**refused, **{by_id[pk]: words for pk, words in failed.items()}})


def case_kinds(site_id: int, *, now: datetime) -> list[tuple[str, str]]:
    """Kinds offered at a site, with their titles."""
    site = people_queries.sites_by_id()[site_id]
    book = next(iter(handbooks.books_at([site.handbook], now)), None)
    return [(key, book.kinds[key].title) for key in KINDS if key in book.kinds] if book else []
