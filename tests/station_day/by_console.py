"""The day worked by people: every act in a real browser, each person in a window of their own. What a platform pushes comes by the API."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.station_day.by_api import ApiPlayer
from tests.station_day.day import CHINA, HERE, at, waybill
from tests.station_day.files import network_row, parcel_row, scan_row, table

from kefu.api.tests.conftest import Caller
from kefu.conftest import PASSWORD

_PRESSED = {"urge": "催上一站", "case": "开工单", "conclude": "填结果"}


def _local(moment: datetime) -> str:
    """As a field for date and time takes it."""
    return f"{moment.astimezone(CHINA):%Y-%m-%dT%H:%M}"


class ConsolePlayer:
    """People at their browsers. ``pictures``: a folder that gets a picture of the pages the docs show."""

    def __init__(
        self,
        window: Callable[[], Any],
        usernames: Mapping[str, str],
        staff: Mapping[str, str],
        sites: Mapping[str, int],
        platform: Caller,
        pictures: Path | None = None,
    ) -> None:
        self.window, self.usernames, self.staff, self.sites, self.pictures = window, usernames, staff, sites, pictures
        self.programs = ApiPlayer({"platform": platform}, staff, sites)
        self.pages: dict[str, Any] = {}

    def play(self, who: str, verb: str, data: Mapping[str, Any], now: datetime) -> None:
        """One act."""
        if who == "platform":
            self.programs.play(who, verb, data, now)
            return
        if who not in self.pages:
            self.pages[who] = self._signed_in(self.usernames[who])
        getattr(self, verb)(self.pages[who], now, **data)

    def _signed_in(self, username: str) -> Any:
        page = self.window()
        page.goto("/sign-in?next=/station")
        page.fill("#username", username)
        page.fill("#password", PASSWORD)
        page.press("#password", "Enter")
        page.wait_for_url("**/station")
        return page

    def picture(self, page: Any, name: str) -> None:
        """Keep what the page shows, for the docs."""
        if self.pictures:
            page.wait_for_timeout(400)
            page.screenshot(path=self.pictures / f"station-day-{name}.png")

    def _file(self, page: Any, kind: str, name: str, content: bytes, count: int, shot: str = "") -> None:
        page.goto(f"/imports/tables?kind={kind}")
        page.set_input_files("#file", {"name": name, "mimeType": "text/csv", "buffer": content})
        page.click("button:has-text('预览')")
        page.wait_for_selector("input[name=ticket]", state="attached")
        if shot:
            self.picture(page, shot)
        page.click("form:has(input[name=ticket]) button")
        page.wait_for_url("**/imports/tables/*")
        page.wait_for_selector(f".figure-card:has-text('存入'):has-text('{count}')")

    # what comes in

    def register(self, page: Any, now: datetime, parcels: Any) -> None:
        self._file(page, "parcels", "运单.csv", table([parcel_row(one) for one in parcels]), len(parcels), "manifest")

    def scans(self, page: Any, now: datetime, rows: Any) -> None:
        self._file(page, "scans", "扫描.csv", table([scan_row(one) for one in rows], "gbk"), len(rows))

    def gun(self, page: Any, now: datetime, mode: str, numbers: Any, courier: str = "", **way: str) -> None:
        page.goto("/station/scanning")
        if not page.is_visible(".gun-form"):
            page.click(".gun-strip")
        page.check(f"input[name=mode][value={mode}]", force=True)
        # The form shows what the chosen way of scanning needs, and only that can be filled in.
        if courier:
            page.fill("#courier", self.staff[courier])
        page.select_option("#previous", str(self.sites[way["previous"]]) if "previous" in way else "")
        if "next" in way:
            page.select_option("#next", str(self.sites[way["next"]]))
        if "reason" in way:
            page.select_option(f"#reason_{mode}", way["reason"])
        page.fill("#truck", way.get("truck", ""))
        page.click(".gun-form button[type=submit]")
        page.wait_for_selector("#gun-number:focus")
        for number in numbers:
            page.keyboard.type(waybill(number))
            page.keyboard.press("Enter")
            page.wait_for_selector(f".gun-row:not(.gun-waiting):has-text('{waybill(number)}')")
            page.wait_for_selector(f".gun-answer:has-text('{waybill(number)}')")
        if mode != "send":
            self.picture(page, f"gun-{mode}")

    # orders

    def _order(self, page: Any, order: str) -> None:
        page.goto("/station/pickups")
        page.click(f"a:has-text('{order}')")
        page.wait_for_url("**/station/pickups/*")

    def _did(self, page: Any, do: str) -> None:
        page.click(f"form:has(input[name=do][value={do}]) button[type=submit]")
        page.wait_for_selector(".toast-good")

    def accept(self, page: Any, now: datetime, order: str) -> None:
        self._order(page, order)
        self._did(page, "accept")

    def dispatch(self, page: Any, now: datetime, order: str, courier: str) -> None:
        self._order(page, order)
        page.select_option("#dispatch-courier", self.staff[courier])
        self._did(page, "dispatch")

    def collect(self, page: Any, now: datetime, order: str, short: str, weight: str, courier: str) -> None:
        self._order(page, order)
        form = "form:has(input[name=do][value=collect])"
        page.fill(f"{form} [name=waybill]", waybill(short))
        page.fill(f"{form} [name=weight]", weight)
        page.select_option("#collect-courier", self.staff[courier])
        self._did(page, "collect")

    def enter(self, page: Any, now: datetime, short: str, sender: Any, receiver: Any, goods: str, weight: str, to: str) -> None:
        page.goto("/station/entry/new")
        plain = {"waybill": waybill(short), "collector": self.staff["courier"], "goods": goods, "weight": weight}
        sides = {f"{side}_{name}": text for side, given in (("sender", sender), ("receiver", receiver)) for name, text in given.items()}
        for name, text in (plain | sides).items():
            page.fill(f"[name={name}]", text)
        page.select_option("#deliver_site", str(self.sites[to]))
        page.check("[name=id_verified]")
        page.wait_for_selector("#entry-check:has-text('2.4')")
        self.picture(page, "entry")
        page.click("button[value=next]")
        page.wait_for_selector(".toast-good")

    # forwarding

    def forward(self, page: Any, now: datetime, short: str, to: str, confirmed: str, **more: Any) -> None:
        page.goto("/station/forwarding/new")
        page.fill("#waybill", waybill(short))
        page.select_option("#reason", more["reason"])
        page.fill("#address", more["address"])
        page.check(f"input[name=way][value={more['way']}]")
        page.select_option("#to_site", str(self.sites[to]))
        page.fill("#fee", more["fee"])
        page.select_option("#payer", more["payer"])
        page.fill("#confirmed_at", _local(at(confirmed)))
        page.select_option("#contact", "call")
        page.click("button:has-text('提交审核')")
        page.wait_for_selector(".forward-steps")

    def _opened(self, page: Any, path: str, short: str) -> None:
        page.goto(path)
        page.click(f"td.lead a:has-text('{waybill(short)}')")
        page.wait_for_url(f"**{path}/*")

    def approve(self, page: Any, now: datetime, short: str) -> None:
        self._opened(page, "/station/forwarding", short)
        self.picture(page, "forward")
        page.click("#step-approve button")
        page.wait_for_selector("#step-approve", state="detached")

    def hand_on(self, page: Any, now: datetime, short: str, new: str) -> None:
        self._opened(page, "/station/forwarding", short)
        page.fill("[name=new_waybill]", waybill(new))
        page.click("#step-hand-on button")
        page.wait_for_selector("#step-hand-on", state="detached")

    # problems

    def report(self, page: Any, now: datetime, short: str, kind: str, text: str) -> None:
        page.goto("/station/problems/new")
        page.fill("#waybills", waybill(short))
        page.select_option("#kind", kind.lower())
        page.fill("#description", text)
        page.click("button:has-text('登记并通知接收网点')")
        page.wait_for_selector(".toast-good")

    def answer(self, page: Any, now: datetime, short: str, text: str) -> None:
        self._opened(page, "/station/problems", short)
        page.fill("#text", text)
        page.press("#text", "Control+Enter")
        page.wait_for_selector(f".talk >> text={text}")

    def close(self, page: Any, now: datetime, short: str, result: str, text: str) -> None:
        self._opened(page, "/station/problems", short)
        self.picture(page, "problem")
        page.select_option("#close select[name=result]", result)
        page.fill("#close-text", text)
        page.click("#close button")
        page.wait_for_selector("#close", state="detached")

    # signatures, receipts, fees

    def sign(self, page: Any, now: datetime, rows: Any) -> None:
        page.goto("/station/signing")
        for one in rows:
            page.fill("#waybill", waybill(one["short"]))
            page.select_option("#one-signer", one.get("signer", "self"))
            page.fill("#one-at", _local(at(one["clock"])))
            page.fill("#one-name", one.get("name", ""))
            page.fill("#one-by", one.get("consent_by", ""))
            page.select_option("#one-how", one.get("consent", ""))
            page.select_option("#situation", one.get("situation", "normal"))
            page.fill("#pieces", str(one.get("pieces", "")))
            page.fill("#cod_collected", one.get("cod", ""))
            page.fill("#note", one.get("note", ""))
            if one.get("signer"):
                self.picture(page, "sign")
            page.press("#note", "Control+Enter")
            page.wait_for_selector(f".toast-good:has-text('{waybill(one['short'])}')")

    def receipt(self, page: Any, now: datetime, state: int, shorts: Any, courier_no: str = "") -> None:
        page.goto("/station/receipts/note")
        page.select_option("#state", str(state))
        page.fill("#courier_no", courier_no)
        page.fill("#numbers", "\n".join(waybill(one) for one in shorts))
        page.click("#note-form button[type=submit]")
        page.wait_for_selector("#results .badge:has-text('已登记')")
        if state == 7 and self.pictures:
            self._opened(page, "/station/receipts", shorts[0])
            self.picture(page, "receipt")

    def network(self, page: Any, now: datetime, rows: Any) -> None:
        self._file(page, "network_fees", "网络派费.csv", table([network_row(one) for one in rows], "gbk"), len(rows))
        page.goto("/station/fees/network")
        page.wait_for_selector(f"text={waybill(rows[0]['short'])}")
        self.picture(page, "fees-network")
        if self.pictures:
            page.goto(f"/station/fees?site={self.sites[HERE]}")
            self.picture(page, "fees")

    # the evening

    def _bulk(self, page: Any, kind: str, shorts: Sequence[str], do: str, shot: str = "", **fields: str) -> None:
        page.goto(f"/station/monitors?set={kind}&site={self.sites[HERE]}")
        for one in shorts:
            page.check(f"tr:has-text('{waybill(one)}') .tick-cell input")
        for name, value in fields.items():
            page.locator(f"#bulk [name={name}]").evaluate("(field, value) => { field.value = value }", value)
        if shot:
            self.picture(page, shot)
        page.click(f"#bulk button[value={do}]")
        if do == "case":
            page.click("#confirm [value=yes]")
        page.wait_for_selector(".toast-good")

    def urge(self, page: Any, now: datetime, set: str, shorts: Any) -> None:
        if self.pictures:
            page.goto("/station")
            self.picture(page, "board")
        self._bulk(page, set, shorts, "urge", "monitors")

    def cases(self, page: Any, now: datetime, set: str, shorts: Any, kind: str) -> None:
        self._bulk(page, set, shorts, "case", case_kind=kind)

    def conclude(self, page: Any, now: datetime, set: str, shorts: Any, result: str, note: str) -> None:
        self._bulk(page, set, shorts, "conclude", result=result, note=note)
        if set == "unsent_arrival":
            self.picture(page, "explained")
