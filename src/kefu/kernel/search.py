"""Full-text search in Chinese on both databases: character-bigram phrases, newest first.

One function turns text into tokens; SQLite keeps them in FTS5, PostgreSQL in a ``tsvector`` with GIN. Two-character words,
mixed codes and the tail of a waybill are found; LIKE is never used (it loses rows on SQLite 3.40 and is slow everywhere).

Common words would make an index return hundred thousands of rows only to show fifty. So on PostgreSQL the newest rows in reach are looked
through first (cheap, bounded); how many of them match tells how far the page reaches back: a little further is walked, for rare words the
index is asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from kefu.kernel.chinese import bigrams, fts5_query, search_phrases, tsquery
from kefu.kernel.models import SearchDocument

# Rows in reach looked through first, and at most, before the index is asked.
NEWEST = 2000
FURTHER = 40_000
_MAX_TOKENS = 12000


@dataclass(frozen=True, slots=True)
class Document:
    """A thing to be found: its text in the clear for the index (tokens only are kept)."""

    object_id: int
    site_id: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of things found, newest first, and the mark to go on from (``None``: no more).

    ``marks`` go with ``ids``: the mark of a thing is where a search that showed it last goes on.
    """

    ids: list[int]
    before: int | None
    marks: tuple[int, ...] = ()


def index(kind: str, documents: Sequence[Document]) -> None:
    """Add or replace documents. Costs three statements whatever their number."""
    if not documents:
        return
    with transaction.atomic():
        SearchDocument.objects.bulk_create(
            [SearchDocument(kind=kind, object_id=d.object_id, site_id=d.site_id) for d in documents],
            update_conflicts=True,
            unique_fields=["kind", "object_id"],
            update_fields=["site_id"],
            batch_size=300,
        )
        wanted = {d.object_id: d for d in documents}
        rows = SearchDocument.objects.filter(kind=kind, object_id__in=list(wanted)).values_list("pk", "object_id")
        _store([(pk, [f"kind{kind}", *bigrams(wanted[object_id].text)[:_MAX_TOKENS]]) for pk, object_id in rows])


def remove(kind: str, object_ids: Iterable[int]) -> None:
    """Forget things."""
    rows = SearchDocument.objects.filter(kind=kind, object_id__in=list(object_ids))
    with transaction.atomic():
        if connection.vendor == "sqlite":
            with connection.cursor() as cursor:
                cursor.executemany("DELETE FROM kernel_search_fts WHERE rowid = %s", [(pk,) for pk in rows.values_list("pk", flat=True)])
        rows.delete()


def _vector(tokens: Sequence[str]) -> str:
    """``tsvector`` literal with positions; tokens hold only Han, letters and digits, so quoting is safe."""
    places: dict[str, list[int]] = {}
    for position, token in enumerate(tokens, start=1):
        slot = places.setdefault(token[:500], [])
        if len(slot) < 250:
            slot.append(min(position, 16383))
    return " ".join(f"'{token}':{','.join(map(str, slot))}" for token, slot in places.items())


def _store(rows: Sequence[tuple[int, list[str]]]) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany(
                "INSERT OR REPLACE INTO kernel_search_fts(rowid, tokens) VALUES (%s, %s)", [(pk, " ".join(tokens)) for pk, tokens in rows]
            )
            return
        cursor.execute(
            "UPDATE kernel_searchdocument AS d SET vector = v.vector::tsvector"
            " FROM (SELECT unnest(%s::bigint[]) AS id, unnest(%s::text[]) AS vector) AS v WHERE d.id = v.id",
            [[pk for pk, _ in rows], [_vector(tokens) for _, tokens in rows]],
        )


