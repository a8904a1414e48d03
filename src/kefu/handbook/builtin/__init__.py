"""The handbooks that come with Kefu, as the files in this folder (HB1)."""

from functools import lru_cache
from pathlib import Path

KEYS = ("common", "station", "best", "shop", "zto", "callcenter")
# What the others extend; not used alone.
BASES = ("common", "station")
FOLDER = Path(__file__).parent


@lru_cache(maxsize=16)
def text(key: str) -> str | None:
    """Text of a built-in handbook, ``None`` when there is none of that key."""
    return (FOLDER / f"{key}.yaml").read_text(encoding="utf-8") if key in KEYS else None
