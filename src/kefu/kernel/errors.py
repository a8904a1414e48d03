"""Errors a user can act on: a stable code, a translated message, parameters (working rule 6).

Interfaces map them once to a page or a JSON body; nothing below an interface catches them to carry on.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, TypeAlias

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Message: TypeAlias = str | Promise


class KefuError(Exception):
    """Base of all refusals. ``code`` is stable; ``message`` may hold named placeholders filled from ``params``."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    message: Message = _("操作没有完成，请稍后再试。")

    def __init__(self, message: Message | None = None, *, code: str | None = None, **params: Any) -> None:
        self.reason = code or self.code
        if message is not None:
            self.message = message
        self.params = params
        super().__init__(self.reason)

    def __str__(self) -> str:
        return str(self.message) % self.params if self.params else str(self.message)


class NotFound(KefuError):
    """Unknown, or not for this actor: both look alike (SEC2)."""

    code = "not_found"
    status = 404
    message = _("找不到这条记录，或您没有查看它的权限。")


class Denied(KefuError):
    """The actor sees the thing but may not do this; the message says who may."""

    code = "denied"
    status = 403
    message = _("您没有权限进行此操作。")


class Stale(KefuError):
    """Somebody saved the row first; nothing was changed."""

    code = "stale"
    status = 409
    message = _("此记录刚被其他人修改过，请刷新后再试，您填写的内容不会丢失。")


class Conflict(KefuError):
    """The thing is already there, or is in a state that does not allow this."""

    code = "conflict"
    status = 409
    message = _("当前状态不允许此操作。")


class Invalid(KefuError):
    """Input that cannot be taken. ``fields`` maps a field name to its message."""

    code = "invalid"
    status = 422
    message = _("填写的内容有误，请检查标出的字段。")

    def __init__(
        self, message: Message | None = None, *, fields: Mapping[str, Message] | None = None, code: str | None = None, **params: Any
    ) -> None:
        super().__init__(message, code=code, **params)
        self.fields: dict[str, Message] = dict(fields or {})


class TooMany(KefuError):
    """A rate or size limit was reached; ``retry_after`` seconds may be in the parameters."""

    code = "too_many"
    status = 429
    message = _("操作过于频繁，请稍后再试。")
