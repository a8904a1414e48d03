"""What the two sides do after the filing: the accused answer, either side appeals once, the applicant withdraws (O6)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kefu.arbitration import access
from kefu.arbitration.drafts import Upload
from kefu.arbitration.errors import AppealedBefore, AppealOver, NotAccused, NotApplicant
from kefu.arbitration.evidence import keep_files, side_of
from kefu.arbitration.models import Accused, Appeal, Filing
from kefu.arbitration.recording import move, standing, words, write
from kefu.arbitration.terms import terms_at
from kefu.arbitration.vocabulary import Side, State, Step
from kefu.kernel.actor import Actor
from kefu.kernel.claims import claim, save_claimed
from kefu.people.access import require
from kefu.people.permissions import Permission


def _own_of(actor: Actor, sites: Sequence[int]) -> int | None:
    """The site among these that somebody speaks for: their own, else one in reach."""
    if actor.site_id in sites:
        return actor.site_id
    return next((one for one in sites if actor.reaches(one)), None)


def _of_desk(actor: Actor, row: Filing) -> bool:
    """Whether a person judges this filing: they speak for neither side."""
    return actor.staff_id is not None and side_of(actor, row)[0] == Side.DESK


def reply(
    *, actor: Actor, filing_id: int, text: str, now: datetime, uploads: Sequence[Upload] = (), expected_version: int | None = None
) -> Filing:
    """An accused site answers, once; the last of them sends the filing on to the desk.

    Raises ``NotAccused``, ``Invalid``, ``WrongState``, ``Stale``.
    """
    require(actor, Permission.ARBITRATION_FILE)
    row = access.get_for(actor, filing_id)
    target = standing(row, Step.REPLY, expected_version)
    waiting = [one.site_id for one in row.accused.all() if one.replied_at is None]
    site_id = _own_of(actor, waiting)
    if site_id is None or _of_desk(actor, row):
        raise NotAccused
    terms = terms_at(row.site.handbook, now)
    statement = words(text, _("请填写举证说明。"), terms.text_most)
    with transaction.atomic():
        last = waiting == [site_id]
        changes = {"state": target, "due_at": None} if last else {}
        save_claimed(row, updated_at=now, **changes)
        unanswered = Accused.objects.filter(filing=row, site_id=site_id, replied_at=None)
        if not claim(unanswered, statement=statement, replied_by=actor.name[:80], replied_at=now):
            raise NotAccused
        keep_files(actor, row, uploads, side=Side.ACCUSED, site_id=site_id, most=terms.files_most, now=now)
        write(actor, row, Step.REPLY, now=now, data={"site": site_id}, events=["arbitration.replied"] if last else ())
    return row


def withdraw(*, actor: Actor, filing_id: int, text: str, now: datetime, expected_version: int | None = None) -> Filing:
    """Take a filing back before it is accepted, with a reason. Raises ``NotApplicant``, ``WrongState``, ``Invalid``, ``Stale``."""
    require(actor, Permission.ARBITRATION_FILE)
    row = access.get_for(actor, filing_id)
    if not actor.reaches(row.site_id) or _of_desk(actor, row):
        raise NotApplicant
    target = standing(row, Step.WITHDRAW, expected_version)
    reason = words(text, _("请填写撤回原因。"), terms_at(row.site.handbook, now).text_most)
    with transaction.atomic():
        return move(actor, row, Step.WITHDRAW, {"state": target, "remark": reason, "ended_at": now, "due_at": None}, now=now)


def appeal(*, actor: Actor, filing_id: int, text: str, now: datetime, expected_version: int | None = None) -> Filing:
    """Appeal 复议, once, by either side, within the window after the verdict.

    Raises ``AppealOver`` after the window, ``AppealedBefore``, ``WrongState``, ``Invalid``, ``Stale``.
    """
    require(actor, Permission.ARBITRATION_FILE)
    row = access.get_for(actor, filing_id)
    if _of_desk(actor, row):
        raise NotAccused(_("复议由申报网点或被申报网点申请，仲裁台不能代为申请。"))
    if Appeal.objects.filter(filing=row).exists():
        raise AppealedBefore
    target = standing(row, Step.APPEAL, expected_version)
    if row.state == State.DECIDED and row.due_at is not None and now > row.due_at:
        raise AppealOver(time=timezone.localtime(row.due_at).strftime("%Y-%m-%d %H:%M"))
    site_id = _own_of(actor, [row.site_id, *(one.site_id for one in row.accused.all())])
    if site_id is None:
        raise NotAccused(_("复议由申报网点或被申报网点申请。"))
    reason = words(text, _("请填写复议理由。"), terms_at(row.site.handbook, now).text_most)
    try:
        with transaction.atomic():
            Appeal.objects.create(filing=row, site_id=site_id, reason=reason, made_by=actor.name[:80], made_at=now)
            changes = {"state": target, "due_at": None}
            return move(actor, row, Step.APPEAL, changes, now=now, data={"site": site_id}, events=["arbitration.appealed"])
    except IntegrityError as error:
        raise AppealedBefore from error
