"""Reads whose statement is made once: the queries of the pages that are open all day.

To put a statement together costs Django several times what running it does, and a page has two dozen of them, the same every time but
for a few values. Here the query set is built once for each shape (who reaches what, how many, which choice) with marks where the values
go; what is kept is the statement, the places of the values and how its rows become objects: the same that the query set gives.
"""

import secrets
from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar, cast

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.query import FlatValuesListIterable, ModelIterable, ValuesListIterable, get_related_populators

T = TypeVar("T")
Value = int | str | datetime | Collection[int] | Collection[str]
Sql = tuple[str, Sequence[Any]]

# Marks that no query holds of itself; nobody can guess one and write it into a filter.
_NUMBER = (1_000_000 + secrets.randbelow(900_000)) * 1000
_TEXT = f"\N{REFERENCE MARK}{secrets.token_hex(8)}-"
_MOMENT = datetime(1907, 1, 1, tzinfo=UTC)
_MOST = 1000
# Beyond it Django looks what the column holds, and finds nothing where the database would complain.
_LARGEST = 2**31
# Lists of keys are made as long as the next of these, the last key standing again: few statements serve all lengths.
_LENGTHS = (1, 2, 4, 8, 16, 32, 64, 128, 256)


@dataclass(frozen=True, slots=True)
class _Place:
    """A value's place among the parameters: which value, which of a list, and how the driver wants it."""

    at: int
    name: str
    item: int | None
    cast: Callable[[Any], Any]


Kinds = tuple[tuple[str, type, int | None], ...]
"""Names of the values with their types; of a list its length as well."""


@dataclass(frozen=True, slots=True)
class _Statement:
    """``sql`` is empty for a query that can find nothing."""

    sql: str
    params: tuple[Any, ...]
    places: tuple[_Place, ...]
    converters: tuple[tuple[int, tuple[Any, ...], Any], ...] = ()
    make: Callable[[list[Any]], Any] = tuple

    def run(self, values: dict[str, Any]) -> list[Any]:
        if not self.sql:
            return []
        params = list(self.params)
        for place in self.places:
            value = values[place.name]
            params[place.at] = place.cast(value if place.item is None else value[place.item])
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            found = cursor.fetchall()
        return [self.make(self._converted(row)) for row in found]

    def _converted(self, given: Sequence[Any]) -> list[Any]:
        row = list(given)
        for column, converters, expression in self.converters:
            for convert in converters:
                row[column] = convert(row[column], expression, connection)
        return row


def rows(build: Callable[..., QuerySet[Any, T]], *shape: Hashable, **values: Value) -> list[T]:
    """What ``build(*shape, **values)`` finds. ``build`` is called with marks in place of the values, once per shape.

    So it decides by the shape alone, and uses a value only as what a column is compared with; a query that does anything else with one
    is asked anew each time. A list of values stands behind ``__in``. Slices and order belong into ``build``.
    """
    given, kinds = _given(values)
    statement = _query(build, connection.vendor, shape, kinds) if kinds is not None else None
    return statement.run(given) if statement is not None else list(build(*shape, **given))


def first(build: Callable[..., QuerySet[Any, T]], *shape: Hashable, **values: Value) -> T | None:
    """The first of them; ``build`` ends with ``[:1]`` unless only one can be found."""
    found = rows(build, *shape, **values)
    return found[0] if found else None


def fetch(compose: Callable[..., Sql], *shape: Hashable, **values: Value) -> list[tuple[Any, ...]]:
    """Rows of a statement that ``compose`` puts together of several query sets, by the same rules."""
    given, kinds = _given(values)
    statement = _composed(compose, connection.vendor, shape, kinds) if kinds is not None else None
    return (statement or _Statement(*_whole(compose(*shape, **given)))).run(given)


def is_kept(build: Callable[..., Any], *shape: Hashable, **values: Value) -> bool:
    """Whether the statement of it is one that is kept; for tests."""
    kinds = _given(values)[1]
    return kinds is not None and _query(build, connection.vendor, shape, kinds) is not None


def _given(values: dict[str, Any]) -> tuple[dict[str, Any], Kinds | None]:
    """The values, lists made long, and their kinds; none for an empty list, nothing at all, a number too large for a column."""
    given = {name: _long(value) if isinstance(value, (list, tuple, set, frozenset)) else value for name, value in values.items()}
    if not all(map(_fits, given.values())):
        return given, None
    kinds = ((name, type(value[0]), len(value)) if isinstance(value, list) else (name, type(value), None) for name, value in given.items())
    return given, tuple(kinds)


