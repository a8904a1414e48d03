"""Findings and verdicts in words, made at read time from codes and numbers (QA5). The only table of these words."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.handbook import queries as handbooks
from kefu.handbook.errors import HandbookNotFound
from kefu.handbook.reader.words import duration_words, english
from kefu.handbook.schema import Handbook
from kefu.kernel.errors import Message
from kefu.kernel.wording import listed
from kefu.quality.results import State
from kefu.quality.rulebook.facts import RULE_FACTS
from kefu.quality.rulebook.wording import RULE_CODES, RULE_WHY, SPANS

STATE_TITLES: Mapping[State, Message] = {
    "breached": gettext_lazy("未达标"),
    "review": gettext_lazy("待复核"),
    "passed": gettext_lazy("达标"),
    "manual": gettext_lazy("人工评"),
    "not_applicable": gettext_lazy("不适用"),
}

WHY: Mapping[str, Message] = {
    "channel": gettext_lazy("这个渠道不检查此项"),
    "no_agent": gettext_lazy("没有客服说的话"),
    "mono": gettext_lazy("单声道录音，分不清是谁在说话"),
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
    **RULE_WHY,
}
"""Why an item was not judged."""

CODES: Mapping[str, Message] = {
    "by_hand": gettext_lazy("质检员判定违规"),
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
    "louder": gettext_lazy("音量忽高：比本人平时高 %(swing)s LU，提示线 %(limit)s"),
    "softer": gettext_lazy("音量忽低：比本人平时低 %(swing)s LU，提示线 %(limit)s"),
    "higher": gettext_lazy("语调忽高：比本人平时高 %(swing)s 个半音，提示线 %(limit)s"),
    "lower": gettext_lazy("语调忽低：比本人平时低 %(swing)s 个半音，提示线 %(limit)s"),
    "hurried": gettext_lazy("语速忽快：每分钟 %(rate)s 字，比本人平时快 %(percent)s%%"),
    "dragged": gettext_lazy("语速忽慢：每分钟 %(rate)s 字，比本人平时慢 %(percent)s%%"),
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
    **RULE_CODES,
}
"""What a finding saw. Placeholders are the detector's parameters, put into words by ``_value``."""

NAMES_CLAUSES = frozenset({"slots_missing", "clock_breached"})
"""Codes whose words need the handbook: they name a script or a clock by its title."""

WHOLE_LINE = frozenset({
    "slots_missing", "never_answered", "answer_late", "waited_lines", "first_answer_slow", "answer_slow", "asked_again", "interrupted",
    "insult_model", "record_insult", "identity_not_asked", "rule_silence", "rule_response", "rule_fast", "rule_slow", "rule_interrupts",
    "rule_speech", "rule_hold", "rule_repeats", "rule_length", "rule_question", "rule_line", "rule_last_word", "rule_energy",
    "rule_emotion",
    "louder", "softer", "higher", "lower", "hurried", "dragged",
})  # fmt: skip
"""Codes that speak of the whole line rather than of words in it."""

_NOTHING = "—"
_SECONDS = {"seconds", "late_seconds"}
_LIMIT_IN_SECONDS = {"answer_late", "first_answer_slow", "answer_slow", "record_late", *SPANS}


def state_title(state: State) -> str:
    """A verdict in the reader's language."""
    return str(STATE_TITLES[state])


def why(code: str) -> str:
    """Why an item was not judged; empty for no reason. What follows a colon in the code is named: ``no_fact:conversation.rating``."""
    head, _colon, what = code.partition(":")
    known = RULE_FACTS.get(what)
    return str(WHY.get(head, code)) % {"what": str(known.title) if known else what}


def explain(code: str, detail: Mapping[str, Any], book: Handbook | None = None) -> str:
    """A finding in one sentence; with the handbook, scripts, their parts and clocks are named by their titles."""
    message = CODES.get(code)
    if message is None:
        return code.replace("_", " ")
    words = str(message) % _Values({name: _value(code, name, value, detail, book) for name, value in detail.items()})
    if code == "shirking" and detail.get("help_offered"):
        words += _("，但随后提出了帮助")
    if code == "clock_breached" and detail.get("late_seconds"):
        words += _("，晚了 %(time)s") % {"time": _span(detail["late_seconds"])}
    return words


def explained(reference: str, code: str, detail: Mapping[str, Any]) -> str:
    """As ``explain``, with the handbook version that ``reference``, a clause, stands in; without it when that is gone."""
    if code not in NAMES_CLAUSES:
        return explain(code, detail)
    try:
        return explain(code, detail, handbooks.book_of(reference))
    except HandbookNotFound:
        return explain(code, detail)


class _Values(dict[str, str]):
    """Parameters by name; one the detector did not give reads as a dash."""

    def __missing__(self, key: str) -> str:
        return _NOTHING


def _value(code: str, name: str, value: Any, detail: Mapping[str, Any], book: Handbook | None) -> str:
    if name in _SECONDS or (name == "limit" and code in _LIMIT_IN_SECONDS):
        return _span(value)
    if name == "first_line":
        return str(int(value) + 1)
    if name == "fact":
        known = RULE_FACTS.get(str(value))
        return str(known.title) if known else str(value)
    if name == "script":
        return _title(book, str(value), _("话术"))
    if name == "clock":
        return _title(book, f"clocks.{value}", str(value))
    if name == "missing":
        return listed(_slot_titles(detail, book))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _span(value: float) -> str:
    """Seconds in words: parts of a second only below ten, no seconds above an hour."""
    seconds = float(value)
    if seconds < 10 and seconds != int(seconds):
        return _("%(seconds)s 秒") % {"seconds": f"{seconds:g}"}
    return duration_words(timedelta(seconds=int(seconds) if seconds < 3600 else int(seconds) // 60 * 60))


def _title(book: Handbook | None, clause: str, otherwise: str) -> str:
    found = book.clause(clause) if book is not None else None
    return str(found.name("en" if english() else "zh")) if found is not None else otherwise


def _slot_titles(detail: Mapping[str, Any], book: Handbook | None) -> list[str]:
    missing = [str(slot) for slot in detail.get("missing", ())]
    script = book.scripts.get(str(detail.get("script", "")).removeprefix("scripts.")) if book is not None else None
    titles = {slot.id: slot.name("en" if english() else "zh") for slot in script.slots} if script is not None else {}
    return [titles.get(slot, slot) for slot in missing]


def better(detail: Mapping[str, Any]) -> str:
    """The phrase the handbook gives instead; empty when it gives none."""
    return str(detail.get("better", ""))
