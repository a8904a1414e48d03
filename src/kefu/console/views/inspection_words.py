"""Words, tones and addresses around what the inspector says; what a finding saw is worded by ``quality.wording`` (QA5)."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy

from kefu.console.views.inspection_filters import address
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import HandbookNotFound
from kefu.handbook.refs import ClauseRef
from kefu.kernel.actor import Actor
from kefu.quality import wording

Word = str | Promise

STATES: dict[str, Word] = {str(state): title for state, title in wording.STATE_TITLES.items()} | {"absent": gettext_lazy("不在评分表")}
STATE_TONES = {"breached": "bad", "review": "warn", "passed": "good", "manual": "accent", "not_applicable": "quiet", "absent": "quiet"}
MODES: dict[str, Word] = {"auto": gettext_lazy("自动判定"), "review": gettext_lazy("待复核"), "hand": gettext_lazy("人工判定")}
MODE_TONES = {"auto": "bad", "review": "warn"}
HANDLED: dict[str, Word] = {
    "open": gettext_lazy("未处理"),
    "acknowledged": gettext_lazy("已知悉"),
    "confirmed": gettext_lazy("复核成立"),
    "dismissed": gettext_lazy("复核不成立"),
}
CHANNELS: dict[str, Word] = {
    "call": gettext_lazy("电话"),
    "chat": gettext_lazy("在线聊天"),
    "email": gettext_lazy("邮件"),
    "form": gettext_lazy("表单"),
}
CHANNEL_ICONS = {"call": "call", "chat": "chat", "email": "mail", "form": "list"}


def english() -> bool:
    """Whether the reader reads English."""
    return (get_language() or "zh").startswith("en")


def either(chinese: str, other: str) -> str:
    """A title of the handbook in the reader's language, Chinese where there is no English."""
    return other if other and english() else chinese


@lru_cache(maxsize=4096)
def _clause(reference: str) -> tuple[str, str, str]:
    """Title in both languages and definition of a clause. A version that decided something never changes, so this stays true."""
    value = handbooks.clause(reference).value
    return value.title, value.title_en, str(getattr(value, "definition", ""))


def title_of(reference: str) -> str:
    """Title of a clause by its stored reference; its last part when the version is gone."""
    try:
        chinese, other, _definition = _clause(reference)
    except HandbookNotFound:
        return reference.rpartition(".")[2]
    return either(chinese, other)


def definition_of(reference: str) -> str:
    """What the clause asks for."""
    try:
        return _clause(reference)[2]
    except HandbookNotFound:
        return ""


def clause_address(reference: str, actor: Actor) -> str:
    """Where the clause is read."""
    try:
        ref = ClauseRef.parse(reference)
    except ValueError:
        return ""
    return address("handbook-clause", actor, key=ref.handbook, number=ref.version, clause_id=ref.clause)


def said(reference: str, code: str, detail: Mapping[str, Any]) -> str:
    """What the inspector saw, in a sentence."""
    return wording.explained(reference, code, detail)
