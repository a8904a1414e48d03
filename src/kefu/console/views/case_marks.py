"""A person's own marks on a case: following it, being reminded of it (CASE8)."""

from datetime import datetime, timedelta

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.cases import attention
from kefu.console import times
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.case_forms import work
from kefu.kernel import moment
from kefu.kernel.errors import Invalid
from kefu.people.permissions import Permission


def moment_of(choice: str, now: datetime) -> datetime | None:
    """When that is; ``None`` for a choice there is not."""
    if choice in ("1h", "3h"):
        return now + timedelta(hours=int(choice[0]))
    morning = timezone.localtime(now).replace(hour=9, minute=0, second=0, microsecond=0)
    if choice == "tomorrow":
        return morning + timedelta(days=1)
    return morning + timedelta(days=7 - morning.weekday()) if choice == "monday" else None


@page("cases/<int:case_id>/follow", "case-follow", permission=Permission.CASE_VIEW, methods=("POST",))
def follow(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Follow the case, or no more (``off``)."""
    actor = request.actor
    if request.POST.get("off") == "1":
        return work(request, case_id, "follow", lambda: attention.unfollow(actor=actor, case_id=case_id), _("已取消关注。"))
    words = _("已关注，客户有新消息时提醒您。")
    return work(request, case_id, "follow", lambda: attention.follow(actor=actor, case_id=case_id, now=moment.now()), words)


@page("cases/<int:case_id>/remind", "case-remind", permission=Permission.CASE_VIEW, methods=("POST",))
def remind(request: ConsoleRequest, case_id: int) -> HttpResponse:
    """Be reminded of the case at a moment of the list, or not any more (``off``)."""
    now, choice = moment.now(), request.POST.get("until", "")
    until = moment_of(choice, now)

    def put() -> None:
        if until is None and choice != "off":
            raise Invalid(fields={"until": _("请选择提醒时间。")})
        attention.snooze(actor=request.actor, case_id=case_id, until=until, now=now)

    words = _("%(time)s 提醒您。") % {"time": times.exact(until)} if until else _("已取消提醒。")
    return work(request, case_id, "remind", put, words)
