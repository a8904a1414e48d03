"""Windows and consequences as the handbook that judged states them (QA7)."""

from dataclasses import dataclass

from kefu.disputes.vocabulary import Overdue
from kefu.handbook import queries as handbooks
from kefu.handbook.schema import Handbook
from kefu.handbook.settings import setting

_SETTINGS = "quality_dispute"


@dataclass(frozen=True, slots=True)
class Terms:
    """Days of each window; ``final_days`` none: the re-review is the last word. ``clause`` of the windows, ``ways`` of the consequences."""

    appeal_days: int
    review_days: int
    final_days: int | None
    overdue_review: str
    overdue_final: str
    reason_least: int
    clause: str
    ways: str


def terms_of(handbook: str, version: int) -> Terms:
    """The terms of the version that judged. Without a penalties clause nothing can be disputed (0 days)."""
    return terms(handbooks.book(f"{handbook}@{version}"))


def terms(book: Handbook) -> Terms:
    """The terms a handbook states."""
    key, policy = next(iter(book.penalties.items()), ("", None))
    return Terms(
        appeal_days=policy.appeal_days if policy else 0,
        review_days=policy.review_days if policy else 0,
        final_days=_whole(book, "final_days"),
        overdue_review=_way(book, "overdue_review", (Overdue.ACCEPT, Overdue.ESCALATE)),
        overdue_final=_way(book, "overdue_final", (Overdue.ACCEPT,)),
        reason_least=_whole(book, "reason_least") or 1,
        clause=str(book.ref(f"penalties.{key}")) if key else "",
        ways=str(book.ref(f"texts.{_SETTINGS}")) if _SETTINGS in book.texts else "",
    )


def _whole(book: Handbook, name: str) -> int | None:
    found = setting(book, _SETTINGS, name)
    return int(found.number) if found else None


def _way(book: Handbook, name: str, known: tuple[Overdue, ...]) -> str:
    found = setting(book, _SETTINGS, name)
    return str(found.value) if found and found.value in known else Overdue.NOTHING.value
