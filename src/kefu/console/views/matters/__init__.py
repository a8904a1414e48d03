"""Entries that rooms above cases wrote into a timeline, in words. A room adds a file beside this one and its table here."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from kefu.console.views.matters import arbitration, claims, notices, regulator, shop
from kefu.console.views.matters.said import Said, Says
from kefu.handbook.schema import Handbook

_SAYS: dict[str, Says] = {**arbitration.SAYS, **claims.SAYS, **notices.SAYS, **regulator.SAYS, **shop.SAYS}


def said(data: Mapping[str, Any], book: Handbook) -> Said:
    """The line of an entry by its ``what``."""
    says = _SAYS.get(str(data.get("what", "")))
    return says(data, book) if says else Said(_("更新了工单"), "history")
