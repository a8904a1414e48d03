"""What became of a notice to the customer, in the timeline of its case, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kefu.console.views.matters.said import Said, Says
from kefu.handbook.reader.words import english
from kefu.handbook.schema import Handbook
from kefu.lists.notices import CHANNELS, REASONS


def _plain(words: str, icon: str, tone: str) -> Says:
    def says(data: Mapping[str, Any], book: Handbook) -> Said:
        template = book.notices.get(str(data.get("template", "")))
        values = {
            "channel": CHANNELS.get(data.get("channel", ""), ""),
            "reason": REASONS.get(data.get("reason", ""), ""),
            "title": template.name("en" if english() else "zh") if template else "",
        }
        return Said(_(words) % values, icon, tone)

    return says


def _sent(data: Mapping[str, Any], book: Handbook) -> Said:
    words = gettext_noop("人工告知客户：%(title)s") if data.get("told_by") else gettext_noop("已用%(channel)s告知客户：%(title)s")
    return _plain(words, "send", "good")(data, book)


SAYS: Mapping[str, Says] = {
    "notice.sent": _sent,
    "notice.failed": _plain(gettext_noop("告知客户失败（%(title)s）：%(reason)s"), "error", "bad"),
    "notice.person": _plain(gettext_noop("待人工告知客户（%(title)s）：%(reason)s"), "phone", "warn"),
    "notice.skipped": _plain(gettext_noop("没有告知客户（%(title)s）：%(reason)s"), "denied", "quiet"),
}
