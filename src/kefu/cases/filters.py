"""Which cases: the one definition of views, filters and sorts. Page, API, saved views, bulk work and exports share it (CASE8).

In addresses, stored views and job rows a choice is a mapping of texts with the names in ``NAMES`` plus ``view`` and ``sort``.
``clean`` reads a mapping somebody may have typed and drops what it does not know; ``check`` refuses it instead.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Self

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.cases import access, families
from kefu.cases.models import Attention, Case
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, Message
from kefu.kernel.moment import midnight
from kefu.kernel.paging import Order

SORTS = {"due": (Order("next_due_at"), Order("id")), "newest": (Order("opened_at", descending=True), Order("id", descending=True))}
VIEWS = ("open", "mine", "unassigned", "breached", "waiting_customer", "closed", "all")
STATUSES = tuple(str(value) for value in Case.Status.values)
OPENED = {"today": 0, "7d": 6, "30d": 29}
"""Opened today or on one of so many days before it."""
DUE = {"late": timedelta(0), "1h": timedelta(hours=1), "4h": timedelta(hours=4), "24h": timedelta(hours=24)}
"""Nearest deadline already past, or running out within so long (the past ones not counted)."""
NAMES = (
    "kind",
    "status",
    "level",
    "site",
    "assignee",
    "channel",
    "waybill",
    "since",
    "until",
    "closed_since",
    "closed_until",
    "opened",
    "due",
    "urged",
    "repeat",
    "team",
    "ball",
    "followed",
    "unread",
    "family",
    "q",
)
# Others overflow when a database turns them into its own zone.
_YEARS = range(1900, 9999)
BALLS = ("us", "customer", "others")
_LONGEST = {"kind": 60, "level": 30, "channel": 12, "waybill": 40, "q": 200}


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """What a list shows. Only these keys can be filtered on; unknown ones never reach the database.

    ``assignee`` is empty, ``me``, ``none`` or the key of a person in figures; ``urged`` is the fewest reminders;
    ``team`` is that of the assignee; ``repeat``: the customer complained again;
    ``ball`` says whom the case waits for; ``unread``: the customer wrote something the actor has not seen;
    ``family`` is that of its kind in the handbook.
    """

    view: str = "open"
    kind: str = ""
    status: str = ""
    level: str = ""
    site_id: int | None = None
    assignee: str = ""
    channel: str = ""
    waybill: str = ""
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None
    closed_since: datetime | None = None
    closed_until: datetime | None = None
    opened: str = ""
    due: str = ""
    urged: int | None = None
    repeat: bool = False
    team_id: int | None = None
    ball: str = ""
    followed: bool = False
    unread: bool = False
    family: str = ""
    # Kinds of the family at the moment asked; ``with_kinds`` fills them in.
    kinds: tuple[str, ...] = ()
    sort: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Self:
        """From texts that passed ``clean`` or ``check``."""
        get = values.get
        return cls(
            view=get("view") or "open",
            kind=get("kind", ""),
            status=get("status", ""),
            level=get("level", ""),
            site_id=_id(get("site", "")),
            assignee=get("assignee", ""),
            channel=get("channel", ""),
            waybill=get("waybill", ""),
            text=get("q", ""),
            since=_moment(get("since", ""), last=False),
            until=_moment(get("until", ""), last=True),
            closed_since=_moment(get("closed_since", ""), last=False),
            closed_until=_moment(get("closed_until", ""), last=True),
            opened=get("opened", ""),
            due=get("due", ""),
            urged=_id(get("urged", "")),
            repeat=get("repeat") == "1",
            team_id=_id(get("team", "")),
            ball=get("ball", ""),
            followed=get("followed") == "1",
            unread=get("unread") == "1",
            family=get("family", ""),
            sort=get("sort", ""),
        )

    def order(self) -> tuple[Order, ...]:
        """The sort: open cases by deadline, the others newest first."""
        return SORTS[self.sorted_by]

    @property
    def sorted_by(self) -> str:
        """Key of the sort in force."""
        return self.sort if self.sort in SORTS else "newest" if self.view in ("closed", "all") else "due"


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and 0 < len(text) < 18 else None


def _moment(text: str, *, last: bool) -> datetime | None:
    """A day or a moment with its zone; of a day that ends a span, the start of the day after."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        try:
            at = datetime.fromisoformat(text)
        except ValueError:
            return None
        return at if timezone.is_aware(at) and at.year in _YEARS else None
    if day.year not in _YEARS:
        return None
    return midnight(day + timedelta(days=1) if last else day)


