"""A problem between two sites, and a request to forward at every step, for the matrix of callers."""

from dataclasses import dataclass
from typing import Any

from kefu.api.tests.conftest import Caller
from kefu.conftest import NOW

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
_STEPS = (("confirm", {"at": NOW.isoformat(), "way": "call"}), ("approve", {}), ("hand-on", {}), ("sign", {"at": NOW.isoformat()}))


@dataclass(frozen=True)
class Problems:
    """A problem, a picture of it, the other site and one more; requests to forward by the state they wait in."""

    problem: int = 1
    picture: int = 1
    other: int = 1
    third: int = 1
    requested: int = 1
    confirmed: int = 1
    approved: int = 1
    forwarded: int = 1
    signed: int = 1


def problem(waybill: str, site: int, other: int) -> dict[str, Any]:
    """A problem as a program reports it."""
    return {"waybill": waybill, "kind": "PR211", "site": site, "receiver": other, "description": "联系不上收件人"}


def forward(waybill: str, site: int) -> dict[str, Any]:
    """A request that the receiver collects the parcel."""
    return {"waybill": waybill, "reason": "out_of_area", "way": "self", "site": site}


def build(root: Caller, send_picture: Any, site: int, other: int, third: int) -> Problems:
    """One problem with a picture, one request at each step."""
    made = root.ok("POST", "/problems", {"problems": [problem("557000000000211", site, other)]})["stored"]["0"]
    picture = send_picture(f"/problems/{made}/pictures", PNG)["lines"][0]["pictures"][0]["id"]
    found = [_forwarded(root, f"55700000000030{done}", site, done) for done in range(5)]
    return Problems(made, picture, other, third, *found)


def _forwarded(root: Caller, waybill: str, site: int, done: int) -> int:
    root.ok("POST", "/parcels", {"parcels": [{"waybill": waybill, "site": site}]})
    number: int = root.ok("POST", "/forwards", {"forwards": [forward(waybill, site)]})["stored"]["0"]
    for step, body in _STEPS[:done]:
        root.ok("POST", f"/forwards/{number}/{step}", body)
    return number


def requests(w: Problems, site: int) -> dict[str, tuple[str, str, Any]]:
    """Method, address and body by operation."""
    one = f"/problems/{w.problem}"
    return {
        "list_problem_types": ("GET", f"/problems/types?site={site}", None),
        "read_problem_receiver": ("GET", f"/problems/receiver?waybill=557000000000211&site={site}", None),
        "report_problems": ("POST", "/problems", {"problems": [problem("557000000000212", site, w.other)]}),
        "read_problem": ("GET", one, None),
        "reply_problem": ("POST", f"{one}/replies", {"text": "请再联系一次"}),
        "add_problem_picture": ("FILE", f"{one}/pictures", PNG + b"1"),
        "read_problem_picture": ("GET", f"{one}/pictures/{w.picture}", None),
        "mark_problem_read": ("POST", f"{one}/read", None),
        "close_problem": ("POST", f"{one}/close", {"result": "found"}),
        "cancel_problem": ("POST", f"{one}/cancel", {"reason": "录错"}),
        "pass_problem": ("POST", f"{one}/pass", {"receiver": w.third, "reason": "在分拨"}),
        "escalate_problem_to_case": ("POST", f"{one}/case", None),
        "request_forwards": ("POST", "/forwards", {"forwards": [forward("557000000000211", site)]}),
        "read_forward": ("GET", f"/forwards/{w.requested}", None),
        "confirm_forward": ("POST", f"/forwards/{w.requested}/confirm", {"at": NOW.isoformat(), "way": "call"}),
        "approve_forward": ("POST", f"/forwards/{w.confirmed}/approve", {}),
        "refuse_forward": ("POST", f"/forwards/{w.confirmed}/refuse", {"text": "在范围内"}),
        "withdraw_forward": ("POST", f"/forwards/{w.requested}/withdraw", {"text": "不转了"}),
        "hand_on_forward": ("POST", f"/forwards/{w.approved}/hand-on", {}),
        "sign_forward": ("POST", f"/forwards/{w.forwarded}/sign", {"at": NOW.isoformat()}),
        "settle_forward": ("POST", f"/forwards/{w.signed}/settle", {"fee": "0", "payer": "own"}),
        "escalate_forward_to_case": ("POST", f"/forwards/{w.requested}/case", None),
    }
