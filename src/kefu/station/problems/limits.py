"""What the handbook in force limits at a site: forms, answers, intercepts; and its phrases."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.utils import timezone

from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.handbook.schema import Handbook
from kefu.handbook.settings import Setting, setting
from kefu.kernel.actor import Actor
from kefu.people import queries as people
from kefu.station.problems.rules import Limits

_KEY = "station_problems"


def book_at(handbook: str, now: datetime) -> Handbook | None:
    """The handbook in force at a site that uses this one; ``None`` when none is."""
    try:
        return handbooks.book_at(handbook, now)
    except NotInForce:
        return None


def limits_of(book: Handbook) -> Limits:
    """Limits of reports."""
    text = book.texts.get(_KEY)
    return Limits(
        description=_whole(setting(book, _KEY, "description_most")),
        phones=_whole(setting(book, _KEY, "phones_most")),
        images=_whole(setting(book, _KEY, "images_most")),
        batch=_whole(setting(book, _KEY, "batch_most")),
        intercepts=_whole(setting(book, _KEY, "intercept_most")),
        timed_products=_words(setting(book, _KEY, "intercept_timed_products")),
        channels=_words(setting(book, _KEY, "intercept_channels")),
        clause=str(book.ref(f"texts.{_KEY}")) if text else "",
    )


def answer_within(book: Handbook) -> timedelta | None:
    """How long the receiving site may take for its first answer."""
    found = setting(book, _KEY, "reply_hours")
    return found.span(timedelta(hours=1)) if found else None


def _whole(found: Setting | None) -> int | None:
    return int(found.number) if found else None


def _words(found: Setting | None) -> frozenset[str]:
    return frozenset(str(found.value).split()) if found else frozenset()


def phrases(book: Handbook, key: str = "station_problem_phrases") -> Sequence[str]:
    """Phrases for reports, or quick replies (``station_problem_replies``), with their variables."""
    text = book.texts.get(key)
    return text.points if text else ()


def values_for(actor: Actor, site_id: int, now: datetime) -> Mapping[str, str]:
    """What the variables of phrases stand for when this person writes for this site."""
    me, site = people.me(actor), people.sites_by_id().get(site_id)
    return {
        "工号": me.staff_no if me else "",
        "姓名": me.name if me else actor.name,
        "网点编号": site.code if site else "",
        "网点名称": site.name if site else "",
        "日期": timezone.localtime(now).strftime("%Y-%m-%d"),
    }
