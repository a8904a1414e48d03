"""Macros 宏."""

from typing import Any

from ninja import Query
from ninja.responses import Status
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.desk.router import Body, Scoped, Versioned, router
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.desk import macros


class Macro(Schema):
    """A macro."""

    id: int
    scope: str
    name: str
    kinds: list[str]
    statuses: list[str]
    parts: list[dict[str, Any]]
    uses: int
    version: int
    changeable: bool


class MacrosWanted(Schema):
    """For a case: only those meant for such."""

    model_config = ConfigDict(extra="forbid")
    case: Id | None = None


class MacroText(Body):
    """What a macro does, one part after the other: `{"do": "note", "text": …}`, `reply` (`channel`, `awaiting`), `urge`,
    `level` (`level`, `reason`), `assign` (`to`: `me`, `none` or a person), `follow`, `step` (`step`, `answers`),
    `task` (`title`, `hours`, `site`). ``kinds`` and ``statuses`` it is meant for, empty for any."""

    name: str = Field(min_length=1, max_length=40)
    parts: list[dict[str, Any]] = Field(min_length=1, max_length=10)
    kinds: list[str] = Field(default_factory=list, max_length=50)
    statuses: list[str] = Field(default_factory=list, max_length=6)


class NewMacro(MacroText, Scoped):
    """A macro to keep."""


class MacroChange(MacroText, Versioned):
    """A macro written anew."""


class Given(Body):
    """What was typed into blanks."""

    given: dict[str, str] = Field(default_factory=dict, max_length=20)


class Run(Given):
    """The same, and the last entry the person saw (replies are stopped when somebody answered since)."""

    seen: int | None = Field(None, ge=0)


class Effect(Schema):
    """What a part will do; ``code`` and ``why`` when it would be refused."""

    do: str
    title: str
    shown: str
    code: str
    why: str
    blanks: list[str]


class Preview(Schema):
    """What will happen to this case; ``runs`` when nothing stands in the way."""

    runs: bool
    fits: bool
    effects: list[Effect]
    blanks: list[str]


class Done(Schema):
    """What was done, and what takes it back where something does, in the order to do it."""

    did: list[str]
    undo: list[dict[str, Any]]


def _shown(request: ApiRequest, row: Any) -> Macro:
    plain = {name: getattr(row, name) for name in ("scope", "name", "kinds", "statuses", "parts", "uses", "version")}
    return Macro(id=row.pk, changeable=macros.may_change(request.actor, row), **plain)


def _new(body: MacroText) -> macros.NewMacro:
    return macros.NewMacro(body.name, body.parts, body.kinds, body.statuses)


@router.get("/macros", response=list[Macro])
def list_macros(request: ApiRequest, wanted: Query[MacrosWanted]) -> list[Macro]:
    """Macros one has, most used first (CASE8)."""
    return [_shown(request, row) for row in macros.macros(request.actor, wanted.case)]


@router.post("/macros", response={201: Macro})
def create_macro(request: ApiRequest, body: NewMacro) -> Status[Macro]:
    """Write a macro down; an action that is not on the list answers 422 `macro.part` (CASE8)."""
    row = macros.create(actor=request.actor, scope=body.scope, macro=_new(body), now=moment.now())
    return Status(201, _shown(request, row))


@router.put("/macros/{int:macro_id}", response=Macro)
def change_macro(request: ApiRequest, macro_id: int, body: MacroChange) -> Macro:
    """Write a macro anew; on an older sight 409 `stale` (CASE8)."""
    row = macros.change(actor=request.actor, macro_id=macro_id, macro=_new(body), expected_version=body.version, now=moment.now())
    return _shown(request, row)


@router.delete("/macros/{int:macro_id}", response={204: None})
def delete_macro(request: ApiRequest, macro_id: int) -> Status[None]:
    """Take a macro away (CASE8)."""
    macros.delete(actor=request.actor, macro_id=macro_id, now=moment.now())
    return Status(204, None)


@router.post("/cases/{int:case_id}/macros/{int:macro_id}/preview", response=Preview)
def preview_macro(request: ApiRequest, case_id: int, macro_id: int, body: Given) -> Preview:
    """What the macro will do to this very case, and which parts would be refused and why. Nothing is kept (CASE8)."""
    found = macros.preview(actor=request.actor, macro_id=macro_id, case_id=case_id, given=body.given, now=moment.now())
    effects = [
        Effect(do=one.do, title=one.title, shown=one.shown, code=one.code, why=one.why, blanks=list(one.blanks)) for one in found.effects
    ]
    return Preview(runs=found.runs, fits=found.fits, effects=effects, blanks=list(found.blanks))


@router.post("/cases/{int:case_id}/macros/{int:macro_id}/run", response=Done)
def run_macro(request: ApiRequest, case_id: int, macro_id: int, body: Run) -> Done:
    """Do all of it or nothing. 409 `macro.refused` names the part in `params.part` and its reason in `params.reason` (CASE8)."""
    done = macros.run(actor=request.actor, macro_id=macro_id, case_id=case_id, given=body.given, seen=body.seen, now=moment.now())
    return Done(did=list(done.did), undo=[dict(one) for one in done.undo])
