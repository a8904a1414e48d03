"""The stand-in's server: one address for all vendors (``/<vendor>/…``), on loopback only, with faults on demand.

It is a stand-in, in its name, its log line and the texts of its answers; no carrier is behind it.
"""

import json
import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from socketserver import ThreadingMixIn
from typing import Any, Final
from urllib.parse import parse_qs, urlencode, urlsplit
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import urllib3

from kefu.integrations.carriers.stand_in.answers import DIALECTS, REFUSALS, Asked, pushed
from kefu.integrations.carriers.stand_in.journeys import Step, journey
from kefu.integrations.carriers.wire import parsed, stamp
from kefu.station.tracking.faults import CarrierFault

log = logging.getLogger("kefu.stand_in")
NAME: Final = "Kefu carrier stand-in"
FAULTS: Final = ("slow", "drip", "html", "error", "broken", "sign", "lock", "huge", "redirect")
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
StartResponse = Callable[[str, list[tuple[str, str]]], object]


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass
class StandIn:
    """The WSGI application. ``faults`` are played once each, in their order, by vendor; ``asked`` counts requests by vendor."""

    seed: int = 20261122
    anchor: datetime = field(default_factory=_now)
    clock: Callable[[], datetime] = _now
    slow_seconds: float = 3.0
    push_after: float | None = None
    faults: dict[str, deque[str]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    subscribed: dict[tuple[str, str], str] = field(default_factory=dict)

    def __call__(self, environ: dict[str, Any], start: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        size = min(int(environ.get("CONTENT_LENGTH") or 0), 1_000_000)
        headers = {key[5:].replace("_", "-").lower(): str(value) for key, value in environ.items() if key.startswith("HTTP_")}
        asked = Asked(environ.get("PATH_INFO", ""), headers, environ["wsgi.input"].read(size))
        vendor = asked.path.strip("/").split("/")[0]
        if vendor == "fault":
            return _answer(start, self._plan(environ.get("QUERY_STRING", "")))
        if vendor not in DIALECTS:
            return _answer(start, {"name": NAME, "vendors": sorted(DIALECTS), "faults": FAULTS}, status="404 Not Found")
        self.asked[vendor] += 1
        waiting = self.faults.get(vendor)
        fault = waiting.popleft() if waiting else ""
        log.info("%s: %s %s%s", NAME, vendor, asked.path, f" fault {fault}" if fault else "")
        return self._play(fault, start) if fault in _PLAYED else self._speak(vendor, asked, start, fault)

    def fail(self, vendor: str, *kinds: str) -> None:
        """Play these faults with the next requests to a vendor."""
        self.faults.setdefault(vendor, deque()).extend(kinds)

    def steps(self, number: str) -> Sequence[Step]:
        """The journey of a number so far."""
        return journey(self.seed, number, self.anchor, self.clock())

    def _plan(self, query: str) -> dict[str, object]:
        wanted = {name: values[0] for name, values in parse_qs(query).items()}
        vendor, kind = wanted.get("vendor", ""), wanted.get("kind", "")
        if vendor in DIALECTS and kind in FAULTS:
            self.fail(vendor, *[kind] * min(int(wanted.get("times", "1")), 100))
        return {"name": NAME, "planned": {name: list(kinds) for name, kinds in self.faults.items()}}

    def _speak(self, vendor: str, asked: Asked, start: StartResponse, fault: str) -> Iterable[bytes]:
        dialect = DIALECTS[vendor]
        try:
            if _is_subscription(vendor, asked):
                return _answer(start, self._subscribe(vendor, asked))
            if fault == "sign" or not dialect.signed(asked):
                return _answer(start, dialect.refusal("sign"))
            if fault == "lock":
                return _answer(start, dialect.refusal("lock"))
            number = dialect.number(asked)
            return _answer(start, dialect.traces(number, self.steps(number)))
        except (CarrierFault, KeyError, TypeError, IndexError, UnicodeDecodeError):
            return _answer(start, {"result": False, "message": f"{NAME}: request not understood"}, status="400 Bad Request")

    def _subscribe(self, vendor: str, asked: Asked) -> dict[str, Any]:
        if vendor == "kuaidi100":
            param = parsed(asked.fields["param"])
            number, address = param["number"], param["parameters"]["callbackurl"]
            answer: dict[str, Any] = {"result": True, "returnCode": "200", "message": REFUSALS["subscribe"]}
        else:
            data = parsed(asked.fields["RequestData"])
            number, address = data["LogisticCode"], data["Callback"]
            answer = {"EBusinessID": asked.fields["EBusinessID"], "UpdateTime": stamp(self.clock()), "Success": True, "Reason": ""}
        self.subscribed[vendor, number] = address
        if self.push_after is not None:
            threading.Timer(self.push_after, self.push, (vendor, number)).start()
        return answer

    def push(self, vendor: str, number: str, *, status: str = "") -> int:
        """Call back about a subscribed number; the status of the answer. Only ever to this machine."""
        address = self.subscribed[vendor, number]
        if urlsplit(address).hostname not in _LOOPBACK:
            return 0
        steps = self.steps(number)
        ended = bool(steps) and steps[-1].code in ("sign", "out_store")
        fields = pushed(vendor, number, steps, sent_at=stamp(self.clock()), status=status or ("shutdown" if ended else "polling"))
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        try:
            return urllib3.request("POST", address, body=urlencode(fields), headers=headers, timeout=5.0, retries=False).status
        except urllib3.exceptions.HTTPError:
            log.warning("%s: nobody answers at %s", NAME, urlsplit(address).netloc)
            return 0

    def _play(self, fault: str, start: StartResponse) -> Iterable[bytes]:
        if fault == "slow":
            time.sleep(self.slow_seconds)
            return _answer(start, {"name": NAME})
        if fault == "drip":
            start("200 OK", [("Content-Type", "application/json")])
            return self._drops()
        if fault == "html":
            start("200 OK", [("Content-Type", "text/html; charset=utf-8")])
            return ["<!DOCTYPE html><html><title>（模拟）系统维护</title></html>".encode()]
        if fault == "error":
            return _answer(start, {"name": NAME, "message": "（模拟）系统异常"}, status="500 Internal Server Error")
        if fault == "redirect":
            start("302 Found", [("Location", "http://127.0.0.1:9/")])
            return [b""]
        if fault == "huge":
            start("200 OK", [("Content-Type", "application/json")])
            return [b" " * 100_000 for _ in range(30)]
        start("200 OK", [("Content-Type", "application/json")])
        return [b'{"status":"200","data":[{"time":"2026-']

    def _drops(self) -> Iterable[bytes]:
        """A byte now and then: every single wait is short, the whole never ends."""
        for _ in range(100):
            time.sleep(self.slow_seconds / 10)
            yield b" "


_PLAYED: Final = frozenset({"slow", "drip", "html", "error", "broken", "huge", "redirect"})


def _is_subscription(vendor: str, asked: Asked) -> bool:
    if vendor == "kuaidi100":
        return "schema" in asked.fields
    return vendor == "kdniao" and asked.fields.get("RequestType") in ("1008", "8008")


def _answer(start: StartResponse, value: Any, *, status: str = "200 OK") -> list[bytes]:
    start(status, [("Content-Type", "application/json; charset=utf-8"), ("X-Stand-In", NAME)])
    return [json.dumps(value, ensure_ascii=False).encode()]


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        log.debug(format, *args)


def make(app: StandIn, port: int = 0) -> WSGIServer:
    """A server on loopback, not yet serving; port 0 takes a free one."""
    return make_server("127.0.0.1", port, app, _Server, _Quiet)


@contextmanager
def serving(app: StandIn) -> Iterator[str]:
    """Its address while the block runs."""
    server = make(app)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
