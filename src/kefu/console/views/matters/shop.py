"""What a shop's work writes into the timeline of its case, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from kefu.console.views.matters.said import Said, Says
from kefu.handbook.schema import Handbook


def _explained(_data: Mapping[str, Any], _book: Handbook) -> Said:
    return Said(_("付款未发的原因已全部查明"), "check-circle", "good")


SAYS: dict[str, Says] = {"unsent.explained": _explained}
