"""Tables with a row per utterance (CSV, TSV, Excel), under the headings people give them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from kefu.conversations.drafts import ConversationDraft
from kefu.conversations.imports.context import Context
from kefu.conversations.imports.wording import channel_of, side_of
from kefu.conversations.lines import Line, Side
from kefu.kernel.cells import BadCell, code_of, moment_of, seconds_of, text_of
from kefu.kernel.errors import Invalid, Message
from kefu.kernel.imports import Fault, Item, Lines
from kefu.kernel.tabular import Cell, Column, Places, Row, Table, cells_of, map_columns, read_table

# Larger files must have the rows of a conversation together; smaller ones are put together in memory.
IN_MEMORY_BYTES = 64 * 1024**2

_NAMES: tuple[tuple[str, Message, str], ...] = (
    ("id", _("会话编号"), "会话编号 会话ID 会话号 通话编号 通话ID 录音编号 session session_id call_id"),
    ("side", _("角色"), "角色 说话人 发言人 发送方 身份 role speaker sender"),
    ("text", _("内容"), "内容 消息 消息内容 文本 对话内容 转写文本 content message utterance"),
    ("at", _("时间"), "时间 发送时间 消息时间 发言时间 开始秒 time timestamp begin"),
    ("end", _("句末时间"), "句末时间 结束秒 发言结束"),
    ("started_at", _("开始时间"), "开始时间 会话开始时间 通话开始时间 接通时间 start_time"),
    ("ended_at", _("结束时间"), "结束时间 会话结束时间 通话结束时间 挂断时间 end_time"),
    ("staff_no", _("工号"), "工号 客服工号 坐席工号 座席工号 agent_no agent_id"),
    ("channel", _("渠道"), "渠道 来源渠道 类型"),
    ("phone", _("客户电话"), "客户电话 电话 手机号 来电号码 主叫号码 客户手机 caller"),
    ("customer_id", _("客户编号"), "客户编号 客户账号 会员名 买家昵称 旺旺 user buyer"),
    ("customer_name", _("客户姓名"), "客户姓名 客户名称 姓名 称呼"),
    ("waybill", _("运单号"), "运单号 快递单号 单号 物流单号 tracking_no"),
    ("site", _("站点编号"), "站点编号 站点 网点编号 网点 店铺编号 site_code"),
    ("disposition", _("处理结果"), "处理结果 会话小结 小结 结果"),
    ("source", _("来源"), "来源系统 来源"),
)
COLUMNS = tuple(Column(field, title, tuple(names.split()), field in ("id", "side", "text")) for field, title, names in _NAMES)
_CODES = ("id", "staff_no", "phone", "customer_id", "waybill", "site")


@dataclass(frozen=True, slots=True)
class Utterances:
    """A table opened: its headings, which column is what, and its conversations."""

    table: Table
    places: Places
    path: Path

    def records(self, context: Context) -> Iterator[Item[ConversationDraft] | Fault]:
        """Conversations in the order of their first row."""
        for rows in self._groups():
            lines: Lines = [(row.number, [text_of(cell) for cell in row.cells]) for row in rows]
            try:
                yield Item(_draft([cells_of(row, self.places) for row in rows], context), lines)
            except BadCell as bad:
                yield Fault(bad.reason, lines)
            except _UnknownRole as bad:
                yield Fault("unknown_role", lines, str(bad))

    def _key(self, row: Row) -> str:
        place = self.places["id"]
        return text_of(row.cells[place]).strip() if place < len(row.cells) else ""

    def _groups(self) -> Iterator[list[Row]]:
        if self.path.stat().st_size <= IN_MEMORY_BYTES:
            groups: dict[str, list[Row]] = {}
            for row in self.table.rows():
                groups.setdefault(self._key(row), []).append(row)
            yield from groups.values()
            return
        self._require_grouped()
        yield from self._runs()

    def _runs(self) -> Iterator[list[Row]]:
        group: list[Row] = []
        for row in self.table.rows():
            if group and self._key(row) != self._key(group[0]):
                yield group
                group = []
            group.append(row)
        if group:
            yield group

    def _require_grouped(self) -> None:
        seen: set[str] = set()
        for group in self._runs():
            key = self._key(group[0])
            if key in seen:
                raise Invalid(_("第 %(row)s 行：大文件请先按会话编号排序，同一会话的行要相邻。"), code="not_grouped", row=group[0].number)
            seen.add(key)


class _UnknownRole(Exception):
    """A word for a side that nobody knows."""


def open_table(path: Path) -> Utterances:
    """Open a table and see which column is what."""
    table = read_table(path)
    return Utterances(table, map_columns(table.headings, COLUMNS), path)


def _first(rows: Sequence[Mapping[str, Cell]], field: str) -> Cell:
    return next((cell for row in rows if (cell := row.get(field)) not in (None, "")), None)


def _draft(rows: Sequence[Mapping[str, Cell]], context: Context) -> ConversationDraft:
    codes = {field: code_of(_first(rows, field)) for field in _CODES}
    moments = [_time(row.get("at"), context) for row in rows]
    started = moment_of(_first(rows, "started_at"), context.zone)
    if started is None:
        started = min((moment for moment in moments if isinstance(moment, datetime)), default=context.day_start)
    ends = [_time(row.get("end"), context) for row in rows]
    value, kind = (codes["phone"], "phone") if codes["phone"] else (codes["customer_id"], "platform_id")
    return ConversationDraft(
        source=text_of(_first(rows, "source")) or context.options.source,
        external_id=codes["id"],
        channel=channel_of(text_of(_first(rows, "channel")) or context.options.channel),
        site_id=context.site(codes["site"]),
        started_at=started,
        lines=[
            Line(index, _side(row), text_of(row.get("text")), _offset(at, started), _offset(end, started))
            for index, (row, at, end) in enumerate(zip(rows, moments, ends, strict=True))
        ],
        ended_at=moment_of(_first(rows, "ended_at"), context.zone),
        staff_no=codes["staff_no"],
        customer_value=value,
        customer_kind=kind,
        customer_name=text_of(_first(rows, "customer_name")),
        waybill=codes["waybill"],
        disposition=text_of(_first(rows, "disposition")),
    )


def _time(cell: Cell, context: Context) -> datetime | float | None:
    """A moment, or seconds since the start."""
    seconds = seconds_of(cell)
    return moment_of(cell, context.zone) if seconds is None else seconds


def _offset(moment: datetime | float | None, started: datetime) -> float | None:
    return (moment - started) / timedelta(seconds=1) if isinstance(moment, datetime) else moment


def _side(row: Mapping[str, Cell]) -> Side:
    word = text_of(row.get("side"))
    side = side_of(word)
    if side is None:
        raise _UnknownRole(word[:40])
    return side
