"""The JDDC corpus of real shop chats: tab-separated, a row per message, no times, quotation marks are text."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from kefu.conversations.drafts import ConversationDraft
from kefu.conversations.imports.context import Context
from kefu.conversations.lines import Line
from kefu.kernel.cells import text_of
from kefu.kernel.imports import Fault, Item
from kefu.kernel.tabular import Column, Places, Row, Table, map_columns, read_table

COLUMNS = tuple(Column(name, name, (), required=True) for name in ("session", "user", "from_agent", "text"))
_SIDES = {"0": "customer", "1": "agent"}


def open_jddc(path: Path) -> tuple[Table, Places]:
    """Open the file and find its columns."""
    table = read_table(path, quoted=False, delimiter="\t")
    return table, map_columns(table.headings, COLUMNS)


def records(table: Table, places: Mapping[str, int], context: Context) -> Iterator[Item[ConversationDraft] | Fault]:
    """A conversation per session, in the order of their first message. One cell may hold several messages; it stays one line."""
    sessions: dict[str, list[Row]] = {}
    for row in table.rows():
        sessions.setdefault(_text(row, places["session"]), []).append(row)
    for session, rows in sessions.items():
        lines = [(row.number, [text_of(cell) for cell in row.cells]) for row in rows]
        wrong = next((side for row in rows if (side := _text(row, places["from_agent"])) not in _SIDES), None)
        if wrong is not None:
            yield Fault("unknown_role", lines, wrong[:40])
            continue
        yield Item(
            ConversationDraft(
                source="jddc",
                external_id=session,
                channel="chat",
                site_id=context.site(""),
                started_at=context.day_start,
                lines=[
                    Line(index, "agent" if _text(row, places["from_agent"]) == "1" else "customer", _text(row, places["text"]))
                    for index, row in enumerate(rows)
                ],
                customer_value=_text(rows[0], places["user"]),
                customer_kind="platform_id",
            ),
            lines,
        )


def _text(row: Row, place: int) -> str:
    return text_of(row.cells[place]) if place < len(row.cells) else ""
