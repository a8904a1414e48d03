"""Saved views of every list of the product: kept and deleted through one pair of addresses (CASE8)."""

from django.http import HttpResponse
from django.urls import reverse

from kefu.console import saved_views
from kefu.console.routes import ConsoleRequest, page
from kefu.lists import catalogue
from kefu.lists.access import require_open
from kefu.lists.shelf import shelf_of


@page("lists/<slug:key>/views/new", "list-view-new", methods=("POST",))
def list_view_new(request: ConsoleRequest, key: str) -> HttpResponse:
    """Keep the filter of a list in force, with its columns, under a name."""
    the_list = catalogue.named(key)
    require_open(request.actor, the_list)
    shelf = shelf_of(the_list)
    address = reverse(f"console:{the_list.route}", kwargs=dict(the_list.params))
    return saved_views.keep(request, shelf, address, list(shelf.columns), shelf.kept)


@page("lists/<slug:key>/views/<int:view_id>/delete", "list-view-delete", methods=("POST",))
def list_view_delete(request: ConsoleRequest, key: str, view_id: int) -> HttpResponse:
    """Take a saved view of a list away."""
    the_list = catalogue.named(key)
    require_open(request.actor, the_list)
    return saved_views.drop(request, shelf_of(the_list), reverse(f"console:{the_list.route}", kwargs=dict(the_list.params)), view_id)
