"""Finding the headings of a carrier's export: below a title, in two rows with merged groups, among a hundred columns (PLAT2)."""

from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from kefu.kernel.cells import text_of
from kefu.kernel.tabular import Cell, Row, Table, heading_key

_LOOK = 6
_LONGEST_HEADING = 20
_GROUP_ENDS = ("信息", "资料", "方", "栏")


def headed(table: Table, key_names: Collection[str], known: Collection[str]) -> Table:
    """The table with its real headings: the first row that has one of ``key_names``, groups of a row above or below put in front.

    ``known`` are all names a heading may have; a table whose first row is its headings comes back as it is.
    """
    keys = {heading_key(name) for name in key_names}
    first = [*_texts(table.headings)]
    top = [Row(0, first), *islice(table.rows(), _LOOK)]
    place = next((at for at, row in enumerate(top) if keys & {heading_key(text) for text in _texts(row.cells)}), None)
    if place is None:
        return table
    here = _texts(top[place].cells)
    below = _texts(top[place + 1].cells) if place + 1 < len(top) else []
    if _is_second_row(here, below, keys):
        return _below(table, _joined(here, below, known), place + 1)
    above = _texts(top[place - 1].cells) if place else []
    if sum(map(bool, above)) > 1:
        return _below(table, _joined(above, here, known), place)
    return table if place == 0 else _below(table, here, place)


def _texts(cells: Sequence[Cell]) -> list[str]:
    return [text_of(cell).strip() for cell in cells]


def _is_second_row(here: Sequence[str], below: Sequence[str], keys: set[str]) -> bool:
    """Whether a row goes on with the headings: short words without numbers, and nothing under the key column."""
    filled = [text for text in below if text]
    if not filled or any(len(text) > _LONGEST_HEADING or any(character.isdigit() for character in text) for text in filled):
        return False
    under = [below[at] for at, text in enumerate(here) if heading_key(text) in keys and at < len(below)]
    return not any(under) and any(not text for text in here)


def _joined(groups: Sequence[str], names: Sequence[str], known: Collection[str]) -> list[str]:
    """Names with their group in front: 收件信息 over 电话 is 收件电话, when that is a heading somebody knows."""
    keys = {heading_key(name) for name in known}
    found: list[str] = []
    group = ""
    for at in range(max(len(groups), len(names))):
        own = groups[at] if at < len(groups) else ""
        name = names[at] if at < len(names) else ""
        group = own or group
        if not name:
            found.append(own)
            continue
        found.append(next((one for one in _ways(group, name) if heading_key(one) in keys), f"{group}{name}"))
    return found


def _ways(group: str, name: str) -> Iterator[str]:
    yield f"{group}{name}"
    for end in _GROUP_ENDS:
        if group.endswith(end):
            yield f"{group.removesuffix(end)}{name}"
            yield f"{group.removesuffix(end)}人{name}"
    yield name


def _below(table: Table, headings: Sequence[str], place: int) -> Table:
    """The table with these headings and the rows below the ``place``-th (0: the first row of the file)."""
    return Table(tuple(headings), lambda: islice(table.rows(), place, None))
