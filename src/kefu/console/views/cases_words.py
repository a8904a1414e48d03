"""Words and tones for what cases are made of: kinds, levels, statuses, channels, clauses. In the language in force."""

from dataclasses import dataclass
from typing import Protocol

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, pgettext_lazy

from kefu.cases.actions import CHANNELS
from kefu.console import routes
from kefu.handbook import queries as handbooks
from kefu.handbook.errors import HandbookNotFound
from kefu.handbook.refs import ClauseRef
from kefu.handbook.schema import Handbook
from kefu.kernel.actor import Actor

STATUS_TITLES: dict[str, str | Promise] = {
    "open": gettext_lazy("处理中"),
    "waiting_customer": gettext_lazy("等客户"),
    "waiting_other": gettext_lazy("等他人"),
    "solved": gettext_lazy("已解决"),
    "closed": gettext_lazy("已结案"),
    "merged": gettext_lazy("已合并"),
}
_STATUS_TONES = {"open": "accent", "waiting_customer": "warn", "waiting_other": "warn", "solved": "good"}
CHANNEL_TITLES: dict[str, str | Promise] = {
    "call": gettext_lazy("电话"),
    "chat": gettext_lazy("在线聊天"),
    "email": gettext_lazy("邮件"),
    "form": gettext_lazy("网页表单"),
    "platform": gettext_lazy("电商平台"),
    "hq": gettext_lazy("总部转来"),
    "regulator": gettext_lazy("邮政管理部门"),
    "walk_in": gettext_lazy("到店"),
}
# Ways a message goes to the customer of a case or comes from them.
TALK_TITLES: dict[str, str | Promise] = {
    "call": gettext_lazy("电话"),
    "chat": gettext_lazy("在线聊天"),
    "sms": gettext_lazy("短信"),
    "email": gettext_lazy("邮件"),
    "platform": gettext_lazy("电商平台"),
    "walk_in": gettext_lazy("到店"),
}
KIND_FAMILIES: dict[str, str | Promise] = {
    "enquiry": gettext_lazy("咨询查询"),
    "complaint": gettext_lazy("投诉"),
    "service": gettext_lazy("服务"),
    "internal": gettext_lazy("内部"),
}
CLOCK_FAMILIES: dict[str, str | Promise] = {
    "company": gettext_lazy("公司规定"),
    "platform": gettext_lazy("平台规定"),
    "law": gettext_lazy("法规时限"),
}
LINK_TITLES: dict[str, str | Promise] = {
    "related": gettext_lazy("相关"),
    "parent": gettext_lazy("上级工单"),
    "repeat": gettext_lazy("上次投诉"),
    "conversation": pgettext_lazy("one", "会话"),
}


class Named(Protocol):
    """A clause or part of one, with a name in both languages."""

    def name(self, language: str) -> str: ...


def language() -> str:
    """Language of the reader as handbooks know it."""
    return "en" if (get_language() or "zh").startswith("en") else "zh"


def name(clause: Named) -> str:
    """Title in the reader's language."""
    return clause.name(language())


def either(chinese: str, english: str) -> str:
    """A text of the handbook in the reader's language; Chinese where there is no English."""
    return english if english and language() == "en" else chinese


@dataclass(frozen=True, slots=True)
class Badge:
    """A word and the tone it is shown in."""

    text: str
    tone: str


def book_named(reference: str) -> Handbook | None:
    """The handbook version a case names (``best@3``)."""
    try:
        return handbooks.book(reference)
    except HandbookNotFound:
        return None


def kind_title(book: Handbook | None, key: str) -> str:
    """Name of a kind of case."""
    return name(book.kinds[key]) if book and key in book.kinds else key


def status_badge(status: str) -> Badge:
    """Where the ball lies."""
    return Badge(str(STATUS_TITLES.get(status, status)), _STATUS_TONES.get(status, "quiet"))


def level_badge(book: Handbook | None, key: str) -> Badge | None:
    """The level, the graver the louder; the lowest level needs no badge."""
    if book is None or key not in book.levels:
        return Badge(key, "quiet") if key else None
    level = book.levels[key]
    if level.rank == min(one.rank for one in book.levels.values()):
        return None
    return Badge(name(level), "bad" if level.rank >= 20 else "warn")


def tier_badge(book: Handbook | None, key: str) -> Badge | None:
    """The customer's tier when it is more than the handbook's lowest."""
    if not key or key == "ordinary" or (book is not None and book.tiers and key == book.tier_for("")):
        return None
    if book is None or key not in book.tiers:
        return Badge(key.upper(), "warn")
    return Badge(name(book.tiers[key]), "warn")


def channel_choices() -> list[tuple[str, str]]:
    """Ways a case can come in."""
    return [(key, str(CHANNEL_TITLES[key])) for key in CHANNELS]


def clause_url(reference: str, actor: Actor) -> str:
    """Address of a clause in the handbook reader; empty when there is no such page for the reader."""
    try:
        parsed = ClauseRef.parse(reference)
    except ValueError:
        return ""
    return page_url(actor, "handbook-clause", key=parsed.handbook, number=parsed.version, clause_id=parsed.clause)


def page_url(actor: Actor, page: str, **arguments: int | str) -> str:
    """Address of a page that may not be there or not be for the reader; empty then."""
    found = routes.route(page)
    if found is None or not found.opens_for(actor):
        return ""
    try:
        return reverse(f"console:{page}", kwargs=arguments)
    except NoReverseMatch:
        return ""


def clause_title(reference: str) -> str:
    """Name of the clause a decision cites."""
    try:
        clause = handbooks.clause(reference).value
    except HandbookNotFound:
        return reference.partition("#")[2] or reference
    return name(clause) if hasattr(clause, "name") else reference.partition("#")[2]


def clause_source(reference: str) -> str:
    """Where the clause is from, as the handbook writes it."""
    try:
        return str(getattr(handbooks.clause(reference).value, "source", ""))
    except HandbookNotFound:
        return ""
