"""What the area table says of an address, and which changes of it may be. Pure (R19, R47)."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Protocol
from unicodedata import normalize

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message
from kefu.station.areas.drafts import AreaDraft
from kefu.station.areas.vocabulary import AreaKind, Verdict

_KINDS = frozenset(AreaKind.values)
_EARLIEST = date(2000, 1, 1)
_MOST_SURCHARGE = Decimal(9_999)
MOST_REASON = 200
LEAST_REASON = 6

REASONS: dict[str, Message] = {
    "area_region": _("区划无法识别：请写到区县以下，如“浙江省杭州市西湖区文新街道”；同名区县请写明城市。"),
    "area_kind": _("派送方式只能是送货上门、到站自提、不派送或暂停派送。"),
    "area_period": _("起止日期有误：截止日期须晚于生效日期，且不早于 2000 年。"),
    "area_published": _("公布日期不能晚于今天；请先公布，再录入。"),
    "area_notice": _("派送范围变更须提前公布：生效日期离公布日期不足规定天数，请推后生效日期。"),
    "area_reason": _("暂停派送不受提前公布限制，但须写明原因（至少 6 个字），如“暴雨封路”。"),
    "area_overlap": _("同一地方在这段时间已有记录，请先截止原记录，或改用“变更”。"),
    "area_surcharge": _("加收费用须在 0 至 9999 元之间。"),
    "area_too_long": _("内容超过字段长度。"),
}


class Row(Protocol):
    """What counts of a row."""

    id: int
    site_id: int
    region: str
    depth: int
    places: str
    kind: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class Ruling:
    """A verdict and the key of the row that says so; none when no row does."""

    verdict: str
    row: int | None = None


def holds(row: Row, on: date) -> bool:
    """Whether a row is in force on a day."""
    return row.valid_from <= on and (row.valid_to is None or on < row.valid_to)


def ancestors(path: str) -> list[str]:
    """The path and everything above it, deepest first."""
    parts = path.split("/") if path else []
    return ["/".join(parts[:length]) for length in range(len(parts), 0, -1)]


def place_words(places: str) -> list[str]:
    """Roads and estates a row is narrowed to."""
    return [word for word in re.split(r"[、,，;；\s]+", places) if word]


def ruling(rows: Iterable[Row], *, path: str, address: str, on: date) -> Ruling:
    """What rows of one site say of an address: the row in force that names the smallest place counts.

    A row narrowed to roads counts before one without, where the address names one of them. A suspension lies over whatever it covers.
    When nothing covers the address itself but rows below it do, the answer is *partly*: it hangs on the street.
    """
    wanted = set(ancestors(path))
    text = normalize("NFKC", address)
    here: list[Row] = []
    below: list[Row] = []
    for row in rows:
        if not holds(row, on):
            continue
        if row.region in wanted and (not row.places or any(word in text for word in place_words(row.places))):
            here.append(row)
        elif row.region.startswith(f"{path}/") or (row.places and row.region in wanted):
            below.append(row)
    suspended = [row for row in here if row.kind == AreaKind.SUSPENDED]
    if suspended:
        return Ruling(Verdict.SUSPENDED, _smallest(suspended).id)
    if not here:
        return Ruling(Verdict.PARTLY, _smallest(below).id) if below else Ruling(Verdict.UNKNOWN)
    found = _smallest(here)
    deeper = [row for row in below if row.region.startswith(f"{path}/") and row.kind not in (found.kind, AreaKind.SUSPENDED)]
    return Ruling(Verdict.PARTLY, _smallest(deeper).id) if deeper else Ruling(found.kind, found.id)


def _smallest(rows: Sequence[Row]) -> Row:
    return max(rows, key=lambda row: (row.depth, bool(row.places), row.valid_from, row.id))


def draft_problem(draft: AreaDraft, *, today: date) -> str | None:
    """Code of the first thing wrong with a row by itself; its region is checked where it is split."""
    if draft.kind not in _KINDS:
        return "area_kind"
    if draft.valid_from < _EARLIEST or (draft.valid_to is not None and draft.valid_to <= draft.valid_from):
        return "area_period"
    if draft.published_on > today:
        return "area_published"
    if draft.kind == AreaKind.SUSPENDED and len(draft.note.strip()) < LEAST_REASON:
        return "area_reason"
    if not draft.surcharge.is_finite() or not 0 <= draft.surcharge <= _MOST_SURCHARGE:
        return "area_surcharge"
    return "area_too_long" if len(draft.places) > 200 or len(draft.note) > MOST_REASON else None


def earliest_start(published_on: date, notice_days: float | None) -> date:
    """First day a change may take effect; without a stated notice, the day it is published (R47)."""
    return published_on + timedelta(days=notice_days or 0)


def too_early(draft: AreaDraft, *, notice_days: float | None, first: bool) -> bool:
    """Whether a change takes effect before its notice is over. A site's first table is no change; a suspension is an emergency."""
    if first or notice_days is None or draft.kind == AreaKind.SUSPENDED:
        return False
    return draft.valid_from < earliest_start(draft.published_on, notice_days)


def overlaps(draft: AreaDraft, rows: Iterable[Row]) -> bool:
    """Whether rows of the same place cover part of the draft's time. Suspensions only meet suspensions."""
    suspended = draft.kind == AreaKind.SUSPENDED
    return any(
        (row.kind == AreaKind.SUSPENDED) == suspended
        and (row.valid_to is None or draft.valid_from < row.valid_to)
        and (draft.valid_to is None or row.valid_from < draft.valid_to)
        for row in rows
    )
