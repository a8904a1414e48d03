"""Results of payments from the bank's or platform's table: paid, failed or returned; the same file again changes nothing (CASE6)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from kefu.claims import paying
from kefu.claims.drafts import PaymentResult
from kefu.claims.errors import RESULT_REASONS
from kefu.claims.vocabulary import PayState
from kefu.kernel.actor import Actor
from kefu.kernel.cells import REASONS as CELL_REASONS
from kefu.kernel.cells import BadCell, amount_of, code_of, text_of
from kefu.kernel.errors import Message
from kefu.kernel.imports import Fault, Item, Outcome, Source
from kefu.kernel.tabular import Cell, Column, cells_of, map_columns, read_table
from kefu.people import access as people
from kefu.people.permissions import Permission

_NAMES: tuple[tuple[str, Message, str, bool], ...] = (
    ("number", _("付款编号"), "付款编号 付款单号 商户订单号 业务单号 编号 payment_no", True),
    ("outcome", _("结果"), "结果 付款结果 转账状态 处理状态 状态 交易状态 status", True),
    ("serial", _("流水号"), "流水号 交易流水号 支付宝交易号 银行流水号 交易号 serial_no", False),
    ("amount", _("金额"), "金额 付款金额 转账金额 交易金额 amount", False),
    ("reason", _("原因"), "原因 失败原因 退回原因 备注 reason", False),
)
COLUMNS = tuple(Column(name, title, tuple(names.split()), needed) for name, title, names, needed in _NAMES)
REASONS: dict[str, Message] = {**CELL_REASONS, **RESULT_REASONS}
_OUTCOMES: Mapping[str, str] = {
    **dict.fromkeys(("paid", "已付款", "成功", "转账成功", "付款成功", "交易成功", "已付"), PayState.PAID),
    **dict.fromkeys(("failed", "失败", "转账失败", "付款失败", "交易失败"), PayState.FAILED),
    **dict.fromkeys(("returned", "被退回", "退回", "退票", "已退票", "已退回"), PayState.RETURNED),
}


def result_of(row: Mapping[str, Cell]) -> PaymentResult:
    """The result a row speaks of; raises ``BadCell``."""
    said = text_of(row.get("outcome")).strip()
    return PaymentResult(
        number=code_of(row.get("number")),
        outcome=_OUTCOMES.get(said.lower(), said[:20]),
        serial=code_of(row.get("serial")),
        reason=text_of(row.get("reason")).strip(),
        amount=amount_of(row.get("amount")),
    )


def open_payment_results(*, actor: Actor, path: Path, now: datetime) -> Source[PaymentResult]:
    """A table of results to preview or run."""
    people.require(actor, Permission.CLAIM_PAY)
    table = read_table(path)
    places = map_columns(table.headings, COLUMNS)

    def records() -> Iterator[Item[PaymentResult] | Fault]:
        for row in table.rows():
            lines = [(row.number, [text_of(cell) for cell in row.cells])]
            try:
                yield Item(result_of(cells_of(row, places)), lines)
            except BadCell as bad:
                yield Fault(bad.reason, lines)

    def store(batch: Sequence[PaymentResult], _run_id: int) -> Outcome:
        done = paying.note_results(actor=actor, results=batch, now=now)
        return Outcome(len(done.stored), len(done.present), sorted(done.refused.items()))

    return Source(
        "payment_results",
        path,
        records,
        store,
        REASONS,
        headings=table.headings,
        columns=places,
        check=lambda one: None if one.outcome in PayState.values else "unknown_outcome",
    )
