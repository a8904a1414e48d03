"""Types of filings, windows, limits and fines as the handbook in force states them (O6)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import get_language

from kefu.arbitration.vocabulary import CountsFrom
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import HandbookNotFound, NotInForce
from kefu.handbook.schema import Handbook
from kefu.handbook.schema.wording import Text
from kefu.handbook.settings import Setting, setting

_TYPE, _DESK = "arbitration_type_", "arbitration_desk"
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class FilingType:
    """A type with its window, in time since ``counts_from``; a limit that is ``None`` is not in force.

    ``after_sign``: may be filed of a signed parcel; ``proof``: the value must be shown; ``fine``: proposed to the arbiter, yuan.
    """

    key: str
    title: str
    title_en: str
    clause: str
    counts_from: str = ""
    opens_after: timedelta | None = None
    closes_after: timedelta | None = None
    after_sign: bool = True
    proof: bool = False
    fine: Decimal = Decimal(0)
    place: int = 0

    def name(self) -> str:
        """What it is called, in the reader's language."""
        return self.title_en if (get_language() or "").startswith("en") and self.title_en else self.title


@dataclass(frozen=True, slots=True)
class Terms:
    """Limits of the desk; ``None``: not in force. ``clause`` is the desk's, to store beside what follows from it."""

    types: Mapping[str, FilingType]
    reply_within: timedelta | None = None
    appeal_within: timedelta | None = None
    accused_most: int | None = None
    files_most: int | None = None
    text_most: int | None = None
    fine_most: Decimal | None = None
    clause: str = ""


def terms_at(handbook: str, now: datetime) -> Terms:
    """The terms of a site that uses this handbook; without one in force there are no types."""
    try:
        return terms_of(handbooks.book_at(handbook, now))
    except NotInForce:
        return Terms({})


def terms_of(book: Handbook) -> Terms:
    """The terms a handbook states."""
    fine = setting(book, _DESK, "fine_most")
    found = [_type(book, key, text) for key, text in book.texts.items() if key.startswith(_TYPE)]
    return Terms(
        types={one.key: one for one in sorted(found, key=lambda one: one.place)},
        reply_within=_span(setting(book, _DESK, "reply_hours"), _HOUR),
        appeal_within=_span(setting(book, _DESK, "appeal_days"), _DAY),
        accused_most=_whole(setting(book, _DESK, "accused_most")),
        files_most=_whole(setting(book, _DESK, "files_most")),
        text_most=_whole(setting(book, _DESK, "text_most")),
        fine_most=Decimal(str(fine.value)) if fine else None,
        clause=str(book.ref(f"texts.{_DESK}")) if _DESK in book.texts else "",
    )


def type_of(clause: str) -> FilingType | None:
    """The type a filing was made under, of the handbook of that day."""
    ref, _hash, path = clause.partition("#")
    try:
        return terms_of(handbooks.book(ref)).types.get(path.removeprefix(f"texts.{_TYPE}"))
    except HandbookNotFound:
        return None


def _type(book: Handbook, key: str, text: Text) -> FilingType:
    values = text.values
    counts = str(values.get("counts_from", ""))
    return FilingType(
        key=key.removeprefix(_TYPE),
        title=text.title,
        title_en=text.title_en,
        clause=str(book.ref(f"texts.{key}")),
        counts_from=counts if counts in CountsFrom.values else "",
        opens_after=_span(setting(book, key, "from_hours"), _HOUR),
        closes_after=_span(setting(book, key, "to_hours"), _HOUR),
        after_sign=bool(values.get("after_sign", True)),
        proof=bool(values.get("proof", False)),
        fine=Decimal(str(values.get("fine", 0))),
        place=_whole(setting(book, key, "place")) or 0,
    )


def _span(found: Setting | None, unit: timedelta) -> timedelta | None:
    return found.span(unit) if found else None


def _whole(found: Setting | None) -> int | None:
    return int(found.number) if found else None
