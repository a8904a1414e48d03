"""Served areas, an entered waybill and a number nobody used, for the matrix of callers."""

from dataclasses import dataclass
from typing import Any

from kefu.api.tests.conftest import Caller
from kefu.conftest import NOW

ADDRESS = "江苏省南京市江宁区东山街道竹山路1号"
DAY = f"{NOW.date()}"
_ROW = {"region": "江苏省南京市江宁区", "kind": "home", "valid_from": "2026-01-01", "published_on": "2025-12-01"}
ENTERED, _NEW, _VOID, _COLLECTED = (f"5570000000005{number:02d}" for number in range(4))


@dataclass(frozen=True)
class Entries:
    """A row of the station's area table."""

    area: int = 1


def entry(waybill: str, site: int) -> dict[str, Any]:
    """A waybill as a program enters it."""
    return {
        "waybill": waybill,
        "site": site,
        "sent_on": DAY,
        "collector": "C01",
        "goods": "衣服",
        "weight": "1.2",
        "sender": {"name": "赵寄件", "phone": "13900001111"},
        "receiver": {"name": "钱收件", "phone": "13812345678", "address": ADDRESS},
        "id_verified": True,
    }


def build(root: Caller, site: int) -> Entries:
    """A table of one row, one waybill entered."""
    done = root.ok("POST", "/areas", {"site": site, "areas": [_ROW]})
    assert done["stored"] == 1
    done = root.ok("POST", "/entries", {"entries": [entry(ENTERED, site)]})
    assert done["stored"] == 1, done
    return Entries(root.ok("POST", "/areas/served", {"site": site, "address": ADDRESS})["area"]["id"])


def requests(w: Entries, site: int) -> dict[str, tuple[str, str, Any]]:
    """Method, address and body by operation."""
    area, entered = f"/areas/{w.area}", f"/entries/{ENTERED}"
    changed = {"kind": "none", "published_on": DAY, "valid_from": "2027-06-01", "version": 0}
    taken = {"site": site, "collector": "C01", "collected_at": NOW.isoformat(), "parcels": [{"waybill": _COLLECTED, "weight": "1.2"}]}
    return {
        "split_address": ("POST", "/addresses/split", {"text": f"钱收件 13812345678 {ADDRESS}"}),
        "ask_served": ("POST", "/areas/served", {"site": site, "address": ADDRESS}),
        "ask_serving": ("POST", "/areas/serving", {"address": ADDRESS}),
        "add_areas": ("POST", "/areas", {"site": site, "areas": [{**_ROW, "region": "江苏省南京市鼓楼区"}]}),
        "read_area": ("GET", area, None),
        "change_area": ("POST", f"{area}/change", changed),
        "end_area": ("POST", f"{area}/end", {"valid_to": "2027-09-01", "published_on": DAY, "version": 0}),
        "check_entry": ("POST", "/entries/check", entry(_NEW, site)),
        "enter_waybills": ("POST", "/entries", {"entries": [entry(_NEW, site)]}),
        "read_entry": ("GET", entered, None),
        "change_entry": ("PUT", entered, {**entry(ENTERED, site), "goods": "鞋", "version": 0}),
        "list_entry_changes": ("GET", f"{entered}/changes", None),
        "void_waybills": ("POST", "/void-numbers", {"site": site, "waybills": [_VOID], "reason": "面单打印坏了"}),
        "collect_parcels": ("POST", "/collections", taken),
        "read_entry_rate": ("GET", f"/entries/figures/rate?day_from={DAY}&day_to={DAY}&site={site}", None),
    }
