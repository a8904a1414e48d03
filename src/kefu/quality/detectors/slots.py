"""Scripts checked by their parts instead of their exact words: opening, closing, any other (Q16)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext_lazy as _
from pypinyin import Style, lazy_pinyin

from kefu.handbook.schema import Handbook, Slot, Word
from kefu.quality.detectors.base import Detector, Found, NotApplicable, Outcome, Params, Trouble, detector
from kefu.quality.plain import plain_term
from kefu.quality.reading import Reading, Utterance, Vocabulary

_DIGITS = str.maketrans("零〇洞幺一二两三四五六七拐八九勾", "0001122345677899")
_SITE_ENDINGS = (
    *("营业部", "营业厅", "营业点", "分拨中心", "转运中心", "服务部", "服务点", "分公司", "分部", "网点", "站点", "快递站"),
    *("门店", "旗舰店", "专营店", "专卖店", "店铺", "总店", "部", "店", "站"),
)
_NUMBER_SAID = ("工号", "客服编号", "员工号", "坐席号", "客服号")


@lru_cache(maxsize=1 << 15)
def _syllable(char: str) -> str:
    return lazy_pinyin(char, style=Style.NORMAL)[0] if "\u4e00" <= char <= "\u9fff" else char


def sounds_within(phrase: str, text: str) -> bool:
    """Whether the phrase is heard in the text: the same syllables in a row, tones aside. For transcripts of calls."""
    if len(phrase) < 2:
        return False
    return f" {' '.join(map(_syllable, phrase))} " in f" {' '.join(map(_syllable, text))} "


def says_number(number: str, text: str) -> bool:
    """Whether a staff number is said in plain text, in figures or in words (1086, 一零八六, 幺零八六)."""
    figures = text.translate(_DIGITS)
    wanted = plain_term(number)
    if wanted and wanted in figures:
        return True
    digits = "".join(char for char in wanted if char.isdigit())
    return len(digits) >= 3 and digits in figures


def names_of_site(name: str, company: str) -> tuple[str, ...]:
    """How people say a site's name: in full, without its ending, without the company before it."""
    full = plain_term(name)
    names = [full]
    brand = plain_term(company)
    if brand and full.startswith(brand) and len(full) > len(brand) + 1:
        names.append(full[len(brand) :])
    for one in tuple(names):
        ending = next((end for end in _SITE_ENDINGS if one.endswith(end) and len(one) - len(end) >= 2), "")
        if ending:
            names.append(one[: -len(ending)])
    return tuple(dict.fromkeys(filter(None, names)))


class SlotsParams(Params):
    """``script``: key of a script with slots. ``min_agent_lines``: a shorter conversation is not judged.

    ``auto_reply_counts``: what an automatic reply says is said.
    """

    script: str
    min_agent_lines: int = 1
    auto_reply_counts: bool = True


@dataclass(frozen=True, slots=True)
class _Way:
    """How one slot is looked for."""

    slot: Slot
    group: str = ""
    pattern: int = -1
    phrases: tuple[str, ...] = ()


