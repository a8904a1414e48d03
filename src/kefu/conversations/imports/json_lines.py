"""One conversation per line of JSON: the documented format for other systems."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kefu.conversations.drafts import ConversationDraft
from kefu.conversations.imports.context import Context
from kefu.conversations.imports.wording import channel_of, side_of
from kefu.conversations.lines import Line
from kefu.kernel.imports import Fault, Item
from kefu.kernel.tabular import JsonLine, read_json_lines


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class LineIn(_Model):
    """An utterance. ``at`` and ``end`` are seconds from the start, or moments with a zone."""

    side: str
    text: str
    at: float | datetime | None = None
    end: float | datetime | None = None


class CustomerIn(_Model):
    """Who spoke with us, as far as the source knows: a phone, else an account of its own."""

    phone: str = ""
    id: str = ""
    name: str = ""


class ConversationIn(_Model):
    """A conversation. ``id`` is unique within ``source``; ``site`` is a site code."""

    id: str
    source: str = ""
    channel: str = ""
    site: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    staff_no: str = ""
    customer: CustomerIn = Field(default_factory=CustomerIn)
    waybill: str = ""
    disposition: str = ""
    language: str = "zh"
    recording: str = ""
    ended_by: str | None = None
    transferred_in: bool | None = None
    transferred_out: bool | None = None
    lines: list[LineIn]


class _Bad(Exception):
    """The line is no conversation: reason and detail."""


def records(path: Path, context: Context) -> Iterator[Item[ConversationDraft] | Fault]:
    """Conversations and broken lines in the order of the file."""
    for line in read_json_lines(path):
        lines = [(line.number, [line.text])]
        try:
            yield Item(_draft(line, context), lines)
        except _Bad as bad:
            yield Fault(bad.args[0], lines, bad.args[1])


def _draft(line: JsonLine, context: Context) -> ConversationDraft:
    if line.broken:
        raise _Bad("broken_json", "")
    try:
        given = ConversationIn.model_validate(line.value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise _Bad("bad_shape", ".".join(map(str, first["loc"])) or "{}") from error
    started = _aware(given.started_at, context) or _first_moment(given, context) or context.day_start
    value, kind = (given.customer.phone, "phone") if given.customer.phone else (given.customer.id, "platform_id")
    facts = {"ended_by": given.ended_by, "transferred_in": given.transferred_in, "transferred_out": given.transferred_out}
    return ConversationDraft(
        source=given.source or context.options.source,
        external_id=given.id,
        channel=channel_of(given.channel or context.options.channel),
        site_id=context.site(given.site),
        started_at=started,
        lines=[_line(index, one, started, context) for index, one in enumerate(given.lines)],
        ended_at=_aware(given.ended_at, context),
        staff_no=given.staff_no,
        customer_value=value,
        customer_kind=kind,
        customer_name=given.customer.name,
        waybill=given.waybill,
        disposition=given.disposition,
        language=given.language,
        recording=given.recording,
        facts={name: fact for name, fact in facts.items() if fact is not None},
    )


def _aware(moment: datetime | None, context: Context) -> datetime | None:
    return moment.replace(tzinfo=context.zone) if moment is not None and moment.tzinfo is None else moment


def _first_moment(given: ConversationIn, context: Context) -> datetime | None:
    moments = [moment for line in given.lines if isinstance(line.at, datetime) and (moment := _aware(line.at, context))]
    return min(moments, default=None)


def _line(index: int, given: LineIn, started: datetime, context: Context) -> Line:
    side = side_of(given.side)
    if side is None:
        raise _Bad("unknown_role", given.side[:40])
    return Line(index, side, given.text, _offset(given.at, started, context), _offset(given.end, started, context))


def _offset(moment: float | datetime | None, started: datetime, context: Context) -> float | None:
    if isinstance(moment, datetime):
        aware = _aware(moment, context)
        return (aware - started).total_seconds() if aware else None
    return moment
