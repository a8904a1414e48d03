"""Following a case, what one has seen of it, reminders and mentions."""

from datetime import datetime

from ninja import Query
from pydantic import AwareDatetime, Field

from kefu.api import moment
from kefu.api.cases import shapes, showing
from kefu.api.desk.router import Body, router
from kefu.api.identity import ApiRequest
from kefu.api.schema import Schema
from kefu.cases import attention


class Attention(Schema):
    """One's own marks on a case."""

    followed: bool
    seen_entry: int
    wake_at: datetime | None


class SeenUpTo(Body):
    """The last entry one has read."""

    entry: int = Field(ge=0)


class Snooze(Body):
    """When to be reminded, within 90 days; ``null`` for never."""

    until: AwareDatetime | None


class Person(Schema):
    """Somebody to mention."""

    id: int
    name: str
    staff_no: str


class Named(Schema):
    """Beginning of a 工号 or part of a name."""

    q: str = Field("", max_length=24)


def _marks(request: ApiRequest, case_id: int) -> Attention:
    row = attention.of(request.actor, case_id)
    return Attention(followed=row.followed_at is not None, seen_entry=row.seen_entry, wake_at=row.wake_at)


@router.get("/cases/{int:case_id}/attention", response=Attention)
def read_attention(request: ApiRequest, case_id: int) -> Attention:
    """Whether one follows the case, up to where one has seen it, when one wants to be reminded (CASE8)."""
    return _marks(request, case_id)


@router.put("/cases/{int:case_id}/follow", response=Attention)
def follow_case(request: ApiRequest, case_id: int) -> Attention:
    """Follow the case 关注 (CASE8)."""
    attention.follow(actor=request.actor, case_id=case_id, now=moment.now())
    return _marks(request, case_id)


@router.delete("/cases/{int:case_id}/follow", response=Attention)
def unfollow_case(request: ApiRequest, case_id: int) -> Attention:
    """Follow it no more (CASE8)."""
    attention.unfollow(actor=request.actor, case_id=case_id)
    return _marks(request, case_id)


@router.post("/cases/{int:case_id}/seen", response=Attention)
def see_case(request: ApiRequest, case_id: int, body: SeenUpTo) -> Attention:
    """Note that one has read the case up to an entry; its notices are seen with it (CASE8)."""
    attention.see(actor=request.actor, case_id=case_id, entry_id=body.entry, now=moment.now())
    return _marks(request, case_id)


@router.post("/cases/{int:case_id}/snooze", response=Attention)
def snooze_case(request: ApiRequest, case_id: int, body: Snooze) -> Attention:
    """Be reminded of the case at a moment (CASE8)."""
    attention.snooze(actor=request.actor, case_id=case_id, until=body.until, now=moment.now())
    return _marks(request, case_id)


@router.get("/cases/{int:case_id}/mentionable", response=list[Person])
def list_mentionable(request: ApiRequest, case_id: int, wanted: Query[Named]) -> list[Person]:
    """People of the case's site to mention with `@` in a note (CASE8)."""
    found = attention.mentionable(request.actor, case_id, wanted.q)
    return [Person(id=pk, name=name, staff_no=staff_no) for pk, name, staff_no in found]


@router.get("/mentions", response=list[shapes.Notice])
def list_mentions(request: ApiRequest) -> list[shapes.Notice]:
    """Where one was mentioned and has not looked yet, newest first (CASE8)."""
    return [showing.notice(one) for one in attention.mentions(request.actor)]
