"""Findings and verdicts in words, made at read time from codes and numbers (QA5)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.handbook.schema import Handbook
from kefu.kernel.errors import Message
from kefu.quality.results import State

STATE_TITLES: Mapping[State, Message] = {
    "passed": gettext_lazy("合格"),
    "breached": gettext_lazy("不合格"),
    "review": gettext_lazy("待复核"),
    "not_applicable": gettext_lazy("不适用"),
    "manual": gettext_lazy("人工评分"),
}

WHY: Mapping[str, Message] = {
    "channel": gettext_lazy("该渠道不检查此项"),
    "no_times": gettext_lazy("没有时间记录，无法判断"),
    "no_agent": gettext_lazy("没有客服发言"),
    "one_sided": gettext_lazy("只有一方发言"),
    "too_short": gettext_lazy("会话太短，不作判断"),
    "customer_left": gettext_lazy("客服询问后客户已离开，无从道别"),
    "no_thanks": gettext_lazy("客户没有致谢"),
    "no_complaint": gettext_lazy("客户没有抱怨或投诉"),
    "no_answer": gettext_lazy("客户抱怨后客服没有再发言"),
    "no_question": gettext_lazy("客户没有提问"),
    "case_only": gettext_lazy("按工单检查"),
    "conversation_only": gettext_lazy("按会话检查"),
    "no_facts": gettext_lazy("工单没有这项数据"),
    "no_clock": gettext_lazy("工单没有这个时限"),
    "clock_running": gettext_lazy("时限尚未到期"),
}
"""Why an item was not judged."""

CODES: Mapping[str, Message] = {
    "word": gettext_lazy("出现“%(term)s”"),
    "filler": gettext_lazy("口语“%(term)s”：每百字 %(rate)s 个，超过 %(limit)s 个"),
    "dialect": gettext_lazy("疑似方言“%(term)s”"),
    "promise": gettext_lazy("承诺或绝对化用语“%(term)s”"),
    "slots_missing": gettext_lazy("缺少：%(missing)s"),
    "too_few_polite_words": gettext_lazy("礼貌用语只有 %(found)s 种，至少 %(wanted)s 种"),
    "thanks_unanswered": gettext_lazy("客户致谢“%(cue)s”，没有回应"),
    "apology_missing": gettext_lazy("客户说到“%(cue)s”，没有致歉或安抚"),
    "apology_late": gettext_lazy("客户说到“%(cue)s”，致歉太晚"),
    "shirking": gettext_lazy("推诿：“%(term)s”"),
    "blunt": gettext_lazy("生硬：“%(term)s”"),
    "impatience": gettext_lazy("不耐烦：“%(term)s”"),
    "cold_replies": gettext_lazy("只用一两个字回答，共 %(count)s 次"),
    "no_warmth": gettext_lazy("没有体现热情的话"),
    "rude_identity": gettext_lazy("身份确认不礼貌：“%(term)s”"),
    "identity_not_asked": gettext_lazy("没有确认客户身份"),
    "customer_not_understood": gettext_lazy("客户表示没有被理解：“%(cue)s”"),
    "asked_again": gettext_lazy("客户重复提问"),
    "never_answered": gettext_lazy("客户的提问没有得到回答"),
    "answer_late": gettext_lazy("客户等了 %(seconds)s 秒才得到回答，超过 %(limit)s 秒"),
    "waited_lines": gettext_lazy("客户连发 %(lines)s 句才得到回答"),
    "first_answer_slow": gettext_lazy("首次回复用了 %(seconds)s 秒，超过 %(limit)s 秒"),
    "answer_slow": gettext_lazy("回复用了 %(seconds)s 秒，超过 %(limit)s 秒"),
    "interrupted": gettext_lazy("客户没说完就开口，重叠 %(seconds)s 秒"),
    "customer_says_interrupted": gettext_lazy("客户表示被打断：“%(cue)s”"),
    "too_fast": gettext_lazy("语速 %(rate)s 字/分钟，超过 %(limit)s"),
    "too_slow": gettext_lazy("语速 %(rate)s 字/分钟，低于 %(limit)s"),
    "stalling": gettext_lazy("支吾或求助：“%(term)s”"),
    "only_hold": gettext_lazy("连续 %(count)s 次只让客户等待"),
    "insult": gettext_lazy("侮辱性语言“%(term)s”"),
    "insult_mild": gettext_lazy("可能的侮辱或讽刺“%(term)s”"),
    "insult_quoted": gettext_lazy("可能在转述“%(term)s”"),
    "insult_by_sound": gettext_lazy("读音像“%(term)s”"),
    "insult_model": gettext_lazy("语气疑似冒犯，模型评分 %(score)s"),
    "record_missing": gettext_lazy("没有记录处理内容"),
    "record_too_short": gettext_lazy("记录只有 %(chars)s 字，至少 %(wanted)s 字"),
    "record_late": gettext_lazy("联系后 %(seconds)s 秒才记录，超过 %(limit)s 秒"),
    "record_insult": gettext_lazy("记录中有侮辱性语言“%(term)s”"),
    "clock_breached": gettext_lazy("超过时限“%(clock)s”"),
    "repeat_complaint": gettext_lazy("客户重复投诉 %(count)s 次"),
}
"""What a finding saw."""


def state_title(state: State) -> str:
    """A verdict in the reader's language."""
    return str(STATE_TITLES[state])


def why(code: str) -> str:
    """Why an item was not judged; empty for no reason."""
    return str(WHY.get(code, code))


def explain(code: str, detail: Mapping[str, Any], book: Handbook | None = None) -> str:
    """A finding in one sentence; with the handbook, parts and clocks are named by their titles."""
    message = CODES.get(code)
    if message is None:
        return code
    values = dict(detail)
    if code == "slots_missing":
        values["missing"] = _("、").join(_slot_titles(detail, book))
    elif code == "clock_breached" and book is not None and detail.get("clock") in book.clocks:
        values["clock"] = book.clocks[detail["clock"]].title
    try:
        return str(message) % values
    except (KeyError, TypeError):
        return str(message)


def _slot_titles(detail: Mapping[str, Any], book: Handbook | None) -> list[str]:
    missing = [str(slot) for slot in detail.get("missing", ())]
    script = book.scripts.get(str(detail.get("script", "")).removeprefix("scripts.")) if book is not None else None
    titles = {slot.id: slot.title for slot in script.slots} if script is not None else {}
    return [titles.get(slot, slot) for slot in missing]


def better(detail: Mapping[str, Any]) -> str:
    """The phrase the handbook gives instead; empty when it gives none."""
    return str(detail.get("better", ""))
