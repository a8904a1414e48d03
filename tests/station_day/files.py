"""Tables as stations and carriers hand them in: the day's rows with Chinese headings."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from tests.station_day.day import CHINA, HERE, NORTH, waybill


def written(moment: datetime) -> str:
    """A moment as tables write it."""
    return f"{moment.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


def table(rows: Sequence[Mapping[str, Any]], encoding: str = "utf-8") -> bytes:
    """A CSV file of rows with the same headings."""
    heads = list(dict.fromkeys(name for row in rows for name in row))
    lines = [",".join(heads), *(",".join(str(row.get(name, "")) for name in heads) for row in rows)]
    return "\n".join(lines).encode(encoding)


def workbook(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The same as Excel, everything as text as carriers export it."""
    heads = list(dict.fromkeys(name for row in rows for name in row))
    kept = BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for place, line in enumerate((heads, *([row.get(name, "") for name in heads] for row in rows))):
            for column, cell in enumerate(line):
                sheet.write_string(place, column, str(cell))
    return kept.getvalue()


def parcel_row(one: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the manifest's waybills."""
    return {
        "运单号": waybill(one["short"]), "派件网点": one["site"], "寄件网点": one.get("origin", NORTH), "收件人": one["name"],
        "收件电话": one["phone"], "收件地址": one["address"], "品名": one["goods"], "重量": one["weight"], "件数": one.get("pieces", 1),
        "代收货款": one.get("cod", ""), "回单": "原件" if one.get("receipt") else "", "中心重量": one.get("hub_weight", ""),
    }  # fmt: skip


def scan_row(one: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the network's scans."""
    there = {"上一站": one.get("previous", ""), "下一站": one.get("next", ""), "包号": one.get("bag", ""), "车签": one.get("truck", "")}
    return {"运单号": waybill(one["number"]), "扫描类型": one["code"], "扫描时间": written(one["at"]), "扫描网点": one["site"], **there}


def network_row(one: Mapping[str, Any]) -> dict[str, Any]:
    """A line of the network's statement of fees."""
    sums = {"计费重量": one["weight"], "基础派费": one["base"], "大货派费": one["heavy"], "合计": one["total"]}
    return {"运单号": waybill(one["short"]), "派件网点": HERE, "月份": "2026-11", **sums}


def network_file(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """The network's statement as it sends it: GBK."""
    return table([network_row(one) for one in rows], "gbk")
