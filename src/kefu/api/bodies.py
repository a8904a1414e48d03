"""Request bodies as values: JSON without what no database can hold (NUL, halves of surrogate pairs)."""

import json
import re
from typing import Any, cast

from django.http import HttpRequest
from ninja.parser import Parser
from ninja.types import DictStrAny

from kefu.kernel.texts import storable

# Escapes that such characters come in; others cannot be part of a valid body.
_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")


def clean(value: Any) -> Any:
    """The same value, its texts without NUL and with a mark where half a pair stood."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {clean(key): clean(one) for key, one in value.items()}
    return [clean(one) for one in value] if isinstance(value, list) else value


class BodyParser(Parser):
    """Reads JSON; a body with nothing suspect in it costs one look."""

    def parse_body(self, request: HttpRequest) -> DictStrAny:
        """The body as a value."""
        value = json.loads(request.body)
        return cast(DictStrAny, clean(value) if _SUSPECT.search(request.body) else value)
