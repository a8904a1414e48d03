"""The day worked by files: every system that takes tables in gets one (CSV in UTF-8 or GBK, Excel), the rest are calls of the API."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tests.station_day.by_api import ApiPlayer
from tests.station_day.day import HERE, HUB, at, waybill
from tests.station_day.files import parcel_row, scan_row, table, workbook, written

from kefu.api.tests.conftest import Caller

_MODES = {"arrive": "到件", "deliver": "派件", "send": "发件", "refuse": "拒收", "return": "退件"}
_SIGNERS = {"self": "本人", "neighbour": "邻居"}
_SIDE = (("人", "name"), ("电话", "phone"), ("地址", "address"))


class FilePlayer(ApiPlayer):
    """Where a system takes a table, a table."""

    def register(self, caller: Caller, now: datetime, parcels: Any) -> None:
        self.send(caller, "parcels", "运单.xlsx", workbook([parcel_row(one) for one in parcels]), len(parcels))

    def scans(self, caller: Caller, now: datetime, rows: Any) -> None:
        self.send(caller, "scans", "扫描.csv", table([scan_row(one) for one in rows], "gbk"), len(rows))

    def gun(self, caller: Caller, now: datetime, mode: str, numbers: Any, courier: str = "", **way: str) -> None:
        told = {"扫描方式": _MODES[mode], "派件员": self.staff.get(courier, ""), "扫描时间": written(now)}
        told |= {
            "上一站": way.get("previous", ""),
            "下一站": way.get("next", ""),
            "车签": way.get("truck", ""),
            "原因": way.get("reason", ""),
        }
        self.send(caller, "deliveries", "派件.csv", table([{"运单号": waybill(one), **told} for one in numbers]), len(numbers), HERE)

    def push(self, caller: Caller, now: datetime, order: str, sender: Any, receiver: Any, goods: str, weight: str) -> None:
        sides = {f"{word}{name}": side[key] for word, side in (("寄件", sender), ("收件", receiver)) for name, key in _SIDE}
        row = {"物流订单号": order, "平台": "菜鸟", "下单时间": written(now), **sides, "品名": goods, "重量": weight}
        self.send(caller, "pickups", "订单.csv", table([row]), 1, HUB)

    def enter(self, caller: Caller, now: datetime, short: str, sender: Any, receiver: Any, goods: str, weight: str, to: str) -> None:
        sides = {f"{word}{name}": side[key] for word, side in (("寄件", sender), ("收件", receiver)) for name, key in _SIDE}
        row = {"运单号": waybill(short), "寄件日期": f"{now:%Y-%m-%d}", "收件员": self.staff["courier"], "目的网点": to}
        self.send(caller, "entries", "录单.xlsx", workbook([{**row, **sides, "品名": goods, "重量": weight, "实名": "是"}]), 1, HERE)

    def forward(self, caller: Caller, now: datetime, short: str, to: str, confirmed: str, **more: Any) -> None:
        row = {
            "原运单号": waybill(short),
            "转件原因": "超区",
            "转件类型": "网内",
            "承接网点": to,
            "收件地址": more["address"],
            "转件费": more["fee"],
        }
        told = {"付费方": "本网点", "收件人确认时间": written(at(confirmed)), "确认方式": "电话"}
        self.send(caller, "forwards", "转件.csv", table([row | told]), 1, HERE)

    def report(self, caller: Caller, now: datetime, short: str, kind: str, text: str) -> None:
        self.send(caller, "problems", "问题件.csv", table([{"运单号": waybill(short), "问题类型": kind, "描述": text}], "gbk"), 1, HERE)

    def sign(self, caller: Caller, now: datetime, rows: Any) -> None:
        self.send(caller, "sign_offs", "签收.xlsx", workbook([self._signed(one) for one in rows]), len(rows), HERE)

    def _signed(self, one: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "运单号": waybill(one["short"]), "签收时间": written(at(one["clock"])), "签收人类型": _SIGNERS[one.get("signer", "self")],
            "签收人": one.get("name", ""), "签收情况": "部分签收" if one.get("situation") else "正常", "签收件数": one.get("pieces", ""),
            "同意人": one.get("consent_by", ""), "同意方式": "电话" if one.get("consent") else "", "代收货款实收": one.get("cod", ""),
            "备注": one.get("note", ""),
        }  # fmt: skip

    def receipt(self, caller: Caller, now: datetime, state: int, shorts: Any, courier_no: str = "") -> None:
        rows = [{"运单号": waybill(one), "环节": state, "登记时间": written(now), "寄出单号": courier_no} for one in shorts]
        self.send(caller, "receipts", "回单.csv", table(rows), len(rows))
