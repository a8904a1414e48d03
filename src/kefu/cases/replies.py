"""The talk with the customer on a case: what we sent, what they said, and who owes whom an answer (CASE8, CONV2).

A reply is an outward message kept as it was sent; sending it through a channel's own system is that system's work. What the customer says
makes the case ours to answer; a reply pays that debt, and may ask something of the customer in turn.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kefu.cases import access, attention, timeline
from kefu.cases.actions import book_of, move_clocks
from kefu.cases.errors import AnsweredSince, CaseClosed
from kefu.cases.models import Case, Entry
from kefu.cases.timeline import Happening
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid
from kefu.kernel.wording import listed
from kefu.people.access import require
from kefu.people.permissions import Permission

CHANNELS = ("call", "chat", "sms", "email", "platform", "walk_in")
"""Ways a message goes to the customer or comes from them."""
TEXT_LIMIT = 20000
_WORDS: dict[str, Promise] = {Entry.Kind.REPLY: _("回复了客户"), Entry.Kind.SAID: _("客户有新消息"), Entry.Kind.STEP: _("推进了流程")}


@dataclass(frozen=True, slots=True)
class Since:
    """Something that came on the case after somebody looked at it."""

    entry_id: int
    kind: str
    actor_name: str
    at: datetime

    @property
    def words(self) -> str:
        """What it was, in the language in force."""
        return str(_WORDS[self.kind]) if self.kind == Entry.Kind.SAID else f"{self.actor_name} {_WORDS[self.kind]}"


def came_since(actor: Actor, case_id: int, seen: int) -> list[Since]:
    """Words of either side and steps of others behind the entry ``seen``, oldest first, at most 20."""
    rows = Entry.objects.filter(case_id=case_id, pk__gt=seen, kind__in=_WORDS)
    rows = rows.exclude(kind=Entry.Kind.STEP, actor_kind=actor.kind, actor_id=actor.id)
    return [Since(*row) for row in rows.order_by("pk").values_list("pk", "kind", "actor_name", "at")[:20]]


def _checked(text: str, channel: str) -> str:
    wrong = {}
    if not text.strip():
        wrong["text"] = _("请填写内容。")
    elif len(text) > TEXT_LIMIT:
        wrong["text"] = _("内容过长，请控制在 20000 字以内。")
    if channel not in CHANNELS:
        wrong["channel"] = _("请选择沟通方式。")
    if wrong:
        raise Invalid(fields=wrong)
    return text.strip()


def _not_merged(case: Case) -> None:
    if case.status == Case.Status.MERGED:
        raise CaseClosed(number=case.number, status=case.get_status_display())


def _stop(found: Sequence[Since]) -> AnsweredSince:
    what = listed([one.words for one in found])
    since = [{"entry": one.entry_id, "kind": one.kind, "by": one.actor_name, "at": one.at.isoformat()} for one in found]
    return AnsweredSince(what=what, since=since)


def reply_to_customer(
    *,
    actor: Actor,
    case_id: int,
    text: str,
    channel: str,
    now: datetime,
    seen: int | None = None,
    anyway: bool = False,
    awaiting: bool = False,
) -> Entry:
    """Record what was sent to the customer and by which channel; ``awaiting`` when it asks them for something.

    ``seen`` is the id of the last entry the writer saw: if either side spoke or somebody else took a step since, ``AnsweredSince``
    lists it and nothing is sent, unless ``anyway``. The first reply is the first response of the handbook's clocks.
    Closed cases take replies too.
    Raises ``NotFound``, ``Denied``, ``CaseClosed`` (merged), ``Invalid``, ``AnsweredSince``.
    """
    case = access.get_for(actor, case_id)
    require(actor, Permission.CASE_WORK)
    _not_merged(case)
    text = _checked(text, channel)
    guard = seen is not None and not anyway
    if guard and seen is not None and (found := came_since(actor, case.pk, seen)):
        raise _stop(found)
    data = {"channel": channel, "awaiting": awaiting}
    with transaction.atomic():
        row = timeline.write(actor, case, Happening(Entry.Kind.REPLY, text=text, data=data), now=now)
        rows = Case.objects.filter(pk=case.pk)
        if guard:  # asked again in the write itself: two who send at once do not both get through
            rows = rows.filter(Q(last_word=None) | Q(last_word__lte=seen))
        changes = {
            "last_word": row.pk,
            "owed_since": None,
            "awaited_since": now if awaiting else None,
            "replied_at": now,
            "updated_at": now,
        }
        if rows.update(**changes) != 1:
            raise _stop([one for one in came_since(actor, case.pk, seen or 0) if one.entry_id != row.pk])
        if case.replied_at is None and case.is_open:
            move_clocks(case, book_of(case), ["case.first_response"], now)
        attention.see_row(actor, case.pk, row.pk)
    return row


def customer_said(*, actor: Actor, case_id: int, text: str, channel: str, now: datetime) -> Entry:
    """Record what the customer said: by the customer themselves, or written down by whoever took it.

    The case is ours to answer from now on, whatever the procedure waited for; its assignee and followers are told.
    """
    case = access.get_own(actor, case_id) if actor.kind == "customer" else access.get_for(actor, case_id)
    if actor.kind != "customer":
        require(actor, Permission.CASE_WORK)
    _not_merged(case)
    text = _checked(text, channel)
    with transaction.atomic():
        row = timeline.write(actor, case, Happening(Entry.Kind.SAID, text=text, data={"channel": channel}), now=now)
        Case.objects.filter(pk=case.pk).update(
            last_word=row.pk, last_said=row.pk, owed_since=Coalesce(F("owed_since"), now), awaited_since=None, updated_at=now
        )
        attention.tell(case, "said", now=now, but=actor.own_id)
        attention.see_row(actor, case.pk, row.pk)
    return row


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the talk; ``ours`` when we sent it."""

    id: int
    at: datetime
    ours: bool
    name: str
    channel: str
    text: str


@dataclass(frozen=True, slots=True)
class CustomerView:
    """A case as its customer may see it: no notes, no steps, no names of systems, no deadlines."""

    id: int
    number: str
    title: str
    status: str
    opened_at: datetime
    closed_at: datetime | None
    messages: list[Message]


def talk(case: Case, *, limit: int = 200) -> list[Message]:
    """The last messages with the customer, oldest first."""
    rows = Entry.objects.filter(case=case, kind__in=[Entry.Kind.REPLY, Entry.Kind.SAID]).order_by("-pk")[:limit]
    return [
        Message(row.pk, row.at, row.kind == Entry.Kind.REPLY, row.actor_name, str(row.data.get("channel", "")), row.text)
        for row in reversed(rows)
    ]


def for_customer(actor: Actor, case_id: int) -> CustomerView:
    """The customer's own view of their case; anybody else's case is not found."""
    case = access.get_own(actor, case_id)
    return CustomerView(case.pk, case.number, case.title, case.status, case.opened_at, case.closed_at, talk(case))
