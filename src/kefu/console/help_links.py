"""Which page of the documentation explains which page of the console."""

from functools import cache
from pathlib import Path

from django.http import HttpRequest
from django.urls import reverse

FOLDER = Path(__file__).resolve().parent / "docs"
# What the pages below an address are explained by; the longest that fits.
FOR_ADDRESS = {
    "": "getting-started",
    "desk": "cases",
    "cases": "cases",
    "calls": "calls",
    "batches": "cases",
    "exports": "operations",
    "conversations": "conversations",
    "recordings": "recordings",
    "findings": "inspection",
    "scorecards": "inspection",
    "bench": "bench",
    "penalties": "penalties",
    "alarms": "live-check",
    "coaching": "coaching",
    "clips": "coaching",
    "scorecards/board": "dashboards",
    "watch": "live-check",
    "parcels": "parcels",
    "station": "station",
    "station/scanning": "scanning",
    "station/entry": "entry",
    "station/areas": "areas",
    "station/signing": "signing",
    "station/monitors": "monitors",
    "station/problems": "problems",
    "station/tracking": "tracking",
    "station/receipts": "receipts",
    "station/fees": "fees",
    "station/pickups": "pickups",
    "review": "review",
    "review/calibration": "calibration",
    "disputes": "disputes",
    "claims": "claims",
    "customer-notices": "notices",
    "appeals": "regulator",
    "ledgers": "ledgers",
    "tasks": "departments",
    "station/forwarding": "forwarding",
    "shop": "shop",
    "shop/orders": "orders",
    "customers": "customers",
    "handbooks": "handbook",
    "day": "performance",
    "figures": "figures",
    "people": "people",
    "people/tokens": "api",
    "imports": "import",
    "audit": "operations",
    "account": "people",
    "style": "console",
    "phrases": "desk",
    "search": "keys",
}


@cache
def _named(path: str) -> str:
    while path and path not in FOR_ADDRESS:
        path = path.rpartition("/")[0]
    name = FOR_ADDRESS[path]
    return name if (FOLDER / f"{name}.md").is_file() else FOR_ADDRESS[""]


def help_address(request: HttpRequest) -> str:
    """Where the page in hand is explained."""
    # Numbers name things, not pages: without them few addresses are left to remember.
    words = [part for part in request.path.strip("/").split("/")[:2] if part.replace("-", "").isalpha()]
    return reverse("console:help-page", kwargs={"slug": _named("/".join(words))})