def _fits(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(map(_fits, value))
    return -_LARGEST < value < _LARGEST if isinstance(value, int) else value is not None


def _long(values: Any) -> list[Any]:
    found = list(values)
    wanted = next((length for length in _LENGTHS if length >= len(found)), len(found)) if found else 0
    return found + found[-1:] * (wanted - len(found))


def _adapted(value: datetime) -> Any:
    return connection.ops.adapt_datetimefield_value(value)


def _marks(kinds: Kinds) -> tuple[dict[str, Any], dict[Any, tuple[str, int | None]]]:
    """Marks by name as ``build`` takes them, and what each means as it will stand among the parameters."""
    marks: dict[str, Any] = {}
    means: dict[Any, tuple[str, int | None]] = {}

    def mark(kind: type, name: str, item: int | None) -> Any:
        number = len(means) + 1
        if issubclass(kind, datetime):
            found: Any = _MOMENT + timedelta(microseconds=number)
            means[_adapted(found)] = name, item
        else:
            found = f"{_TEXT}{number:04}" if issubclass(kind, str) else _NUMBER + number
            means[found] = name, item
        return found

    for name, kind, length in kinds:
        marks[name] = mark(kind, name, None) if length is None else [mark(kind, name, item) for item in range(length)]
    return marks, means


def _cast(param: Any) -> Callable[[Any], Any]:
    if isinstance(param, int):
        return cast(Callable[[Any], Any], type(param))
    return _adapted if str(param).startswith("1907-") else str


def _stray(param: Any) -> bool:
    """Whether a mark went into this parameter in another form."""
    text = str(param)
    return _TEXT in text or text.startswith(("1906-", "1907-", "1908-")) or str(_NUMBER // 1000) in text


def _whole(composed: Sql) -> tuple[str, tuple[Any, ...], tuple[_Place, ...]]:
    return composed[0], tuple(composed[1]), ()


def _places(params: Sequence[Any], means: dict[Any, tuple[str, int | None]]) -> tuple[_Place, ...] | None:
    """Where the values go; ``None`` when one is used in a way that is not known here."""
    places = []
    for at, param in enumerate(params):
        if isinstance(param, Hashable) and param in means:
            places.append(_Place(at, *means[param], _cast(param)))
        elif _stray(param):
            return None
    return tuple(places)


@lru_cache(maxsize=_MOST)
def _composed(compose: Callable[..., Sql], vendor: str, shape: tuple[Hashable, ...], kinds: Kinds) -> _Statement | None:  # noqa: ARG001 (the quoting is the vendor's)
    marks, means = _marks(kinds)
    sql, params = compose(*shape, **marks)
    places = _places(params, means)
    return _Statement(sql, tuple(params), places) if places is not None else None


@lru_cache(maxsize=_MOST)
def _query(build: Callable[..., QuerySet[Any, Any]], vendor: str, shape: tuple[Hashable, ...], kinds: Kinds) -> _Statement | None:  # noqa: ARG001 (the quoting is the vendor's)
    marks, means = _marks(kinds)
    asked = build(*shape, **marks)
    compiler = asked.query.get_compiler(connection=connection)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:
        return _Statement("", (), ())
    places, make = _places(params, means), _maker(asked, compiler)
    if places is None or make is None:
        return None
    converters = compiler.get_converters([column[0] for column in compiler.select])
    changed = tuple((at, tuple(found), column) for at, (found, column) in converters.items())
    return _Statement(sql, tuple(params), places, changed, make)


def _maker(asked: QuerySet[Any, Any], compiler: Any) -> Callable[[list[Any]], Any] | None:
    """What makes of a row what the query set gives; ``None`` for query sets that add to it in ways not known here."""
    inside: Any = asked
    kind = inside._iterable_class
    added = compiler.has_extra_select or inside._prefetch_related_lookups or inside._known_related_objects
    if added or (compiler.annotation_col_map and kind is ModelIterable):
        return None
    if kind is ValuesListIterable:
        return tuple
    if kind is FlatValuesListIterable:
        return lambda row: row[0]
    if kind is not ModelIterable:
        return None
    info, select = compiler.klass_info, compiler.select
    # The types are those of a later Django.
    model, start, end = info["model"], info["select_fields"][0], info["select_fields"][-1] + 1
    names = [column[0].target.attname for column in select[start:end]]
    beside = get_related_populators(info, select, connection.alias)  # type: ignore[call-arg]

    def made(row: list[Any]) -> Any:
        found = model.from_db(connection.alias, names, row[start:end])
        for one in beside:
            one.populate(row, found)
        return found

    return made
