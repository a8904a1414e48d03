"""Full-text search in Chinese on both databases: character-bigram phrases, newest first.

One function turns text into tokens; SQLite keeps them in FTS5, PostgreSQL in a ``tsvector`` with GIN. Two-character words,
mixed codes and the tail of a waybill are found; LIKE is never used (it loses rows on SQLite 3.40 and is slow everywhere).

Common words would make an index return hundred thousands of rows only to show fifty. So the newest rows are looked through first
(cheap, bounded), and the index is asked only when they do not fill the page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction

from kefu.kernel.chinese import bigrams, fts5_query, search_phrases, tsquery
from kefu.kernel.models import SearchDocument

NEWEST = 4000
_MAX_TOKENS = 12000


@dataclass(frozen=True, slots=True)
class Document:
    """A thing to be found: its text in the clear for the index (tokens only are kept)."""

    object_id: int
    site_id: int | None
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """Ids of things found, newest first, and the mark to go on from (``None``: no more)."""

    ids: list[int]
    before: int | None


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
    rows = _newest(kind, phrases, sites, limit, before)
    if len(rows) < limit:
        rows = _all(kind, phrases, sites, limit, before)
    return Found([object_id for _, object_id in rows], rows[-1][0] if len(rows) == limit else None)


def _scope(sites: frozenset[int] | None, before: int | None) -> tuple[str, list[Any]]:
    clause, values = "", []
    if sites is not None:
        clause += f" AND d.site_id IN ({', '.join(['%s'] * len(sites))})"
        values.extend(sorted(sites))
    if before is not None:
        clause += " AND d.id < %s"
        values.append(before)
    return clause, values


def _newest(kind: str, phrases: list[list[str]], sites: frozenset[int] | None, limit: int, before: int | None) -> list[tuple[int, int]]:
    """Matches among the newest rows only; PostgreSQL, where it saves sorting a huge match."""
    if connection.vendor == "sqlite":
        return []
    clause, values = _scope(sites, before)
    upper = "" if before is None else " AND id < %s"
    sql = (
        f"SELECT d.id, d.object_id FROM (SELECT id, object_id, site_id, vector FROM kernel_searchdocument WHERE kind = %s{upper}"
        f" ORDER BY id DESC LIMIT {NEWEST}) AS d WHERE d.vector @@ %s::tsquery{clause} ORDER BY d.id DESC LIMIT %s"
    )
    start: list[Any] = [kind] if before is None else [kind, before]
    return _rows(sql, [*start, tsquery(phrases), *values, limit])


def _all(kind: str, phrases: list[list[str]], sites: frozenset[int] | None, limit: int, before: int | None) -> list[tuple[int, int]]:
    clause, values = _scope(sites, before)
    if connection.vendor == "sqlite":
        sql = (
            "SELECT d.id, d.object_id FROM kernel_search_fts AS f JOIN kernel_searchdocument AS d ON d.id = f.rowid"
            f" WHERE f.tokens MATCH %s{clause} ORDER BY f.rowid DESC LIMIT %s"
        )
        return _rows(sql, [f"kind{kind} AND ({fts5_query(phrases)})", *values, limit])
    # The fence keeps the planner from walking the primary key backwards through rows that rarely match.
    sql = (
        "WITH matched AS MATERIALIZED (SELECT id, object_id, site_id FROM kernel_searchdocument WHERE vector @@ %s::tsquery)"
        f" SELECT d.id, d.object_id FROM matched AS d WHERE TRUE{clause} ORDER BY d.id DESC LIMIT %s"
    )
    return _rows(sql, [f"kind{kind} & ({tsquery(phrases)})", *values, limit])


def _rows(sql: str, values: list[Any]) -> list[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [(row[0], row[1]) for row in cursor.fetchall()]
