"""Words joined into a sentence the way the reader's language joins them (PLAT3).

Like ``gettext`` and ``gettext_lazy``: ``listed`` is for words that are shown at once, ``listed_later`` for what is put away in an error
or a problem and read in somebody else's language.
"""

from collections.abc import Iterable
from typing import Final, Literal, TypeAlias

from django.utils.functional import Promise, lazystr
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

Mark: TypeAlias = Literal["、", "，", "；"]
# Named here once for the catalogue: between words, between parts of a sentence, between sentences.
MARKS: Final = (gettext_noop("、"), gettext_noop("，"), gettext_noop("；"))


def listed(items: Iterable[object], mark: Mark = "、") -> str:
    """The words as one enumeration, in the language in force."""
    return _(mark).join(str(one) for one in items)


class _Later:
    """An enumeration that is joined when it is read."""

    __slots__ = ("items", "mark")

    def __init__(self, items: Iterable[object], mark: Mark) -> None:
        self.items = tuple(items)
        self.mark: Mark = mark

    def __str__(self) -> str:
        return listed(self.items, self.mark)


def listed_later(items: Iterable[object], mark: Mark = "、") -> Promise:
    """The words as one enumeration, in the language of whoever reads it."""
    return lazystr(_Later(items, mark))
