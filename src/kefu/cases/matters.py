"""What happens to a case in a room above: a claim was approved, an arbitration decided, a refund done.

The room keeps its own rows; the case hears of it once, in the same transaction: an entry in its timeline and its clocks' events.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from kefu.cases import access, timeline
from kefu.cases.actions import book_of, move_clocks, raise_level_if_due
from kefu.cases.models import Entry
from kefu.cases.timeline import Happening
from kefu.kernel.actor import Actor
from kefu.kernel.claims import save_plain


def tell(
    *,
    actor: Actor,
    case_id: int,
    what: str,
    now: datetime,
    data: Mapping[str, Any] | None = None,
    text: str = "",
    events: Sequence[str] = (),
    clause: str = "",
) -> Entry:
    """Note on the case that ``what`` ("claim.approved") happened and let ``events`` act on its clocks; in the caller's transaction.

    ``data`` holds codes and keys only, ``text`` (encrypted at rest) what people wrote. A closed case is told too, but its clocks rest.
    Raises ``NotFound`` for a case the actor does not see.
    """
    case = access.get_for(actor, case_id)
    save_plain(case, updated_at=now)
    if case.is_open and events:
        move_clocks(case, book_of(case), events, now)
    entry = timeline.write(
        actor,
        case,
        Happening(
            Entry.Kind.MATTER, text=text, data={"what": what, **(data or {}), **({"events": list(events)} if events else {})}, clause=clause
        ),
        now=now,
    )
    if case.is_open:
        raise_level_if_due(actor, case, book_of(case), now)
    return entry
