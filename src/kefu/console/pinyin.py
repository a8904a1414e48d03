"""Chinese words typed by their sounds: what the command palette compares with what was typed."""

from functools import lru_cache

from pypinyin import Style, lazy_pinyin


@lru_cache(maxsize=2048)
def sounds(words: str) -> str:
    """Initials and full spelling of a label, ``gd gongdan`` for 工单; empty for words without Han characters."""
    if words.isascii():
        return ""
    initials = "".join(lazy_pinyin(words, style=Style.FIRST_LETTER))
    return f"{initials} {''.join(lazy_pinyin(words))}".lower()
