"""Calls as files, for the tests of recordings."""

import io
from datetime import UTC, datetime
from functools import cache
from typing import BinaryIO

from kefu.recordings import actions
from kefu.recordings.drafts import CallDraft
from kefu.sound.synthesis import Spoken, call, written

STARTED = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
TURNS = (Spoken(0, 0.5, 3.0, pitch=210), Spoken(1, 3.8, 6.0, pitch=125), Spoken(0, 6.6, 9.0, pitch=210))


@cache
def content(seed: int = 1, *, channels: int = 2) -> bytes:
    """A call of ten seconds; another one for every ``seed``."""
    return written(call(TURNS, 10.0, seed=seed), subtype="ALAW") if channels == 2 else _mono(seed)


def _mono(seed: int) -> bytes:
    return written(call(TURNS, 10.0, seed=seed).mean(axis=0, keepdims=True))


def file(seed: int = 1, **options: int) -> BinaryIO:
    """The same as an open file."""
    return io.BytesIO(content(seed, **options))


def draft(site_id: int, external_id: str = "c1", *, staff_no: str = "", **more: object) -> CallDraft:
    """What is told of it."""
    return CallDraft(site_id=site_id, source="pbx", external_id=external_id, started_at=STARTED, staff_no=staff_no, **more)


def received(actor: object, site_id: int, now: datetime, seed: int = 1, external_id: str = "c1", **more: object) -> actions.Received:
    """A call handed in."""
    return actions.receive(actor=actor, call=draft(site_id, external_id, **more), file=file(seed), name="1001.wav", now=now)
