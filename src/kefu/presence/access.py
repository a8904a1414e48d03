"""Whoever may see a thing may be there and may see who else is (SEC2)."""

from collections.abc import Callable

from kefu.cases import access as cases
from kefu.conversations import access as conversations
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound

_SUBJECTS: dict[str, Callable[[Actor, int], bool]] = {
    "case": lambda actor, id_: cases.visible_to(actor).filter(pk=id_).exists(),
    "conversation": lambda actor, id_: conversations.visible_to(actor).filter(pk=id_).exists(),
}


def check(actor: Actor, kind: str, subject_id: int) -> None:
    """``NotFound`` for an unknown thing and for one out of reach alike."""
    seen = _SUBJECTS.get(kind)
    if seen is None or not seen(actor, subject_id):
        raise NotFound