_FITS: Mapping[str, tuple[Callable[[str], bool], Message]] = {
    "view": (lambda value: value in VIEWS, _("没有这个视图。")),
    "sort": (lambda value: value in SORTS, _("没有这种排序。")),
    "status": (lambda value: value in STATUSES, _("没有这个状态。")),
    "site": (lambda value: _id(value) is not None, _("请填写站点的编号。")),
    "assignee": (lambda value: value in ("me", "none") or _id(value) is not None, _("请填写人员的编号，或 me（本人）、none（无人负责）。")),
    "since": (lambda value: _moment(value, last=False) is not None, _("请填写日期，如 2026-01-31。")),
    "until": (lambda value: _moment(value, last=True) is not None, _("请填写日期，如 2026-01-31。")),
    "closed_since": (lambda value: _moment(value, last=False) is not None, _("请填写日期，如 2026-01-31。")),
    "closed_until": (lambda value: _moment(value, last=True) is not None, _("请填写日期，如 2026-01-31。")),
    "repeat": (lambda value: value == "1", _("只能填 1。")),
    "team": (lambda value: _id(value) is not None, _("请填写班组的编号。")),
    "opened": (lambda value: value in OPENED, _("受理时间只能是 today、7d、30d。")),
    "due": (lambda value: value in DUE, _("时限只能是 late、1h、4h、24h。")),
    "urged": (lambda value: 0 < (_id(value) or 0) < 1000, _("请填写催单次数，如 2。")),
    "ball": (lambda value: value in BALLS, _("等待谁只能是 us、customer、others。")),
    "followed": (lambda value: value == "1", _("只能填 1。")),
    "unread": (lambda value: value == "1", _("只能填 1。")),
    "family": (lambda value: value in families.FAMILIES, _("类别只能是 enquiry、complaint、service、internal。")),
}


def _fits(name: str, value: str) -> Message | None:
    if len(value) > _LONGEST.get(name, 40):
        return _("内容过长。")
    fits = _FITS.get(name)
    return None if fits is None or fits[0](value) else fits[1]


def clean(given: Mapping[str, str]) -> dict[str, str]:
    """What of ``given`` is known and fits, without empty values; the rest is dropped (for addresses)."""
    found = {name: str(given.get(name, "")).replace("\0", "").strip() for name in ("view", "sort", *NAMES)}
    found = {name: value[: _LONGEST.get(name, 40)] for name, value in found.items()}
    return {name: value for name, value in found.items() if value and _fits(name, value) is None}


def check(given: Mapping[str, object]) -> dict[str, str]:
    """``given`` without empty values. Raises ``Invalid`` naming every key that is unknown or does not fit."""
    known = ("view", "sort", *NAMES)
    found = {name: str(value).replace("\0", "").strip() for name, value in given.items() if value not in (None, "")}
    wrong: dict[str, Message] = {name: _("没有这个筛选条件。") for name in found if name not in known}
    wrong |= {name: why for name, value in found.items() if name in known and (why := _fits(name, value)) is not None}
    if wrong:
        raise Invalid(fields=wrong)
    return {name: found[name] for name in known if found.get(name)}


def in_view(rows: QuerySet[Case], view: str, actor: Actor, now: datetime) -> QuerySet[Case]:
    """Narrow to a view."""
    if view == "all":
        return rows
    if view == "closed":
        return rows.filter(is_open=False)
    rows = rows.filter(is_open=True)
    extra = {
        "mine": Q(assignee_id=actor.own_id),
        "unassigned": Q(assignee_id=None),
        "breached": Q(next_due_at__lt=now),
        "waiting_customer": Q(status=Case.Status.WAITING_CUSTOMER),
    }.get(view)
    return rows.filter(extra) if extra is not None else rows


