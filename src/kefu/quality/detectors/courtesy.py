"""Polite words, thanks answered, apology before the matter (Q15, Q21)."""

import re

from pydantic import Field

from kefu.quality.detectors.answers import is_question
from kefu.quality.detectors.base import Detector, Found, NotApplicable, Outcome, Params, cue_group, detector
from kefu.quality.reading import Mark, Reading, Vocabulary, longest

_REQUEST = re.compile(
    r"帮我|帮忙|麻烦(?!你了)|请(?!放心)|查一下|查下|看一下|看下|问一下|能不能|可以吗|\?|吗|什么|怎么|哪|多少|几点|尽快|快点|催"
)
_SARCASTIC = re.compile(
    r"真是谢谢|真的谢谢你们|我谢谢你|我可谢谢|谢谢你全家|谢谢你八|谢谢你祖宗|可真谢谢|呵呵|真要谢谢你|那可太谢谢|真是太感谢你们"
)
_HYPOTHETICAL = re.compile(r"(?:如果|要是|万一|会不会|怕|担心|能|可以|是不是|别|不要|有没有|防止|以免|假如|假设|若)[^,。?!]{0,8}$")
_IF = re.compile("如果|要是|万一|假如|假设")
_ASKS = re.compile(r"^[^,。!]{0,6}(?:怎么办|怎么赔|吗|么|嘛|\?|的话|会怎|呢|咋办)")


class ThanksParams(Params):
    """``within``: the answer must come in so many of the agent's next lines. ``thanks`` and ``thanks_answers``: lexicons."""

    within: int = Field(default=2, ge=1)
    thanks: str | None = None
    thanks_answers: str | None = None


@detector("thanks_answered", ThanksParams)
class ThanksAnswered(Detector[ThanksParams]):
    """A customer's thanks are answered. Thanks inside a request (麻烦查一下，谢谢) and sarcasm are none.

    One answer is enough for a conversation: people do not say 不客气 three times.
    """

    def prepare(self, vocabulary: Vocabulary) -> None:
        self.thanks = [cue_group(vocabulary, "thanks")]
        self.answers = [cue_group(vocabulary, "thanks_answer")]
        if self.params.thanks:
            self.thanks = [vocabulary.lexicon(self.params.thanks, "customer")]
        if self.params.thanks_answers:
            self.answers.append(vocabulary.lexicon(self.params.thanks_answers, "agent"))

    def inspect(self, reading: Reading) -> Outcome:
        thanks = longest([mark for group in self.thanks for mark in reading.marks(group) if real_thanks(mark)])
        if not thanks:
            return NotApplicable("no_thanks")
        if not reading.agent:
            return NotApplicable("no_agent")
        answered = frozenset[int]().union(*(reading.turns(group) for group in self.answers))
        for mark in thanks:
            later = [one.turn for one in reading.utterances if one.side != "customer" and one.turn > mark.utterance.turn]
            if any(turn in answered for turn in later[: self.params.within]):
                return ()
        last = thanks[-1]
        if any(one.turn > last.utterance.turn and is_question(one.text[:200]) for one in reading.customer):
            return ()  # thanks on the way: the talk went on
        heard = last.utterance.turn < reading.agent[-1].turn
        params = {"cue": last.term.word.term, "count": len(thanks)}
        if heard:
            return [Found("thanks_unanswered", last.utterance, last.start, last.end, "auto", 0.85, params)]
        return [Found("thanks_unanswered", last.utterance, last.start, last.end, "review", 0.5, params)]


def real_thanks(mark: Mark) -> bool:
    """Whether the customer thanks for something done, not in advance and not in anger."""
    text = mark.utterance.text
    return len(text) <= 30 and not _REQUEST.search(text) and not _SARCASTIC.search(text)


class ApologyParams(Params):
    """``within``: the apology or soothing must come in so many of the agent's lines after the complaint, or before.

    Lexicons replace the words.
    """

    within: int = Field(default=3, ge=1)
    complaint: str | None = None
    apology: str | None = None
    soothing: str | None = None


