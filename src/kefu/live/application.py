"""The server: ``/live`` is a stream, everything else is Django's (ADR 8)."""

import asyncio
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from types import FrameType
from typing import Any

from kefu.live import door, stream
from kefu.live.bridge import Bridge, Receive, Scope, Send, WsgiApplication
from kefu.live.feed import Feed, Reports
from kefu.live.hearing import frame
from kefu.live.hub import Hub, Listener

PATH = "/live"
SINCE = "kefu.live"
"""Name in the WSGI environment of the number a page goes on from. Taken before the page is made, so nothing falls between."""
_BEAT = 15.0
_READY = 10.0


class Application:
    """The ASGI application of one server process."""

    def __init__(self, wsgi: WsgiApplication, *, threads: int = 4) -> None:
        self.hub = Hub()
        self._bridge = Bridge(wsgi, threads=threads)
        # One thread, one connection: streams that come back together after a restart wait for each other, not pages for them.
        self._door = ThreadPoolExecutor(max_workers=1, thread_name_prefix="door")
        self._stop = threading.Event()
        self._ready = asyncio.Event()
        self._reader: threading.Thread | None = None
        self._beats: asyncio.Task[None] | None = None
        self._heeded = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI entry."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        if scope["type"] != "http":
            return
        self.start()
        if scope["path"] == PATH:
            await self._stream(scope, receive, send)
        else:
            await self._bridge(scope, receive, send, {SINCE: self.hub.head} if self._ready.is_set() else None)

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] != "GET":
            await stream.refuse(send, 405)
            return
        try:
            await asyncio.wait_for(self._ready.wait(), _READY)
        except TimeoutError:
            await stream.refuse(send, 503)
            return
        if self.hub.full or self._stop.is_set():
            await stream.refuse(send, 503)
            return
        self._heed_signals()
        await stream.serve(scope, receive, send, self.hub, self._open, door.session_key(stream.header(scope, b"cookie")))

    async def _open(self, key: str) -> Listener | None:
        return await asyncio.get_running_loop().run_in_executor(self._door, door.listener, key)

    def start(self) -> None:
        """Begin to read, once."""
        if self._reader is not None:
            return
        loop = asyncio.get_running_loop()

        def later(call: Any) -> Any:
            def hand_over(*found: Any) -> None:
                if not loop.is_closed():
                    loop.call_soon_threadsafe(call, *found)

            return hand_over

        def begin(floor: int, head: int, remembered: Any) -> None:
            self.hub.begin(floor, head, remembered)
            self._ready.set()

        over = frame({}, event="signed-out")
        reports = Reports(
            begin=later(begin),
            publish=later(self.hub.publish),
            present=later(self.hub.whisper),
            over=later(lambda keys: self.hub.end(lambda one: one.session_key in keys, over)),
            renew=later(self.hub.renew),
            listeners=lambda: asyncio.run_coroutine_threadsafe(self._listeners(), loop).result(5),
        )
        self._reader = threading.Thread(target=Feed(reports).run, args=(self._stop,), name="live-feed", daemon=True)
        self._reader.start()
        self._beats = loop.create_task(self._beat())

    async def _listeners(self) -> list[Listener]:
        return self.hub.listeners()

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(_BEAT)
            self.hub.beat()

    def _heed_signals(self) -> None:
        """A server waits for open answers before it ends, and a stream is never over by itself: the signal ends them first.

        Set with the first stream, when the server has its own handlers; those are called as before.
        """
        if self._heeded or threading.current_thread() is not threading.main_thread():
            return
        self._heeded = True
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            before = signal.getsignal(number)
            if not callable(before):
                continue

            def heard(signum: int, frame: FrameType | None, before: Any = before) -> None:
                loop.call_soon_threadsafe(self.end_streams)
                before(signum, frame)

            signal.signal(number, heard)

    def end_streams(self) -> None:
        """Close every stream and take no more; the pages come back to the next process and go on from their number."""
        self._stop.set()
        self.hub.end(lambda _one: True, b"")

    async def stop(self) -> None:
        """End streams, reader and threads."""
        self.end_streams()
        if self._beats is not None:
            self._beats.cancel()
        if self._reader is not None:
            await asyncio.get_running_loop().run_in_executor(None, self._reader.join, 5)
        self._door.shutdown(wait=False, cancel_futures=True)
        self._bridge.close()

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            kind = (await receive())["type"]
            if kind == "lifespan.startup":
                self.start()
            else:
                await self.stop()
            await send({"type": f"{kind}.complete"})
            if kind == "lifespan.shutdown":
                return
