"""What a gun can answer: stable codes with words that say what to do (O8, R9, R10, R19a)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message
from kefu.station.scanning.modes import Tone

REFUSALS: Mapping[str, Message] = {
    "bad_waybill": _("单号格式不对，请重扫条码或手工核对。"),
    "bag_number": _("这是包号，内有 %(count)s 票。请先拆包，再逐票扫描。"),
    "repeat": _("%(minutes)s 分钟内已扫过（%(time)s），不用再扫。"),
    "other_gun": _("刚由 %(operator)s 扫过（%(time)s），以那次为准，请把件交给对方。"),
    "signed": _("已于 %(time)s 签收。签收有误请组长先撤销签收，再扫。"),
    "returned": _("已退回寄件人，请放到退件区核对。"),
    "returning": _("正在退回，请放到退件区，不要派送。"),
    "intercepted": _("已拦截，请放到拦截区，等总部或寄件人通知。"),
    "forwarded": _("已转件，请用新单号操作。"),
    "cancelled": _("运单已作废，请联系寄件网点核实。"),
    "courier_missing": _("请先选派件员。"),
    "courier_unknown": _("没有工号或姓名为 %(courier)s 的派件员，请核对。"),
    "courier_inactive": _("派件员 %(courier)s 已停用，请换人。"),
    "courier_elsewhere": _("派件员 %(courier)s 不是本网点的人，请核对工号。"),
    "reason_missing": _("请先选原因。"),
    "next_missing": _("发件请先选下一站。"),
    "not_allowed": _("有未结的问题件“%(title)s”，现在不能做这种扫描。请先按处理意见办，或完成问题件。"),
    "future": _("扫描时间比现在晚 %(minutes)s 分钟以上，请校准设备时钟。"),
    "too_old": _("扫描时间早于 %(hours)s 小时前，请核对设备日期；补录请走文件导入。"),
    "unknown_site": _("网点不存在，或不在您的权限范围内。"),
    "no_time": _("缺少扫描时间或时区。"),
    "too_long": _("内容超过字段长度。"),
    "stale": _("同时有人在改这票件，请再扫一次。"),
}
WARNINGS: Mapping[str, Message] = {
    "not_arrived": _("没有本站到件扫描（漏做到件），请补到件，或改用到派一体。"),
    "not_registered": _("系统里没有这票运单，请补录单。"),
    "misrouted": _("这票应由 %(site)s 派送，可能错分，请核对。"),
    "load": _("%(courier)s 今天已派 %(count)s 票，超过 %(most)s 票，请分给别人。"),
    "night": _("现在不在派送时段（%(from)s 点到 %(to)s 点）。"),
    "too_soon": _("距上次派送不足 %(hours)s 小时，除非客户同意，请晚些再派。"),
    "passed_on": _("今天已由 %(courier)s 派件，现改派给您选的派件员，请当面交接。"),
    "problem_open": _("有未处理的问题件，请先看处理意见。"),
    "was_refused": _("客户拒收过，请先联系确认。"),
    "stored": _("已入驿站或快递柜，请确认是取出再派。"),
    "not_out": _("没有派件扫描就拒收，请核对是否漏扫派件。"),
    "few_attempts": _("只派送过 %(number)s 次，至少免费投递 %(least)s 次后才退回，除非寄件人要求。"),
    "arrived_signed": _("这票已签收又到件，请核对是否退件或签收有误。"),
}
HINTS: Mapping[str, Message] = {
    "attempt": _("第 %(number)s 次派送。"),
    "collect": _("要收款 %(amount)s 元。"),
    "pieces": _("一票 %(count)s 件，请点齐。"),
    "piece": _("子单，主单 %(waybill)s。"),
    "bag": _("整包操作，内有 %(count)s 票。"),
    "also_arrived": _("到件、派件都已录。"),
}
MESSAGES: Mapping[str, Message] = {**REFUSALS, **WARNINGS, **HINTS}


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to say about a number: a code of ``MESSAGES``, what fills its words, and the clause it rests on."""

    code: str
    params: Mapping[str, Any] = field(default_factory=dict)
    clause: str = ""

    @property
    def tone(self) -> str:
        """Whether it refuses, warns or only tells."""
        return Tone.REFUSED if self.code in REFUSALS else Tone.WARN if self.code in WARNINGS else Tone.OK

    @property
    def words(self) -> str:
        """In the reader's language."""
        text = str(MESSAGES.get(self.code, self.code))
        return text % self._shown() if self.params else text

    def _shown(self) -> Mapping[str, Any]:
        """What a handbook names in two languages, in the reader's."""
        english = self.params.get("title_en") if (get_language() or "zh").startswith("en") else ""
        return {**self.params, "title": english} if english else self.params


def stored(notices: "list[Notice]") -> list[dict[str, Any]]:
    """As the database keeps them: codes and values, no sentence."""
    return [{"code": one.code, "params": dict(one.params), "clause": one.clause} for one in notices]


def read(rows: list[dict[str, Any]]) -> "list[Notice]":
    """Back from the database."""
    return [Notice(row["code"], row.get("params", {}), row.get("clause", "")) for row in rows]


def tone_of(notices: "list[Notice]") -> str:
    """The loudest of them."""
    tones = {one.tone for one in notices}
    return next((tone.value for tone in (Tone.REFUSED, Tone.WARN) if tone in tones), Tone.OK.value)
