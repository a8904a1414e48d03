"""Parcels scanned, waiting and signed for, and a signature that looks false, for the matrix of callers."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from kefu.api.tests.conftest import Caller
from kefu.conftest import NOW, Cast
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, ScanDraft

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
DAY = f"{NOW.date()}"
_OUT, _STORED, _SIGNED, _WAITING, _FALSE = (f"5570000000004{number:02d}" for number in range(5))
_COURIER = "120"


@dataclass(frozen=True)
class Scanning:
    """An answer of a gun, sign-offs by where the parcel is, a picture of one, a signature that looks false, and who delivers."""

    answer: int = 1
    signed: int = 1
    stored: int = 1
    proof: int = 1
    suspicion: int = 1
    courier: str = "1"


def sign_off(waybill: str, site: int, **more: Any) -> dict[str, Any]:
    """A sign-off by the receiver."""
    return {"waybill": waybill, "site": site, "signed_at": (NOW - timedelta(minutes=5)).isoformat(), **more}


def _gun(site: int, courier: str, number: str) -> dict[str, Any]:
    return {"site": site, "mode": "deliver", "courier": courier, "scans": [{"number": number}]}


def build(root: Caller, send_picture: Any, cast: Cast, site: int, courier: str) -> Scanning:
    """Five parcels arrived: one is out, one in store, one signed for, one waits, one was signed for without a delivery."""
    numbers = (_OUT, _STORED, _SIGNED, _WAITING, _FALSE)
    parcels.register_parcels(actor=cast.system, drafts=[ParcelDraft(one, site) for one in numbers], now=NOW - timedelta(days=1))
    batch = [ScanDraft(one, "arrive", site, NOW - timedelta(hours=3), "0") for one in numbers]
    batch += [ScanDraft(one, "deliver", site, NOW - timedelta(hours=2), "0", courier=_COURIER) for one in (_OUT, _STORED, _SIGNED)]
    batch.append(ScanDraft(_FALSE, "agent_sign", site, NOW - timedelta(hours=1), "0", courier=_COURIER))
    parcels.record_scans(actor=cast.system, batch=batch, now=NOW)
    place = {"signer": "station", "place": "南市驿站", "consent_by": "收件人", "consent_how": "phone"}
    signed = root.ok("POST", "/station/sign-offs", sign_off(_SIGNED, site))["id"]
    stored = root.ok("POST", "/station/sign-offs", sign_off(_STORED, site, **place))["id"]
    proof = send_picture(f"/station/sign-offs/{signed}/proofs", PNG)["id"]
    answer = root.ok("POST", "/station/scans", _gun(site, courier, _WAITING))["answers"][0]["id"]
    root.ok("POST", "/station/false-signs/examine", {"site": site, "day": DAY})
    suspicion = root.ok("POST", "/lists/false-signs/search", {"filter": {"pattern": "no_delivery"}})["rows"][0]["key"]
    return Scanning(answer, signed, stored, proof, int(suspicion), courier)


def requests(w: Scanning, site: int) -> dict[str, tuple[str, str, Any]]:
    """Method, address and body by operation."""
    one, false = f"/station/sign-offs/{w.signed}", f"/station/false-signs/{w.suspicion}"
    return {
        "scan_numbers": ("POST", "/station/scans", _gun(site, w.courier, "557000000000499")),
        "undo_scan": ("POST", f"/station/scans/{w.answer}/undo", {"reason": "扫错"}),
        "record_sign_off": ("POST", "/station/sign-offs", sign_off(_OUT, site)),
        "record_sign_offs": ("POST", "/station/sign-offs/many", {"sign_offs": [sign_off(_OUT, site)]}),
        "read_sign_off": ("GET", one, None),
        "change_sign_off": ("PATCH", one, {"version": 0, "relation": "父亲"}),
        "hand_out_parcel": ("POST", f"/station/sign-offs/{w.stored}/out", {"version": 0, "out_at": NOW.isoformat()}),
        "undo_sign_off": ("POST", f"{one}/undo", {"version": 0, "reason": "录错"}),
        "upload_sign_proof": ("FILE", f"{one}/proofs", PNG + b"1"),
        "download_sign_proof": ("GET", f"{one}/proofs/{w.proof}", None),
        "examine_signatures": ("POST", "/station/false-signs/examine", {"site": site, "day": DAY}),
        "clear_false_sign": ("POST", f"{false}/clear", {"reason": "已核实"}),
        "open_case_of_false_sign": ("POST", f"{false}/case", None),
        "read_sign_rate": ("GET", f"/station/sign-rate?site={site}&day={DAY}", None),
    }
