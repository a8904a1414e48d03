"""Small pictures for attachments, drawn from a name: a cardboard box with a label, in PNG."""

import random
import struct
import zlib

_WIDTH, _HEIGHT = 160, 120


def picture(name: str) -> bytes:
    """A PNG that is the same for the same name."""
    dice = random.Random(name)  # noqa: S311
    back, box, label = ((dice.randint(*span), dice.randint(*span), dice.randint(*span)) for span in ((200, 240), (130, 190), (245, 255)))
    left, top = dice.randint(15, 40), dice.randint(15, 35)
    rows = bytearray()
    for y in range(_HEIGHT):
        rows.append(0)
        for x in range(_WIDTH):
            inside = left < x < _WIDTH - left and top < y < _HEIGHT - 10
            sticker = left + 12 < x < left + 60 and top + 15 < y < top + 45
            colour = label if sticker and (x + y) % 7 else box if inside else back
            rows.extend(colour)
    header = struct.pack(">IIBBBBB", _WIDTH, _HEIGHT, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(bytes(rows), 9)) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
