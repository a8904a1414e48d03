"""Who listens in this server process, and what they are told. Lives on the event loop; asks nothing of the database."""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from kefu.kernel.actor import Actor
from kefu.live.hearing import Change, Ears, frame, message

REMEMBERED = 5000
"""Changes kept to resume from; a page that was away for more of them loads its parts again."""
MOST_PER_PERSON = 12
MOST_STREAMS = 2000
# Bytes a reader may be behind before its stream is cut; it comes back and resumes.
_MOST_WAITING = 256 * 1024


@dataclass(frozen=True, slots=True)
class Listener:
    """A signed-in browser: its session and who acts through it."""

    session_key: str
    actor: Actor


@dataclass(eq=False)
class Subscription:
    """One open stream."""

    number: int
    listener: Listener
    ears: Ears
    _waiting: list[bytes] = field(default_factory=list)
    _size: int = 0
    _ended: bool = False
    _woken: asyncio.Event = field(default_factory=asyncio.Event)

    def tell(self, piece: bytes) -> None:
        """Add to what goes out next."""
        if self._ended or not piece:
            return
        self._waiting.append(piece)
        self._size += len(piece)
        if self._size > _MOST_WAITING:
            self._waiting.clear()
            self._ended = True
        self._woken.set()

    def end(self, piece: bytes = b"") -> None:
        """Say a last word and close."""
        self.tell(piece)
        self._ended = True
        self._woken.set()

    async def next(self) -> bytes:
        """What is to be sent now; empty when the stream is over."""
        await self._woken.wait()
        piece = b"".join(self._waiting)
        self._waiting.clear()
        self._size = 0
        if not self._ended:
            self._woken.clear()
        return piece


class Hub:
    """The streams of this process and the last changes."""

    def __init__(self) -> None:
        self.head = 0
        self._floor = 0
        self._ring: deque[Change] = deque()
        self._streams: dict[int, Subscription] = {}
        self._numbers = itertools.count(1)

    def __len__(self) -> int:
        return len(self._streams)

    @property
    def full(self) -> bool:
        """No more streams are taken."""
        return len(self._streams) >= MOST_STREAMS

    def begin(self, floor: int, head: int, remembered: Iterable[Change]) -> None:
        """Start, or start again: everything behind ``floor`` is among ``remembered``."""
        self._floor, self.head = floor, head
        self._ring = deque(remembered)
        self._forget()

    def join(self, listener: Listener, since: int | None) -> Subscription:
        """A new stream behind ``since``; the oldest of somebody who has too many is closed. What was missed is told at once."""
        mine = [one for one in self._streams.values() if one.listener.actor.id == listener.actor.id]
        for oldest in mine[: max(0, len(mine) - MOST_PER_PERSON + 1)]:
            self.leave(oldest)
            oldest.end(frame({}, event="closed"))
        ears = Ears.of(listener.actor)
        stream = Subscription(next(self._numbers), listener, ears)
        self._streams[stream.number] = stream
        if since is None or since == self.head:
            stream.tell(frame({"seq": self.head}, event="hello", id_=self.head))
        elif since < self._floor or since > self.head:
            stream.tell(frame({"seq": self.head}, event="reset", id_=self.head))
        else:
            stream.tell(frame({"seq": since}, event="hello", id_=since))
            missed = [change for change in self._ring if change.seq > since]
            stream.tell(message(ears, missed, self.head) or frame({"seq": self.head}, event="beat", id_=self.head))
        return stream

    def leave(self, stream: Subscription) -> None:
        """Forget a stream."""
        self._streams.pop(stream.number, None)

    def publish(self, found: Sequence[Change], head: int) -> None:
        """Tell everybody what they may hear of these changes."""
        if head <= self.head:
            return
        told: dict[Ears, bytes] = {}
        for stream in list(self._streams.values()):
            piece = told.get(stream.ears)
            if piece is None:
                piece = told[stream.ears] = message(stream.ears, found, head)
            stream.tell(piece)
        self.head = head
        self._ring.extend(found)
        self._forget()

    def _forget(self) -> None:
        while len(self._ring) > REMEMBERED:
            self._floor = max(self._floor, self._ring.popleft().seq)

    def beat(self) -> None:
        """A sign of life, with the number reached: a page that hears of nothing still resumes from here."""
        piece = frame({"seq": self.head}, event="beat", id_=self.head)
        for stream in self._streams.values():
            stream.tell(piece)

    def whisper(self, kind: str, id_: int, staff_ids: frozenset[int]) -> None:
        """Tell some people that who else is there has changed. Passing news: it has no number and is not kept."""
        piece = frame({"kind": kind, "id": id_}, event="presence")
        for stream in self._streams.values():
            if stream.listener.actor.id in staff_ids:
                stream.tell(piece)

    def listeners(self) -> list[Listener]:
        """Every session that listens, once."""
        return list({stream.listener.session_key: stream.listener for stream in self._streams.values()}.values())

    def end(self, chosen: Callable[[Listener], bool], piece: bytes) -> None:
        """Close the streams of these listeners with a last word."""
        for stream in [one for one in self._streams.values() if chosen(one.listener)]:
            self.leave(stream)
            stream.end(piece)

    def renew(self, listener: Listener) -> None:
        """Somebody's reach may have changed: their streams hear by the new one from now on."""
        for stream in self._streams.values():
            if stream.listener.session_key == listener.session_key:
                stream.listener, stream.ears = listener, Ears.of(listener.actor)
