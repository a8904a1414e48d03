"""A list as the saved views know it (CASE8)."""

from collections.abc import Mapping
from typing import Any

from kefu.desk.shelves import Shelf
from kefu.lists.definition import List


def shelf_of(the_list: List[Any]) -> Shelf:
    """Where the views of a list are kept. What is personal in a filter is not kept: a view may be everybody's."""
    private = {one.name for one in the_list.filters if one.private}

    def check(given: Mapping[str, Any]) -> dict[str, str]:
        return the_list.clean(_public(given, private))

    def kept(given: Mapping[str, Any]) -> dict[str, str]:
        return the_list.kept(_public(given, private))

    return Shelf(the_list.key, the_list.permissions, check, kept, [one.key for one in the_list.columns], the_list.views)


def _public(given: Mapping[str, Any], private: set[str]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name not in private}
