"""From a talk to a case: opened with what the talk brought, or tied to the open case the customer calls about again (CONV1, CASE8)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kefu.cases import access, actions, upkeep
from kefu.cases.errors import CaseClosed
from kefu.cases.models import Case, Link
from kefu.conversations import access as conversation_access
from kefu.conversations import receptions
from kefu.conversations.matching import Matched
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid
from kefu.people.access import require
from kefu.people.permissions import Permission


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the agent adds: the kind when no branch was chosen, what the customer said, and that a second case is meant."""

    kind: str = ""
    description: str = ""
    even_if_duplicate: bool = False


def open_case(*, actor: Actor, reception_id: int, wanted: Wanted, now: datetime) -> Case:
    """Open a case from a talk: kind, site, channel, customer, waybill and what was said are carried over. Asked twice it is one case.

    Raises what opening a case raises: ``LikelyDuplicate``, ``KindUnknown``, ``Invalid``, ``Denied``.
    """
    talk = conversation_access.get_reception(actor, reception_id)
    require(actor, Permission.CASE_OPEN)
    if talk.about_kind == "case" and talk.about_id is not None:
        return access.get_for(actor, talk.about_id)
    kind = wanted.kind or talk.kind
    if not kind:
        raise Invalid(fields={"branch": _("请先选择客户要办的事。")})
    description = (wanted.description or talk.remark).strip()
    if not description:
        raise Invalid(fields={"remark": _("请写明客户反映的情况。")})
    request = actions.CaseRequest(
        site_id=talk.site_id,
        kind=kind,
        channel=talk.channel,
        description=description,
        waybill=talk.waybill,
        customer_id=talk.customer_id,
        customer_name="" if talk.customer_id else talk.caller_name,
        customer_phone="" if talk.customer_id else talk.number,
        assignee_id=talk.staff_id,
        conversation_id=talk.conversation_id,
        external_id=f"reception-{talk.pk}",
        even_if_duplicate=wanted.even_if_duplicate,
    )
    with transaction.atomic():
        case = actions.open_case(actor=actor, request=request, now=now)
        receptions.tie(actor=actor, reception=talk, about_kind="case", about_id=case.pk, now=now)
    return case


def attach(*, actor: Actor, reception_id: int, case_id: int, now: datetime) -> Case:
    """The customer talks about this open case again: the talk belongs to it and counts as an urge (催单). Asked twice it counts once."""
    talk = conversation_access.get_reception(actor, reception_id)
    case = access.get_for(actor, case_id)
    require(actor, Permission.CASE_WORK)
    if (talk.about_kind, talk.about_id) == ("case", case.pk):
        return case
    if not case.is_open:
        raise CaseClosed(number=case.number, status=case.get_status_display())
    with transaction.atomic():
        receptions.tie(actor=actor, reception=talk, about_kind="case", about_id=case.pk, now=now)
        return upkeep.urge(actor=actor, case_id=case.pk, text=talk.remark, now=now)


def link_matched(matched: Iterable[Matched]) -> None:
    """Talks that found their transcript bring it to their case."""
    rows = [(one.about_id, one.conversation_id) for one in matched if one.about_kind == "case" and one.about_id]
    known = set(Case.objects.filter(pk__in=[case_id for case_id, _one in rows]).values_list("pk", flat=True))
    for case_id, conversation_id in rows:
        if case_id in known:
            Link.objects.get_or_create(case_id=case_id, kind=Link.Kind.CONVERSATION, target_kind="conversation", target_id=conversation_id)
