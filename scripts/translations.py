"""Translations: Chinese in the source, English in ``locale/en``.

``extract`` brings the catalogue up to date, ``check`` finds gaps, ``compile`` writes what the product reads.

Run: ``python scripts/translations.py extract | check | compile``.
"""

import re
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import TypeAlias

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "kefu"
CATALOGUE = SOURCE / "locale" / "en" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
Key: TypeAlias = tuple[str | None, str | tuple[str, ...]]
_METHODS = [("**/tests/**", "ignore"), ("**.py", "python"), ("**.jinja", "jinja2")]
_OPTIONS = {"**.jinja": {"trimmed": "true", "newstyle_gettext": "true", "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols"}}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")


def used() -> Catalog:
    """Every text the source asks for."""
    catalogue = Catalog(locale="en", fuzzy=False)
    found = extract_from_dir(
        str(SOURCE),
        method_map=[m for m in _METHODS if m[1] != "ignore"],
        options_map=_OPTIONS,
        keywords=KEYWORDS,
        comment_tags=("Translators:",),
    )
    for file, line, message, comments, context in found:
        if "/tests/" not in f"/{file}" and "conftest" not in file:
            catalogue.add(message, None, [(file, line)], auto_comments=comments, context=context)
    return catalogue


def stored() -> Catalog:
    """The catalogue in the repository."""
    if not CATALOGUE.exists():
        return Catalog(locale="en")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="en")


def _known() -> dict[Key, Message]:
    """Translations by text."""
    return {_key(message): message for message in stored() if message.id and _complete(message) and not message.fuzzy}


def _complete(message: Message) -> bool:
    """Whether every form of the translation is there."""
    return all(message.string) if isinstance(message.string, list | tuple) else bool(message.string)


def _key(message: Message) -> Key:
    """A text and the context it stands in: one Chinese word may need two English ones (``pgettext``)."""
    text = tuple(message.id) if isinstance(message.id, list | tuple) else message.id
    return (message.context, text)


def _shown(key: Key) -> str:
    context, text = key
    return f"{text!r} in the context {context!r}" if context else repr(text)


def extract() -> int:
    """Rewrite the catalogue: texts in use with the translations known, in order, without line numbers (they only make noise)."""
    known = _known()
    fresh = Catalog(locale="en", fuzzy=False, project="Kefu", header_comment="# English of Kefu. The source language is Chinese.")
    missing = 0
    for message in sorted((m for m in used() if m.id), key=lambda m: str(_key(m))):
        match = known.get(_key(message))
        missing += match is None
        fresh.add(message.id, match.string if match else None, auto_comments=message.auto_comments, context=message.context)
    buffer = BytesIO()
    write_po(buffer, fresh, width=140, no_location=True, sort_output=False, omit_header=False)
    text = re.sub(
        r'^"(POT-Creation-Date|PO-Revision-Date|Generated-By|Last-Translator|Report-Msgid-Bugs-To|Language-Team).*\n',
        "",
        buffer.getvalue().decode(),
        flags=re.M,
    )
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_text(text)
    print(f"{len(fresh)} texts, {missing} without English")
    return 0


def _problems() -> Iterator[str]:
    known = {_key(message): message for message in stored() if message.id}
    wanted = {_key(message): message for message in used() if message.id}
    for key, message in wanted.items():
        match = known.get(key)
        where = ", ".join(f"{file}:{line}" for file, line in message.locations[:2])
        if match is None or not _complete(match):
            yield f"no English for {_shown(key)} ({where})"
            continue
        text = message.id if isinstance(message.id, str) else message.id[0]
        strings = match.string if isinstance(match.string, list | tuple) else [match.string]
        for string in filter(None, strings):
            if set(_PLACEHOLDER.findall(text)) != set(_PLACEHOLDER.findall(string)):
                yield f"placeholders differ: {text!r} and {string!r} ({where})"
    for key in known.keys() - wanted.keys():
        yield f"no longer used: {_shown(key)}"


def check() -> int:
    """Fail when a text has no English, placeholders differ, or the catalogue holds what is no longer used."""
    problems = list(_problems())
    for problem in problems:
        print(problem)
    print(f"translations: {len(problems)} problems")
    return 1 if problems else 0


def compile_() -> int:
    """Write the binary catalogue beside the readable one, when it is older."""
    target = CATALOGUE.with_suffix(".mo")
    if target.exists() and target.stat().st_mtime >= CATALOGUE.stat().st_mtime:
        return 0
    with target.open("wb") as file:
        write_mo(file, stored())
    return 0


if __name__ == "__main__":
    sys.exit({"extract": extract, "check": check, "compile": compile_}[sys.argv[1]]())
