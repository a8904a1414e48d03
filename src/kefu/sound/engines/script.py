"""Traditional characters to simplified ones: some models mix them."""

from functools import cache

from opencc import OpenCC


@cache
def _converter() -> OpenCC:
    return OpenCC("t2s")


def simplified(text: str) -> str:
    """The text in simplified characters."""
    found: str = _converter().convert(text)
    return found
