"""Questions answered, in time, and with something said (R61, Q8)."""

import re
from collections.abc import Sequence

from pydantic import Field

from kefu.quality.detectors.base import Detector, Found, NotApplicable, Outcome, Params, agent_groups, cue_group, detector, found_of
from kefu.quality.detectors.words import OptionalLexicon
from kefu.quality.reading import Mark, Reading, Utterance, Vocabulary

_QUESTION = re.compile(
    r"\?|吗|么$|呢$|什么(?!的)|啥|怎么|咋|哪|几点|几天|多久|多少|是否|能否|可否|谁|何时|为何|([\u4e00-\u9fff])[不没]\1"
    r"|有没有|可不可以|帮我(?:查|看|问|催|改|处理|退|联系|催促)|麻烦(?:帮|查|看|问|催|改)"
)
_NO_QUESTION = re.compile(
    r"^(?:好|好的|好吧|嗯|行|可以|ok|知道了|明白了|谢谢|多谢|没事了|没了|没有了|再见|拜拜|晚安|辛苦了|不用了|算了|在吗|在么|你好|亲|人呢|喂|人工|转人工)[的吧了啊哦呢嘛呀,。!?~]*$"
    r"|不管怎么|怎么都行|怎么样都|无论|什么都(?:行|可以)|没什么|没啥|多少都行|不怎么|^我?知道[^?]{0,8}了(?:谢谢|多谢)?[啊吧哦]?$|(?:多少|几).{0,4}都(?:行|可以|好)|怎么可能|好什么好|随便哪"
)


def is_question(text: str) -> bool:
    """Whether a customer's line wants an answer."""
    return bool(_QUESTION.search(text)) and not _NO_QUESTION.search(text)


class UnansweredParams(Params):
    """``max_customer_lines``: more lines of the customer without a word of the agent, a question among them, is for review.

    ``max_gap_seconds``: with times, a longer wait for the answer is for review.
    """

    max_customer_lines: int = Field(default=4, ge=1)
    max_gap_seconds: float | None = Field(default=None, gt=0)


@detector("unanswered", UnansweredParams)
class Unanswered(Detector[UnansweredParams]):
    """A question after which the agent says nothing more is a breach; one that waits long is for review."""

    def inspect(self, reading: Reading) -> Outcome:
        questions = [one for one in reading.customer if is_question(one.text[:400])]
        if not questions:
            return NotApplicable("no_question")
        if not reading.agent:
            return [self._found(questions[-1], "never_answered", len(reading.customer), sure=True)]
        out = self._left(reading, questions)
        out.extend(self._waiting(reading, {one.turn for one in questions}))
        return out[:10]

    def _left(self, reading: Reading, questions: Sequence[Utterance]) -> list[Found]:
        last = reading.agent[-1].turn
        left = [one for one in questions if one.turn > last]
        if not left:
            return []
        ended = reading.dialogue.facts.get("conversation.ended_by")
        sure = ended != "customer" and len(left[-1].text) >= 4
        return [self._found(left[-1], "never_answered", len(left), sure=sure)]

    @staticmethod
    def _found(one: Utterance, code: str, count: int, *, sure: bool) -> Found:
        return Found(code, one, 0, len(one.text), "auto" if sure else "review", 0.85 if sure else 0.6, {"count": count})

    def _waiting(self, reading: Reading, questions: set[int]) -> list[Found]:
        out: list[Found] = []
        run: list[Utterance] = []
        for one in reading.utterances:
            if one.side == "customer" and one.text:
                run.append(one)
            elif one.side == "agent" and run:
                asked = next((line for line in run if line.turn in questions), None)
                if asked is not None:
                    out.extend(self._late(asked, run, one))
                run = []
        return out

    def _late(self, asked: Utterance, run: Sequence[Utterance], answer: Utterance) -> list[Found]:
        behind = [line for line in run if line.turn >= asked.turn]
        gap = gap_seconds(asked, answer)
        limit = self.params.max_gap_seconds
        if limit is not None and gap is not None and gap > limit:
            params = {"seconds": round(gap), "limit": limit}
            return [Found("answer_late", asked, 0, len(asked.text), "review", 0.7, params)]
        if gap is None and len(behind) > self.params.max_customer_lines:
            return [Found("waited_lines", asked, 0, len(asked.text), "review", 0.55, {"lines": len(behind)})]
        return []


