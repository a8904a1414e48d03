"""What the handbook in force sets for the live check and its alarms (``texts.live_check``, ``texts.live_alarm``)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from kefu.handbook.schema import Handbook
from kefu.handbook.settings import setting
from kefu.watch.vocabulary import Measure

CHECK, ALARM = "live_check", "live_alarm"


@dataclass(frozen=True, slots=True)
class CheckTerms:
    """The measure of each item by its key, of the others ``usual``; without the clause nothing is checked."""

    items: Mapping[str, str]
    usual: Measure
    clause: str


@dataclass(frozen=True, slots=True)
class AlarmTerms:
    """How far apart alarms of one talk are, how many an agent causes within an hour, how many angry words make one; no clause: none."""

    apart: timedelta
    most: int
    angry_words: int
    clause: str


def check_terms(book: Handbook) -> CheckTerms:
    """The terms of a handbook."""
    text = book.texts.get(CHECK)
    if text is None:
        return CheckTerms({}, Measure.OFF, "")
    values = {str(name): str(value) for name, value in text.values.items()}
    usual = values.pop("default", "warn")
    return CheckTerms(values, Measure(usual) if usual in Measure.values else Measure.WARN, str(book.ref(f"texts.{CHECK}")))


def alarm_terms(book: Handbook) -> AlarmTerms:
    """The terms of a handbook."""
    apart, most = setting(book, ALARM, "apart_minutes"), setting(book, ALARM, "most_per_hour")
    words = setting(book, ALARM, "angry_words")
    clause = str(book.ref(f"texts.{ALARM}")) if ALARM in book.texts else ""
    return AlarmTerms(
        apart.span(timedelta(minutes=1)) if apart else timedelta(minutes=10),
        int(most.number) if most else 6,
        int(words.number) if words else 2,
        clause,
    )
