"""What the page of a complaint says of the postal authority: may the customer appeal now, from when, under which clause (R25)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.console.views import cases_words
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Message
from kefu.regulator import queries
from kefu.regulator.queries import Check, Threat

CHECKS: Mapping[str, Message] = {
    "complained": gettext_lazy("已向企业投诉满规定天数，或对答复不满意"),
    "in_time": gettext_lazy("在寄件后的申诉期限内"),
    "direct_party": gettext_lazy("申诉人是快件的直接当事人"),
    "not_appealed": gettext_lazy("没有就同一快件申诉过"),
}


def clause_of(reference: str, actor: Actor) -> tuple[str, str] | None:
    """A clause for ``cite``."""
    return (cases_words.clause_title(reference), cases_words.clause_url(reference, actor)) if reference else None


def drawn(found: Sequence[Check]) -> list[tuple[str, bool | None, datetime | None]]:
    """Conditions in words."""
    return [(str(CHECKS[one.key]), one.holds, one.at) for one in found]


@dataclass(frozen=True, slots=True)
class Card:
    """Badge and its tone, one sentence for who answers the customer, the conditions of R25, the clause for ``cite``, where to go on."""

    words: str
    tone: str
    text: str
    checks: Sequence[tuple[str, bool | None, datetime | None]]
    clause: tuple[str, str] | None
    appealed: bool
    new_url: str
    list_url: str


def card(actor: Actor, case: Any, *, now: datetime) -> Card | None:
    """The card of an open complaint; ``None`` for any other case."""
    found = queries.threat_of(case, now=now) if case.is_open else None
    if found is None:
        return None
    words, tone, text = _said(found)
    given = {"waybill": case.waybill, "complained_at": timezone.localtime(case.opened_at).strftime("%Y-%m-%dT%H:%M")}
    return Card(
        words=words,
        tone=tone,
        text=text,
        checks=drawn(list(found.checks)),
        clause=clause_of(found.clause, actor),
        appealed=found.appealed,
        new_url=f"{reverse('console:appeal-new')}?{urlencode(given)}",
        list_url=f"{reverse('console:appeals')}?{urlencode({'q': case.waybill})}",
    )


def _said(found: Threat) -> tuple[str, str, str]:
    if found.appealed:
        return _("已申诉过"), "warn", _("这个运单已经申诉到邮政管理部门，同一快件不能再次申诉。")
    if found.may is False and found.opens_at is not None:
        at = timezone.localtime(found.opens_at).strftime("%Y-%m-%d %H:%M")
        return _("暂不能申诉"), "quiet", _("客户从 %(at)s 起可以向邮政管理部门申诉，请在此之前处理完。") % {"at": at}
    if found.may:
        return _("可以申诉"), "bad", _("客户现在就可以向邮政管理部门申诉，请尽快给出客户能接受的方案。")
    return _("未知"), "quiet", _("资料不全，还不能判断客户能否申诉。")
