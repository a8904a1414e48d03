"""In which encoding a text was saved: UTF-8, UTF-16, GB 18030 (GBK) or Big5, told from its bytes (PLAT2)."""

import codecs
from collections.abc import Callable
from pathlib import Path

from charset_normalizer import from_bytes
from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Invalid

_SAMPLE = 256 * 1024
_BLOCK = 1024**2
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# First bytes of the everyday Han characters in the two national character sets.
_EVERYDAY = {"gb18030": ("gb2312", range(0xB0, 0xD8)), "big5hkscs": ("big5", range(0xA4, 0xC7))}


def detect_encoding(path: Path) -> str:
    """The encoding of a text file: by its mark, else UTF-8 if all of it is, else GB 18030 or Big5 by which gives common characters."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    return _of(sample, lambda name: _decodes(path, name))


def encoding_of(raw: bytes) -> str:
    """The same for bytes in memory."""
    return _of(raw[:_SAMPLE], lambda name: _reads(raw, name))


def _of(sample: bytes, decodes: Callable[[str], bool]) -> str:
    named = next((name for mark, name in _MARKS if sample.startswith(mark)), None) or (_wide(sample) if b"\0" in sample else None)
    if named is not None:
        if not decodes(named):
            raise Invalid(_("这不是文本或表格文件。"), code="not_text")
        return named
    if decodes("utf-8"):
        return "utf-8"
    fitting = [name for name in _EVERYDAY if decodes(name)]
    if fitting:
        return max(fitting, key=lambda name: commonness(sample, name))
    guess = from_bytes(sample).best()
    if guess is None or not decodes(guess.encoding):
        raise Invalid(_("无法识别文件编码，请另存为 UTF-8 后再导入。"), code="unknown_encoding")
    return str(guess.encoding)


def _wide(sample: bytes) -> str:
    """UTF-16 without a mark: ASCII characters leave their zeros all on one side."""
    even, odd = sample[::2].count(0), sample[1::2].count(0)
    if min(even, odd) * 20 > max(even, odd):
        raise Invalid(_("这不是文本或表格文件。"), code="not_text")
    return "utf-16-le" if odd > even else "utf-16-be"


def _decodes(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _reads(raw: bytes, encoding: str) -> bool:
    try:
        raw.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def commonness(sample: bytes, encoding: str) -> float:
    """Share of the Han characters that are everyday ones, 0 to 1; text read in the wrong national set is full of rare ones."""
    charset, lead = _EVERYDAY[encoding]
    han = [character for character in sample.decode(encoding, "ignore") if "\u2e80" <= character <= "\ud7ff" or character > "\uf8ff"]
    common = sum(1 for character in han if (raw := character.encode(charset, "ignore")) and len(raw) == 2 and raw[0] in lead)
    return common / len(han) if han else 0.0
