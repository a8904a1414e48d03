"""Refusals of handbooks."""

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.handbook.problems import Problem
from kefu.kernel.errors import Conflict, Denied, Invalid, NotFound


class HandbookNotFound(NotFound):
    """No such handbook, version or clause."""

    code = "handbook_not_found"
    message = _("找不到手册或条款“%(name)s”。")


class NotInForce(NotFound):
    """The handbook has no version in force at the moment asked for."""

    code = "handbook_not_in_force"
    message = _("手册“%(key)s”在所问的时间没有生效的版本，请先让一个版本生效。")


class HandbookInvalid(Invalid):
    """The text has problems; they are in ``problems``, in order of place."""

    code = "handbook_invalid"
    message = _("手册有 %(count)s 处问题，第一处：%(first)s")

    def __init__(self, problems: Iterable[Problem], **params: Any) -> None:
        self.problems = tuple(problems)
        first = str(self.problems[0]) if self.problems else ""
        super().__init__(count=len(self.problems), first=first, **params)


class NotADraft(Conflict):
    """Only drafts are edited; a version that was in force stays as it was."""

    code = "handbook_not_a_draft"
    message = _("版本 %(version)s 已经生效过，不能再改。请复制为新的草稿。")


class StartsTooEarly(Conflict):
    """Decisions may already rest on the version in force then."""

    code = "handbook_starts_too_early"
    message = _("生效时间不能早于现在，也不能早于已安排的版本（%(after)s），否则已作的决定会与手册不符。")


class AbstractHandbook(Conflict):
    """Written to be extended only."""

    code = "handbook_abstract"
    message = _("“%(key)s”只供其他手册扩展，不能单独使用。")


class HandbookDenied(Denied):
    """The role does not hold the permission."""

    code = "handbook_denied"
    message = _("您的岗位没有“%(permission)s”权限，请联系经理或管理员。")
