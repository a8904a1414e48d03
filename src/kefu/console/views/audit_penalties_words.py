"""Words for what the audit trail records of penalties."""

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
}
FIELDS: dict[str, str | Promise] = {
    "month": pgettext_lazy("audit", "月份"),
    "cause": pgettext_lazy("audit", "原因"),
    "given": pgettext_lazy("audit", "已登记"),
}
