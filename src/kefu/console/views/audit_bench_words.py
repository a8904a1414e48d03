"""Words for what the audit trail records of the rule bench."""

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

ACTIONS: dict[str, str | Promise] = {
    "bench.labelled": pgettext_lazy("audit", "标注评分项"),
    "bench.trial_begun": pgettext_lazy("audit", "开始试行草稿"),
    "bench.trial_done": pgettext_lazy("audit", "试行草稿完成"),
    "bench.trial_stopped": pgettext_lazy("audit", "停止试行草稿"),
    "bench.trial_failed": pgettext_lazy("audit", "试行草稿中止"),
}
SUBJECTS: dict[str, str | Promise] = {"bench_trial": pgettext_lazy("audit", "草稿试行")}
FIELDS: dict[str, str | Promise] = {
    "breached": pgettext_lazy("audit", "违规"),
    "since": pgettext_lazy("audit", "从"),
    "line": pgettext_lazy("audit", "第几句"),
    "conversations": pgettext_lazy("audit", "会话数"),
}