def _assigned(text: str, actor: Actor) -> Q:
    if text in ("", "none"):
        return Q(assignee_id=None) if text else Q()
    return Q(assignee_id=actor.own_id if text == "me" else _id(text) or 0)


def _when(wanted: CaseFilter, now: datetime) -> Q:
    found = Q()
    if wanted.opened:
        today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
        found &= Q(opened_at__gte=today - timedelta(days=OPENED[wanted.opened]))
    if wanted.due == "late":
        found &= Q(is_open=True, next_due_at__lt=now)
    elif wanted.due:
        found &= Q(is_open=True, next_due_at__gte=now, next_due_at__lt=now + DUE[wanted.due])
    return found


def waiting_for(ball: str) -> Q:
    """Open cases by whom they wait for: what the customer last said comes before what the procedure says."""
    answered = Q(is_open=True, owed_since=None)
    customer = answered & (Q(status=Case.Status.WAITING_CUSTOMER) | Q(awaited_since__isnull=False))
    others = answered & Q(status=Case.Status.WAITING_OTHER, awaited_since=None)
    us = Q(is_open=True) & (Q(owed_since__isnull=False) | Q(awaited_since=None, status__in=[Case.Status.OPEN, Case.Status.SOLVED]))
    return {"us": us, "customer": customer, "others": others}[ball]


def _for_me(wanted: CaseFilter, actor: Actor) -> Q:
    mine = Attention.objects.filter(staff_id=actor.own_id)
    found = Q()
    if wanted.followed:
        found &= Q(pk__in=mine.filter(followed_at__isnull=False).values("case_id"))
    if wanted.unread:
        seen = Exists(mine.filter(case_id=OuterRef("pk"), seen_entry__gte=OuterRef("last_said")))
        found &= Q(last_said__isnull=False) & Q(~seen)
    return found


def _seen_by(actor: Actor, wanted: CaseFilter) -> QuerySet[Case]:
    """Cases in reach, in the form the database reads them best in."""
    narrow = (
        wanted.site_id
        or wanted.kind
        or wanted.family
        or wanted.status
        or wanted.waybill
        or wanted.assignee
        or wanted.followed
        or wanted.unread
    )
    return access.visible_to(actor) if narrow or connection.vendor != "sqlite" else access.visible_in_order(actor)


def with_kinds(wanted: CaseFilter, now: datetime) -> CaseFilter:
    """The choice with the kinds of its family: they change with the handbooks, so a query kept ready must be told them."""
    return replace(wanted, kinds=tuple(families.kinds_of(wanted.family, now))) if wanted.family else wanted


def matching(actor: Actor, wanted: CaseFilter, now: datetime) -> QuerySet[Case]:
    """Cases the actor may see that the choice holds, words (``text``) not considered: those go through ``queries``."""
    rows = in_view(_seen_by(actor, wanted), wanted.view, actor, now)
    plain = {
        "kind": wanted.kind,
        "status": wanted.status,
        "level": wanted.level,
        "site_id": wanted.site_id,
        "channel": wanted.channel,
        "opened_at__gte": wanted.since,
        "opened_at__lt": wanted.until,
        "closed_at__gte": wanted.closed_since,
        "closed_at__lt": wanted.closed_until,
        "urge_count__gte": wanted.urged,
        "repeat_count__gt": 0 if wanted.repeat else None,
        "assignee__team_id": wanted.team_id,
    }
    given = {name: value for name, value in plain.items() if value not in ("", None)}
    rows = rows.filter(_assigned(wanted.assignee, actor), _when(wanted, now), _for_me(wanted, actor), **given)
    if wanted.family:
        rows = rows.filter(kind__in=wanted.kinds or families.kinds_of(wanted.family, now))
    if wanted.ball:
        rows = rows.filter(waiting_for(wanted.ball))
    if wanted.waybill:
        rows = rows.filter(waybill="".join(wanted.waybill.split()).upper())
    return rows
