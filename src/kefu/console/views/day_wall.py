"""The day page as a screen on the wall: few figures, large, judged against what the handbook aims at (PERF4)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.console import times
from kefu.console.views.day_openings import Openings, worded
from kefu.console.views.inspection_filters import Asked
from kefu.handbook import queries as handbooks
from kefu.handbook.schema import Handbook
from kefu.kernel.actor import Actor
from kefu.people import queries as people
from kefu.performance import queries as performance

_NOTHING = Decimal(0)
_COUNTS = ("conversations", "cases_opened", "cases_closed", "clocks_breached", "findings", "reviews")
# A figure this far below its aim is still called close to it.
_NEAR = Decimal(5)
REFRESH_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Share:
    """A share in per cent against its aim; ``verdict`` says in words what the colour says."""

    title: str
    value: str
    tone: str
    verdict: str
    aim: str


@dataclass(frozen=True, slots=True)
class Count:
    """A count with the same of the days before."""

    title: str
    value: str
    before: str
    tone: str
    address: str


def context(actor: Actor, wanted: Asked, opens: Openings, found: performance.Figures, before: performance.Figures) -> dict[str, Any]:
    """What the screen shows."""
    place = " · ".join(one.words(wanted.get(one.name)) for one in wanted.filters if one.name in ("site", "team") and wanted.get(one.name))
    return {
        "title": place or _("全部站点"),
        "span": opens.span,
        "shares": _shares(actor, opens, found),
        "counts": [_count(key, found, before, opens) for key in _COUNTS],
        "again": wanted.address(wall="1"),
        "back": wanted.address(),
        "seconds": REFRESH_SECONDS,
        "at": timezone.now(),
    }


def _count(key: str, found: performance.Figures, before: performance.Figures, opens: Openings) -> Count:
    value = found.totals.get(key, _NOTHING)
    title = next(str(measure.title) for measure in performance.MEASURES if measure.key == key)
    tone = "bad" if key == "clocks_breached" and value else ""
    return Count(title, worded(key, value), worded(key, before.totals.get(key, _NOTHING)), tone, opens.of(key) if value else "")


def _books(actor: Actor, opens: Openings) -> list[Handbook]:
    sites = [site for site in people.sites(actor) if opens.choice.site in (None, site.pk) and site.is_active]
    return list(handbooks.books_at((site.handbook for site in sites), timezone.now()))


def _shares(actor: Actor, opens: Openings, found: performance.Figures) -> list[Share]:
    """Aims are the handbook's: the response rate for clocks, the pass mark for scores. Of several handbooks the highest counts."""
    books = _books(actor, opens)
    clocks = [book.kpis["response_rate"].target for book in books if "response_rate" in book.kpis and book.kpis["response_rate"].target]
    scores = [Decimal(card.pass_score) for book in books for key, card in book.scorecards.items() if key == "service"]
    aims = {"clock_rate": max(filter(None, clocks), default=None), "mean_score": max(scores, default=None)}
    return [_share(ratio, found.ratios.get(ratio.key), aims.get(ratio.key)) for ratio in performance.RATIOS]


def _share(ratio: performance.Ratio, value: Decimal | None, aim: Decimal | None) -> Share:
    points = None if value is None else value if ratio.key == "mean_score" else value * 100
    shown = times.number(value, 1) if ratio.key == "mean_score" else times.percent(value)
    tone, verdict = judged(points, aim)
    aimed = "" if aim is None else times.number(aim, 0) + ("" if ratio.key == "mean_score" else "%")
    return Share(str(ratio.title), shown, tone, verdict, aimed)


def judged(points: Decimal | None, aim: Decimal | None) -> tuple[str, str]:
    """Colour and words for a figure against its aim; without either nothing is judged."""
    if points is None or aim is None:
        return "", ""
    if points >= aim:
        return "good", _("达标")
    return ("warn", _("接近目标")) if points >= aim - _NEAR else ("bad", _("低于目标"))