@detector("slots", SlotsParams)
class Slots(Detector[SlotsParams]):
    """Every required slot of the script must occur among the lines the script is expected in; one hit names the missing ones."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        script = vocabulary.handbook.scripts[self.params.script]
        self.within = script.within
        self.channels = script.channels
        self.ways = [self._way(vocabulary, slot) for slot in script.slots if slot.required]
        self.offer = next((self._way(vocabulary, slot) for slot in script.slots if slot.id == "more_help"), None)

    def _way(self, vocabulary: Vocabulary, slot: Slot) -> _Way:
        if slot.any_of:
            name = f"scripts.{self.params.script}.{slot.id}"
            phrases = tuple(filter(None, map(plain_term, slot.any_of)))
            return _Way(slot, vocabulary.words(name, [Word(term=one) for one in slot.any_of], "agent_or_system"), phrases=phrases)
        if slot.pattern:
            return _Way(slot, pattern=vocabulary.pattern(slot.pattern))
        return _Way(slot)

    def inspect(self, reading: Reading) -> Outcome:
        if reading.dialogue.channel not in self.channels:
            return NotApplicable("channel")
        if not reading.agent:
            return NotApplicable("no_agent")
        closing = self.within.last is not None
        if len(reading.agent) < max(self.params.min_agent_lines, 2 if closing else 1):
            return NotApplicable("too_short")
        window = self._window(reading)
        missing = [way.slot for way in self.ways if not self._present(reading, way, window)]
        if not missing:
            return ()
        if closing and self._left_after_offer(reading):
            return NotApplicable("customer_left")
        return [self._found(reading, missing, closing)]

    def _left_after_offer(self, reading: Reading) -> bool:
        """Whether a chat ends with the agent's offer of more help: the customer left, there was nobody to say goodbye to."""
        spoken = [one for one in reading.utterances if one.side != "system" and one.text]
        if self.offer is None or reading.dialogue.channel != "chat" or spoken[-1].side != "agent":
            return False
        return any(mark.utterance.turn == spoken[-1].turn for mark in reading.marks(self.offer.group))

    def _window(self, reading: Reading) -> list[Utterance]:
        counted = reading.agent
        if self.params.auto_reply_counts and reading.dialogue.channel != "call":
            counted = [one for one in reading.utterances if one.side in ("agent", "system") and one.text]
        if self.within.last is not None:
            return counted[-self.within.last :]
        if self.within.first is not None:
            limit = reading.agent[min(self.within.first, len(reading.agent)) - 1].turn
            return [one for one in counted if one.turn <= limit]
        return counted

    def _present(self, reading: Reading, way: _Way, window: Sequence[Utterance]) -> bool:
        if way.pattern >= 0:
            return reading.pattern(way.pattern, window) is not None
        if way.slot.variable:
            return self._variable(reading, way.slot.variable, window)
        turns = {one.turn for one in window}
        if any(mark.utterance.turn in turns for mark in reading.marks(way.group)):
            return True
        if reading.dialogue.channel != "call":
            return False
        return any(sounds_within(phrase, one.text) for one in window for phrase in way.phrases)

    def _variable(self, reading: Reading, variable: str, window: Sequence[Utterance]) -> bool:
        dialogue = reading.dialogue
        text = "\n".join(one.text for one in window)
        if variable == "staff_no":
            if dialogue.staff_no:
                return says_number(dialogue.staff_no, text)
            return any(word in text for word in _NUMBER_SAID)
        if variable == "site_name":
            names = names_of_site(dialogue.site_name, dialogue.company)
        else:
            names = tuple(filter(None, [plain_term({"company": dialogue.company, "staff_name": dialogue.staff_name}[variable])]))
        if not names:
            return True
        return _any_said(names, text, heard=dialogue.channel == "call")

    def _found(self, reading: Reading, missing: Sequence[Slot], closing: bool) -> Found:
        line = reading.agent[-1] if closing else reading.agent[0]
        facts = reading.dialogue.facts
        excused = facts.get("conversation.ended_by") == "customer" or facts.get("conversation.transferred_out")
        unsure = excused if closing else facts.get("conversation.transferred_in")
        confidence = 0.97 if len(missing) == len(self.ways) else 0.9
        if reading.dialogue.channel == "call":
            confidence -= 0.05
        params = {"script": f"scripts.{self.params.script}", "missing": [slot.id for slot in missing]}
        return Found("slots_missing", line, 0, len(line.text), "review" if unsure else "auto", 0.5 if unsure else confidence, params)

    @classmethod
    def troubles(cls, params: SlotsParams, handbook: Handbook) -> Sequence[Trouble]:
        script = handbook.scripts.get(params.script)
        if script is not None and not any(slot.required for slot in script.slots):
            return [Trouble("script", "script_without_slots", _("话术 %(key)s 没有必备要素，无法检查。"), {"key": params.script})]
        return ()


def _any_said(names: Sequence[str], text: str, *, heard: bool) -> bool:
    if any(name in text for name in names):
        return True
    return heard and any(sounds_within(name, line) for name in names for line in text.split("\n"))
