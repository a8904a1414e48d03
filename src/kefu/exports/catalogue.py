"""Every list that can leave, and who may take it."""

from collections.abc import Iterator

from kefu.exports.errors import SourceUnknown
from kefu.exports.listed import source_of
from kefu.exports.source import Source
from kefu.exports.sources.cases import CASES
from kefu.exports.sources.others import AUDIT, BATCH, CLAUSES, PEOPLE
from kefu.exports.sources.quality import CONVERSATIONS, FINDINGS, SCORECARDS
from kefu.kernel.actor import Actor
from kefu.lists.access import may_open, require_open
from kefu.lists.catalogue import LISTS
from kefu.lists.ledgers import PREFIX
from kefu.lists.ledgers import named as ledger
from kefu.people.access import require
from kefu.people.permissions import Permission

_OWN = (CASES, CONVERSATIONS, FINDINGS, SCORECARDS, PEOPLE, AUDIT, CLAUSES, BATCH)
SOURCES = {one.key: one for one in (*_OWN, *map(source_of, LISTS.values()))}


def named(key: str) -> Source:
    """The list of a key; raises ``SourceUnknown``."""
    if key.startswith(PREFIX):
        return source_of(ledger(key))
    if key not in SOURCES:
        raise SourceUnknown(fields={"source": SourceUnknown.message})
    return SOURCES[key]


def may_take(actor: Actor, source: Source) -> bool:
    """Whether the actor sees the list and may take it along."""
    return (source.own or actor.may(Permission.EXPORT)) and may_open(actor, source)


def require_take(actor: Actor, source: Source, *, clear: bool) -> None:
    """Refuse who may not; the refusal names what is missing."""
    if not source.own:
        require(actor, Permission.EXPORT)
    require_open(actor, source)
    if clear:
        require(actor, Permission.PERSONAL_UNMASK)


def takeable(actor: Actor) -> Iterator[Source]:
    """Lists the actor may take along."""
    return (source for source in SOURCES.values() if may_take(actor, source))
