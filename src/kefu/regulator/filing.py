"""Filing an appeal the authority passed on: its checks, its case with the clocks, the complaint it came from raised (R25, R26, CASE5)."""

from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from kefu.cases import joining, matters
from kefu.cases import queries as cases
from kefu.cases import upkeep as case_upkeep
from kefu.cases.actions import CaseRequest, book_of, open_case
from kefu.cases.errors import LikelyDuplicate
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Conflict, Invalid, NotFound
from kefu.parcels.waybills import clean_waybill, is_waybill
from kefu.people import queries as people
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.regulator.drafts import AppealDraft
from kefu.regulator.errors import REASONS
from kefu.regulator.events import AppealChanged
from kefu.regulator.models import Appeal
from kefu.regulator.moving import DESK, LONGEST, ref
from kefu.regulator.terms import AppealKind, terms_at
from kefu.regulator.vocabulary import Party

KIND = "regulator"
_FIELDS = {
    "no_number": "number", "known_number": "number", "bad_waybill": "waybill", "no_site": "site", "no_kinds": "kind",
    "unknown_kind": "kind", "no_appellant": "appellant", "unknown_party": "party", "no_statement": "statement", "future": "received_at",
}  # fmt: skip


def refused(reason: str) -> Invalid:
    """The refusal of an appeal, on its field."""
    return Invalid(REASONS[reason], fields={_FIELDS[reason]: REASONS[reason]}, code=reason)


def file_appeal(*, actor: Actor, draft: AppealDraft, now: datetime) -> Appeal:
    """File an appeal; its case is opened with the clocks of the handbook counting from when it was received.

    Raises ``Invalid`` with a code of ``errors.REASONS`` (``known_number``: filed before), ``NotFound`` for a site out of reach.
    """
    require(actor, Permission.REGULATOR_WORK)
    draft = replace(draft, number="".join(draft.number.split()), waybill=clean_waybill(draft.waybill))
    site_id = draft.site_id if draft.site_id is not None else actor.site_id
    sites = people.sites_by_id()
    if site_id is None:
        raise refused("no_site")
    if site_id not in sites or not actor.reaches(site_id):
        raise NotFound
    kinds = terms_at(sites[site_id].handbook, now).kinds
    problem = _problem(draft, kinds.keys(), now)
    if problem:
        raise refused(problem)
    if Appeal.objects.filter(number=draft.number).exists():
        raise refused("known_number")
    try:
        with transaction.atomic():
            return _write(actor, replace(draft, site_id=site_id), kinds[draft.kind], now)
    except IntegrityError as error:  # somebody filed the same number at the same moment
        raise refused("known_number") from error


def _problem(draft: AppealDraft, kinds: object, now: datetime) -> str:
    said = [
        ("no_number", not draft.number or len(draft.number) > 40),
        ("bad_waybill", not is_waybill(draft.waybill)),
        ("no_kinds", not kinds),
        ("unknown_kind", draft.kind not in kinds),  # type: ignore[operator]
        ("no_appellant", not draft.appellant.strip()),
        ("unknown_party", draft.party not in Party.values),
        ("no_statement", not draft.statement.strip() or len(draft.statement) > LONGEST),
        ("future", draft.received_at > now),
    ]
    return next((reason for reason, wrong in said if wrong), "")


def _write(actor: Actor, draft: AppealDraft, kind: AppealKind, now: datetime) -> Appeal:
    complaint = _complaint(draft)
    case_id = _case(draft, now)
    row = Appeal.objects.create(
        number=draft.number, site_id=draft.site_id or 0, case_id=case_id, complaint_id=complaint, waybill=draft.waybill, kind=kind.key,
        clause=kind.clause, appellant=draft.appellant.strip(), phone=draft.phone.strip(), party=draft.party,
        statement=draft.statement.strip(), demand=draft.demand.strip(), posted_on=draft.posted_on,
        complained_at=draft.complained_at, received_at=draft.received_at, filed_by=actor.name[:80], filed_at=now, updated_at=now,
    )  # fmt: skip
    data = {"appeal": row.pk, "number": row.number, "kind": row.kind, "case": case_id, "complaint": complaint}
    audit.record(actor, "appeal.filed", ref(row), now=now, site_id=row.site_id, clause=row.clause, data=data)
    outbox.emit(AppealChanged(appeal_id=row.pk, case_id=case_id, site_id=row.site_id, what="filed"), now=now)
    told = {"appeal": row.pk, "number": row.number, "by": actor.name[:80]}
    matters.tell(actor=DESK, case_id=case_id, what="appeal.filed", now=now, data=told, clause=row.clause)
    if complaint is not None:
        _raise(complaint, case_id, told, row.clause, now)
    return row


def _complaint(draft: AppealDraft) -> int | None:
    """The open complaint about the parcel at the site, the latest."""
    found = [one for one in cases.of_waybill(DESK, draft.waybill) if one.is_open and one.site_id == draft.site_id and one.kind != KIND]
    complaints = [one for one in found if (kind := book_of(one).kinds.get(one.kind)) is not None and kind.family == "complaint"]
    return max((one.pk for one in complaints), default=None)


def _case(draft: AppealDraft, now: datetime) -> int:
    """The case of the appeal; an open one of the same waybill takes it in (CASE8). It names nobody: names stay in the file (R27)."""
    title = _("邮政申诉 %(number)s") % {"number": draft.number}
    request = CaseRequest(
        draft.site_id or 0, KIND, KIND, title, title, draft.waybill, external_id=f"appeal:{draft.number}", since=draft.received_at
    )
    try:
        return open_case(actor=DESK, request=request, now=now).pk
    except LikelyDuplicate as twin:
        return int(twin.params["case_id"])


def _raise(complaint: int, case_id: int, told: dict[str, object], clause: str, now: datetime) -> None:
    """The complaint is tied to the appeal's case and raised to the level of the authority, where its handbook has one above."""
    matters.tell(actor=DESK, case_id=complaint, what="appeal.filed", now=now, data=told, clause=clause)
    try:
        with transaction.atomic():
            joining.link(actor=DESK, case_id=case_id, to_id=complaint, kind="related", now=now)
    except Conflict:
        pass  # tied before
    try:
        with transaction.atomic():
            case_upkeep.escalate(actor=DESK, case_id=complaint, level=KIND, reason=_("客户已向邮政管理部门申诉"), now=now)
    except (Invalid, Conflict):
        pass  # it stands as high already
