"""Pictures of the demo's receipts."""

import struct
import zlib

from kefu.demo.station.receipts import picture_of


def test_a_slip_is_a_real_picture_and_its_own():
    content = picture_of("75123456789012")
    assert content != picture_of("75123456789013")
    assert content == picture_of("75123456789012")
    assert len(content) < 1500
    place, kinds, pixels = 8, [], b""
    while place < len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        kind, data = content[place + 4 : place + 8], content[place + 8 : place + 8 + length]
        assert struct.unpack(">I", content[place + 8 + length : place + 12 + length]) == (zlib.crc32(kind + data),)
        kinds.append(kind)
        pixels += data if kind == b"IDAT" else b""
        place += 12 + length
    assert kinds == [b"IHDR", b"IDAT", b"IEND"]
    wide, high = struct.unpack(">II", content[16:24])
    assert len(zlib.decompress(pixels)) == high * (wide + 1)
