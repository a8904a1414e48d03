"""Sends requests to carriers: pooled connections, a limit on every wait and on the size of an answer, never a redirect."""

from time import monotonic

import urllib3
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.response import BaseHTTPResponse

from kefu.station.tracking.carriers import Request, Response
from kefu.station.tracking.faults import CarrierFault

MOST_BYTES = 2_000_000
_PART = 65_536


class Http:
    """A transport over HTTP. ``answer_seconds`` is for the whole answer: a carrier that sends drop by drop is cut off too."""

    def __init__(self) -> None:
        self._pool = urllib3.PoolManager(num_pools=20, maxsize=4, retries=False)

    def send(self, request: Request, *, connect_seconds: float, answer_seconds: float) -> Response:
        """The answer, whatever its status; raises ``timeout``, ``unreachable`` or ``too_large``."""
        ends = monotonic() + connect_seconds + answer_seconds
        timeout = urllib3.Timeout(connect=connect_seconds, read=answer_seconds)
        headers = {"User-Agent": "kefu", "Accept": "application/json", **request.headers}
        try:
            answer = self._pool.request(
                request.method, request.url, body=request.body, headers=headers, timeout=timeout, redirect=False, preload_content=False
            )
            try:
                body = _read(answer, ends)
            except BaseException:
                answer.close()
                raise
            answer.release_conn()
        except ReadTimeoutError as error:
            raise CarrierFault("timeout") from error
        except (HTTPError, OSError, ValueError) as error:
            # Also when connecting takes too long: the request never arrived, and the vendor has not counted it.
            raise CarrierFault("unreachable", type(error).__name__) from error
        return Response(answer.status, body, answer.headers.get("Content-Type", ""))


def _read(answer: BaseHTTPResponse, ends: float) -> bytes:
    parts: list[bytes] = []
    size = 0
    while part := answer.read1(_PART):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            raise CarrierFault("too_large")
        if monotonic() > ends:
            raise CarrierFault("timeout")
    return b"".join(parts)
