"""Every list, by key. A list joins by being imported here."""

from collections.abc import Mapping
from typing import Any

from kefu.kernel.errors import NotFound
from kefu.lists import ledgers
from kefu.lists.arbitration import ARBITRATIONS, MOVES
from kefu.lists.calibration import CALIBRATIONS
from kefu.lists.claims import CLAIMS, PAYMENTS
from kefu.lists.coaching import CLIPS, NOTES
from kefu.lists.customers import CUSTOMERS
from kefu.lists.definition import List
from kefu.lists.disputes import DISPUTES
from kefu.lists.figures import FIGURES
from kefu.lists.notices import NOTICES
from kefu.lists.parcels import PARCELS
from kefu.lists.penalties import PENALTIES, PENALTY_SHEETS
from kefu.lists.recordings import RECORDINGS
from kefu.lists.regulator import APPEALS
from kefu.lists.review import REVIEWS
from kefu.lists.shop.orders import ORDERS
from kefu.lists.shop.work import ENQUIRIES, REMINDERS, SALE_LIST, SHOP_URGES, TROUBLES, UNPAID, UNSENT
from kefu.lists.station.areas import AREAS
from kefu.lists.station.entry import COLLECTIONS, ENTRIES, VOIDS
from kefu.lists.station.fees import FEES, NETWORK_FEES, STATEMENTS
from kefu.lists.station.forwarding import FORWARDS
from kefu.lists.station.monitors import DIFFERENCES
from kefu.lists.station.pickups import PICKUPS
from kefu.lists.station.problems import PROBLEMS
from kefu.lists.station.receipts import RECEIPTS
from kefu.lists.station.scanning import GUN_ANSWERS
from kefu.lists.station.signing import FALSE_SIGNS, SIGN_OFFS
from kefu.lists.station.tracking import TRACKING, TRACKING_ASKS
from kefu.lists.watch import ALARMS

_ALL: tuple[List[Any], ...] = (
    PARCELS,
    CUSTOMERS,
    RECORDINGS,
    NOTICES,
    CLAIMS,
    PAYMENTS,
    GUN_ANSWERS,
    SIGN_OFFS,
    FALSE_SIGNS,
    ENTRIES,
    COLLECTIONS,
    VOIDS,
    AREAS,
    PROBLEMS,
    PICKUPS,
    DIFFERENCES,
    FORWARDS,
    FEES,
    NETWORK_FEES,
    STATEMENTS,
    RECEIPTS,
    TRACKING,
    TRACKING_ASKS,
    ORDERS,
    UNPAID,
    REMINDERS,
    UNSENT,
    TROUBLES,
    SALE_LIST,
    ENQUIRIES,
    SHOP_URGES,
    APPEALS,
    ARBITRATIONS,
    MOVES,
    REVIEWS,
    DISPUTES,
    CALIBRATIONS,
    PENALTIES,
    PENALTY_SHEETS,
    ALARMS,
    NOTES,
    CLIPS,
    *FIGURES.values(),
)
LISTS: Mapping[str, List[Any]] = {one.key: one for one in _ALL}


def named(key: str) -> List[Any]:
    """The list of a key, also a ledger of a handbook in force; raises ``NotFound``."""
    if key.startswith(ledgers.PREFIX):
        return ledgers.named(key)
    if key not in LISTS:
        raise NotFound
    return LISTS[key]
