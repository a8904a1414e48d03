"""The daily check of orders paid but unsent, and the true cause of each (SHOP4, E10)."""

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.cases import actions as cases
from kefu.cases import matters
from kefu.cases.actions import CaseRequest
from kefu.cases.errors import KindUnknown
from kefu.kernel import audit, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Invalid
from kefu.kernel.gathering import insert_from
from kefu.orders import access as orders
from kefu.orders.vocabulary import TO_SEND
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.shop import access, limits, rules
from kefu.shop.errors import Explained
from kefu.shop.events import UnsentFound
from kefu.shop.limits import Cut
from kefu.shop.models import Check, Unsent
from kefu.shop.recording import worked
from kefu.shop.vocabulary import Cause, Party

CHECKER = Actor.system("unsent-check")
CASE_KIND = "unshipped"


def check_due(*, now: datetime) -> int:
    """Make today's check of every shop whose handbook has one and whose hour has come; returns how many orders were found."""
    day, zone = timezone.localdate(now), timezone.get_default_timezone()
    found = 0
    done = set(Check.objects.filter(day=day).values_list("site_id", flat=True))
    for site_id, site in people.sites_by_id().items():
        if not site.is_active or site.kind != "shop" or site_id in done:
            continue
        cut = limits.unsent_cut(limits.book_of(site_id, now))
        if cut is not None and now.astimezone(zone).hour >= cut.hour:
            found += check_site(site_id=site_id, day=day, cut=cut, now=now)
    return found


def check_site(*, site_id: int, day: date, cut: Cut, now: datetime) -> int:
    """The check of a site and day: who was paid in its 24 hours and is still unsent. Made once; the same again finds nothing."""
    since, until = rules.unsent_window(day, cut.hour, timezone.get_default_timezone())
    waiting = orders.visible_to(CHECKER).filter(site_id=site_id, state=TO_SEND, paid_at__gte=since, paid_at__lt=until)
    try:
        with transaction.atomic():
            check = Check.objects.create(
                site_id=site_id, day=day, since=since, until=until, found=0, unexplained=0, made_at=now, clause=cut.clause
            )
            count = insert_from(Unsent, "order", waiting, check_of=check, site_id=site_id)
            case_id = _case(check, count, now) if count else None
            Check.objects.filter(pk=check.pk).update(found=count, unexplained=count, case_id=case_id)
            ref = Ref("unsent_check", check.pk, str(day))
            audit.record(CHECKER, "shop.unsent_checked", ref, now=now, site_id=site_id, data={"found": count}, clause=cut.clause)
            if count:
                outbox.emit(UnsentFound(site_id=site_id, check_id=check.pk, found=count), now=now)
    except IntegrityError:
        return 0  # another worker was first
    return count


def _case(check: Check, count: int, now: datetime) -> int | None:
    """The batch's case, which carries the clock to find the causes; none where the handbook has no such procedure."""
    with translation.override("zh-hans"):
        title = _("付款未发 %(count)s 单：%(day)s") % {"count": count, "day": check.day.isoformat()}
        description = _("请在“付款未发”里逐单登记真正原因和责任方。")
    request = CaseRequest(
        site_id=check.site_id,
        kind=CASE_KIND,
        channel="platform",
        title=title,
        description=description,
        external_id=f"unsent:{check.site_id}:{check.day.isoformat()}",
    )
    try:
        return cases.open_case(actor=CHECKER, request=request, now=now).pk
    except KindUnknown:
        return None


def explain(
    *, actor: Actor, unsent_id: int, cause: str, party: str, now: datetime, note: str = "", expected_version: int | None = None
) -> Unsent:
    """Write down the true cause of an unsent order and who answers for it. A known cause is changed by a lead only."""
    row = access.get_for(actor, Unsent, unsent_id)
    wrong = {}
    if cause not in Cause.values:
        wrong["cause"] = gettext_lazy("请选择未发出的真正原因。")
    if party not in Party.values:
        wrong["party"] = gettext_lazy("请选择责任方。")
    if len(note) > 500:
        wrong["note"] = gettext_lazy("说明过长，请控制在 500 字以内。")
    if wrong:
        raise Invalid(fields=wrong)
    if row.cause and not actor.may(Permission.SHOP_EDIT):
        raise Explained
    fresh = not row.cause
    row.version = row.version if expected_version is None else expected_version
    with transaction.atomic():
        save_claimed(row, cause=cause, party=party, note=note.strip(), explained_at=now, explained_by=actor.name[:80])
        clause = row.check_of.clause
        data = {"cause": cause, "party": party}
        worked(actor, "explained", site_id=row.site_id, order_id=row.order_id, number="", now=now, data=data, clause=clause)
        if fresh:
            Check.objects.filter(pk=row.check_of_id).update(unexplained=F("unexplained") - 1)
            _tell(row.check_of_id, now)
    return row


def _tell(check_id: int, now: datetime) -> None:
    """When the last cause is known, the batch's case hears of it and its clock is met."""
    check = Check.objects.get(pk=check_id)
    if check.unexplained == 0 and check.case_id is not None:
        data = {"found": check.found}
        matters.tell(
            actor=CHECKER, case_id=check.case_id, what="unsent.explained", now=now, data=data, events=["result.recorded"],
            clause=check.clause,
        )  # fmt: skip
