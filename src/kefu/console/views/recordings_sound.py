"""The bytes of a recording as a browser's player asks for them: whole or a range, decrypted block by block (CONV4)."""

import re
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from typing import BinaryIO

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from kefu.recordings import queries
from kefu.recordings.queries import Recording

_RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)
_PART = 64 * 1024
# A range that fits is answered at once; what is longer is streamed.
_AT_ONCE = 1024 * 1024
TYPES: Mapping[str, str] = {"WAV": "audio/wav", "WAVEX": "audio/wav", "FLAC": "audio/flac", "OGG": "audio/ogg", "MP3": "audio/mpeg"}


def type_of(row: Recording) -> str:
    """What the browser is told it is."""
    return TYPES.get(row.format.partition(" ")[0], "application/octet-stream")


def answer(request: HttpRequest, row: Recording) -> HttpResponseBase:
    """The whole, the range asked for, or 416."""
    asked = request.headers.get("Range", "")
    first, last = 0, row.size - 1
    status = 200
    if asked:
        span = _span(asked, row.size)
        if span is None:
            refused = HttpResponse(status=416)
            refused["Content-Range"] = f"bytes */{row.size}"
            return refused
        (first, last), status = span, 206
    count = last - first + 1
    response: HttpResponseBase
    if count <= _AT_ONCE:
        with queries.sound(row) as file:
            file.seek(first)
            response = HttpResponse(file.read(count), status=status, content_type=type_of(row))
    else:
        response = StreamingHttpResponse(_stream(row, first, count), status=status, content_type=type_of(row))
    response["Content-Length"] = str(count)
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, no-store"
    if status == 206:
        response["Content-Range"] = f"bytes {first}-{last}/{row.size}"
    return response


def _span(asked: str, size: int) -> tuple[int, int] | None:
    """First and last byte of a range; ``None`` for one that cannot be given."""
    found = _RANGE.fullmatch(asked.strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        length = min(int(found[2]), size)
        return (size - length, size - 1) if length else None
    first = int(found[1])
    last = min(int(found[2]), size - 1) if found[2] else size - 1
    return (first, last) if first <= last and first < size else None


def _stream(row: Recording, first: int, count: int) -> Iterator[bytes]:
    with ExitStack() as stack:
        file: BinaryIO = stack.enter_context(queries.sound(row))
        file.seek(first)
        left = count
        while left and (part := file.read(min(_PART, left))):
            left -= len(part)
            yield part
