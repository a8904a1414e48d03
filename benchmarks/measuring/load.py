"""A small HTTP client that keeps its connections, and what it measured.

The client, the server and the database share the machine's cores; the client's own part is about 0.1 ms a request.
"""

import http.client
import itertools
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias


@dataclass(frozen=True)
class Request:
    """One request."""

    path: str
    headers: dict[str, str] = field(default_factory=dict)
    method: str = "GET"
    body: bytes | None = None


Source: TypeAlias = Callable[[int], Request]
"""Gives the request of a number; different numbers ask for different things."""


@dataclass
class Taken:
    """Times of the answers of one run."""

    seconds: list[float] = field(default_factory=list)
    errors: int = 0
    wall: float = 0.0
    bytes: int = 0
    cpu: float | None = None
    sample: bytes = b""

    @property
    def p50(self) -> float | None:
        """Median."""
        return statistics.median(self.seconds) if self.seconds else None

    @property
    def p95(self) -> float | None:
        """19 of 20 are faster."""
        if len(self.seconds) < 2:
            return self.seconds[0] if self.seconds else None
        return statistics.quantiles(self.seconds, n=20, method="inclusive")[-1]

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.wall if self.wall else 0.0


def run(port: int, source: Source, *, connections: int, seconds: float, most: int, warm: int = 3, timeout: float = 60.0) -> Taken:
    """Send requests over so many connections until the time is over or ``most`` were sent."""
    taken, numbers, lock = Taken(), itertools.count(), threading.Lock()
    until = [0.0]
    ready = threading.Barrier(connections + 1)

    def one_client(at: int) -> None:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        for number in range(warm):
            _send(client, source(1_000_000 + at * 100 + number))
        ready.wait()
        for number in _until(numbers, most, until):
            started = time.perf_counter()
            status, content = _send(client, source(number))
            spent = time.perf_counter() - started
            with lock:
                if status >= 400:
                    taken.errors += 1
                    taken.sample = taken.sample or content[:300]
                else:
                    taken.seconds.append(spent)
                    taken.bytes += len(content)
        client.close()

    threads = [threading.Thread(target=one_client, args=(at,), daemon=True) for at in range(connections)]
    for thread in threads:
        thread.start()
    started = time.perf_counter()
    until[0] = time.monotonic() + 10 * timeout
    ready.wait()
    started, until[0] = time.perf_counter(), time.monotonic() + seconds
    for thread in threads:
        thread.join()
    taken.wall = time.perf_counter() - started
    return taken


def _until(numbers: Iterator[int], most: int, until: list[float]) -> Iterator[int]:
    for number in numbers:
        if number >= most or time.monotonic() > until[0]:
            return
        yield number


def _send(client: http.client.HTTPConnection, request: Request) -> tuple[int, bytes]:
    try:
        client.request(request.method, request.path, body=request.body, headers=request.headers)
        answer = client.getresponse()
        return answer.status, answer.read()
    except (http.client.HTTPException, OSError) as error:
        client.close()
        return 599, repr(error).encode()
