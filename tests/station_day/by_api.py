"""The day worked by programs: every act a call of the REST API."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from tests.station_day.day import HERE, HUB, at, waybill
from tests.station_day.files import network_file

from kefu.api.tests.conftest import BASE, Caller


class ApiPlayer:
    """Callers by who they are; numbers that the API gave are kept by what they are of."""

    def __init__(self, callers: Mapping[str, Caller], staff: Mapping[str, str], sites: Mapping[str, int]) -> None:
        self.callers, self.staff, self.sites = callers, staff, sites
        self.ids: dict[tuple[str, str], int] = {}

    def play(self, who: str, verb: str, data: Mapping[str, Any], now: datetime) -> None:
        """One act."""
        act: Callable[..., None] = getattr(self, verb)
        act(self.callers[who], now, **data)

    # what comes in

    def register(self, caller: Caller, now: datetime, parcels: Any) -> None:
        done = caller.ok("POST", "/parcels", {"parcels": [self._parcel(one) for one in parcels]})
        assert (done["stored"], done["refused"]) == (len(parcels), [])

    def _parcel(self, one: Mapping[str, Any]) -> dict[str, Any]:
        more = {"pieces": "pieces", "cod": "cod_amount", "receipt": "receipt_kind", "hub_weight": "hub_weight"}
        return {
            "waybill": waybill(one["short"]),
            "site": self.sites[one["site"]],
            "origin_site": self.sites[one.get("origin", "CB01")],
            "receiver": {name: one[name] for name in ("name", "phone", "address")},
            "goods": one["goods"],
            "weight": one["weight"],
            **{theirs: one[ours] for ours, theirs in more.items() if ours in one},
        }

    def scans(self, caller: Caller, now: datetime, rows: Any) -> None:
        done = caller.ok("POST", "/scans", {"scans": [self._scan(one) for one in rows]})
        assert (done["stored"], done["refused"]) == (len(rows), [])

    def _scan(self, one: Mapping[str, Any]) -> dict[str, Any]:
        there = {f"{way}_site": self.sites[one[way]] for way in ("previous", "next") if way in one}
        plain = {name: one[name] for name in ("bag", "truck") if name in one}
        moment = one["at"].isoformat()
        return {
            "waybill": waybill(one["number"]),
            "code": one["code"],
            "site": self.sites[one["site"]],
            "scanned_at": moment,
            **there,
            **plain,
        }

    def gun(self, caller: Caller, now: datetime, mode: str, numbers: Any, courier: str = "", **way: str) -> None:
        told = {f"{name}_site": self.sites[way[name]] for name in ("previous", "next") if name in way}
        body = {"site": self.sites[HERE], "mode": mode, "courier": self.staff.get(courier, ""), "truck": way.get("truck", ""), **told}
        body["reason"] = way.get("reason", "")
        done = caller.ok("POST", "/station/scans", {**body, "scans": [{"number": waybill(one)} for one in numbers]})
        assert done["refused"] == 0, done

    # orders

    def push(self, caller: Caller, now: datetime, order: str, sender: Any, receiver: Any, goods: str, weight: str) -> None:
        body = {"platform": "cainiao", "order_no": order, "hub": self.sites[HUB], "placed_at": now.isoformat(), "sender": sender}
        done = caller.ok("POST", "/pickups/push", {"orders": [{**body, "receiver": receiver, "goods": goods, "weight": weight}]})
        assert done[0]["outcome"] == "stored", done

    def _order(self, caller: Caller, order: str) -> int:
        found = caller.ok("GET", "/lists/pickups")["rows"]
        return int(next(one["key"] for one in found if one["values"]["order_no"] == order))

    def accept(self, caller: Caller, now: datetime, order: str) -> None:
        caller.ok("POST", f"/pickups/{self._order(caller, order)}/accept", {})

    def dispatch(self, caller: Caller, now: datetime, order: str, courier: str) -> None:
        caller.ok("POST", f"/pickups/{self._order(caller, order)}/dispatch", {"courier": self.staff[courier]})

    def collect(self, caller: Caller, now: datetime, order: str, short: str, weight: str, courier: str) -> None:
        body = {"waybill": waybill(short), "weight": weight, "courier": self.staff[courier]}
        caller.ok("POST", f"/pickups/{self._order(caller, order)}/collect", body)

    def enter(self, caller: Caller, now: datetime, short: str, sender: Any, receiver: Any, goods: str, weight: str, to: str) -> None:
        body = {"waybill": waybill(short), "site": self.sites[HERE], "sent_on": f"{now:%Y-%m-%d}", "collector": self.staff["courier"]}
        more = {"goods": goods, "weight": weight, "id_verified": True, "deliver_site": self.sites[to]}
        done = caller.ok("POST", "/entries", {"entries": [{**body, "sender": sender, "receiver": receiver, **more}]})
        assert (done["stored"], done["refused"]) == (1, []), done

    # forwarding

    def forward(self, caller: Caller, now: datetime, short: str, to: str, confirmed: str, **more: Any) -> None:
        body = {"waybill": waybill(short), "site": self.sites[HERE], "to_site": self.sites[to], **more}
        body |= {"confirmed_at": at(confirmed).isoformat(), "confirmed_by_way": "call"}
        done = caller.ok("POST", "/forwards", {"forwards": [body]})
        assert done["refused"] == [], done

    def _of(self, caller: Caller, listed: str, short: str) -> int:
        found = caller.ok("GET", f"/lists/{listed}")["rows"]
        return int(next(one["key"] for one in found if one["values"]["waybill"] == waybill(short)))

    def approve(self, caller: Caller, now: datetime, short: str) -> None:
        caller.ok("POST", f"/forwards/{self._of(caller, 'forwards', short)}/approve", {})

    def hand_on(self, caller: Caller, now: datetime, short: str, new: str) -> None:
        caller.ok("POST", f"/forwards/{self._of(caller, 'forwards', short)}/hand-on", {"new_waybill": waybill(new)})

    # problems

    def report(self, caller: Caller, now: datetime, short: str, kind: str, text: str) -> None:
        body = {"waybill": waybill(short), "kind": kind, "site": self.sites[HERE], "description": text}
        done = caller.ok("POST", "/problems", {"problems": [body]})
        assert done["refused"] == [], done

    def answer(self, caller: Caller, now: datetime, short: str, text: str) -> None:
        caller.ok("POST", f"/problems/{self._of(caller, 'problems', short)}/replies", {"text": text})

    def close(self, caller: Caller, now: datetime, short: str, result: str, text: str) -> None:
        caller.ok("POST", f"/problems/{self._of(caller, 'problems', short)}/close", {"result": result, "text": text})

    # signatures, receipts, fees

    def sign(self, caller: Caller, now: datetime, rows: Any) -> None:
        done = caller.ok("POST", "/station/sign-offs/many", {"sign_offs": [self._sign_off(one) for one in rows]})
        assert (len(done["stored"]), done["refused"]) == (len(rows), []), done

    def _sign_off(self, one: Mapping[str, Any]) -> dict[str, Any]:
        names = {"name": "signer_name", "consent": "consent_how", "cod": "cod_collected"}
        plain = {names.get(name, name): value for name, value in one.items() if name not in ("short", "clock")}
        return {"waybill": waybill(one["short"]), "site": self.sites[HERE], "signed_at": at(one["clock"]).isoformat(), **plain}

    def receipt(self, caller: Caller, now: datetime, state: int, shorts: Any, courier_no: str = "") -> None:
        steps = [{"number": waybill(one), "state": state, "courier_no": courier_no} for one in shorts]
        done = caller.ok("POST", "/receipts/steps", {"steps": steps})
        assert (done["stored"], done["refused"]) == (len(shorts), []), done

    def network(self, caller: Caller, now: datetime, rows: Any) -> None:
        self.send(caller, "network_fees", "网络派费.csv", network_file(rows), len(rows))

    def send(self, caller: Caller, kind: str, name: str, content: bytes, count: int, site: str = "") -> None:
        """A file through the intake: looked at, run, and every row taken."""
        query = f"kind={kind}" + (f"&site={self.sites[site]}" if site else "")
        response = caller.client.post(f"{BASE}/imports?{query}", {"file": SimpleUploadedFile(name, content)}, headers=caller.headers)
        assert response.status_code == 201, response.content.decode()
        look = response.json()
        assert (look["good"], look["refused"]) == (count, []), look
        done = caller.ok("POST", f"/imports/{look['ticket']}/run")
        assert (done["state"], done["stored"], done["refused"]) == ("done", count, 0), done

    # the evening

    def _keys(self, caller: Caller, kind: str, shorts: Any) -> list[str]:
        rows = caller.ok("GET", f"/monitors/differences?set={kind}&site={self.sites[HERE]}")["rows"]
        keys = {row["waybill"]: row["key"] for row in rows}
        assert sorted(keys) == [waybill(one) for one in shorts], (kind, sorted(keys))
        return [keys[waybill(one)] for one in shorts]

    def _work(self, caller: Caller, path: str, kind: str, shorts: Any, **more: str) -> None:
        done = caller.ok("POST", f"/monitors/{path}", {"set": kind, "keys": self._keys(caller, kind, shorts), **more})
        assert (len(done["done"]), done["refused"]) == (len(shorts), {}), done

    def urge(self, caller: Caller, now: datetime, set: str, shorts: Any) -> None:
        self._work(caller, "report", set, shorts, way="urge")

    def cases(self, caller: Caller, now: datetime, set: str, shorts: Any, kind: str) -> None:
        self._work(caller, "cases", set, shorts, case_kind=kind)

    def conclude(self, caller: Caller, now: datetime, set: str, shorts: Any, result: str, note: str) -> None:
        self._work(caller, "conclude", set, shorts, result=result, note=note)
