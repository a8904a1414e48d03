"""Runs Django's WSGI application below an ASGI server, in a bounded number of threads (ADR 8).

A thread is a database connection, so it works for the database and never waits for a network: a request's body is here before
a thread begins, and what it answers is kept, on disk when large, until the browser has taken it.
"""

import asyncio
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import IO, Any
from urllib.parse import quote

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
WsgiApplication = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

# Bytes: bodies and answers up to this size stay in memory; a larger body than the last is refused.
IN_MEMORY = 1024 * 1024
PIECE = 256 * 1024
LARGEST_BODY = 1024 * 1024 * 1024


class TooLarge(Exception):
    """The body is larger than any upload the product takes."""


class Gone(Exception):
    """The browser went away in the middle of its request."""


async def read_body(scope: Scope, receive: Receive) -> IO[bytes]:
    """The whole body; a request that announces none is not waited for."""
    announced = {name for name, _value in scope["headers"]}
    if b"content-length" not in announced and b"transfer-encoding" not in announced:
        return BytesIO()
    body: IO[bytes] = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115  closed by the caller
    size = 0
    try:
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Gone
            piece = message.get("body", b"")
            size += len(piece)
            if size > LARGEST_BODY:
                raise TooLarge
            body.write(piece)
            if not message.get("more_body"):
                break
    except BaseException:
        body.close()
        raise
    body.seek(0)
    return body


def environ_of(scope: Scope, body: IO[bytes], extra: Mapping[str, Any]) -> dict[str, Any]:
    """The request as WSGI names it (PEP 3333): text is the bytes read as latin-1."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1] or 0),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "RAW_URI": (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1"),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.get("scheme", "http"),
        "wsgi.input": body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
        **extra,
    }
    if client is not None:
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = client[0], str(client[1])
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").upper().replace("-", "_"), raw_value.decode("latin-1")
        if name not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            # A name written with an underscore would pass for the one with a dash.
            if b"_" in raw_name:
                continue
            name = f"HTTP_{name}"
        if name in environ:
            value = f"{environ[name]}{'; ' if name == 'HTTP_COOKIE' else ','}{value}"
        environ[name] = value
    return environ


class Answer:
    """What the application said, whole: status, headers, and the body as bytes or as a file."""

    def __init__(self) -> None:
        self.status = 500
        self.headers: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.file: IO[bytes] | None = None

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        """WSGI's ``start_response``."""
        if exc_info and self.headers:
            raise exc_info[1].with_traceback(exc_info[2])
        self.status = int(status.split(" ", 1)[0])
        self.headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        return self._add

    def _add(self, piece: bytes) -> None:
        if self.file is None and len(self.body) + len(piece) <= IN_MEMORY:
            self.body = self.body + piece if self.body else piece
            return
        if self.file is None:
            self.file = tempfile.TemporaryFile()  # noqa: SIM115  closed when it was sent
            self.file.write(self.body)
            self.body = b""
        self.file.write(piece)

    def take(self, pieces: Iterable[bytes]) -> None:
        """Read the body to its end and close it, in the thread that made it."""
        try:
            for piece in pieces:
                self._add(piece)
        except BaseException:
            self.close()
            raise
        finally:
            getattr(pieces, "close", lambda: None)()
        if self.file is not None:
            self.file.seek(0)

    def close(self) -> None:
        """Give the file back."""
        if self.file is not None:
            self.file.close()


class Bridge:
    """Hands requests to a WSGI application in at most ``threads`` threads; the others wait their turn, in order."""

    def __init__(self, application: WsgiApplication, *, threads: int) -> None:
        self._application = application
        self._pool = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="django")

    async def __call__(self, scope: Scope, receive: Receive, send: Send, extra: Mapping[str, Any] | None = None) -> None:
        """Answer one request."""
        try:
            body = await read_body(scope, receive)
        except Gone:
            return
        except TooLarge:
            await _refuse(send, 413)
            return
        with body:
            environ = environ_of(scope, body, extra or {})
            answer = await asyncio.get_running_loop().run_in_executor(self._pool, self._work, environ)
        try:
            await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
            if answer.file is None:
                await send({"type": "http.response.body", "body": answer.body})
                return
            while piece := answer.file.read(PIECE):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            answer.close()

    def _work(self, environ: dict[str, Any]) -> Answer:
        answer = Answer()
        answer.take(self._application(environ, answer.start))
        return answer

    def close(self) -> None:
        """Let running requests end and take no more."""
        self._pool.shutdown(wait=False, cancel_futures=True)


async def _refuse(send: Send, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})
