"""A number nobody delivered yet and an account at a carrier, for the matrix of callers."""

from dataclasses import dataclass
from typing import Any

from kefu.api.tests.conftest import Caller

ACCOUNT = {"name": "账号", "base_url": "https://carrier.example", "identity": "me", "secret": "made-up"}


@dataclass(frozen=True)
class Tracking:
    """A number of the station and an account of it."""

    number: str = "1"
    account: int = 1


def build(root: Caller, site: int, number: str) -> Tracking:
    """One account."""
    made = root.ok("POST", "/carrier-accounts", {**ACCOUNT, "name": "快递100", "site_id": site, "vendor": "kuaidi100"})
    return Tracking(number, made["id"])


def requests(w: Tracking, site: int) -> dict[str, tuple[str, str, Any]]:
    """Method, address and body by operation."""
    account = f"/carrier-accounts/{w.account}"
    return {
        "look_up_numbers": ("POST", "/tracking/lookup", {"numbers": [w.number]}),
        "read_merged_trace": ("GET", f"/tracking/{w.number}", None),
        "put_to_carriers": ("POST", "/tracking/asks", {"numbers": [w.number]}),
        "list_carrier_vendors": ("GET", "/carrier-vendors", None),
        "list_carrier_accounts": ("GET", "/carrier-accounts", None),
        "add_carrier_account": ("POST", "/carrier-accounts", {**ACCOUNT, "site_id": site, "vendor": "zto"}),
        "change_carrier_account": ("PUT", account, {**ACCOUNT, "version": 0}),
        "switch_carrier_account": ("POST", f"{account}/switch", {"on": False, "version": 0}),
        "read_callback_address": ("GET", f"{account}/callback", None),
    }
