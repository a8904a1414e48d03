"""Clauses named inside a sentence, as people read them: ``best@1#texts.no_skipping`` becomes 《不跳步》.

Sentences of refusals and of cases opened by the system hold the reference, which stays what it is in the answer of the API and in
the audit.
"""

import re

from markupsafe import Markup, escape

from kefu.console.views.cases_words import clause_title

_REFERENCE = re.compile(r"\b[a-z][a-z0-9_-]*@\d+#[A-Za-z0-9_]+(?:\.[A-Za-z0-9_-]+)*")


def named(text: object) -> str:
    """The text with every clause in it by its name; markup stays markup, and a text without one is returned as it is."""
    said = text if isinstance(text, str) else str(text)
    if "@" not in said or "#" not in said:
        return said
    if isinstance(said, Markup):
        return Markup(_REFERENCE.sub(lambda found: str(escape(_title(found))), str(said)))  # noqa: S704 (what is put in is escaped)
    return _REFERENCE.sub(_title, said)


def _title(found: re.Match[str]) -> str:
    return f"《{clause_title(found[0])}》"
