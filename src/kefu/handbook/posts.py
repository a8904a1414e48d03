"""Who a handbook means by a post: its own posts act as sign-in roles (``roles.<key>.acts_as``)."""

from collections.abc import Iterable

from kefu.handbook.reader.words import english
from kefu.handbook.schema import Handbook
from kefu.kernel.wording import listed

_STANDS_IN = ("system", "admin")


def may_act_as(book: Handbook, posts: Iterable[str], role: str) -> bool:
    """Whether somebody of the sign-in role may do what the posts may. The product itself and administrators may stand in."""
    if role in _STANDS_IN:
        return True
    return role in {book.roles[post].acts_as if post in book.roles else post for post in posts}


def titles_of(book: Handbook, posts: Iterable[str]) -> str:
    """Names of the posts for a message, in the reader's language."""
    language = "en" if english() else "zh"
    return listed(book.roles[post].name(language) if post in book.roles else post for post in posts)
