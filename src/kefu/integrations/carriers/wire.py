"""Digests, encodings and readings the carriers share. Texts are signed exactly as they are sent, and encoded exactly once."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from django.utils import timezone

from kefu.kernel.cells import BadCell, moment_of
from kefu.station.tracking.carriers import Request, Response
from kefu.station.tracking.faults import CarrierFault

FORM = "application/x-www-form-urlencoded; charset=utf-8"
JSON = "application/json; charset=utf-8"
# The longest trace text and place that are kept.
_TEXT, _PLACE = 500, 80


def md5_hex(text: str) -> str:
    """32 lower-case characters. MD5 is the carriers' choice."""
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def md5_bytes_base64(text: str) -> str:
    """Base64 of the sixteen bytes (中通, 圆通, 申通, 极兔, 菜鸟)."""
    return base64.b64encode(hashlib.md5(text.encode(), usedforsecurity=False).digest()).decode()


def md5_hex_base64(text: str) -> str:
    """Base64 of the 32 lower-case characters (快递鸟, 德邦)."""
    return base64.b64encode(md5_hex(text).encode()).decode()


def same(given: str, expected: str) -> bool:
    """Whether two signatures are the same, in a time that does not tell where they differ."""
    return hmac.compare_digest(given.encode(), expected.encode())


def compact(value: Mapping[str, Any] | Sequence[Any]) -> str:
    """JSON without blanks, Chinese as it is: this very text is signed and sent."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def form(url: str, fields: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Request:
    """A form in the order given, every value encoded once."""
    return Request(url, urlencode(fields, quote_via=quote, safe="").encode(), {"Content-Type": FORM, **(headers or {})})


def json_body(url: str, text: str, headers: Mapping[str, str]) -> Request:
    """A body of JSON as it was signed."""
    return Request(url, text.encode(), {"Content-Type": JSON, **headers})


def form_fields(body: bytes) -> dict[str, str]:
    """The fields of a form, decoded once; raises ``unreadable``."""
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=50))
    except ValueError as error:
        raise CarrierFault("unreadable") from error


def data_of(response: Response) -> dict[str, Any]:
    """The JSON object of an answer; a status of failure, a page of HTML and anything else is a fault of its own."""
    if response.status == 429:
        raise CarrierFault("busy", f"HTTP {response.status}")
    if response.status >= 500:
        raise CarrierFault("vendor_down", f"HTTP {response.status}")
    if response.status in (401, 403):
        raise CarrierFault("bad_account", f"HTTP {response.status}")
    text = response.body.decode("utf-8", "replace").lstrip("\ufeff \r\n\t")
    if text[:1] == "<":
        raise CarrierFault("not_json")
    return mapping(parsed(text))


def parsed(text: str) -> Any:
    """The value of a JSON text; raises ``unreadable``."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CarrierFault("unreadable", text[:80]) from error


def mapping(value: object) -> dict[str, Any]:
    """An object of JSON; raises ``unreadable``."""
    if not isinstance(value, dict):
        raise CarrierFault("unreadable")
    return value


def objects(value: object) -> list[dict[str, Any]]:
    """A list of objects; nothing at all counts as an empty list, which carriers like to leave out."""
    if value is None or value == "":
        return []
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise CarrierFault("unreadable")
    return value


def text_at(row: Mapping[str, Any], *names: str) -> str:
    """The first of the fields that holds something, as text."""
    for name in names:
        value = row.get(name)
        if value is not None and not isinstance(value, dict | list) and (text := str(value).replace("\0", "").strip()):
            return text
    return ""


def line_text(row: Mapping[str, Any], *names: str) -> str:
    """A trace's text, cut to what is kept."""
    return text_at(row, *names)[:_TEXT]


def place_text(row: Mapping[str, Any], *names: str) -> str:
    """A trace's place, cut to what is kept."""
    return text_at(row, *names)[:_PLACE]


def truth(value: object) -> bool:
    """``true``, ``"true"``, ``"True"`` and 1 are what carriers mean by yes."""
    return str(value).strip().lower() in ("true", "1")


def moment(value: object) -> datetime | None:
    """A trace's time; Chinese time where it names no zone. ``None`` when it is none: such a line is left out, never guessed."""
    given = value if isinstance(value, str | int | float) and not isinstance(value, bool) else None
    try:
        return moment_of(given, timezone.get_default_timezone())
    except BadCell:
        return None


def milliseconds(now: datetime) -> str:
    """Milliseconds since 1970."""
    return str(int(now.timestamp() * 1000))


def stamp(now: datetime) -> str:
    """``2026-11-22 10:00:00`` in Chinese time."""
    return timezone.localtime(now, timezone.get_default_timezone()).strftime("%Y-%m-%d %H:%M:%S")
