"""What the handbook in force says of forwarding, read once for a request."""

from datetime import datetime, timedelta
from decimal import Decimal

from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.handbook.schema import Handbook
from kefu.handbook.settings import setting
from kefu.station.forwarding.rules import Terms
from kefu.station.forwarding.vocabulary import Reason

_KEY, _PAYER, _REASONS = "station_forwarding", "station_forwarding_payer", "station_forwarding_reasons"
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def terms_at(handbook: str, now: datetime) -> Terms:
    """The terms of a site that uses this handbook; without one in force no rule is."""
    try:
        return terms_of(handbooks.book_at(handbook, now))
    except NotInForce:
        return Terms()


def terms_of(book: Handbook) -> Terms:
    """The terms a handbook states."""
    most = setting(book, _KEY, "fee_most")
    chain = setting(book, _KEY, "chain_most")
    case = setting(book, _KEY, "case")
    return Terms(
        outside_cod=_flag(book, _KEY, "outside_cod"),
        chain_most=int(chain.number) if chain else None,
        fee_most=Decimal(str(most.value)) if most else None,
        receiver_pays=_flag(book, _PAYER, "receiver_pays"),
        sender_must_be_told=bool(_flag(book, _PAYER, "sender_must_be_told")),
        wrong_claim_liable=bool(_flag(book, _KEY, "wrong_claim_liable")),
        approve_within=_span(book, "approve_hours", _HOUR),
        forward_within=_span(book, "forward_hours", _HOUR),
        sign_within=_span(book, "sign_days", _DAY),
        outside_sign_within=_span(book, "outside_sign_days", _DAY),
        collect_within=_span(book, "collect_days", _DAY),
        reason_codes=tuple((one.value, int(found.number)) for one in Reason if (found := setting(book, _REASONS, one.value)) is not None),
        case=str(case.value) if case else "",
        clause=_clause(book, _KEY),
        payer_clause=_clause(book, _PAYER),
    )


def _flag(book: Handbook, key: str, name: str) -> bool | None:
    found = setting(book, key, name)
    return bool(found.value) if found else None


def _span(book: Handbook, name: str, unit: timedelta) -> timedelta | None:
    found = setting(book, _KEY, name)
    return found.span(unit) if found else None


def _clause(book: Handbook, key: str) -> str:
    return str(book.ref(f"texts.{key}")) if key in book.texts else ""
