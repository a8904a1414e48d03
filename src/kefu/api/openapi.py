"""The description of the API: what ninja finds, with sign-in, idempotency keys and the one error shape added (PLAT2)."""

import json
from typing import Any

from django.utils import translation
from ninja import NinjaAPI

from kefu import __version__
from kefu.api.idempotency import HEADER
from kefu.api.identity import ON_BEHALF_OF
from kefu.api.permissions import OPERATIONS, PUBLIC, permissions_of

PREFIX = "/api/v1/"
_UNSAFE = ("post", "put", "patch", "delete")
_TEXT = {"type": "string"}
_NUMBER = {"type": "integer"}
_ERROR: dict[str, Any] = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "fields", "params", "reasons"],
            "properties": {
                "code": {**_TEXT, "description": "Stable; the message is worded by Accept-Language (zh, en)."},
                "message": _TEXT,
                "fields": {"type": "object", "additionalProperties": _TEXT},
                "params": {"type": "object"},
                "reasons": {"type": "array", "items": {"$ref": "#/components/schemas/Reason"}},
            },
        }
    },
}
_REASON: dict[str, Any] = {
    "type": "object",
    "description": "One of several reasons: of a refused step (field, clause), or of a handbook text (field is the path; line, column).",
    "required": ["code", "message", "field", "clause", "line", "column"],
    "properties": {**dict.fromkeys(("code", "message", "field", "clause"), _TEXT), "line": _NUMBER, "column": _NUMBER},
}
_REFUSED = {
    "description": "Refused: 400, 401, 403, 404, 409, 413, 422, 429, 500 or 503",
    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}
_KEY = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "schema": {**_TEXT, "maxLength": 100},
    "description": "The same key with the same request is carried out once and answered alike (`Idempotent-Replay: true`).",
}
_FOR = {
    "in": "header",
    "name": ON_BEHALF_OF,
    "required": False,
    "schema": {**_TEXT, "maxLength": 20},
    "description": "Tokens only: 工号 of the person the integration acts for. Steps of a procedure belong to posts, so they need it.",
}


def description(api: NinjaAPI) -> dict[str, Any]:
    """OpenAPI 3.1 of the whole API, the same bytes whatever the language of the reader."""
    with translation.override("zh-hans"):
        found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix=PREFIX)))
    found["info"]["version"] = __version__
    components = found.setdefault("components", {})
    components.setdefault("schemas", {}).update({"Error": _ERROR, "Reason": _REASON})
    components["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer kefu_…`"},
        "session": {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "A signed-in browser; needs the CSRF header."},
    }
    for methods in found["paths"].values():
        for method, operation in methods.items():
            _complete(method, operation)
    return found


def _complete(method: str, operation: dict[str, Any]) -> None:
    need = OPERATIONS[operation["operationId"]]
    operation["responses"]["default"] = _REFUSED
    if need is PUBLIC:
        operation["security"] = []
        return
    operation["security"] = [{"token": []}, {"session": []}]
    operation["x-permission"] = " | ".join(permissions_of(need))
    parameters = operation.setdefault("parameters", [])
    parameters.append(_FOR)
    if method in _UNSAFE:
        parameters.append(_KEY)
