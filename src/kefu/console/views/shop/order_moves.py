"""What the forms of an order's page do: each name of a button with its action (SHOP2, SHOP5, SHOP6)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kefu.console.routes import ConsoleRequest
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.shop import reminding, sales, troubles, urging


@dataclass(frozen=True, slots=True)
class Move:
    """A form as it was sent: ``pk`` is what it speaks of, ``seen`` the version its reader saw."""

    actor: Actor
    order_id: int
    pk: int
    given: Mapping[str, str]
    seen: int | None
    now: datetime

    @property
    def text(self) -> str:
        """The form's text."""
        return self.given.get("text", "")

    def field(self, name: str) -> str:
        """A field, empty when not sent."""
        return self.given.get(name, "")

    @property
    def about(self) -> dict[str, Any]:
        """What every action that claims a row is told."""
        return {"actor": self.actor, "now": self.now, "expected_version": self.seen}


def whole(text: str) -> int:
    """A key as it came, 0 when it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0


def do(request: ConsoleRequest, order_id: int, move: str, now: datetime) -> None:
    """Do what the button says. Raises ``NotFound`` for a name nobody knows, and what the action raises."""
    given = {name: str(value).replace("\0", "").strip() for name, value in request.POST.items()}
    step = _MOVES.get(move)
    if step is None:
        raise NotFound
    seen = whole(given["version"]) if given.get("version") else None
    step(Move(request.actor, order_id, whole(given.get("id", "")), given, seen, now))


_MOVES: Mapping[str, Callable[[Move], Any]] = {
    "remind": lambda one: reminding.remind(actor=one.actor, order_id=one.order_id, text=one.text, now=one.now),
    "replied": lambda one: reminding.note_reply(actor=one.actor, reminder_id=one.pk, reply=one.field("reply"), now=one.now),
    "urge": lambda one: urging.urge(actor=one.actor, order_id=one.order_id, cause=one.field("cause"), note=one.text, now=one.now),
    "settle": lambda one: urging.settle(actor=one.actor, urge_id=one.pk, result=one.text, now=one.now),
    "message": lambda one: troubles.message(trouble_id=one.pk, text=one.text, **one.about),
    "ask": lambda one: troubles.ask_carrier(trouble_id=one.pk, contact=one.field("contact"), answer=one.text, **one.about),
    "inform": lambda one: troubles.answer(trouble_id=one.pk, text=one.text, final=False, **one.about),
    "answer": lambda one: troubles.answer(trouble_id=one.pk, text=one.text, final=True, **one.about),
    "void": lambda one: sales.void(actor=one.actor, order_id=one.order_id, now=one.now),
    "void_yes": lambda one: sales.answer_void(notice_id=one.pk, confirmed=True, **one.about),
    "void_no": lambda one: sales.answer_void(notice_id=one.pk, confirmed=False, **one.about),
    "agree": lambda one: sales.negotiate(sale_id=one.pk, agreed=one.field("agreed"), note=one.text, **one.about),
    "track": lambda one: sales.track(sale_id=one.pk, stop=one.field("stop"), **one.about),
    "goods": lambda one: sales.take_back(sale_id=one.pk, condition=one.text, liable=one.field("liable"), **one.about),
    "pay": lambda one: sales.pay(sale_id=one.pk, **one.about),
    "refuse": lambda one: sales.refuse(sale_id=one.pk, reason=one.text, **one.about),
}