def gap_seconds(before: Utterance, after: Utterance) -> float | None:
    """Seconds from the end of one line (its beginning when nobody noted the end) to the beginning of another.

    ``None`` when a time is unknown or they run backwards.
    """
    start = before.line.end if before.line.end is not None else before.line.at
    if start is None or after.line.at is None or after.line.at < (before.line.at or 0.0):
        return None
    return max(0.0, after.line.at - start)


class SlowAnswerParams(Params):
    """Seconds until the first answer and until each later one; a call begins with its first line, a chat with the customer's."""

    first_seconds: float | None = Field(default=None, gt=0)
    each_seconds: float | None = Field(default=None, gt=0)


@detector("slow_answer", SlowAnswerParams)
class SlowAnswer(Detector[SlowAnswerParams]):
    """Answers that came later than allowed. Needs the times of the lines."""

    def inspect(self, reading: Reading) -> Outcome:
        if not reading.customer or not reading.agent:
            return NotApplicable("one_sided")
        pairs = self._pairs(reading)
        if not pairs:
            return NotApplicable("no_times")
        out = []
        for index, (asked, answer, gap) in enumerate(pairs):
            limit = self.params.first_seconds if index == 0 else self.params.each_seconds
            if limit is not None and gap > limit:
                code = "first_answer_slow" if index == 0 else "answer_slow"
                params = {"seconds": round(gap, 1), "limit": limit, "answer_line": answer.line.index}
                out.append(Found(code, asked, 0, len(asked.text), "auto", 0.95, params))
        return out[:10]

    @staticmethod
    def _pairs(reading: Reading) -> list[tuple[Utterance, Utterance, float]]:
        out = []
        waiting: Utterance | None = None
        for one in reading.utterances:
            if one.side == "customer" and one.text:
                waiting = waiting or one
            elif one.side == "agent" and waiting is not None:
                gap = gap_seconds(waiting, one)
                if gap is not None:
                    out.append((waiting, one, gap))
                waiting = None
        return out


class StallingParams(OptionalLexicon):
    """More than ``max_times`` calls for help or guesses, or more than ``max_holds`` 稍等 in a row with nothing said, is for review."""

    max_times: int = Field(default=2, ge=0)
    max_holds: int = Field(default=3, ge=1)


@detector("stalling", StallingParams)
class Stalling(Detector[StallingParams]):
    """Asks around, guesses, or has the customer wait again and again without content."""

    def prepare(self, vocabulary: Vocabulary) -> None:
        certain, likely = agent_groups(vocabulary, self.params.lexicon, "ask_around")
        self.groups = [*certain, *likely]
        self.holds = cue_group(vocabulary, "hold")

    def inspect(self, reading: Reading) -> Outcome:
        if not reading.agent:
            return NotApplicable("no_agent")
        seen: dict[tuple[int, int], Mark] = {}
        for group in self.groups:
            for mark in reading.marks(group):
                if not any(m.utterance is mark.utterance and m.start < mark.end and mark.start < m.end for m in seen.values()):
                    seen[mark.utterance.turn, mark.start] = mark
        out: list[Found] = []
        if len(seen) > self.params.max_times:
            out = [found_of(seen[key], "stalling", "review", 0.65) for key in sorted(seen)]
        out.extend(self._holds(reading))
        return out[:10]

    def _holds(self, reading: Reading) -> list[Found]:
        """Runs of agent lines that say nothing but 稍等; what the customer puts in between does not count."""
        by_turn = {mark.utterance.turn: mark for mark in reading.marks(self.holds)}
        run: list[Mark] = []
        longest_run: list[Mark] = []
        for one in reading.agent:
            mark = by_turn.get(one.turn)
            if mark is not None and len(one.text) <= 16:
                run.append(mark)
            else:
                run = []
            if len(run) > len(longest_run):
                longest_run = list(run)
        if len(longest_run) <= self.params.max_holds:
            return []
        params = {"count": len(longest_run)}
        return [Found("only_hold", mark.utterance, mark.start, mark.end, "review", 0.6, params) for mark in longest_run]
