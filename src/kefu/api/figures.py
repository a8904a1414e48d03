"""Figures of complaints, claims, returns and first plans over the API (SHOP8, CASE6, PERF1).

Their files leave by `POST /exports` with `figures-complaints`, `figures-claims`, `figures-returns` or `figures-plans` as source.
"""

from datetime import date, timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router
from pydantic import ConfigDict, Field

from kefu.api import moment
from kefu.api.identity import ApiRequest
from kefu.api.paging import Id
from kefu.api.schema import Schema
from kefu.kernel.errors import Invalid
from kefu.lists import figures as words
from kefu.performance import rates
from kefu.performance.rates import About, Asked, Line

router = Router(tags=["figures (SHOP8)"])


class FiguresWanted(Schema):
    """Local days, both included (the last thirty where none are named, at most 366), and one site instead of all in reach."""

    model_config = ConfigDict(extra="forbid")
    since: date | None = None
    until: date | None = None
    site: Id | None = None

    def asked(self, request: ApiRequest) -> Asked:
        """Raises ``Invalid`` for days the wrong way round or too many."""
        now = moment.now()
        until = self.until or timezone.localdate(now)
        since = self.since or until - timedelta(days=29)
        if not 0 <= (until - since).days < words.LONGEST_DAYS:
            raise Invalid(fields={"since": _("开始日期须不晚于结束日期，最多 366 天。")})
        return Asked(request.actor, since, until, self.site, now)


class FiguresBy(FiguresWanted):
    """The same and what the lines are by; empty: the first of those the figure knows."""

    by: str = Field("", max_length=20)


class Opens(Schema):
    """The list behind a number: the console page and the filters, which are those of the API's list too."""

    page: str
    filters: dict[str, str]


class FigureLine(Schema):
    """A line. ``count``: complaints opened, claims paid, orders refunded, first plans in time. ``of``: parcels, parcels, orders paid,
    first plans due. ``rate``: per 10,000 parcels, for returns and plans a share of 1; null where there is nothing to compare with.
    ``amount`` is yuan paid, ``amount_rate`` the same per 10,000 parcels; ``returned`` of ``sent`` orders gives ``return_rate``.
    """

    key: str
    title: str
    count: int
    of: int
    rate: Decimal | None
    amount: Decimal | None
    amount_rate: Decimal | None
    returned: int | None
    sent: int | None
    return_rate: Decimal | None
    opens: dict[str, Opens]


class FigureTable(Schema):
    """A figure: the whole and its lines, the most first, days in order."""

    about: About
    by: str
    since: date
    until: date
    formula: str
    total: FigureLine
    lines: list[FigureLine]


def _shown(asked: Asked, about: About, by: str, title: str, line: Line) -> FigureLine:
    numbers = [one for one in words.NUMBERS[about] if one.opens]
    found = {one.key: words.opens(asked, about, by, line.key, one.opens) for one in numbers if getattr(line, one.key)}
    opens = {key: Opens(page=page, filters={name: value for name, value in given.items() if value}) for key, (page, given) in found.items()}
    plain = {name: getattr(line, name) for name in FigureLine.model_fields if name not in ("title", "opens")}
    return FigureLine(title=title, opens=opens, **plain)


@router.get("/figures", response=dict[About, FigureLine])
def list_figures(request: ApiRequest, wanted: Query[FiguresWanted]) -> dict[About, FigureLine]:
    """The whole of each figure whose rows the caller may see (SHOP8)."""
    asked = wanted.asked(request)
    return {about: _shown(asked, about, "", str(words.TITLES[about]), line) for about, line in rates.totals(asked).items()}


@router.get("/figures/{about}", response=FigureTable)
def read_figures(request: ApiRequest, about: About, wanted: Query[FiguresBy]) -> FigureTable:
    """One figure by what is asked for: `/figures/claims?by=cause&since=2026-11-01&until=2026-11-30` (SHOP8, CASE6)."""
    by = wanted.by or rates.BY[about][0]
    if by not in rates.BY[about]:
        raise Invalid(fields={"by": _("没有这种分组。")})
    asked = wanted.asked(request)
    found = rates.figures(asked, about, by)
    lines = [_shown(asked, about, by, row.title, row.line) for row in words.rows(asked, by, found.lines)]
    return FigureTable(
        about=about, by=by, since=asked.since, until=asked.until, formula=str(words.FORMULAS[about]),
        total=_shown(asked, about, "", str(_("合计")), found.total), lines=lines,
    )  # fmt: skip
