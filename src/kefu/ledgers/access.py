"""Who sees a ledger and who writes into it (SEC2): the register's own permission and reach, then the posts the handbook names."""

from kefu.handbook.posts import may_act_as, titles_of
from kefu.handbook.schema import Handbook
from kefu.handbook.schema.ledgers import Column
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Denied
from kefu.ledgers.errors import CellFixed, CellNotYours
from kefu.ledgers.registers import Register
from kefu.people import queries as people
from kefu.people.access import require


def sites_of(actor: Actor, handbook: str) -> list[int]:
    """Sites in reach that follow the handbook."""
    return [site.pk for site in people.sites(actor) if site.handbook == handbook]


def refusal(actor: Actor, book: Handbook, register: Register, column: Column, *, language: str) -> Denied | None:
    """Why the actor may not write into cells of the column, or ``None``. What the thing behind a cell refuses, its own room says."""
    if not column.edit:
        return CellFixed(column=column.name(language))
    if actor.kind == "staff" and not may_act_as(book, column.edit, actor.role):
        return CellNotYours(column=column.name(language), roles=titles_of(book, column.edit))
    try:
        require(actor, register.work)
    except Denied as denied:
        return denied
    return None
