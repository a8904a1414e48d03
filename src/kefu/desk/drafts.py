"""Drafts kept on the server while somebody types: nothing written is lost to a closed tab, a lost net or a restart (CASE8).

A tab saves with the revision it last knew. The latest save counts; a tab that is behind is told so and can take the newer text.
Nobody but the writer ever reads a draft.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _

from kefu.cases import access as cases
from kefu.desk.errors import DraftGone, DraftNewer
from kefu.desk.models import Draft
from kefu.kernel import prepared
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Denied, Invalid

KEPT = timedelta(days=30)
TEXT_LIMIT = 20000
FIELDS_LIMIT = 40000
_SUBJECT = re.compile(
    r"(?:case:(?P<case>[1-9]\d{0,17}):(?:note|reply|said|task|wrap-up|step:[a-z0-9_]{1,60})|call:[1-9]\d{0,17}:wrap-up|new:case)", re.ASCII
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as its writer gets it back."""

    subject: str
    text: str
    fields: Mapping[str, Any]
    revision: int
    saved_at: datetime


def note(case_id: int) -> str:
    """Subject of an internal note."""
    return f"case:{case_id}:note"


def reply(case_id: int) -> str:
    """Subject of a reply to the customer."""
    return f"case:{case_id}:reply"


def step(case_id: int, step_id: str) -> str:
    """Subject of a step's form."""
    return f"case:{case_id}:step:{step_id}"


def _kept(row: Draft) -> Kept:
    return Kept(row.subject, row.text, json.loads(row.fields) if row.fields else {}, row.revision, row.saved_at)


def _writer(actor: Actor, subject: str) -> int:
    """The person, who may see what the draft is about."""
    found = _SUBJECT.fullmatch(subject)
    if found is None:
        raise Invalid(fields={"subject": _("草稿的对象有误。")})
    if found["case"]:
        cases.get_for(actor, int(found["case"]))
    if actor.staff_id is None:
        raise Denied(_("只有登录的人员可以使用工作台。"), code="person_only")
    return actor.staff_id


def _newer(row: Draft) -> DraftNewer:
    kept = _kept(row)
    return DraftNewer(text=kept.text, fields=kept.fields, revision=kept.revision, saved_at=kept.saved_at.isoformat())


def _checked(text: str, fields: Mapping[str, Any]) -> str:
    plain = json.dumps(dict(fields), ensure_ascii=False, separators=(",", ":")) if fields else ""
    if len(text) > TEXT_LIMIT or len(plain) > FIELDS_LIMIT:
        raise Invalid(fields={"text": _("草稿过长，未能保存。")})
    return plain


def save(*, actor: Actor, subject: str, text: str, now: datetime, fields: Mapping[str, Any] | None = None, revision: int = 0) -> Kept:
    """Keep what stands in the form now. ``revision`` is the one this tab last knew, 0 when it knew of none.

    Raises ``DraftNewer`` (with the newer draft) when another tab saved since, ``DraftGone`` when it was sent or thrown away.
    """
    staff_id = _writer(actor, subject)
    plain = _checked(text, fields or {})
    rows = Draft.objects.filter(staff_id=staff_id, subject=subject)
    # The encrypted columns are written as they are; ``update`` encrypts them like ``save``.
    if revision and rows.filter(revision=revision).update(text=text, fields=plain, revision=revision + 1, saved_at=now):
        return Kept(subject, text, dict(fields or {}), revision + 1, now)
    if (row := rows.first()) is not None:
        raise _newer(row)
    if revision:
        raise DraftGone
    try:
        with transaction.atomic():
            return _kept(Draft.objects.create(staff_id=staff_id, subject=subject, text=text, fields=plain, saved_at=now))
    except IntegrityError as error:
        row = rows.first()
        raise (_newer(row) if row is not None else DraftGone()) from error


def load(actor: Actor, subject: str) -> Kept | None:
    """One's own draft about the subject."""
    row = Draft.objects.filter(staff_id=_writer(actor, subject), subject=subject).first()
    return _kept(row) if row is not None else None


def of_case(actor: Actor, case_id: int) -> dict[str, Kept]:
    """All of one's drafts on a case by subject: note, reply and steps alike; one query."""
    cases.get_for(actor, case_id)
    return beside(actor, case_id)


def beside(actor: Actor, case_id: int) -> dict[str, Kept]:
    """The same for a case that is in sight already; one query. Drafts are read by their writer only, so nothing leaks."""
    start = f"case:{case_id}:"
    rows = prepared.rows(_begun, len(start), staff_id=actor.own_id, start=start)
    return {row.subject: _kept(row) for row in rows if row.text or row.fields}


def _begun(length: int, *, staff_id: int, start: str) -> QuerySet[Draft]:
    return Draft.objects.alias(start=Left("subject", length)).filter(staff_id=staff_id, start=start)


def mine(actor: Actor, *, limit: int = 50) -> list[Kept]:
    """One's own drafts with something in them, latest first."""
    rows = Draft.objects.filter(staff_id=actor.own_id).order_by("-saved_at")[:limit]
    return [_kept(row) for row in rows if row.text or row.fields]


def discard(*, actor: Actor, subject: str) -> None:
    """Throw one's draft away; doing it twice is the same. Called with a send, in its transaction."""
    Draft.objects.filter(staff_id=actor.own_id, subject=subject).delete()


def forget_old(*, now: datetime) -> int:
    """Delete drafts nobody touched for 30 days; returns how many."""
    gone, _each = Draft.objects.filter(saved_at__lt=now - KEPT).delete()
    return gone
