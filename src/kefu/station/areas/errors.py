"""Refusals of served areas. The codes are those of ``rules.REASONS``."""

from datetime import date
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Invalid
from kefu.station.areas.rules import REASONS

# Which field of a form a refusal belongs to.
FIELDS = {
    "area_region": "region",
    "area_kind": "kind",
    "area_period": "valid_to",
    "area_published": "published_on",
    "area_notice": "valid_from",
    "area_reason": "note",
    "area_overlap": "region",
    "area_surcharge": "surcharge",
    "area_too_long": "note",
}


class AreaRefused(Invalid):
    """A row that cannot be; ``fields`` names the field."""

    def __init__(self, reason: str) -> None:
        super().__init__(fields={FIELDS[reason]: REASONS[reason]}, code=reason)


class NoticeTooShort(Invalid):
    """A change before its ten days are over (R47); tells the first day it may take effect and the clause."""

    code: ClassVar[str] = "area_notice"
    message = _("派送范围变更须提前公布（%(clause)s）：%(published)s 公布的，最早 %(earliest)s 生效。")

    def __init__(self, *, published_on: date, earliest: date, clause: str) -> None:
        super().__init__(fields={"valid_from": REASONS["area_notice"]}, published=f"{published_on}", earliest=f"{earliest}", clause=clause)


class AreaEnded(Conflict):
    """The row is over already, or ends before that day."""

    code: ClassVar[str] = "area_ended"
    message = _("这条记录已经截止，不能再改；请新增一条。")
