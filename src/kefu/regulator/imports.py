"""Appeals from the authority's table (CSV, Excel), a row each; the same number again changes nothing (docs/regulator.md)."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.kernel.actor import Actor
from kefu.kernel.cells import REASONS as CELL_REASONS
from kefu.kernel.cells import BadCell, code_of, moment_of, text_of
from kefu.kernel.errors import Invalid, Message, NotFound
from kefu.kernel.imports import Fault, Item, Outcome, Source
from kefu.kernel.tabular import Cell, Column, cells_of, map_columns, read_table
from kefu.people import access as people_access
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.regulator.drafts import AppealDraft
from kefu.regulator.errors import REASONS as APPEAL_REASONS
from kefu.regulator.filing import file_appeal
from kefu.regulator.terms import terms_at
from kefu.regulator.vocabulary import Party

REASONS: Mapping[str, Message] = {**CELL_REASONS, **APPEAL_REASONS}
_UNKNOWN_SITE = 0
_NAMES: tuple[tuple[str, Message, str, bool], ...] = (
    ("number", _("申诉编号"), "申诉编号 申诉单号 申诉号 编号 工单编号 appeal_no", True),
    ("waybill", _("运单号"), "运单号 快递单号 邮件号 邮件号码 单号 快件单号 tracking_no", True),
    ("kind", _("申诉类别"), "申诉类别 申诉类型 申诉内容分类 类别 类型 申诉原因", True),
    ("appellant", _("申诉人"), "申诉人 用户姓名 申诉人姓名 姓名 联系人", True),
    ("statement", _("申诉内容"), "申诉内容 申诉事由 内容 情况描述 描述", True),
    ("received_at", _("收到时间"), "收到时间 转办时间 转办日期 下发时间 申诉时间 日期", True),
    ("phone", _("联系电话"), "联系电话 电话 手机 申诉人电话", False),
    ("party", _("申诉人身份"), "申诉人身份 身份 用户类型", False),
    ("demand", _("诉求"), "诉求 申诉诉求 申诉要求 要求", False),
    ("posted_on", _("寄件日期"), "寄件日期 收寄日期 交寄日期 寄递时间", False),
    ("complained_at", _("投诉时间"), "投诉时间 向企业投诉时间 投诉日期", False),
    ("site", _("网点"), "网点 被申诉网点 被申诉企业 责任网点 网点编号 site_code", False),
)
COLUMNS = tuple(Column(name, title, tuple(names.split()), needed) for name, title, names, needed in _NAMES)
_PARTIES = {**{str(label): value for value, label in Party.choices}, **{value: value for value in Party.values}, "": Party.RECIPIENT.value}


def _draft(row: Mapping[str, Cell], sites: Mapping[str, int], kinds: Mapping[str, str], site_id: int | None) -> AppealDraft:
    """The appeal a row speaks of; raises ``BadCell``."""
    zone = timezone.get_default_timezone()
    received, site = moment_of(row.get("received_at"), zone), text_of(row.get("site")).strip()
    if received is None:
        raise BadCell("bad_time")
    posted, said = moment_of(row.get("posted_on"), zone), text_of(row.get("kind")).strip()
    party = text_of(row.get("party")).strip()
    return AppealDraft(
        number=code_of(row.get("number")),
        waybill=code_of(row.get("waybill")),
        kind=kinds.get(said, said[:30]),
        appellant=text_of(row.get("appellant")).strip(),
        statement=text_of(row.get("statement")).strip(),
        received_at=received,
        phone=code_of(row.get("phone")),
        party=_PARTIES.get(party, party[:10]),
        demand=text_of(row.get("demand")).strip(),
        posted_on=timezone.localtime(posted, zone).date() if posted else None,
        complained_at=moment_of(row.get("complained_at"), zone),
        site_id=sites.get(site, _UNKNOWN_SITE) if site else site_id,
    )


def open_appeals(*, actor: Actor, path: Path, now: datetime, site_id: int | None = None) -> Source[AppealDraft]:
    """A table of appeals to preview or run; ``site_id`` is that of rows that name none. Kinds are named as the handbook names them."""
    people_access.require(actor, Permission.REGULATOR_WORK)
    table = read_table(path)
    places = map_columns(table.headings, COLUMNS)
    reached = {pk: site for pk, site in people.sites_by_id().items() if actor.reaches(pk)}
    sites = {name: pk for pk, site in reached.items() for name in (site.name, site.code)}
    books = {site.handbook for site in reached.values()}
    kinds = {name: one.key for book in books for one in terms_at(book, now).kinds.values() for name in (one.title, one.key, one.title_en)}

    def records() -> Iterator[Item[AppealDraft] | Fault]:
        for row in table.rows():
            lines = [(row.number, [text_of(cell) for cell in row.cells])]
            try:
                yield Item(_draft(cells_of(row, places), sites, kinds, site_id), lines)
            except BadCell as bad:
                yield Fault(bad.reason, lines)

    def store(batch: Sequence[AppealDraft], _run_id: int) -> Outcome:
        return _stored(actor, batch, now)

    def check(one: AppealDraft) -> str | None:
        return None if not one.kind or one.kind in kinds.values() else "unknown_kind"

    return Source(
        "appeals", path, records, store, REASONS, headings=table.headings, columns=places, options={"site_id": site_id}, check=check
    )


def _stored(actor: Actor, batch: Sequence[AppealDraft], now: datetime) -> Outcome:
    stored, present, refused = 0, 0, []
    for place, one in enumerate(batch):
        try:
            file_appeal(actor=actor, draft=one, now=now)
            stored += 1
        except Invalid as error:
            if error.reason == "known_number":
                present += 1
            else:
                refused.append((place, error.reason))
        except NotFound:
            refused.append((place, "no_site"))
    return Outcome(stored, present, refused)
