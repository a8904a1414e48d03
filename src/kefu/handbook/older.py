"""Stored handbooks of older shapes, read by the schema of today: a version that is in force stays readable for ever (HB2)."""

from typing import Any


def of_today(tree: dict[str, Any]) -> dict[str, Any]:
    """The merged tree of a stored version in today's shape.

    Ledgers once named a condition instead of the register they are kept over (``over``); no page had shown them, so they are left out.
    """
    ledgers = tree.get("ledgers")
    if not isinstance(ledgers, dict) or all("over" in one for one in ledgers.values()):
        return tree
    return {**tree, "ledgers": {key: one for key, one in ledgers.items() if "over" in one}}
