"""What requests and answers consist of, read and written by the compiled part of pydantic alone.

ninja's own ``Schema`` wraps every value in an object of Python that looks each field up as a template would; a list of cases is
1,300 fields. An answer made of our shapes is right when it is made: it is written down once, not checked, copied and written.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja.constants import NOT_SET
from ninja.operation import Operation
from ninja.responses import Status
from pydantic import BaseModel, ConfigDict, TypeAdapter
from pydantic_core import PydanticSerializationError

JSON = "application/json; charset=utf-8"


class Schema(BaseModel):
    """Base of every shape; made from keywords, or from any object with the same attributes."""

    model_config = ConfigDict(from_attributes=True)


def written(operation: Operation) -> Callable[..., Any]:
    """The operation's function, its value already written as JSON; a value of another shape is left to ninja, which converts it."""
    view = operation.view_func
    writers: dict[Any, TypeAdapter[Any]] = {
        status: TypeAdapter(cast(Any, model.model_fields["response"].annotation))
        for status, model in operation.response_models.items()
        if model is not None and model is not NOT_SET
    }
    usual = next(iter(operation.response_models))

    @wraps(view)
    def write(request: HttpRequest, **values: Any) -> Any:
        result = view(request, **values)
        if isinstance(result, HttpResponseBase):
            return result
        status, value = (result.status_code, result.value) if isinstance(result, Status) else (usual, result)
        writer = writers.get(status)
        if writer is None:
            return result
        try:
            return HttpResponse(writer.dump_json(value, warnings="error"), status=status, content_type=JSON)
        except PydanticSerializationError:
            return result

    return write
