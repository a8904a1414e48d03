"""What a plan is made of, read and checked from a form or a program (QA6)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext_lazy as _

from kefu.handbook.schema import Handbook
from kefu.handbook.settings import setting
from kefu.kernel.errors import Invalid, Message
from kefu.review.rules import Quota
from kefu.review.vocabulary import Method, Period, Trigger

_SETTINGS = "quality_sampling"
_CHANNELS = ("", "call", "chat", "email", "form")
MOST_WORDS = 50


@dataclass(frozen=True, slots=True)
class Terms:
    """Numbers of a plan. ``amount`` per agent or in all, ``percent`` of each agent's, ``new_amount`` of who is here less than ``new_days``;

    ``triggers`` make a must, with their ``words``, ``silence`` (seconds) and ``rating`` (at most). ``due_days``: whole local days.
    """

    amount: int = 0
    percent: float = 0.0
    new_amount: int = 0
    new_days: int = 0
    triggers: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    silence: int = 0
    rating: float = 0.0
    due_days: int = 2

    def kept(self) -> dict[str, Any]:
        """As the row keeps it."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def read(cls, kept: Mapping[str, Any]) -> "Terms":
        """From the row."""
        known: dict[str, Any] = {name: value for name, value in kept.items() if name in cls.__slots__}
        read: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in known.items()}
        return cls(**read)

    def quota(self, method: str, share: Fraction) -> Quota:
        """What the draw asks for."""
        percent = Fraction(str(self.percent))
        return Quota(method, self.amount, percent, self.new_amount, self.new_days, share)


@dataclass(frozen=True, slots=True)
class PlanDraft:
    """A plan as somebody wants it."""

    name: str
    site_id: int
    method: str
    period: str = Period.WEEK.value
    channel: str = ""
    terms: Terms = field(default_factory=Terms)


def usual(book: Handbook) -> tuple[Terms, str]:
    """The handbook's numbers for a new plan, and their clause; zeros where it states none."""

    def number(name: str) -> float:
        found = setting(book, _SETTINGS, name)
        return found.number if found else 0.0

    said = setting(book, _SETTINGS, "trigger_words")
    words = tuple(str(said.value).split()) if said else ()
    terms = Terms(
        amount=int(number("per_week")), percent=number("percent"), new_amount=int(number("new_per_week")), new_days=int(number("new_days")),
        triggers=tuple(Trigger.values), words=words, silence=int(number("silence_seconds")), rating=number("rating_at_most"),
        due_days=int(number("due_days")) or 2,
    )  # fmt: skip
    return terms, said.clause if said else ""


def check(draft: PlanDraft) -> None:
    """Raises ``Invalid`` with a message per field."""
    terms, wrong = draft.terms, dict[str, Message]()
    if not 1 <= len(draft.name.strip()) <= 60:
        wrong["name"] = _("请填写计划名称（60 字以内）。")
    for name, value, known in (("method", draft.method, Method.values), ("period", draft.period, Period.values)):
        if value not in known:
            wrong[name] = _("没有这个选项。")
    if draft.channel not in _CHANNELS:
        wrong["channel"] = _("没有这个选项。")
    if draft.method in (Method.PER_AGENT, Method.SPOT) and not 1 <= terms.amount <= 1000:
        wrong["amount"] = _("请填写 1 到 1000 之间的条数。")
    if draft.method == Method.PERCENT and not 0 < terms.percent <= 100:
        wrong["percent"] = _("请填写大于 0、不超过 100 的百分比。")
    if not 0 <= terms.new_amount <= 1000:
        wrong["new_amount"] = _("请填写 0 到 1000 之间的条数。")
    if not 0 <= terms.new_days <= 3650:
        wrong["new_days"] = _("请填写 0 到 3650 之间的天数。")
    if not 1 <= terms.due_days <= 60:
        wrong["due_days"] = _("请填写 1 到 60 之间的天数。")
    wrong |= _check_triggers(draft.method, terms)
    if wrong:
        raise Invalid(fields=wrong)


def _check_triggers(method: str, terms: Terms) -> dict[str, Message]:
    wrong: dict[str, Message] = {}
    if any(one not in Trigger.values for one in terms.triggers):
        wrong["triggers"] = _("没有这个选项。")
    if method == Method.MUST and not terms.triggers:
        wrong["triggers"] = _("只抽必检时，请至少选择一个必检条件。")
    if Trigger.WORDS in terms.triggers and not terms.words:
        wrong["words"] = _("请填写触发词，用空格分开。")
    if len(terms.words) > MOST_WORDS or any(len(word) > 20 for word in terms.words):
        wrong["words"] = _("触发词最多 50 个，每个不超过 20 字。")
    if Trigger.SILENCE in terms.triggers and not 1 <= terms.silence <= 3600:
        wrong["silence"] = _("请填写 1 到 3600 之间的秒数。")
    if Trigger.LOW_RATING in terms.triggers and not 0 <= terms.rating <= 10:
        wrong["rating"] = _("请填写 0 到 10 之间的评分。")
    return wrong
