"""An agent's browser as far as a server sees one: a kept connection, a cookie jar, forms filled in as people do, an open stream."""

import asyncio
import json
import random
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlencode, urlsplit

ANSWER_WITHIN = 30.0


@dataclass(frozen=True)
class Answer:
    """Status, where it sends on to, and the text of a response."""

    status: int
    location: str
    text: str


class Connection:
    """One HTTP/1.1 connection of one browser; opened again when the server closed it."""

    def __init__(self, port: int, cookies: dict[str, str]) -> None:
        self.port, self.cookies = port, cookies
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, path: str, *, form: dict[str, str] | None = None, part: bool = False) -> Answer:
        """GET, or POST when there is a form; follows one redirect. Raises ``OSError`` and ``TimeoutError``."""
        answer = await self._send(path, form, part)
        if answer.status in (302, 303) and answer.location:
            return await self._send(urlsplit(answer.location)._replace(scheme="", netloc="").geturl(), None, False)
        return answer

    async def _send(self, path: str, form: dict[str, str] | None, part: bool) -> Answer:
        reused = self._writer is not None
        try:
            return await asyncio.wait_for(self._exchange(path, form, part), ANSWER_WITHIN)
        except (ConnectionResetError, asyncio.IncompleteReadError) as error:
            self.close()
            # A server closes a connection that was idle for long; a browser that meets this asks again on a new one.
            if not reused or getattr(error, "partial", b""):
                raise
        except (OSError, EOFError, TimeoutError):
            self.close()
            raise
        return await asyncio.wait_for(self._exchange(path, form, part), ANSWER_WITHIN)

    async def _exchange(self, path: str, form: dict[str, str] | None, part: bool) -> Answer:
        if self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self.port)
        assert self._reader is not None
        body = urlencode(form).encode() if form is not None else b""
        self._writer.write(_head("POST" if form is not None else "GET", path, self.port, self.cookies, len(body), part) + body)
        status, headers = await _answer_head(self._reader)
        for name, value in headers:
            if name == "set-cookie":
                key, _, rest = value.partition("=")
                self.cookies[key] = rest.split(";", 1)[0]
        found = dict(headers)
        content = await _body(self._reader, found)
        if found.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, found.get("location", "") or found.get("hx-redirect", ""), content.decode("utf-8", "replace"))

    def close(self) -> None:
        """Drop the connection; the next request opens another."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


def _head(method: str, path: str, port: int, cookies: dict[str, str], length: int, part: bool) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Accept: text/html", "Accept-Language: zh"]
    lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
    if part:
        lines.append("HX-Request: true")
    if method == "POST":
        lines += [f"Content-Length: {length}", "Content-Type: application/x-www-form-urlencoded", f"Origin: http://127.0.0.1:{port}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


async def _answer_head(reader: asyncio.StreamReader) -> tuple[int, list[tuple[str, str]]]:
    lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    pairs = [line.partition(":") for line in lines[1:] if line]
    return int(lines[0].split(" ", 2)[1]), [(name.strip().lower(), value.strip()) for name, _, value in pairs]


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return b"".join([piece async for piece in _chunks(reader)])
    return await reader.readexactly(int(headers.get("content-length") or 0))


async def _chunks(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    while size := int((await reader.readline()).split(b";")[0] or b"0", 16):
        yield await reader.readexactly(size)
        await reader.readline()
    await reader.readline()


@dataclass(frozen=True)
class Heard:
    """A change a stream named, and when, in seconds since the epoch."""

    seq: int
    kind: str
    id: int
    at: float


@dataclass
class Ear:
    """What one stream heard, from which sequence number on, and when it broke."""

    since: int
    heard: list[Heard] = field(default_factory=list)
    lost: list[float] = field(default_factory=list)
    resets: int = 0


async def listen(port: int, cookies: dict[str, str], ear: Ear) -> None:
    """Keep a stream open until cancelled, resuming behind the last sequence number heard, as a browser does."""
    last = str(ear.since)
    while True:
        with suppress(OSError, EOFError, ValueError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                head = _head("GET", "/live", port, cookies, 0, False).replace(b"Accept: text/html", b"Accept: text/event-stream")
                writer.write(head.replace(b"\r\n\r\n", f"\r\nLast-Event-ID: {last}\r\n\r\n".encode()))
                status, headers = await _answer_head(reader)
                if status == 200:
                    last = await _events(reader, dict(headers), ear, last)
            finally:
                writer.close()
        ear.lost.append(time.time())
        await asyncio.sleep(0.5 + random.random())


async def _pieces(reader: asyncio.StreamReader, chunked: bool) -> AsyncIterator[bytes]:
    if chunked:
        async for piece in _chunks(reader):
            yield piece
        return
    while piece := await reader.read(65536):
        yield piece


async def _events(reader: asyncio.StreamReader, headers: dict[str, str], ear: Ear, last: str) -> str:
    text = b""
    try:
        async for piece in _pieces(reader, headers.get("transfer-encoding", "").lower() == "chunked"):
            text += piece
            while b"\n\n" in text:
                block, text = text.split(b"\n\n", 1)
                last = _take(block.decode(), ear) or last
    except (OSError, EOFError, ValueError):
        pass
    return last


def _take(block: str, ear: Ear) -> str:
    fields = dict(line.split(": ", 1) for line in block.split("\n") if ": " in line)
    now = time.time()
    ear.resets += fields.get("event") == "reset"
    if "event" not in fields and "data" in fields:
        ear.heard += [Heard(one["seq"], one["kind"], one["id"], now) for one in json.loads(fields["data"])["changes"]]
    return fields.get("id", "")


@dataclass
class Form:
    """A form of a page: where it goes, what it holds, and what has to be filled in."""

    action: str = ""
    id: str = ""
    values: dict[str, str] = field(default_factory=dict)
    open: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Collects the forms of a page; ``open`` holds a sensible answer for each field a person would fill in."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._form: Form | None = None
        self._select = ""

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in pairs}
        if tag == "form":
            self._form = Form(given.get("action", ""), given.get("id", ""))
            self.found.append(self._form)
            return
        form, name = self._form, given.get("name", "")
        if form is None:
            return
        if tag == "option" and self._select and given.get("value") and not form.open.get(self._select):
            form.open[self._select] = given["value"]
        if not name:
            return
        if tag == "textarea":
            form.open[name] = "已与客户电话联系，说明当前进度并致歉。"
        elif tag == "select":
            self._select = name
        elif tag == "input":
            self._input(form, name, given)

    def _input(self, form: Form, name: str, given: dict[str, str]) -> None:
        kind, value = given.get("type", "text"), given.get("value", "")
        if kind == "hidden":
            form.values[name] = value
        elif kind in ("radio", "checkbox"):
            if not form.open.get(name):
                form.open[name] = value or "on"
        elif kind == "number":
            form.open[name] = value or given.get("min") or "1"
        elif kind in ("datetime-local", "date"):
            form.open[name] = value or time.strftime("%Y-%m-%dT%H:%M" if kind == "datetime-local" else "%Y-%m-%d")
        elif kind not in ("file", "submit", "button"):
            form.open[name] = value or "已核实"

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""


def forms(text: str) -> list[Form]:
    """The forms of a page."""
    parser = _Forms()
    parser.feed(text)
    return parser.found
