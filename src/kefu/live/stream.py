"""One stream: Server-Sent Events behind ``/live`` for a page that is open."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from urllib.parse import parse_qs

from kefu.live.bridge import Receive, Scope, Send
from kefu.live.hearing import frame
from kefu.live.hub import Hub, Listener, Subscription

HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    # Proxies hand on each event at once.
    (b"x-accel-buffering", b"no"),
    (b"x-content-type-options", b"nosniff"),
]
# Another process may have numbered what this one has not read yet.
_CATCH_UP = 1.5


def header(scope: Scope, name: bytes) -> str:
    """A header of the request; several of one name are joined."""
    return "; ".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)


def wanted_since(scope: Scope) -> int | None:
    """Where the page goes on: what the browser remembers, or what the address says."""
    asked = header(scope, b"last-event-id") or parse_qs(scope["query_string"].decode("latin-1")).get("since", [""])[0]
    return int(asked) if asked.isdecimal() and len(asked) < 18 else None


async def refuse(send: Send, status: int) -> None:
    """An answer without a stream."""
    headers = [(b"content-length", b"0"), (b"retry-after", b"10"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def signed_out(send: Send) -> None:
    """Tells the page to sign in: a stream, because a page cannot read the status of one that was refused."""
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": frame({}, event="signed-out")})


async def serve(
    scope: Scope, receive: Receive, send: Send, hub: Hub, open_door: Callable[[str], Awaitable[Listener | None]], key: str
) -> None:
    """Keep the stream open until the browser leaves or the session ends."""
    listener = await open_door(key) if key else None
    if listener is None:
        await signed_out(send)
        return
    since = wanted_since(scope)
    await _caught_up(hub, since)
    stream = hub.join(listener, since)
    watch = asyncio.create_task(_until_gone(receive, stream))
    try:
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        while piece := await stream.next():
            await send({"type": "http.response.body", "body": piece, "more_body": True})
        with suppress(OSError):
            await send({"type": "http.response.body", "body": b""})
    finally:
        hub.leave(stream)
        watch.cancel()


async def _caught_up(hub: Hub, since: int | None) -> None:
    until = asyncio.get_running_loop().time() + _CATCH_UP
    while since is not None and since > hub.head and asyncio.get_running_loop().time() < until:
        await asyncio.sleep(0.05)


async def _until_gone(receive: Receive, stream: Subscription) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.end()