@detector("apology_on_complaint", ApologyParams)
class ApologyOnComplaint(Detector[ApologyParams]):
    """Who complains is apologised to or soothed first (先处理心情). Weak signs of a complaint (还没到, 几天了) only ask for review."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        shipped, named = cue_group(vocabulary, "complaint"), self.params.complaint
        self.strong = vocabulary.lexicon(named, "customer") if named else shipped
        self.likely = shipped
        self.weak = cue_group(vocabulary, "complaint_weak")
        self.denied = cue_group(vocabulary, "no_complaint")
        self.apologies = [
            cue_group(vocabulary, "apology"),
            cue_group(vocabulary, "soothing"),
            *(vocabulary.lexicon(key, "agent") for key in (self.params.apology, self.params.soothing) if key),
        ]

    def inspect(self, reading: Reading) -> Outcome:
        strong = self._complaints(reading, self.strong)
        likely = strong or self._complaints(reading, self.likely)
        weak = self._complaints(reading, self.weak)
        if not likely and len({mark.utterance.turn for mark in weak}) < 2:
            return NotApplicable("no_complaint")
        if not reading.agent:
            return NotApplicable("no_agent")
        return self._judge(reading, (likely or weak)[0], sure=bool(strong))

    def _complaints(self, reading: Reading, group: str) -> list[Mark]:
        """Words of a list, without lines that deny a complaint and without what is only supposed."""
        denied = reading.turns(self.denied)
        return [mark for mark in reading.marks(group) if mark.utterance.turn not in denied and not supposed(mark)]

    def _judge(self, reading: Reading, first: Mark, *, sure: bool) -> Outcome:
        turn = first.utterance.turn
        said = frozenset[int]().union(*(reading.turns(group) for group in self.apologies))
        later = [one.turn for one in reading.agent if one.turn > turn]
        if not later:
            return NotApplicable("no_answer")
        # Said before: the customer complains on, of what was apologised for already; as far off as an apology that comes after.
        before = [one.turn for one in reading.agent if one.turn < turn][-self.params.within :]
        if said & {*later[: self.params.within], *before}:
            return ()
        late = any(place > turn for place in said)
        code = "apology_late" if late else "apology_missing"
        params = {"cue": first.term.word.term}
        if sure and not late:
            return [Found(code, first.utterance, first.start, first.end, "auto", 0.85, params)]
        return [Found(code, first.utterance, first.start, first.end, "review", 0.6, params)]


def supposed(mark: Mark) -> bool:
    """Whether the customer only asks what would be, or speaks of it in general: 如果丢了怎么办, 会不会坏了."""
    text = mark.utterance.text
    before = text[max(0, mark.start - 12) : mark.start]
    if _HYPOTHETICAL.search(before) is None:
        return False
    if any(word in before for word in ("会不会", "怕", "担心")) or _ASKS.match(text[mark.end : mark.end + 16]) is not None:
        return True
    return _IF.search(before) is not None and _ASKS.match(text[mark.start : mark.end + 16]) is not None


class PolitenessParams(Params):
    """``lexicon``: polite words; fewer than ``min_hits`` different ones is a breach. ``min_agent_lines`` to be judged.

    With ``thanks`` (and ``thanks_answers``) thanks must be answered, with ``complaint`` (and ``apology``, ``soothing``) complaints soothed
    in ``within_lines`` lines.
    """

    lexicon: str
    min_hits: int = Field(default=1, ge=1)
    min_agent_lines: int = Field(default=2, ge=1)
    thanks: str | None = None
    thanks_answers: str | None = None
    complaint: str | None = None
    apology: str | None = None
    soothing: str | None = None
    within_lines: int = Field(default=3, ge=1)


@detector("politeness", PolitenessParams)
class Politeness(Detector[PolitenessParams]):
    """Enough different polite words; and, where the handbook asks for them, answers to thanks and apologies."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        p = self.params
        self.group = vocabulary.lexicon(p.lexicon, "agent")
        self.parts: list[Detector[ThanksParams] | Detector[ApologyParams]] = []
        if p.thanks:
            self.parts.append(ThanksAnswered(ThanksParams(thanks=p.thanks, thanks_answers=p.thanks_answers), vocabulary))
        if p.complaint:
            apology = ApologyParams(complaint=p.complaint, apology=p.apology, soothing=p.soothing, within=p.within_lines)
            self.parts.append(ApologyOnComplaint(apology, vocabulary))

    def inspect(self, reading: Reading) -> Outcome:
        if not reading.agent:
            return NotApplicable("no_agent")
        out: list[Found] = []
        for part in self.parts:
            outcome = part.inspect(reading)
            out.extend(() if isinstance(outcome, NotApplicable) else outcome)
        if len(reading.agent) < self.params.min_agent_lines:
            return out or NotApplicable("too_short")
        said = {mark.term.plain for mark in reading.marks(self.group)}
        if len(said) < self.params.min_hits:
            params = {"found": len(said), "wanted": self.params.min_hits}
            out.append(Found("too_few_polite_words", confidence=0.95 if not said else 0.8, params=params))
        return out
