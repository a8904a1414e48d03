"""A problem parcel and its case, in one transaction (O15)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from kefu.cases.actions import CaseRequest
from kefu.cases.errors import KindUnknown
from kefu.escalations.actions import Escalated, Matter, escalate
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import KefuError, Message
from kefu.station.problems import access, actions, queries
from kefu.station.problems.queries import ProblemRow
from kefu.station.problems.vocabulary import Alarm

KIND = "problem"


def escalate_problem(*, actor: Actor, problem_id: int, now: datetime) -> Escalated:
    """Open a case of the kind the type's group names (``texts.problem_group_*``), or give the one there is; the thread says so.

    The case is opened at the side the actor speaks for. Raises what ``open_case`` raises; then nothing was done.
    """
    with transaction.atomic():
        problem = access.get_for(actor, problem_id)
        thread = queries.thread(actor, problem_id, now=now)
        row = thread.row
        kind = queries.case_kind(row, now)
        if not kind:
            raise KindUnknown(kind=row.kind_title)
        request = CaseRequest(
            site_id=access.side_of(actor, problem),
            kind=kind,
            channel="hq",
            title=_("问题件：%(kind)s %(waybill)s") % {"kind": row.kind_title, "waybill": row.waybill},
            description=_told(row),
            waybill=row.waybill,
        )
        done = escalate(actor=actor, matter=Matter(Ref(KIND, problem_id, row.waybill), request), now=now)
        actions.note_case(actor=actor, problem_id=problem_id, case_id=done.case_id, now=now)
    return done


def escalate_problems(*, actor: Actor, problem_ids: Sequence[int], now: datetime) -> tuple[Mapping[int, Escalated], Mapping[int, Message]]:
    """Each for itself: cases by problem, and refusals in words by problem."""
    done: dict[int, Escalated] = {}
    refused: dict[int, Message] = {}
    for problem_id in problem_ids:
        try:
            done[problem_id] = escalate_problem(actor=actor, problem_id=problem_id, now=now)
        except KefuError as error:
            refused[problem_id] = str(error)
    return done, refused


def _told(row: ProblemRow) -> str:
    lines = [
        _("%(reporter)s 报给 %(receiver)s：%(kind)s（%(clause)s）。")
        % {"reporter": row.reporter_site, "receiver": row.receiver_site, "kind": row.kind_title, "clause": row.clause},
        row.description,
    ]
    if row.alarm:
        lines.append(str(Alarm(row.alarm).label))
    return "\n".join(lines)
