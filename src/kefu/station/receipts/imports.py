"""Steps of receipts from tables (CSV, TSV, Excel), a row each (docs/receipts.md)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from unicodedata import normalize

from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from kefu.kernel.actor import Actor
from kefu.kernel.cells import REASONS as CELL_REASONS
from kefu.kernel.cells import BadCell, amount_of, code_of, moment_of, text_of
from kefu.kernel.errors import Message
from kefu.kernel.imports import Fault, Item, Outcome, Source
from kefu.kernel.tabular import Cell, Column, cells_of, map_columns, read_table
from kefu.parcels.waybills import clean_waybill, is_waybill
from kefu.people import access as people
from kefu.people.permissions import Permission
from kefu.station.receipts import moves
from kefu.station.receipts.errors import REASONS as MOVE_REASONS
from kefu.station.receipts.moves import MoveDraft
from kefu.station.receipts.vocabulary import State

_NAMES: tuple[tuple[str, Message, str], ...] = (
    ("number", _("运单号"), "运单号 主运单号 快递单号 单号 运单编号 tracking_no"),
    ("receipt_no", _("回单号"), "回单号 回单单号 签单号"),
    ("state", _("环节"), "环节 回单状态 状态 操作类型 操作"),
    ("at", _("登记时间"), "登记时间 操作时间 时间 回单登记时间"),
    ("courier_no", _("寄出单号"), "寄出单号 回单寄出单号 快递单号2 批次单号 邮寄单号"),
    ("copies", _("份数"), "份数 回单份数 数量"),
    ("note", _("备注"), "备注 说明 remark"),
)
COLUMNS = tuple(Column(name, title, tuple(names.split()), name in ("number", "state")) for name, title, names in _NAMES)
# In a file the words behind a reason are not known: it stands without them.
_GENERAL: dict[str, Message] = {
    "receipt.skipped": _("前面的环节还没有登记，请按顺序补登记。"),
    "receipt.past": _("回单已过这个环节，不能再登记。"),
    "receipt.not_on_way": _("这票回单不经过这个环节。"),
    "receipt.elsewhere": _("这个环节由别的站点登记，您不在该站点。"),
    "receipt.too_early": _("登记时间早于上一环节，请检查时间。"),
    "receipt.number_taken": _("这个回单号已登记在别的运单上，请核对。"),
}
REASONS: dict[str, Message] = {**CELL_REASONS, **MOVE_REASONS, **_GENERAL}


def _labels() -> dict[str, int]:
    """Steps by their number and name."""
    with translation.override("zh-hans"):
        named = {str(state.label): state.value for state in State}
    return named | {str(state.value): state.value for state in State}


def move_of(row: Mapping[str, Cell], labels: Mapping[str, int], zone: tzinfo) -> MoveDraft:
    """The step a row speaks of; raises ``BadCell``."""
    word = normalize("NFKC", text_of(row.get("state"))).strip()
    state = labels.get(word) or labels.get(word.split(" ")[0].split(".")[0], 0)
    copies = amount_of(row.get("copies"))
    if copies is not None and copies != int(copies):
        raise BadCell("bad_number")
    return MoveDraft(
        number=code_of(row.get("number")),
        state=state,
        at=moment_of(row.get("at"), zone),
        courier_no=code_of(row.get("courier_no")),
        note=text_of(row.get("note")).strip(),
        receipt_no=code_of(row.get("receipt_no")),
        copies=1 if copies is None else int(copies),
    )


def _check(draft: MoveDraft) -> str | None:
    if not is_waybill(clean_waybill(draft.number)):
        return "receipt.bad_number"
    return "receipt.bad_state" if draft.state == State.UNREGISTERED else None


def open_receipts(*, actor: Actor, path: Path, now: datetime, site_id: int | None = None) -> Source[MoveDraft]:
    """A table of steps to preview or run; the sites are those of the waybills, so ``site_id`` is only kept with the run."""
    people.require(actor, Permission.RECEIPT_WORK)
    table = read_table(path)
    places = map_columns(table.headings, COLUMNS)
    labels, zone = _labels(), timezone.get_default_timezone()

    def records() -> Iterator[Item[MoveDraft] | Fault]:
        for row in table.rows():
            lines = [(row.number, [text_of(cell) for cell in row.cells])]
            try:
                yield Item(move_of(cells_of(row, places), labels, zone), lines)
            except BadCell as bad:
                yield Fault(bad.reason, lines)

    def store(batch: Sequence[MoveDraft], _run_id: int) -> Outcome:
        done = moves.note_moves(actor=actor, drafts=batch, now=now)
        return Outcome(done.stored, done.present, [(one.place, one.reason) for one in done.refused])

    return Source(
        "receipts", path, records, store, REASONS, headings=table.headings, columns=places, check=_check, options={"site_id": site_id}
    )
