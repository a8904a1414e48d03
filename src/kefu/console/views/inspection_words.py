"""Words for what the inspector says: codes of findings, states of items, reasons (QA5). In the language in force."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from kefu.console import times
from kefu.console.views.inspection_filters import address
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import HandbookNotFound
from kefu.handbook.refs import ClauseRef
from kefu.kernel.actor import Actor

Word = str | Promise

STATES: dict[str, Word] = {
    "breached": gettext_lazy("未达标"),
    "review": gettext_lazy("待复核"),
    "passed": gettext_lazy("达标"),
    "manual": gettext_lazy("人工评"),
    "not_applicable": gettext_lazy("不适用"),
    "absent": gettext_lazy("不在评分表"),
}
STATE_TONES = {"breached": "bad", "review": "warn", "passed": "good", "manual": "accent", "not_applicable": "quiet", "absent": "quiet"}
MODES: dict[str, Word] = {"auto": gettext_lazy("自动判定"), "review": gettext_lazy("待复核")}
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

# Why an item was not judged.
REASONS: dict[str, Word] = {
    "channel": gettext_lazy("这个渠道不检查此项"),
    "no_agent": gettext_lazy("没有客服说的话"),
    "no_times": gettext_lazy("记录里没有每句的时间"),
    "too_short": gettext_lazy("会话太短，无法判断"),
    "customer_left": gettext_lazy("客服询问后客户已离开，无从道别"),
    "no_question": gettext_lazy("客户没有提问"),
    "one_sided": gettext_lazy("只有一方说话"),
    "no_thanks": gettext_lazy("客户没有致谢"),
    "no_complaint": gettext_lazy("客户没有抱怨或投诉"),
    "no_answer": gettext_lazy("抱怨之后客服没有再说话"),
    "no_facts": gettext_lazy("工单没有相关记录"),
    "clock_running": gettext_lazy("时限还在计时"),
    "no_clock": gettext_lazy("工单没有这个时限"),
    "case_only": gettext_lazy("由工单事实判定"),
    "conversation_only": gettext_lazy("由会话判定"),
}

# What was seen. Placeholders are the detector's parameters, put into words by ``_value``.
_SAID: dict[str, Word] = {
    "word": gettext_lazy("说了“%(term)s”"),
    "filler": gettext_lazy("语气词“%(term)s”，每百字 %(rate)s 次，上限 %(limit)s 次"),
    "dialect": gettext_lazy("方言“%(term)s”"),
    "promise": gettext_lazy("承诺用语“%(term)s”"),
    "insult": gettext_lazy("辱骂用语“%(term)s”"),
    "insult_mild": gettext_lazy("不雅或讽刺“%(term)s”"),
    "insult_quoted": gettext_lazy("转述中的辱骂“%(term)s”"),
    "insult_by_sound": gettext_lazy("谐音疑似“%(term)s”"),
    "insult_model": gettext_lazy("模型判断疑似辱骂（%(score)s 分，提示线 %(limit)s）"),
    "shirking": gettext_lazy("推诿用语“%(term)s”"),
    "blunt": gettext_lazy("生硬用语“%(term)s”"),
    "impatience": gettext_lazy("不耐烦用语“%(term)s”"),
    "interrupted": gettext_lazy("客户没说完就开口，重叠 %(seconds)s"),
    "customer_says_interrupted": gettext_lazy("客户说被打断：“%(cue)s”"),
    "customer_not_understood": gettext_lazy("客户表示没听懂或没被听懂：“%(cue)s”"),
    "asked_again": gettext_lazy("同样的问题又问了一遍，上次是第 %(first_line)s 句"),
    "too_fast": gettext_lazy("语速每分钟 %(rate)s 字，高于 %(limit)s 字"),
    "too_slow": gettext_lazy("语速每分钟 %(rate)s 字，低于 %(limit)s 字"),
    "never_answered": gettext_lazy("提问后客服没有再答复"),
    "answer_late": gettext_lazy("%(seconds)s后才答复，规定 %(limit)s 以内"),
    "waited_lines": gettext_lazy("客户连发 %(lines)s 句才等到答复"),
    "first_answer_slow": gettext_lazy("首次应答用了 %(seconds)s，规定 %(limit)s 以内"),
    "answer_slow": gettext_lazy("应答用了 %(seconds)s，规定 %(limit)s 以内"),
    "stalling": gettext_lazy("一再求助或猜测：“%(term)s”"),
    "only_hold": gettext_lazy("连续 %(count)s 次只说稍等"),
    "cold_replies": gettext_lazy("%(agent_lines)s 句里有 %(count)s 句是冷淡的短答"),
    "no_warmth": gettext_lazy("没有关切用语，也没有用“您”"),
    "thanks_unanswered": gettext_lazy("客户致谢“%(cue)s”后没有回应"),
    "apology_missing": gettext_lazy("客户抱怨“%(cue)s”后没有致歉或安抚"),
    "apology_late": gettext_lazy("客户抱怨“%(cue)s”后，致歉来得太晚"),
    "too_few_polite_words": gettext_lazy("礼貌用语只有 %(found)s 种，要求至少 %(wanted)s 种"),
    "identity_not_asked": gettext_lazy("没有询问来电人身份"),
    "rude_identity": gettext_lazy("询问身份不礼貌：“%(term)s”"),
    "slots_missing": gettext_lazy("“%(script)s”缺少：%(missing)s"),
    "record_missing": gettext_lazy("没有登记内容"),
    "record_too_short": gettext_lazy("登记只有 %(chars)s 字，要求至少 %(wanted)s 字"),
    "record_late": gettext_lazy("%(seconds)s后才登记，规定 %(limit)s 以内"),
    "record_insult": gettext_lazy("登记内容有辱骂“%(term)s”"),
    "clock_breached": gettext_lazy("时限“%(clock)s”超时"),
    "repeat_complaint": gettext_lazy("同一问题第 %(count)s 次重复投诉"),
}
_SECONDS = {"seconds", "late_seconds"}


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
    form = _SAID.get(code)
    if form is None:
        return code.replace("_", " ")
    values = _Values({name: _value(reference, code, name, value) for name, value in detail.items()})
    words = str(form) % values
    if code == "shirking" and detail.get("help_offered"):
        words += _("，但随后提出了帮助")
    if code == "clock_breached" and detail.get("late_seconds"):
        words += _("，晚了 %(time)s") % {"time": times.duration(detail["late_seconds"])}
    return words


class _Values(dict[str, str]):
    """Parameters by name; one the detector did not give reads as a dash."""

    def __missing__(self, key: str) -> str:
        return times.NOTHING


def _value(reference: str, code: str, name: str, value: Any) -> str:
    if name in _SECONDS or (name == "limit" and code in _LIMIT_IN_SECONDS):
        seconds = float(value)
        return times.duration(seconds) if seconds >= 10 or seconds == int(seconds) else _("%(seconds)s 秒") % {"seconds": f"{seconds:g}"}
    if name == "first_line":
        return str(int(value) + 1)
    if name == "script":
        return _named(reference, str(value))
    if name == "clock":
        return _named(reference, f"clocks.{value}")
    if name == "missing":
        return _("、").join(_slots(reference, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


_LIMIT_IN_SECONDS = {"answer_late", "first_answer_slow", "answer_slow", "record_late"}


def _named(reference: str, clause: str) -> str:
    base = reference.partition("#")[0]
    try:
        return title_of(f"{base}#{clause}")
    except ValueError:
        return clause


def _slots(reference: str, missing: Any) -> list[str]:
    """Titles of the missing parts; the script is the one whose slots have these ids."""
    wanted = [str(one) for one in missing] if isinstance(missing, list | tuple) else [str(missing)]
    try:
        book = handbooks.book_of(reference)
    except HandbookNotFound:
        return wanted
    for script in book.scripts.values():
        titles = {slot.id: either(slot.title, slot.title_en) for slot in script.slots}
        if all(one in titles for one in wanted):
            return [titles[one] for one in wanted]
    return wanted


def why(code: str) -> str:
    """Why an item was not judged."""
    return str(REASONS.get(code, code))


def lines_from(code: str) -> bool:
    """Whether the finding speaks of the whole line rather than of words in it."""
    return code in _WHOLE_LINE


_WHOLE_LINE = frozenset({
    "slots_missing", "never_answered", "answer_late", "waited_lines", "first_answer_slow", "answer_slow", "asked_again", "interrupted",
    "insult_model", "record_insult", "identity_not_asked",
})  # fmt: skip
