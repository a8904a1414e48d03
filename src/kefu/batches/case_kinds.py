"""The works on cases. Each goes through the action a person would use, with that person's permissions at that moment."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _

from kefu.batches.errors import AlreadySo, MovedOn
from kefu.batches.kinds import Kind
from kefu.cases import access, actions, attention, joining, upkeep
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Conflict, Invalid, Message
from kefu.people.permissions import Permission

TEXT_LIMIT = 20000
_MOST_ANSWERS = 60


def _text(given: Mapping[str, Any], name: str, missing: Message, *, shortest: int = 1) -> str:
    text = str(given.get(name) or "").strip()
    if len(text) < shortest:
        raise Invalid(fields={name: missing})
    if len(text) > TEXT_LIMIT:
        raise Invalid(fields={name: _("内容过长，请控制在 20000 字以内。")})
    return text


def _key(given: Mapping[str, Any], name: str, missing: Message) -> int:
    value = given.get(name)
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 18:
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise Invalid(fields={name: missing})
    return value


class _OneWay:
    """A work that has no inverse."""

    undoable: ClassVar[bool] = False

    def revert(self, actor: Actor, case_id: int, undo: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG002
        """There is nothing to take back."""
        raise MovedOn


class Assign:
    """Give cases to somebody, or to nobody (``staff`` empty)."""

    key: ClassVar[str] = "assign"
    title: ClassVar[Message] = _("转派")
    permission: ClassVar[Permission] = Permission.CASE_WORK
    undoable: ClassVar[bool] = True

    def clean(self, actor: Actor, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """``staff``: key of a person; ``null`` or ``none`` for nobody."""
        if "staff" not in given:
            raise Invalid(fields={"staff": _("请选择要转派给谁。")})
        nobody = given["staff"] in (None, "none")
        return {"staff": None if nobody else _key(given, "staff", _("请选择要转派给谁。"))}

    def apply(self, actor: Actor, case_id: int, given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """Assign one case."""
        before = access.get_to_change(actor, case_id).assignee_id
        case = upkeep.assign(actor=actor, case_id=case_id, staff_id=given["staff"], now=now)
        if before == given["staff"]:
            raise AlreadySo
        return {"before": before, "version": case.version}

    def revert(self, actor: Actor, case_id: int, undo: Mapping[str, Any], now: datetime) -> None:
        """Give it back to who had it, unless somebody saved the case since."""
        case = access.get_for(actor, case_id)
        if case.version != undo["version"]:
            raise MovedOn
        upkeep.assign(actor=actor, case_id=case_id, staff_id=undo["before"], now=now, expected_version=undo["version"])


class Escalate(_OneWay):
    """Raise cases to a level, with a reason. Levels only go up, so there is no way back."""

    key: ClassVar[str] = "level"
    title: ClassVar[Message] = _("提高级别")
    permission: ClassVar[Permission] = Permission.CASE_ESCALATE

    def clean(self, actor: Actor, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """``level``: its key in the handbook; ``reason``: at least four characters."""
        level = str(given.get("level") or "").strip()[:30]
        if not level:
            raise Invalid(fields={"level": _("请选择级别。")})
        return {"level": level, "reason": _text(given, "reason", _("请写明升级原因（至少 4 个字）。"), shortest=4)}

    def apply(self, actor: Actor, case_id: int, given: Mapping[str, Any], now: datetime) -> None:
        """Raise one case."""
        if access.visible_to(actor).filter(pk=case_id, level=given["level"], is_open=True).exists():
            raise AlreadySo
        upkeep.escalate(actor=actor, case_id=case_id, level=given["level"], reason=given["reason"], now=now)


class Note(_OneWay):
    """Write the same note into cases."""

    key: ClassVar[str] = "note"
    title: ClassVar[Message] = _("写备注")
    permission: ClassVar[Permission] = Permission.CASE_WORK

    def clean(self, actor: Actor, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """``text``."""
        return {"text": _text(given, "text", _("请填写备注内容。"))}

    def apply(self, actor: Actor, case_id: int, given: Mapping[str, Any], now: datetime) -> None:
        """Note one case."""
        upkeep.add_note(actor=actor, case_id=case_id, text=given["text"], now=now)


class Urge(_OneWay):
    """Note that the customers urge."""

    key: ClassVar[str] = "urge"
    title: ClassVar[Message] = _("记催单")
    permission: ClassVar[Permission] = Permission.CASE_WORK

    def clean(self, actor: Actor, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """``text``, which may be empty."""
        return {"text": str(given.get("text") or "").strip()[:TEXT_LIMIT]}

    def apply(self, actor: Actor, case_id: int, given: Mapping[str, Any], now: datetime) -> None:
        """Urge one case."""
        upkeep.urge(actor=actor, case_id=case_id, text=given["text"], now=now)


class Step(_OneWay):
    """Take the same step of the procedure with the same answers; every guard of the handbook is asked for every case."""

    key: ClassVar[str] = "step"
    title: ClassVar[Message] = _("推进步骤")
    permission: ClassVar[Permission] = Permission.CASE_WORK

    def clean(self, actor: Actor, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """``step``: its key; ``answers``: values by field."""
        step, answers = str(given.get("step") or "").strip()[:60], given.get("answers") or {}
        if not step:
            raise Invalid(fields={"step": _("请选择要进行的步骤。")})
        if not isinstance(answers, Mapping) or len(answers) > _MOST_ANSWERS:
            raise Invalid(fields={"answers": _("填写的内容有误，请检查标出的字段。")})
        return {"step": step, "answers": {str(name)[:60]: value for name, value in answers.items()}}

    def apply(self, actor: Actor, case_id: int, given: Mapping[str, Any], now: datetime) -> None:
        """Move one case on."""
        actions.take_step(actor=actor, case_id=case_id, step=given["step"], answers=given["answers"], now=now)


class Parent:
    """Tie cases to one above them, as the parcels of one lost bag."""

    key: ClassVar[str] = "parent"
    title: ClassVar[Message] = _("关联到上级工单")
    permission: ClassVar[Permission] = Permission.CASE_WORK
    undoable: ClassVar[bool] = True

    def clean(self, actor: Actor, given: Mapping[str, Any]) -> dict[str, Any]:
        """``parent``: key or number (``K0001234``) of a case in reach."""
        text = str(given.get("parent") or "").strip().upper().removeprefix("K")
        missing = _("请填写上级工单的编号，如 K0001234。")
        found = access.visible_to(actor).filter(pk=_key({"parent": text}, "parent", missing)).values_list("pk", flat=True).first()
        if found is None:
            raise Invalid(fields={"parent": missing})
        return {"parent": found}

    def apply(self, actor: Actor, case_id: int, given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """Tie one case."""
        try:
            joining.link(actor=actor, case_id=case_id, to_id=given["parent"], kind="parent", now=now)
        except Conflict as error:
            if error.reason == "link_exists":
                raise AlreadySo from error
            raise
        return {"parent": given["parent"]}

    def revert(self, actor: Actor, case_id: int, undo: Mapping[str, Any], now: datetime) -> None:
        """Untie it again."""
        try:
            joining.unlink(actor=actor, case_id=case_id, to_id=undo["parent"], kind="parent", now=now)
        except Conflict as error:
            raise MovedOn from error


class Follow:
    """Follow cases: who started it is told when their customers say something."""

    key: ClassVar[str] = "follow"
    title: ClassVar[Message] = _("关注")
    permission: ClassVar[Permission] = Permission.CASE_VIEW
    undoable: ClassVar[bool] = True

    def clean(self, actor: Actor, given: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG002
        """Nothing more to say."""
        return {}

    def apply(self, actor: Actor, case_id: int, given: Mapping[str, Any], now: datetime) -> dict[str, Any]:  # noqa: ARG002
        """Follow one case."""
        access.get_for(actor, case_id)
        if actor.own_id in attention.followers(case_id):
            raise AlreadySo
        attention.follow(actor=actor, case_id=case_id, now=now)
        return {}

    def revert(self, actor: Actor, case_id: int, undo: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG002
        """Follow it no more."""
        if actor.own_id not in attention.followers(case_id):
            raise MovedOn
        attention.unfollow(actor=actor, case_id=case_id)


KINDS: Sequence[Kind] = (Assign(), Step(), Note(), Escalate(), Urge(), Parent(), Follow())
