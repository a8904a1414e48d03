"""Opens a file in its format and imports it through the runner."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from kefu.conversations import actions
from kefu.conversations.checks import problem, tidy
from kefu.conversations.drafts import ConversationDraft
from kefu.conversations.imports import jddc, json_lines, tables
from kefu.conversations.imports.context import Context, Options
from kefu.conversations.imports.wording import REASONS
from kefu.kernel import imports
from kefu.kernel.actor import Actor
from kefu.kernel.encodings import detect_encoding
from kefu.kernel.errors import Invalid
from kefu.kernel.imports import Fault, Item, Outcome, Preview, Source
from kefu.kernel.models import ImportRun
from kefu.kernel.tabular import Places, check_file
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission

FORMATS = ("jsonl", "table", "jddc")
KIND = "conversations"


def detect_format(path: Path) -> str:
    """The format by the file's beginning."""
    check_file(path)
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return "table"
    text = start.decode(detect_encoding(path), "ignore").lstrip("\ufeff \r\n\t")
    if text.startswith("{"):
        return "jsonl"
    return "jddc" if text.startswith("session\tuser\tfrom_agent") else "table"


def open_source(*, actor: Actor, path: Path, options: Options, now: datetime) -> Source[ConversationDraft]:
    """The file as something to preview or run; ``options.format`` empty means: see for yourself."""
    people.require(actor, Permission.CONVERSATION_IMPORT)
    if options.format not in ("", *FORMATS):
        raise Invalid(_("未知格式：%(format)s。"), code="unknown_format", format=options.format)
    options = replace(options, format=options.format or detect_format(path))
    context = Context(options, now)
    headings, places, records = _open(path, options.format, context)
    known = people_queries.sites_by_id().keys() if actor.sites is None else actor.sites

    def store(batch: Sequence[ConversationDraft], run_id: int) -> Outcome:
        done = actions.store(actor=actor, drafts=batch, now=now, run_id=run_id)
        return Outcome(done.stored, done.present, done.refused)

    return Source(
        kind=KIND,
        path=path,
        records=records,
        store=store,
        reasons=REASONS,
        headings=headings,
        columns=places,
        check=lambda draft: problem(tidy(draft), now, known.__contains__),
        options=options.as_json(),
    )


_Records = Callable[[], Iterator[Item[ConversationDraft] | Fault]]


def _open(path: Path, form: str, context: Context) -> tuple[Sequence[str], Places, _Records]:
    if form == "jsonl":
        check_file(path)
        return ("JSON",), Places(), lambda: json_lines.records(path, context)
    if form == "jddc":
        table, places = jddc.open_jddc(path)
        return table.headings, places, lambda: jddc.records(table, places, context)
    opened = tables.open_table(path)
    return opened.table.headings, opened.places, lambda: opened.records(context)


def preview_import(*, actor: Actor, path: Path, options: Options, now: datetime) -> Preview[ConversationDraft]:
    """The beginning of the file as it would be understood; stores nothing."""
    return imports.preview(open_source(actor=actor, path=path, options=options, now=now))


def run_import(
    *,
    actor: Actor,
    path: Path,
    options: Options,
    now: datetime,
    progress: Callable[[int], None] = lambda _: None,
    batch: int = imports.BATCH,
) -> ImportRun:
    """Import the file, or go on where a run of it stopped."""
    source = open_source(actor=actor, path=path, options=options, now=now)
    return imports.run(actor=actor, source=source, now=now, progress=progress, batch=batch)
