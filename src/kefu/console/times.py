"""Times, durations, money and figures as people read them, in the language in force and the centre's zone.

The browser keeps the same words while a page stays open: ``frontend/src/js/times.js`` and ``clocks.js``.
"""

from datetime import datetime, timedelta
from decimal import Decimal

from django.utils.translation import get_language, ngettext

from kefu.console import spoken
from kefu.console.spoken import text as _

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
NOTHING = "—"


def chinese() -> bool:
    """Whether the language in force is Chinese."""
    return (get_language() or "zh").startswith("zh")


def local(moment: datetime) -> datetime:
    """The moment in the centre's zone."""
    return moment.astimezone(spoken.zone())


def exact(moment: datetime | None) -> str:
    """``2024-03-05 14:05:09`` in the centre's zone."""
    return NOTHING if moment is None else local(moment).isoformat(" ", "seconds")[:19]


def calendar_day(moment: datetime, today: datetime) -> str:
    """``3月5日`` or ``5 Mar``, with the year when it is not this one."""
    if moment.year != today.year:
        return moment.strftime("%Y-%m-%d")
    if chinese():
        return f"{moment.month}月{moment.day}日"
    return f"{moment.day} {_MONTHS[moment.month - 1]}"


def settled(moment: datetime, now: datetime) -> str:
    """The wording that no longer changes within the day: ``今天 14:05``, ``昨天 14:05``, ``3月5日 14:05``."""
    zone = spoken.zone()
    there, today = moment.astimezone(zone), now.astimezone(zone)
    days = there.toordinal() - today.toordinal()
    clock = f"{there.hour:02}:{there.minute:02}"
    if days == 0:
        return _("今天 %(time)s") % {"time": clock}
    if days == -1:
        return _("昨天 %(time)s") % {"time": clock}
    if days == 1:
        return _("明天 %(time)s") % {"time": clock}
    return f"{calendar_day(there, today)} {clock}"


def relative(moment: datetime, now: datetime) -> tuple[str, bool]:
    """How long ago or until, and whether the wording changes by the minute."""
    seconds = (now - moment).total_seconds()
    minutes = int(abs(seconds) // 60)
    if abs(seconds) < 60:
        return _("刚刚"), True
    if minutes < 60:
        if seconds > 0:
            return ngettext("%(count)s 分钟前", "%(count)s 分钟前", minutes) % {"count": minutes}, True
        return ngettext("%(count)s 分钟后", "%(count)s 分钟后", minutes) % {"count": minutes}, True
    return settled(moment, now), False


def duration(value: timedelta | float | int | None) -> str:
    """``1 小时 20 分``: the two largest units; seconds only below ten minutes. A negative span reads like its size."""
    if value is None:
        return NOTHING
    total = int(abs(value.total_seconds() if isinstance(value, timedelta) else value))
    days, rest = divmod(total, 86400)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    if days:
        return _("%(days)s 天 %(hours)s 小时") % {"days": days, "hours": hours} if hours else _("%(days)s 天") % {"days": days}
    if hours:
        both = {"hours": hours, "minutes": minutes}
        return _("%(hours)s 小时 %(minutes)s 分") % both if minutes else _("%(hours)s 小时") % both
    if minutes >= 10:
        return _("%(minutes)s 分钟") % {"minutes": minutes}
    if minutes:
        return _("%(minutes)s 分 %(seconds)s 秒") % {"minutes": minutes, "seconds": seconds}
    return _("%(seconds)s 秒") % {"seconds": seconds}


def money(value: Decimal | int | str | None) -> str:
    """``¥1,234.50``; binary fractions are not taken."""
    if value is None:
        return NOTHING
    amount = Decimal(value).quantize(Decimal("0.01"))
    return f"-¥{-amount:,.2f}" if amount < 0 else f"¥{amount:,.2f}"


def number(value: Decimal | int | float | None, places: int = 0) -> str:
    """``12,345``, with so many decimal places."""
    return NOTHING if value is None else f"{value:,.{places}f}"


def percent(share: Decimal | float | None, places: int = 1) -> str:
    """``95.3%`` from 0.953."""
    return NOTHING if share is None else f"{share * 100:.{places}f}%"


def script_words() -> dict[str, str]:
    """The words the browser needs to go on where the server stopped, placeholders unfilled."""
    return {
        "just_now": _("刚刚"),
        "minutes_ago": ngettext("%(count)s 分钟前", "%(count)s 分钟前", 2),
        "in_minutes": ngettext("%(count)s 分钟后", "%(count)s 分钟后", 2),
        "days_hours": _("%(days)s 天 %(hours)s 小时"),
        "days": _("%(days)s 天"),
        "hours_minutes": _("%(hours)s 小时 %(minutes)s 分"),
        "hours": _("%(hours)s 小时"),
        "minutes": _("%(minutes)s 分钟"),
        "minutes_seconds": _("%(minutes)s 分 %(seconds)s 秒"),
        "seconds": _("%(seconds)s 秒"),
        "clock_left": _("剩 %(time)s"),
        "clock_over": _("超 %(time)s"),
        "clock_running": _("计时中"),
        "clock_warn": _("即将超时"),
        "clock_breached": _("已超时"),
        "copied": _("已复制 %(text)s"),
        "draft_saved": _("草稿已保存"),
        "draft_not_saved": _("草稿没有保存，请刷新页面"),
        "done": _("已完成。"),
        "restored": _("已恢复您重新登录前填写的内容。"),
        "server_failed": _("服务器没有完成这次操作（%(status)s），请稍后再试。"),
        "unsaved": _("您填写的内容还没有保存。"),
        "script_failed": _("页面的一部分没有正常工作，已经记录下来。如果不能继续，请刷新页面；填写的内容请先复制。"),
        "palette_all": _("搜索“%(text)s”的全部结果"),
        "palette_count": _("%(count)s 项可选"),
        "palette_away": _("暂时取不到，请检查网络后再试。"),
    }
