"""Words for what the audit trail records of penalties, coaching and the live check."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ACTIONS: dict[str, str | Promise] = {
    "penalty.entered": _("处罚入账"),
    "penalty.reversed": _("冲销处罚"),
    "penalty.objected": _("对处罚提出异议"),
    "penalty.answered": _("答复处罚异议"),
    "penalty.locked": _("锁定处罚月份"),
    "penalty.acknowledged": _("确认处罚月结单"),
    "penalty.wage_noted": _("登记当月工资"),
    "penalty.printed": _("下载处罚月结单"),
    "watch.confirmed": _("确认发送不当用语"),
    "watch.alarmed": _("情绪预警"),
    "watch.seen": _("查看情绪预警"),
    "watch.muted": _("静音情绪预警"),
    "coaching.written": _("写辅导"),
    "coaching.answered": _("回应辅导"),
    "coaching.done": _("完成辅导"),
    "clip.nominated": _("推荐片段"),
    "clip.published": _("发布片段"),
    "clip.withdrawn": _("撤下片段"),
}
FIELDS: dict[str, str | Promise] = {
    "month": pgettext_lazy("audit", "月份"),
    "entries": _("笔数"),
    "points": _("分数"),
    "money": _("金额"),
    "cause": pgettext_lazy("audit", "原因"),
    "given": pgettext_lazy("audit", "已登记"),
    "muted": pgettext_lazy("audit", "静音"),
    "about": pgettext_lazy("audit", "对象"),
    "minutes": pgettext_lazy("audit", "分钟"),
}
SUBJECTS: dict[str, str | Promise] = {
    "penalty": pgettext_lazy("list", "处罚"),
    "alarm": _("情绪预警"),
    "coaching": _("辅导"),
    "clip": _("优秀片段"),
}
