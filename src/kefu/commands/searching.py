"""``kefu search``: makes the index anew, after a restore or a change of how text is cut into tokens."""

from collections.abc import Callable, Sequence
from typing import Any

import click
from django.apps import apps
from django.utils.translation import gettext as _

from kefu.cases import queries as cases
from kefu.commands.frame import command
from kefu.commands.progress import progress
from kefu.commands.tally import Tally, tally
from kefu.conversations import queries as conversations
from kefu.kernel import search as index
from kefu.kernel.models import SearchDocument
from kefu.kernel.search import Document

_BATCH = 500


@click.group()
def search() -> None:
    """全文检索 Full-text search."""


def _customers(ids: Sequence[int]) -> list[Document]:
    rows = apps.get_model("customers", "Customer")._default_manager.filter(pk__in=ids)
    return [Document(row.pk, row.site_id, row.name) for row in rows if row.name]


def _parcels(ids: Sequence[int]) -> list[Document]:
    rows = apps.get_model("parcels", "Parcel")._default_manager.filter(pk__in=ids).values_list("pk", "site_id", "waybill")
    return [Document(pk, site_id, waybill) for pk, site_id, waybill in rows]


_KINDS: dict[str, tuple[str, Callable[[list[int]], list[Document]]]] = {
    "case": ("cases.Case", cases.search_documents),
    "conversation": ("conversations.Conversation", conversations.search_documents),
    "customer": ("customers.Customer", _customers),
    "parcel": ("parcels.Parcel", _parcels),
}


def rebuild_all() -> int:
    """Index everything anew and forget what is gone; returns documents written."""
    total = 0
    for kind, (label, documents) in _KINDS.items():
        rows: Any = apps.get_model(label)._default_manager
        with progress(_("索引 %(kind)s") % {"kind": kind}, rows.count()) as advance:
            total += _rebuild(kind, rows, documents, advance)
    return total


def _rebuild(kind: str, rows: Any, documents: Callable[[list[int]], list[Document]], advance: Callable[[int], None]) -> int:
    written, after = 0, 0
    while ids := list(rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:_BATCH]):
        known = SearchDocument.objects.filter(kind=kind, object_id__gt=after, object_id__lte=ids[-1])
        index.remove(kind, list(known.exclude(object_id__in=ids).values_list("object_id", flat=True)))
        found = documents(ids)
        index.index(kind, found)
        written, after = written + len(found), ids[-1]
        advance(len(ids))
    while gone := list(SearchDocument.objects.filter(kind=kind, object_id__gt=after).values_list("object_id", flat=True)[:_BATCH]):
        index.remove(kind, gone)
    return written


@command("rebuild")
def rebuild() -> Tally:
    """重建全文索引 Make the whole index anew; safe to run beside the server and to repeat."""
    return tally((_("索引"), rebuild_all()))


search.add_command(rebuild)
