"""Refusals of the desk."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, KefuError, Message


class DraftNewer(Conflict):
    """Another tab of the same person saved a later draft; ``params`` hold it, to be taken."""

    code = "draft.newer"
    message = _("另一个标签页有更新的草稿。")


class DraftGone(Conflict):
    """The draft this tab goes on with was sent or thrown away."""

    code = "draft.gone"
    message = _("这份草稿已发送或已放弃。")


class MacroNotMeant(Conflict):
    """The macro is for cases of another kind or status."""

    code = "macro.not_meant"
    message = _("此宏不适用于这类工单。")


class MacroRefused(KefuError):
    """A part of the macro is refused; nothing of it was done."""

    code = "macro.refused"
    status = 409
    message = _("宏的第 %(part)s 步“%(title)s”不能执行：%(why)s。其余各步也未执行。")


class PhraseBlank(Conflict):
    """A variable of a text has no value for this case."""

    code = "phrase.blank"
    message = _("还有空白需要填写：%(blanks)s")


def words_of(error: KefuError) -> tuple[str, str]:
    """Code and words of a refusal."""
    fields: dict[str, Message] = getattr(error, "fields", {})
    told: Any = " ".join(str(text) for text in fields.values()) if fields and not error.params else ""
    return error.reason, (told or str(error)).rstrip("。")
