"""Codes of rules in words; ``quality.wording`` takes them into its tables (QA5)."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message

RULE_CODES: Mapping[str, Message] = {
    "rule_words": _("说了“%(term)s”"),
    "rule_pattern": _("符合格式“%(pattern)s”"),
    "rule_similar": _("与“%(phrase)s”相似 %(percent)s%%"),
    "rule_sounds": _("读音像“%(term)s”"),
    "rule_question": _("问句"),
    "rule_length": _("这一句 %(chars)s 字"),
    "rule_line": _("这一句"),
    "rule_repeats": _("同样的话说了 %(times)s 次，第一次是第 %(first_line)s 句"),
    "rule_silence": _("之前静音 %(seconds)s，上限 %(limit)s"),
    "rule_response": _("%(seconds)s后才回应，上限 %(limit)s"),
    "rule_fast": _("语速每分钟 %(rate)s 字，高于 %(limit)s 字"),
    "rule_slow": _("语速每分钟 %(rate)s 字，低于 %(limit)s 字"),
    "rule_interrupts": _("对方没说完就开口，重叠 %(seconds)s"),
    "rule_speech": _("连续说了 %(seconds)s、%(chars)s 字，对方没有开口"),
    "rule_hold": _("让对方等待后 %(seconds)s没有声音，上限 %(limit)s"),
    "rule_duration": _("会话共 %(seconds)s，界限 %(limit)s"),
    "rule_lines": _("共说了 %(count)s 句，界限 %(limit)s 句"),
    "rule_talk_share": _("说话占 %(percent)s%%，界限 %(limit)s%%"),
    "rule_silences": _("静音指标 %(measure)s 为 %(value)s，界限 %(limit)s"),
    "rule_last_word": _("会话到这一句为止"),
    "rule_heard": _("声音指标 %(measure)s 为 %(value)s，界限 %(limit)s"),
    "rule_energy": _("音量等级 %(level)s，界限 %(limit)s"),
    "rule_emotion": _("情绪等级 %(level)s，界限 %(limit)s"),
    "rule_fact": _("%(fact)s 为 %(value)s"),
    "rule_absent": _("没有出现：%(what)s"),
    "rule_lacking": _("这里应有而没有：%(what)s"),
    "rule_too_few": _("%(what)s 只出现 %(count)s 次，要求 %(limit)s 次"),
    "rule_stage_missing": _("缺少环节“%(stage)s”"),
    "rule_stage_order": _("环节“%(stage)s”不在应有的次序上"),
}

RULE_WHY: Mapping[str, Message] = {
    "no_sound": _("没有录音的测量值"),
    "no_fact": _("没有“%(what)s”这项数据"),
    "no_anchor": _("没有出现前提“%(what)s”"),
    "rule_does_not_apply": _("不在规则的适用范围内"),
    "rule_not_in_force": _("会话的日期不在规则的有效期内"),
}
"""Why a rule could not be judged; what follows the colon of the code is ``what``."""

SPANS = frozenset({"rule_silence", "rule_response", "rule_hold", "rule_duration"})
"""Codes whose limit is a time."""
