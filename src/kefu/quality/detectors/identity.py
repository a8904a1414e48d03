"""Who is calling: asked politely, not 你姓什么 (Q12, O1)."""

import re
from typing import Literal

from pydantic import field_validator

from kefu.quality.detectors.base import Detector, Found, NotApplicable, Outcome, Params, cue_group, detector, found_of
from kefu.quality.reading import Mark, Reading, Vocabulary

_NAMED = re.compile(r"[\u4e00-\u9fff]{1,3}(?:先生|女士|小姐|老师|总|经理|姐|哥)|亲")


class IdentityParams(Params):
    """``ask_politely`` and ``rude``: lexicons. ``missing``: what it is when on a call nobody asked who is calling."""

    ask_politely: tuple[str, ...] = ()
    rude: tuple[str, ...] = ()
    missing: Literal["auto", "review", "ignore"] = "review"
    min_agent_lines: int = 4

    @field_validator("ask_politely", "rude", mode="before")
    @classmethod
    def _one_or_more(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


@detector("identity", IdentityParams)
class Identity(Detector[IdentityParams]):
    """A rude question is a breach (with 您 for review). On calls somebody must have asked, unless the customer said it or is known."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        self.rude = [vocabulary.lexicon(key, "agent") for key in self.params.rude]
        self.rude_cues = cue_group(vocabulary, "rude_identity")
        self.polite = [
            *(vocabulary.lexicon(key, "agent") for key in self.params.ask_politely),
            cue_group(vocabulary, "ask_politely"),
        ]
        self.self_named = cue_group(vocabulary, "self_named")

    def inspect(self, reading: Reading) -> Outcome:
        if not reading.agent:
            return NotApplicable("no_agent")
        out = self._rude(reading)
        if out:
            return out
        if any(reading.marks(group) for group in self.polite):
            return ()
        if reading.dialogue.channel != "call":
            return NotApplicable("channel")
        if reading.marks(self.self_named) or any(_NAMED.search(one.text) for one in reading.agent):
            return ()
        if len(reading.agent) < self.params.min_agent_lines:
            return NotApplicable("too_short")
        if self.params.missing == "ignore":
            return ()
        return [Found("identity_not_asked", reading.agent[0], 0, 0, self.params.missing, 0.6)]

    def _rude(self, reading: Reading) -> list[Found]:
        out: dict[tuple[int, int], Found] = {}
        listed = [(mark, True) for group in self.rude for mark in reading.marks(group)]
        shipped = [(mark, not self.rude) for mark in reading.marks(self.rude_cues)]
        taken: set[tuple[int, int]] = set()
        for mark, certain in [*listed, *shipped]:
            turn = mark.utterance.turn
            places = {(turn, place) for place in range(mark.start, mark.end)}
            if places & taken or softened(mark) or (mark.term.word.position == "alone" and not whole_line(mark)):
                continue
            taken |= places
            alone = mark.term.word.position == "alone"
            polite = _polite_you(mark)
            auto = certain and not polite and not alone
            out[turn, mark.start] = found_of(mark, "rude_identity", "auto" if auto else "review", 0.93 if auto else 0.55)
        return [out[key] for key in sorted(out)]


def whole_line(mark: Mark) -> bool:
    """Whether the word is all the agent said in that line."""
    return len(mark.utterance.text) <= mark.end - mark.start + 2


_ABOUT_OTHERS = re.compile(
    r"(?:他|她|收件人|寄件人|对方|快递员|派件员|师傅|谁|主管|经理|同事|宝贝|商品|东西|品牌|店铺|卖家|款|型号|公司|小区|那个人|网点)[^,。?!]{0,6}$"
)


def softened(mark: Mark) -> bool:
    """Whether 请问 stands before it, or it is not the customer's name that is asked."""
    text = mark.utterance.text
    before = text[max(0, mark.start - 14) : mark.start]
    return "请问" in before[-6:] or _ABOUT_OTHERS.search(before) is not None


def _polite_you(mark: Mark) -> bool:
    start, end = mark.utterance.plain.span(mark.start, mark.end)
    return "您" in mark.utterance.line.text[start:end]
