"""What an arbitration writes into the timeline of its case, in words."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kefu.arbitration.vocabulary import Outcome
from kefu.console.views.matters.said import Said, Says
from kefu.handbook.schema import Handbook

_OUTCOMES = dict(Outcome.choices)


def _plain(words: str, icon: str, tone: str = "accent") -> Says:
    def says(data: Mapping[str, Any], book: Handbook) -> Said:  # noqa: ARG001
        return Said(_(words) % {"number": data.get("number", ""), "by": data.get("by", "")}, icon, tone)

    return says


def _confirmed(data: Mapping[str, Any], book: Handbook) -> Said:  # noqa: ARG001
    values = {
        "number": data.get("number", ""),
        "outcome": _OUTCOMES.get(data.get("outcome", ""), ""),
        "awarded": data.get("awarded", ""),
        "fines": data.get("fines", "0"),
    }
    return Said(_("仲裁 %(number)s 已裁决：%(outcome)s，赔款 %(awarded)s 元，罚款 %(fines)s 元") % values, "shield", "good")


SAYS: Mapping[str, Says] = {
    "arbitration.filed": _plain(gettext_noop("%(by)s 申报了仲裁 %(number)s"), "shield"),
    "arbitration.accept": _plain(gettext_noop("仲裁 %(number)s 已受理，等待对方举证"), "shield"),
    "arbitration.refuse": _plain(gettext_noop("仲裁 %(number)s 不予受理"), "shield", "bad"),
    "arbitration.withdraw": _plain(gettext_noop("%(by)s 撤回了仲裁 %(number)s"), "undo", "quiet"),
    "arbitration.reply": _plain(gettext_noop("%(by)s 为仲裁 %(number)s 举证"), "reply"),
    "arbitration.forward": _plain(gettext_noop("对方逾期没有举证，仲裁 %(number)s 转总部裁决"), "clock-late", "warn"),
    "arbitration.rule": _plain(gettext_noop("仲裁 %(number)s 已拟裁决，等待复核"), "shield"),
    "arbitration.send_back": _plain(gettext_noop("仲裁 %(number)s 的裁决被退回重拟"), "undo", "warn"),
    "arbitration.confirm": _confirmed,
    "arbitration.appeal": _plain(gettext_noop("%(by)s 对仲裁 %(number)s 申请复议"), "urge", "warn"),
    "arbitration.finish": _plain(gettext_noop("仲裁 %(number)s 已终局，款项入账"), "money", "good"),
    "arbitration.assigned": _plain(gettext_noop("仲裁 %(number)s 换了仲裁员"), "person", "quiet"),
}
