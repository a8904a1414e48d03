"""Canned phrases 快捷话术."""

from ninja import Query
from ninja.responses import Status
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.desk.router import Body, Scoped, Versioned, router
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.desk import phrases, variables


class Phrase(Schema):
    """A phrase. Those of a handbook have no ``id`` but a ``clause`` and cannot be changed."""

    id: int | None
    scope: str
    category: str
    title: str
    text: str
    shortcut: str
    uses: int
    version: int
    clause: str
    changeable: bool


class Category(Schema):
    """A category by its path and how many phrases it holds."""

    path: str
    phrases: int


class PhrasesWanted(Schema):
    """Which phrases."""

    model_config = ConfigDict(extra="forbid")
    q: str = Field("", max_length=40, description="What was typed behind `/`: shortcut, pinyin initials or spelling, words.")
    case: Id | None = None
    category: str = Field("", max_length=80)
    size: int = Field(30, ge=1, le=200)


class PhraseText(Body):
    """What a phrase holds. Variables such as `{客户称呼}` are a closed list; an unknown one answers 422 `phrase.variable` with the list."""

    title: str = Field(min_length=1, max_length=40)
    text: str = Field(min_length=1, max_length=2000)
    category: str = Field("", max_length=80)
    shortcut: str = Field("", max_length=20)


class NewPhrase(PhraseText, Scoped):
    """A phrase to keep."""


class PhraseChange(PhraseText, Versioned):
    """A phrase written anew."""


class Fill(Body):
    """A text to fill in; ``phrase`` counts a use of it, ``given`` are values for blanks."""

    text: str = Field(max_length=2000)
    case: Id | None = None
    phrase: Id | None = None
    given: dict[str, str] = Field(default_factory=dict, max_length=20)


class Filled(Schema):
    """The text; ``blanks`` stand in it as ``【…】``."""

    text: str
    blanks: list[str]


def _shown(one: phrases.Ready) -> Phrase:
    return Phrase(**{name: getattr(one, name) for name in Phrase.model_fields})


@router.get("/phrases", response=list[Phrase])
def list_phrases(request: ApiRequest, wanted: Query[PhrasesWanted]) -> list[Phrase]:
    """Phrases for what was typed: own, of the site, of all, then the handbook's (CONV1)."""
    found = phrases.find(request.actor, wanted.q, case_id=wanted.case, category=wanted.category, limit=wanted.size, now=moment.now())
    return [_shown(one) for one in found]


@router.get("/phrases/categories", response=list[Category])
def list_phrase_categories(request: ApiRequest) -> list[Category]:
    """The tree of categories, by path (CASE8)."""
    return [Category(path=path, phrases=count) for path, count in phrases.categories(request.actor)]


@router.get("/phrases/variables", response=list[str])
def list_phrase_variables(request: ApiRequest) -> list[str]:  # noqa: ARG001 (every operation takes it)
    """The variables there are (CASE8)."""
    return list(variables.NAMES)


@router.post("/phrases", response={201: Phrase})
def create_phrase(request: ApiRequest, body: NewPhrase) -> Status[Phrase]:
    """Keep a phrase for oneself, one's site or everybody (CASE8)."""
    row = phrases.create(actor=request.actor, scope=body.scope, values=body.model_dump(exclude={"scope"}), now=moment.now())
    return Status(201, _shown(phrases.get(request.actor, row.pk)))


@router.put("/phrases/{int:phrase_id}", response=Phrase)
def change_phrase(request: ApiRequest, phrase_id: int, body: PhraseChange) -> Phrase:
    """Write a phrase anew; on an older sight 409 `stale` (CASE8)."""
    phrases.change(
        actor=request.actor,
        phrase_id=phrase_id,
        values=body.model_dump(exclude={"version"}),
        expected_version=body.version,
        now=moment.now(),
    )
    return _shown(phrases.get(request.actor, phrase_id))


@router.delete("/phrases/{int:phrase_id}", response={204: None})
def delete_phrase(request: ApiRequest, phrase_id: int) -> Status[None]:
    """Take a phrase away (CASE8)."""
    phrases.delete(actor=request.actor, phrase_id=phrase_id, now=moment.now())
    return Status(204, None)


@router.post("/phrases/fill", response=Filled)
def fill_phrase(request: ApiRequest, body: Fill) -> Filled:
    """The text with the values of the case and of oneself; what has none is a blank to fill in (CASE8)."""
    filled = phrases.filled(request.actor, body.text, case_id=body.case, now=moment.now(), given=body.given)
    if body.phrase is not None:
        phrases.count_use(actor=request.actor, phrase_id=body.phrase)
    return Filled(text=filled.text, blanks=list(filled.blanks))
