"""Text as any database can hold it: without NUL, and without halves of surrogate pairs, which PostgreSQL refuses."""

import re

_UNFIT = re.compile("[\0\ud800-\udfff]")


def fits(text: str) -> bool:
    """Whether the text can be stored as it is."""
    return _UNFIT.search(text) is None


def storable(text: str) -> str:
    """The text without NUL; whole pairs become their character, and a mark stands where half a pair stood."""
    if fits(text):
        return text
    return text.replace("\0", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
