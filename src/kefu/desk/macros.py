"""Macros 宏: several allow-listed actions on a case in one go, shown beforehand, all or nothing (CASE8).

The preview does everything in a transaction that is then taken back: what it says is what the guards say, not a second opinion of them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from kefu.cases import access as cases
from kefu.cases import attention, filters, tasks, upkeep
from kefu.desk import parts, sharing, variables
from kefu.desk.errors import MacroNotMeant, MacroRefused, words_of
from kefu.desk.models import Macro
from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Conflict, Invalid, KefuError, Message, Stale
from kefu.people.access import require
from kefu.people.permissions import Permission

MOST = 100


@dataclass(frozen=True, slots=True)
class NewMacro:
    """What somebody writes down. ``kinds`` and ``statuses`` it is meant for, empty for any; ``parts`` as JSON."""

    name: str
    parts: Sequence[Mapping[str, Any]]
    kinds: Sequence[str] = ()
    statuses: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Effect:
    """What one part will do here; ``code`` and ``why`` are set when it is refused, ``blanks`` are to be filled in first."""

    do: str
    title: str
    shown: str
    code: str = ""
    why: str = ""
    blanks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What will happen. ``fits`` is false when the macro is not meant for such cases."""

    fits: bool
    effects: tuple[Effect, ...]
    blanks: tuple[str, ...]

    @property
    def runs(self) -> bool:
        """Whether it would go through."""
        return self.fits and not any(effect.code for effect in self.effects)


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, and for the parts that can be taken back what takes them back, last first."""

    did: tuple[str, ...]
    undo: tuple[Mapping[str, Any], ...] = field(default=())


def _checked(new: NewMacro) -> dict[str, Any]:
    wrong: dict[str, Message] = {}
    if not 0 < len(new.name.strip()) <= 40:
        wrong["name"] = _("请填写名称（40 字以内）。")
    if len(new.kinds) > 50 or any(not 0 < len(kind) <= 60 for kind in new.kinds):
        wrong["kinds"] = _("没有这个类型。")
    if any(status not in filters.STATUSES for status in new.statuses):
        wrong["statuses"] = _("没有这个状态。")
    if wrong:
        raise Invalid(fields=wrong)
    found = [part.model_dump(mode="json") for part in parts.read(list(new.parts))]
    return {
        "name": new.name.strip(),
        "kinds": list(dict.fromkeys(new.kinds)),
        "statuses": list(dict.fromkeys(new.statuses)),
        "parts": found,
    }


def _ref(row: Macro) -> Ref:
    return Ref("macro", row.pk, row.name)


def create(*, actor: Actor, scope: str, macro: NewMacro, now: datetime) -> Macro:
    """Write a macro down. Raises ``Invalid`` for an action, field or variable that is not on the list."""
    owner = sharing.owner(actor, scope)
    found = _checked(macro)
    if sharing.of_owner(Macro.objects.all(), owner).count() >= MOST:
        raise Conflict(_("宏的数量已达上限，请先清理。"), code="macro.too_many")
    with transaction.atomic():
        row = Macro.objects.create(
            scope=owner.scope, staff_id=owner.staff_id, site_id=owner.site_id, made_by=actor.name, changed_at=now, **found
        )
        audit.record(actor, "macro.created", _ref(row), now=now, site_id=owner.site_id, data={"scope": scope, "parts": len(found["parts"])})
    return row


def change(*, actor: Actor, macro_id: int, macro: NewMacro, expected_version: int, now: datetime) -> Macro:
    """Write a macro anew."""
    row = sharing.get(Macro.objects.all(), actor, macro_id)
    sharing.require_change(actor, row)
    if row.version != expected_version:
        raise Stale
    found = _checked(macro)
    with transaction.atomic():
        save_claimed(row, changed_at=now, made_by=actor.name, **found)
        audit.record(actor, "macro.changed", _ref(row), now=now, site_id=row.site_id, data={"scope": row.scope, "parts": len(row.parts)})
    return row


def delete(*, actor: Actor, macro_id: int, now: datetime) -> None:
    """Take a macro away."""
    row = sharing.get(Macro.objects.all(), actor, macro_id)
    sharing.require_change(actor, row)
    with transaction.atomic():
        audit.record(actor, "macro.deleted", _ref(row), now=now, site_id=row.site_id, data={"scope": row.scope})
        row.delete()


def _meant(row: Macro, kind: str, status: str) -> bool:
    return (not row.kinds or kind in row.kinds) and (not row.statuses or status in row.statuses)


def macros(actor: Actor, case_id: int | None = None) -> list[Macro]:
    """Macros the actor has, most used first; with a case only those meant for such."""
    rows = sharing.visible(Macro.objects.all(), actor).order_by("-uses", "name", "pk")
    if case_id is None:
        return list(rows)
    case = cases.get_for(actor, case_id)
    return [row for row in rows if _meant(row, case.kind, case.status)]


def get(actor: Actor, macro_id: int) -> Macro:
    """One macro in sight."""
    return sharing.get(Macro.objects.all(), actor, macro_id)


def may_change(actor: Actor, row: Macro) -> bool:
    """Whether the actor may change or delete it."""
    return sharing.may_change(actor, row)


def _work(actor: Actor, case_id: int, given: Mapping[str, str] | None, now: datetime, seen: int | None) -> parts.Work:
    return parts.Work(actor, case_id, now, variables.values_of(actor, case_id, now=now), given or {}, seen)


def preview(*, actor: Actor, macro_id: int, case_id: int, now: datetime, given: Mapping[str, str] | None = None) -> Preview:
    """What the macro will do to this very case, and which parts would be refused and why. Nothing is kept."""
    row = get(actor, macro_id)
    require(actor, Permission.CASE_WORK)
    case = cases.get_for(actor, case_id)
    work = _work(actor, case_id, given, now, None)
    with transaction.atomic():
        effects = tuple(_effect(part, work) for part in parts.read(row.parts))
        transaction.set_rollback(True)
    blanks = tuple(dict.fromkeys(name for effect in effects for name in effect.blanks))
    return Preview(_meant(row, case.kind, case.status), effects, blanks)


def _effect(part: Any, work: parts.Work) -> Effect:
    shown, title = part.shown(work), str(parts.TITLES[part.do])
    texts = [getattr(part, name, "") for name in ("text", "reason", "title")]
    blanks = tuple(dict.fromkeys(name for text in texts for name in variables.fill(text, work.values, work.given).blanks))
    try:
        with transaction.atomic():
            part.run(work)
    except KefuError as error:
        code, why = words_of(error)
        return Effect(part.do, title, shown, code, why, blanks)
    return Effect(part.do, title, shown)


def run(
    *, actor: Actor, macro_id: int, case_id: int, now: datetime, given: Mapping[str, str] | None = None, seen: int | None = None
) -> Done:
    """Do all parts in order in one transaction; the first that is refused takes everything back (``MacroRefused`` names it).

    ``given`` fills blanks, ``seen`` is the last entry the person saw (checked by replies). Raises ``MacroNotMeant``, ``MacroRefused``.
    """
    row = get(actor, macro_id)
    require(actor, Permission.CASE_WORK)
    case = cases.get_for(actor, case_id)
    if not _meant(row, case.kind, case.status):
        raise MacroNotMeant
    undo: list[Mapping[str, Any]] = []
    did = []
    with transaction.atomic():
        work = _work(actor, case_id, given, now, seen)
        for number, part in enumerate(parts.read(row.parts), start=1):
            try:
                back = part.run(work)
            except KefuError as error:
                code, why = words_of(error)
                raise MacroRefused(part=number, title=parts.TITLES[part.do], why=why, reason=code) from error
            undo += [back] if back else []
            did.append(part.do)
        Macro.objects.filter(pk=row.pk).update(uses=F("uses") + 1)
        audit.record(actor, "macro.run", _ref(row), now=now, site_id=case.site_id, data={"case": case.pk, "did": did})
    return Done(tuple(did), tuple(reversed(undo)))


def take_back(*, actor: Actor, case_id: int, undo: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Do what ``Done.undo`` lists, in order, all or nothing; every guard of the actions holds."""
    with transaction.atomic():
        for one in undo:
            if one["do"] == "assign":
                staff = one["to"] if isinstance(one["to"], int) else None
                upkeep.assign(actor=actor, case_id=case_id, staff_id=staff, now=now)
            elif one["do"] == "unfollow":
                attention.unfollow(actor=actor, case_id=case_id)
            elif one["do"] == "cancel_task":
                tasks.cancel(actor=actor, task_id=one["task"], now=now)
