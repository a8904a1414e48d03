"""Sign-off files (签收录入表): a row a parcel, with the columns of O10."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from decimal import Decimal
from pathlib import Path
from unicodedata import normalize

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.kernel.actor import Actor
from kefu.kernel.cells import REASONS as CELL_REASONS
from kefu.kernel.cells import BadCell, amount_of, code_of, moment_of, text_of
from kefu.kernel.errors import Message
from kefu.kernel.imports import Fault, Item, Outcome, Source
from kefu.kernel.tabular import Cell, Column, cells_of, map_columns, read_table
from kefu.people import access as people
from kefu.people import queries as people_queries
from kefu.people.permissions import Permission
from kefu.station.signing.drafts import SignDraft
from kefu.station.signing.reasons import REASONS as SIGN_REASONS
from kefu.station.signing.recording import sign_many
from kefu.station.signing.words import CONSENT_CODES, SIGNER_CODES, SITUATION_CODES, Signer, Situation

_NAMES: tuple[tuple[str, Message, str], ...] = (
    ("waybill", _("运单号"), "运单号 快递单号 单号 运单编号 tracking_no"),
    ("signed_at", _("签收时间"), "签收时间 时间 操作时间"),
    ("site", _("签收网点"), "签收网点 签收站点 网点 站点 网点编号"),
    ("courier", _("派件员"), "派件员 快递员 业务员 收派员 派件员工号"),
    ("signer", _("签收人类型"), "签收人类型 签收类型 签收方式"),
    ("signer_name", _("签收人"), "签收人 签收人姓名 姓名"),
    ("relation", _("与收件人关系"), "与收件人关系 关系"),
    ("situation", _("签收情况"), "签收情况 情况 签收状态"),
    ("pieces", _("签收件数"), "签收件数 部分签收件数 件数"),
    ("place", _("代收点名称"), "代收点名称 驿站 快递柜 代收点 存放点"),
    ("consent_by", _("同意人"), "同意人 谁同意"),
    ("consent_how", _("同意方式"), "同意方式"),
    ("cod", _("代收货款实收"), "代收货款实收 代收款 代收货款 实收代收"),
    ("freight", _("到付实收"), "到付实收 到付款 到付 实收到付"),
    ("note", _("备注"), "备注 说明 remark"),
)
COLUMNS = tuple(Column(f, title, tuple(names.split()), f in ("waybill", "signed_at")) for f, title, names in _NAMES)
# Words that hold the case at hand on a screen; a file of refused rows says them in general.
_IN_GENERAL: Mapping[str, Message] = {
    "before_delivery": _("签收时间早于最近一次派件扫描，请核对。"),
    "already_signed": _("已签收，不能重复签收。录错请组长撤销后重录。"),
    "courier_differs": _("派件员与派件扫描的不一致，请核对。"),
    "unpaid": _("实收少于应收。请收齐再签收；少收请先联系寄件网点改金额。"),
    "overpaid": _("实收多于应收。多收的请退给客户后改正。"),
    "collect_single": _("这票要收款，请填写代收货款实收或到付实收。"),
    "pieces_wrong": _("签收件数不对，请核对总件数。"),
    "pieces_missing": _("部分签收请填写件数。"),
    "out_before_in": _("出库时间早于入库，请核对。"),
}
REASONS: Mapping[str, Message] = {**CELL_REASONS, **SIGN_REASONS, **_IN_GENERAL}


@dataclass(frozen=True)
class _Context:
    site_id: int | None
    zone: tzinfo
    sites: Mapping[str, int]

    def site(self, cell: Cell) -> int:
        code = code_of(cell)
        return self.sites.get(code, 0) if code else self.site_id or 0


def _code(cell: Cell, codes: Mapping[str, str], empty: str) -> str:
    word = normalize("NFKC", text_of(cell)).strip()
    return codes.get(word, word) if word else empty


def _amount(cell: Cell) -> Decimal:
    return amount_of(cell) or Decimal(0)


def draft_of(row: Mapping[str, Cell], context: _Context) -> SignDraft:
    """The sign-off a row speaks of; raises ``BadCell``."""
    at = moment_of(row.get("signed_at"), context.zone)
    if at is None:
        raise BadCell("no_time")
    pieces = _amount(row.get("pieces"))
    situation = _code(row.get("situation"), SITUATION_CODES, Situation.NORMAL.value)
    return SignDraft(
        waybill=code_of(row.get("waybill")),
        site_id=context.site(row.get("site")),
        signed_at=at,
        signer=_code(row.get("signer"), SIGNER_CODES, Signer.SELF.value),
        signer_name=text_of(row.get("signer_name")).strip(),
        relation=text_of(row.get("relation")).strip(),
        courier=code_of(row.get("courier")),
        situation=situation,
        pieces=int(pieces) if situation == Situation.PARTIAL and 0 <= pieces <= 100_000 else 0,
        place=text_of(row.get("place")).strip(),
        consent_by=text_of(row.get("consent_by")).strip(),
        consent_how=_code(row.get("consent_how"), CONSENT_CODES, ""),
        cod_collected=_amount(row.get("cod")),
        freight_collected=_amount(row.get("freight")),
        note=text_of(row.get("note")).strip(),
        source="import",
    )


def open_sign_offs(*, actor: Actor, path: Path, now: datetime, site_id: int | None = None) -> Source[SignDraft]:
    """A table of sign-offs to preview or run; ``site_id`` is for rows that name no site. Without a type the receiver signed."""
    people.require(actor, Permission.PARCEL_SCAN)
    table = read_table(path)
    places = map_columns(table.headings, COLUMNS)
    sites = {site.code: pk for pk, site in people_queries.sites_by_id().items()}
    context = _Context(site_id, timezone.get_default_timezone(), sites)

    def records() -> Iterator[Item[SignDraft] | Fault]:
        for row in table.rows():
            lines = [(row.number, [text_of(cell) for cell in row.cells])]
            try:
                yield Item(draft_of(cells_of(row, places), context), lines)
            except BadCell as bad:
                yield Fault(bad.reason, lines)

    def store(batch: Sequence[SignDraft], _run_id: int) -> Outcome:
        done = sign_many(actor=actor, drafts=batch, now=now)
        return Outcome(len(done.stored), len(done.present), [(one.place, one.problems[0].code) for one in done.refused])

    options = {"site_id": site_id}
    return Source("sign_offs", path, records, store, REASONS, headings=table.headings, columns=places, options=options)
