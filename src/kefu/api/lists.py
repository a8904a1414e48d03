"""Every list of the product over the API: which there are, with their filters and columns, and their rows by column (PLAT2)."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Query, Router
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Cursor, Paged, PageOf, Size, shown
from kefu.api.schema import Schema
from kefu.kernel.errors import Invalid, NotFound
from kefu.lists import catalogue, ledgers
from kefu.lists.access import may_open
from kefu.lists.definition import Ask, List

router = Router(tags=["lists"])


class Choice(Schema):
    """A value a filter takes."""

    value: str
    title: str


class ListFilter(Schema):
    """A condition. ``kind`` is choice, text, code, day, site, staff, id or flag (`1`); a ``private`` one is sent in a body only."""

    name: str
    title: str
    kind: str
    private: bool
    choices: list[Choice]


class ListColumn(Schema):
    """A column. ``kind`` is text, code, number, money, percent, day or moment."""

    key: str
    title: str
    kind: str


class ListAbout(Schema):
    """A list the caller may see. ``personal``: its rows are personal data, exports of it ask for a purpose."""

    key: str
    title: str
    personal: bool
    filters: list[ListFilter]
    columns: list[ListColumn]


class ListRow(Schema):
    """A row: its key where it has one, its values by column. Codes stay codes; words for people are in the export."""

    key: str | None
    values: dict[str, Any]


class ListWanted(Paged):
    """Which part of the list; every other parameter is one of its filters."""

    model_config = ConfigDict(extra="ignore")


class ListSearch(Schema):
    """Filters, also private ones, and which part of the list."""

    model_config = ConfigDict(extra="forbid")
    filter: dict[str, str] = Field(default_factory=dict, max_length=40)
    cursor: Cursor = None
    size: Size = 50


def _about(request: ApiRequest, one: List[Any]) -> ListAbout:
    return ListAbout(
        key=one.key,
        title=str(one.title),
        personal=one.personal,
        filters=[
            ListFilter(
                name=item.name,
                title=str(item.title),
                kind=item.kind,
                private=item.private,
                choices=[Choice(value=value, title=str(title)) for value, title in item.options(request.actor)],
            )
            for item in one.filters
        ],
        columns=[ListColumn(key=item.key, title=str(item.title), kind=item.kind) for item in one.columns],
    )


def _open(request: ApiRequest, key: str) -> List[Any]:
    """The list, if the caller may see it; else as if there were none."""
    found = catalogue.named(key)
    if not may_open(request.actor, found):
        raise NotFound
    return found


def _rows(request: ApiRequest, the_list: List[Any], given: Mapping[str, str], cursor: str | None, size: int) -> PageOf[ListRow]:
    ask = Ask(request.actor, the_list.clean(given), moment.now())
    key = the_list.row_key
    return shown(
        the_list.page(ask, cursor or None, size),
        lambda row: ListRow(key=str(key(row)) if key else None, values={one.key: one.value(row) for one in the_list.columns}),
    )


@router.get("/lists", response=list[ListAbout])
def list_lists(request: ApiRequest) -> list[ListAbout]:
    """The lists the caller may see, with the filters they take and the columns of their rows (PLAT2)."""
    plain = [one for one in catalogue.LISTS.values() if may_open(request.actor, one)]
    return [_about(request, one) for one in (*plain, *ledgers.of_actor(request.actor, moment.now()))]


@router.get("/lists/{str:key}", response=PageOf[ListRow])
def read_list(request: ApiRequest, key: str, wanted: Query[ListWanted]) -> PageOf[ListRow]:
    """Rows of a list: `?state=open&site=3&size=100&cursor=…`. Unknown filters and values are refused by name in `fields` (PLAT2, SEC2).

    What is private (a name, a phone number) is sent by `POST /lists/{key}/search`, so that it stays out of access logs.
    """
    the_list = _open(request, key)
    given = {name: value for name, value in request.GET.dict().items() if name not in ListWanted.model_fields}
    private = {one.name for one in the_list.filters if one.private} & set(given)
    if private:
        raise Invalid(fields=dict.fromkeys(private, _("此条件含个人信息，请改用 POST 在请求体里发送。")))
    return _rows(request, the_list, given, wanted.cursor, wanted.size)


@router.post("/lists/{str:key}/search", response=PageOf[ListRow])
def search_list(request: ApiRequest, key: str, body: ListSearch) -> PageOf[ListRow]:
    """The same with the filters in the body (PLAT2, SEC1, SEC2)."""
    return _rows(request, _open(request, key), body.filter, body.cursor, body.size)
