"""Return receipts of the demo's thirty days: most on time, some not registered, not sent back, under way too long, one lost (OPS6)."""

import struct
import zlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from kefu.demo.ground import Ground
from kefu.demo.routes import Parcel
from kefu.escalations.receipts import report_lost
from kefu.kernel.errors import KefuError
from kefu.station.receipts import images, moves, queries
from kefu.station.receipts.moves import MoveDraft
from kefu.station.receipts.queries import ReceiptRow, ReceiptWanted
from kefu.station.receipts.vocabulary import State

_SHARE: Final = 0.06
_MOST: Final = 400
_WIDE, _HIGH = 160, 110
# How far they come: the later, the older they must be.
_REACH: Final = (0, 1, 1, 2, 2, 3, 4, 5, 6, 7, 7, 7, 7, 7)


def kind_of(parcel: Parcel) -> str:
    """What the sender wants back: nothing for most; the same for the same parcel."""
    dice = Random(f"receipt {parcel.waybill}")  # noqa: S311 (made-up data)
    if dice.random() > _SHARE:
        return ""
    return dice.choices(["original", "copy", "electronic"], weights=[70, 10, 20])[0]


def picture_of(waybill: str) -> bytes:
    """A tiny PNG of a signed slip: lines of writing, a signature that differs from parcel to parcel, a frame."""
    dice = Random(f"slip {waybill}")  # noqa: S311 (made-up data)
    paper, ink = 245, 60
    rows = [bytearray([paper]) * _WIDE for _line in range(_HIGH)]
    for top in range(12, 60, 12):
        end = dice.randrange(80, _WIDE - 10)
        rows[top][10:end] = bytes([ink]) * (end - 10)
    level = 85
    for place in range(30, 130):
        level = min(max(level + dice.randint(-4, 4), 72), 98)
        rows[level][place] = rows[level + 1][place] = ink
    header = struct.pack(">IIBBBBB", _WIDE, _HIGH, 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + bytes(row) for row in rows), 9)
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in ((b"IHDR", header), (b"IDAT", pixels), (b"IEND", b"")))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def make(ground: Ground, now: datetime) -> int:
    """Steps as clerks would have noted them, step by step for all at once; returns how many receipts there are."""
    rows = queries.page(ground.guns, ReceiptWanted(), now=now, size=_MOST).rows
    dice = Random("receipts")  # noqa: S311 (made-up data)
    reach = {row.waybill: dice.choice(_REACH) for row in rows}
    paper = [row for row in rows if row.kind != "electronic" and row.signed_at is not None]
    for state in range(1, 8):
        _note(ground, state, [row for row in paper if reach[row.waybill] >= state], dice, now)
    _electronic(ground, [row for row in rows if row.kind == "electronic" and reach[row.waybill] == State.DELIVERED], now)
    _lost(ground, now)
    return len(rows)


def _note(ground: Ground, state: int, rows: Sequence[ReceiptRow], dice: Random, now: datetime) -> None:
    """One step for all it has come to; the days between are drawn. A step the chain of one does not have is refused, which is fine."""
    drafts = []
    for place, row in enumerate(rows):
        assert row.signed_at is not None
        at = row.signed_at + timedelta(days=0.8 * state, hours=1 + 6 * state / 8)
        if at < now:
            sent = f"SF{13 * 10**11 + place // 8:013d}" if state in (2, 4, 6) else ""
            number = row.waybill if dice.random() < 0.3 else ""
            drafts.append(MoveDraft(row.waybill, state, at=at, courier_no=sent, receipt_no=number if state == 1 else ""))
    moves.note_moves(actor=ground.guns, drafts=drafts, now=now)


def _electronic(ground: Ground, rows: Sequence[ReceiptRow], now: datetime) -> None:
    drafts = []
    for row in rows:
        if row.signed_at is not None and row.signed_at + timedelta(hours=2) < now:
            images.add_image(actor=ground.guns, receipt_id=row.id, name="签收回单.png", content=picture_of(row.waybill), now=now)
            drafts.append(MoveDraft(row.waybill, State.DELIVERED.value, at=row.signed_at + timedelta(hours=2)))
    moves.note_moves(actor=ground.guns, drafts=drafts, now=now)


def _lost(ground: Ground, now: datetime) -> None:
    for row in queries.page(ground.actors["clerk"], ReceiptWanted(due="overdue", state=State.HERE.value), now=now, size=3).rows[:1]:
        try:
            report_lost(
                actor=ground.actors["clerk"],
                receipt_id=row.id,
                reason="交接时少一份，回单柜和车上都找过。",
                expected_version=row.version,
                now=now,
            )
        except KefuError:
            continue
