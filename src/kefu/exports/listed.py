"""Every list of the product (``kefu.lists``) as something that can leave as a file: its columns, as people read them, all its rows."""

from collections.abc import Iterator, Sequence
from typing import Any

from kefu.exports.source import CHUNK, Rows, Source
from kefu.kernel.exporting import Column
from kefu.lists.definition import Ask, List, ListColumn, walk


def source_of(the_list: List[Any]) -> Source:
    """The list as a source of files."""

    wanted = (*the_list.columns, *the_list.file_columns)

    def columns(_ask: Ask) -> Sequence[Column]:
        return [Column(one.title, _kind(one), one.width) for one in wanted]

    def pages(ask: Ask) -> Iterator[Rows]:
        for rows in walk(lambda cursor: the_list.page(ask, cursor, CHUNK)):
            yield [[one.said(row) for one in wanted] for row in rows]

    return Source(
        the_list.key,
        the_list.title,
        the_list.permissions,
        columns,
        pages,
        {one.name: one.title for one in the_list.filters},
        personal=the_list.personal,
        clearable=the_list.clearable,
        check=the_list.clean,
        titled=the_list.titled,
        also=the_list.also,
    )


def _kind(column: ListColumn[Any]) -> Any:
    """A value said in words is text, whatever it was."""
    return column.kind if column.words is None or column.kind == "code" else "text"