def find(kind: str, query: str, *, sites: frozenset[int] | None, limit: int, before: int | None = None) -> Found:
    """Newest things that hold every word of the query, within ``sites`` (``None``: all). An empty query finds nothing."""
    phrases = search_phrases(query)
    if not phrases or (sites is not None and not sites):
        return Found([], None)
    wanted = _Wanted(kind, phrases, sites, limit, before)
    rows = _all(wanted) if connection.vendor == "sqlite" else _nearest_first(wanted)
    marks = tuple(mark for mark, _ in rows)
    return Found([object_id for _, object_id in rows], marks[-1] if len(rows) == limit else None, marks)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A search taken apart."""

    kind: str
    phrases: list[list[str]]
    sites: frozenset[int] | None
    limit: int
    before: int | None

    def scope(self) -> tuple[str, list[Any]]:
        """The predicate of reach and place that every statement carries."""
        clause, values = "", []
        if self.sites is not None:
            clause += f" AND d.site_id IN ({', '.join(['%s'] * len(self.sites))})"
            values.extend(sorted(self.sites))
        if self.before is not None:
            clause += " AND d.id < %s"
            values.append(self.before)
        return clause, values


def _nearest_first(wanted: _Wanted) -> list[tuple[int, int]]:
    """The page from the newest rows when they fill it, from the index otherwise."""
    rows, whole = _newest(wanted, NEWEST)
    if whole or len(rows) == wanted.limit:
        return rows
    if len(rows) * FURTHER >= wanted.limit * NEWEST:
        rows, whole = _newest(wanted, min(FURTHER, wanted.limit * NEWEST * 3 // (len(rows) * 2)))
        if whole or len(rows) == wanted.limit:
            return rows
    return _all(wanted)


def _newest(wanted: _Wanted, depth: int) -> tuple[list[tuple[int, int]], bool]:
    """Matches among the newest rows in reach, about ``depth`` of them, and whether these were all there are."""
    oldest = _oldest(wanted, depth)
    upper = "" if wanted.before is None else " AND d.id < %s"
    before = [] if wanted.before is None else [wanted.before]
    inner = f"SELECT d.id, d.object_id, d.vector FROM kernel_searchdocument AS d WHERE d.kind = %s AND d.id >= %s{upper}"
    values: list[Any] = [wanted.kind, oldest, *before]
    if wanted.sites is None or len(wanted.sites) == 1:
        # In the order of one index: the walk ends with the last row of the page.
        site = " AND d.site_id = %s" if wanted.sites else ""
        source = f"({inner}{site} ORDER BY d.id DESC OFFSET 0) AS d"
        values.extend(wanted.sites or ())
    else:
        source = f"unnest(%s::bigint[]) AS s(site) CROSS JOIN LATERAL ({inner} AND d.site_id = s.site ORDER BY d.id DESC OFFSET 0) AS d"
        values.insert(0, sorted(wanted.sites))
    sql = f"SELECT d.id, d.object_id FROM {source} WHERE d.vector @@ %s::tsquery ORDER BY d.id DESC LIMIT %s"
    return _rows(sql, [*values, tsquery(wanted.phrases), wanted.limit]), oldest == 0


def _oldest(wanted: _Wanted, depth: int) -> int:
    """Id behind which lie about ``depth`` rows in reach; 0 when there are no more. Read from the index alone.

    Of several sites the one that fills its share first says how far back the look goes, so that no row of another is passed over.
    """
    upper = "" if wanted.before is None else " AND id < %s"
    before = [] if wanted.before is None else [wanted.before]
    if wanted.sites is None:
        sql = f"SELECT id, 0 FROM kernel_searchdocument WHERE kind = %s{upper} ORDER BY id DESC OFFSET %s LIMIT 1"
        found = _rows(sql, [wanted.kind, *before, depth])
    else:
        sql = (
            "SELECT coalesce(max(d.id), 0), 0 FROM unnest(%s::bigint[]) AS s(site) CROSS JOIN LATERAL (SELECT id FROM kernel_searchdocument"
            f" WHERE kind = %s AND site_id = s.site{upper} ORDER BY id DESC OFFSET %s LIMIT 1) AS d"
        )
        found = _rows(sql, [sorted(wanted.sites), wanted.kind, *before, max(depth // len(wanted.sites), 1)])
    return found[0][0] if found else 0


def _all(wanted: _Wanted) -> list[tuple[int, int]]:
    clause, values = wanted.scope()
    if connection.vendor == "sqlite":
        sql = (
            "SELECT d.id, d.object_id FROM kernel_search_fts AS f JOIN kernel_searchdocument AS d ON d.id = f.rowid"
            f" WHERE f.tokens MATCH %s{clause} ORDER BY f.rowid DESC LIMIT %s"
        )
        return _rows(sql, [f"kind{wanted.kind} AND ({fts5_query(wanted.phrases)})", *values, wanted.limit])
    # The fence keeps the planner from walking the primary key backwards through rows that rarely match.
    sql = (
        "WITH matched AS MATERIALIZED (SELECT id, object_id, site_id FROM kernel_searchdocument WHERE vector @@ %s::tsquery)"
        f" SELECT d.id, d.object_id FROM matched AS d WHERE TRUE{clause} ORDER BY d.id DESC LIMIT %s"
    )
    return _rows(sql, [f"kind{wanted.kind} & ({tsquery(wanted.phrases)})", *values, wanted.limit])


def _rows(sql: str, values: list[Any]) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [(row[0], row[1]) for row in cursor.fetchall()]
