"""The one router of cases: operations of one address must share it, whichever file they are in."""

from ninja import Router

router = Router(tags=["cases"])
