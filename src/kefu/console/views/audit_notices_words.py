"""Words for what the audit trail records of telling customers and of appeals to the postal authority."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

ACTIONS: dict[str, str | Promise] = {
    "customer.channel_chosen": _("登记客户的告知方式"),
    "notice.made": _("产生客户告知"),
    "notice.sent": _("告知已发出"),
    "notice.failed": _("告知发送失败"),
    "notice.person": _("告知转人工"),
    "notice.retried": _("重新发送告知"),
    "notice.told": _("人工告知客户"),
    "notice.dropped": _("不发送告知"),
    "appeal.filed": _("登记邮政申诉"),
    "appeal.accepted": _("记录申诉受理"),
    "appeal.written": _("写申诉答复"),
    "appeal.returned": _("退回申诉答复"),
    "appeal.answered": _("批准申诉答复"),
    "appeal.opinion": _("登记调解意见"),
    "appeal.fed_back": _("反馈调解意见"),
    "appeal.closed": _("办结申诉"),
    "appeal.withdrawn": _("申诉撤回"),
    "appeal.opened": _("打开申诉档案"),
    "appeal.unmasked": _("查看申诉明文"),
    "appeal.file_read": _("查看申诉附件"),
    "appeal.disposed": _("销毁申诉档案"),
}
FIELDS: dict[str, str | Promise] = {
    "opted_out": pgettext_lazy("audit", "不愿接收"),
    "tries": pgettext_lazy("audit", "发送次数"),
    "appeal": pgettext_lazy("audit", "邮政申诉"),
    "complaint": pgettext_lazy("audit", "原投诉工单"),
    "verdict": pgettext_lazy("audit", "结论"),
    "by": pgettext_lazy("audit", "谁"),
    "file": pgettext_lazy("audit", "附件"),
    "notice": pgettext_lazy("audit", "告知"),
    "template": pgettext_lazy("audit", "告知模板"),
    "told_by": pgettext_lazy("audit", "告知人"),
}
