"""The catalogue in the language in force, each sentence looked up once in the life of the process.

Django works the language out anew for every sentence; a page says hundreds. While a template renders, the language stands still.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import tzinfo

from django.utils import timezone, translation
from markupsafe import Markup

_MOST = 10_000


@dataclass(slots=True)
class _Tables:
    """What was looked up in one language: as text, as markup to be filled in, and as markup that has nothing to fill in."""

    texts: dict[str, str] = field(default_factory=dict)
    markups: dict[str, Markup] = field(default_factory=dict)
    finished: dict[str, Markup] = field(default_factory=dict)


class _Here(threading.local):
    tables: _Tables | None = None
    zone: tzinfo | None = None


_here = _Here()
_languages: dict[str, _Tables] = {}


def _in_force() -> _Tables:
    return _languages.setdefault(translation.get_language() or "", _Tables())


@contextmanager
def settled() -> Iterator[None]:
    """While this lasts, language and time zone of the thread do not change."""
    before = _here.tables, _here.zone
    _here.tables, _here.zone = _in_force(), timezone.get_current_timezone()
    try:
        yield
    finally:
        _here.tables, _here.zone = before


def zone() -> tzinfo:
    """The zone that times are shown in."""
    return _here.zone or timezone.get_current_timezone()


def text(message: str) -> str:
    """The sentence in the reader's language."""
    texts = (_here.tables or _in_force()).texts
    found = texts.get(message)
    if found is None:
        if len(texts) >= _MOST:
            texts.clear()
        found = texts[message] = translation.gettext(message)
    return found


def markup(message: str) -> Markup:
    """The same for a page, with its placeholders."""
    markups = (_here.tables or _in_force()).markups
    found = markups.get(message)
    if found is None:
        if len(markups) >= _MOST:
            markups.clear()
        found = markups[message] = Markup(text(message))  # noqa: S704  our own catalogue
    return found


def finished(message: str) -> Markup:
    """The same for a page; the sentence has no placeholders, and ``%%`` is a per cent sign."""
    done = (_here.tables or _in_force()).finished
    found = done.get(message)
    if found is None:
        if len(done) >= _MOST:
            done.clear()
        found = done[message] = markup(message) % {}
    return found


def in_context(context: str, message: str) -> Markup:
    """A word that means different things in different places, finished."""
    done = (_here.tables or _in_force()).finished
    key = f"{context}\4{message}"
    found = done.get(key)
    if found is None:
        if len(done) >= _MOST:
            done.clear()
        found = done[key] = Markup(translation.pgettext(context, message)) % {"context": context}  # noqa: S704  our own catalogue
    return found
