"""WSGI below ASGI: the request as Django expects it, large bodies both ways, threads bounded, the browser gone half-way."""

import asyncio
import threading

import pytest

from kefu.live import bridge
from kefu.live.bridge import Bridge


def scope(**more):
    return {
        "type": "http", "http_version": "1.1", "method": "GET", "path": "/工单/1", "query_string": b"q=%E5%BF%AB",
        "headers": [], "server": ("h", 80), "client": ("10.0.0.9", 5000), "scheme": "https", **more,
    }  # fmt: skip


def ask(application, body=(), threads=2, **more):
    """Send one request; gives status, headers, body."""
    sent, pieces = [], list(body)

    async def receive():
        if not pieces:
            return {"type": "http.disconnect"}
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message):
        sent.append(message)

    async def run():
        made = Bridge(application, threads=threads)
        await made(scope(**more), receive, send, {"kefu.live": 5})
        made.close()

    asyncio.run(run())
    if not sent:
        return None
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(message.get("body", b"") for message in sent[1:])


def test_the_request_reads_as_wsgi_says():
    seen = {}

    def application(environ, start):
        seen.update(environ)
        start("200 OK", [("X-A", "b"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")])
        return [b"o", b"k"]

    headers = [
        (b"host", b"h"),
        (b"cookie", b"a=1"),
        (b"cookie", b"b=2"),
        (b"x-y", b"1"),
        (b"x-y", b"2"),
        (b"x_y", b"spoofed"),
        (b"content-type", b"t"),
    ]
    status, answered, body = ask(application, headers=headers)
    assert (status, answered[b"x-a"], body) == (200, b"b", b"ok")
    assert seen["PATH_INFO"].encode("latin-1").decode() == "/工单/1"
    assert (seen["QUERY_STRING"], seen["wsgi.url_scheme"], seen["REMOTE_ADDR"], seen["kefu.live"]) == (
        "q=%E5%BF%AB",
        "https",
        "10.0.0.9",
        5,
    )
    assert (seen["HTTP_COOKIE"], seen["HTTP_X_Y"], seen["CONTENT_TYPE"]) == ("a=1; b=2", "1,2", "t")


@pytest.mark.parametrize("size", [0, 10, bridge.IN_MEMORY + 1, 3 * bridge.IN_MEMORY])
def test_bodies_of_any_size_arrive_whole_both_ways(size):
    data = bytes(range(256)) * (size // 256) + b"x" * (size % 256)

    def echo(environ, start):
        found = environ["wsgi.input"].read()
        start("200 OK", [("Content-Length", str(len(found)))])
        return (found[at : at + 50_000] for at in range(0, len(found), 50_000))

    pieces = [data[at : at + 70_000] for at in range(0, len(data), 70_000)] or [b""]
    assert ask(echo, body=pieces, method="POST", headers=[(b"content-length", str(size).encode())])[2] == data


def test_a_body_too_large_is_refused_before_a_thread_begins(monkeypatch):
    monkeypatch.setattr(bridge, "LARGEST_BODY", 100)
    status, _headers, _body = ask(
        lambda *_: pytest.fail("not called"), body=[b"x" * 101], method="POST", headers=[(b"content-length", b"101")]
    )
    assert status == 413


def test_a_browser_that_goes_in_the_middle_of_its_upload_costs_no_thread():
    assert ask(lambda *_: pytest.fail("not called"), method="POST", headers=[(b"content-length", b"9")]) is None


def test_an_answer_is_closed_in_the_thread_that_made_it():
    where = []

    class Pieces:
        def __iter__(self):
            return iter([b"a"])

        def close(self):
            where.append(threading.current_thread())

    def application(_environ, start):
        where.append(threading.current_thread())
        start("200 OK", [])
        return Pieces()

    ask(application)
    assert len(where) == 2
    assert where[0] is where[1]
    assert where[0] is not threading.main_thread()


def test_no_more_than_so_many_requests_run_at_once():
    running, most, together = [], [], threading.Barrier(3)

    def application(_environ, start):
        running.append(1)
        most.append(len(running))
        together.wait(10)
        running.pop()
        start("200 OK", [])
        return [b""]

    async def nothing():
        return {"type": "http.disconnect"}

    async def drop(_message):
        return None

    async def run():
        made = Bridge(application, threads=3)
        await asyncio.gather(*(made(scope(), nothing, drop) for _ in range(21)))
        made.close()

    asyncio.run(run())
    assert len(most) == 21
    assert max(most) == 3
