"""How customers are told, as the handbook in force states it (``texts.notice_rules``, CASE5)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from kefu.handbook.schema import Handbook
from kefu.handbook.settings import setting
from kefu.notices import rules
from kefu.notices.vocabulary import Channel

RULES = "notice_rules"


@dataclass(frozen=True, slots=True)
class Terms:
    """The default channel; quiet hours of the local day (``None``: none); tries and the first pause; hours until a call is late."""

    default_channel: str
    quiet_from: int | None
    quiet_to: int | None
    tries_most: int
    retry_first: timedelta
    call_within: timedelta
    clause: str

    def from_when(self, now: datetime) -> datetime:
        """The earliest moment a message may go out."""
        local = timezone.localtime(now, timezone.get_default_timezone())
        return rules.allowed_at(local, self.quiet_from, self.quiet_to).astimezone(now.tzinfo)


def terms_of(book: Handbook) -> Terms:
    """The terms a handbook states; without them: by phone, one try, no quiet hours."""
    chosen = setting(book, RULES, "default_channel")
    default = str(chosen.value) if chosen and chosen.value in Channel.values else Channel.PHONE.value
    tries, first = setting(book, RULES, "tries_most"), setting(book, RULES, "retry_first_minutes")
    call = setting(book, RULES, "call_hours")
    return Terms(
        default_channel=default,
        quiet_from=_hour(book, "quiet_from_hour"),
        quiet_to=_hour(book, "quiet_to_hour"),
        tries_most=int(tries.number) if tries else 1,
        retry_first=first.span(timedelta(minutes=1)) if first else timedelta(minutes=2),
        call_within=call.span(timedelta(hours=1)) if call else timedelta(hours=4),
        clause=str(book.ref(f"texts.{RULES}")) if RULES in book.texts else "",
    )


def _hour(book: Handbook, name: str) -> int | None:
    found = setting(book, RULES, name)
    return int(found.number) if found and 0 <= found.number <= 24 else None
