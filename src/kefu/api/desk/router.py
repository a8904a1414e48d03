"""The one router of the desk, and what its bodies share."""

from typing import Literal

from ninja import Router
from pydantic import ConfigDict, Field

from kefu.api.schema import Schema

router = Router(tags=["desk"])


class Body(Schema):
    """A request body; unknown names are refused."""

    model_config = ConfigDict(extra="forbid")


class Scoped(Body):
    """For whom something is kept: oneself, one's site, everybody. Team needs `desk.team`, all needs `desk.all`."""

    scope: Literal["own", "team", "all"] = "own"


class Versioned(Body):
    """The version the caller saw."""

    version: int = Field(ge=0)
