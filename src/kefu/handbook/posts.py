"""Who a handbook means by a post: its own posts act as sign-in roles (``roles.<key>.acts_as``)."""

from collections.abc import Iterable

from kefu.handbook.schema import Handbook
from kefu.people.permissions import ROLE_TITLES, Role


def may_act_as(book: Handbook, posts: Iterable[str], role: str) -> bool:
    """Whether somebody of the sign-in role may do what the posts may. The product itself and administrators may stand in."""
    if role in ("system", Role.ADMIN):
        return True
    acting = {book.roles[post].acts_as if post in book.roles else post for post in posts}
    return role in acting


def titles_of(book: Handbook, posts: Iterable[str], language: str = "zh") -> str:
    """Names of the posts for a message."""
    return "、".join(_title(book, post, language) for post in posts)


def _title(book: Handbook, post: str, language: str) -> str:
    if post in book.roles:
        return book.roles[post].name(language)
    return str(ROLE_TITLES[Role(post)]) if post in set(Role) else post
