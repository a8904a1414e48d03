"""Every list that can leave, and who may take it."""

from collections.abc import Iterator

from kefu.exports.errors import SourceUnknown
from kefu.exports.source import Source
from kefu.exports.sources.cases import CASES
from kefu.exports.sources.others import AUDIT, BATCH, CLAUSES, CUSTOMERS, PARCELS, PEOPLE
from kefu.exports.sources.quality import CONVERSATIONS, FINDINGS, SCORECARDS
from kefu.kernel.actor import Actor
from kefu.people.access import require
from kefu.people.permissions import Permission

SOURCES = {one.key: one for one in (CASES, CONVERSATIONS, FINDINGS, SCORECARDS, PARCELS, CUSTOMERS, PEOPLE, AUDIT, CLAUSES, BATCH)}


def named(key: str) -> Source:
    """The list of a key; raises ``SourceUnknown``."""
    if key not in SOURCES:
        raise SourceUnknown(fields={"source": SourceUnknown.message})
    return SOURCES[key]


def may_take(actor: Actor, source: Source) -> bool:
    """Whether the actor sees the list and may take it along."""
    return (source.own or actor.may(Permission.EXPORT)) and any(map(actor.may, source.permissions))


def require_take(actor: Actor, source: Source, *, clear: bool) -> None:
    """Refuse who may not; the refusal names what is missing."""
    if not source.own:
        require(actor, Permission.EXPORT)
    if not any(map(actor.may, source.permissions)):
        require(actor, source.permissions[0])
    if clear:
        require(actor, Permission.PERSONAL_UNMASK)


def takeable(actor: Actor) -> Iterator[Source]:
    """Lists the actor may take along."""
    return (source for source in SOURCES.values() if may_take(actor, source))
