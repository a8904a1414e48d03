"""Words for what the audit trail records of recordings."""

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

ACTIONS: dict[str, str | Promise] = {
    "recording.received": pgettext_lazy("audit", "收到录音"),
    "recording.retried": pgettext_lazy("audit", "重新处理录音"),
    "recording.sides": pgettext_lazy("audit", "改动录音声道"),
    "recording.held": pgettext_lazy("audit", "留存录音"),
    "recording.released": pgettext_lazy("audit", "解除录音留存"),
    "recording.listened": pgettext_lazy("audit", "回听了录音"),
    "recording.downloaded": pgettext_lazy("audit", "下载录音"),
    "recording.removed": pgettext_lazy("audit", "删除录音"),
    "recording.failed": pgettext_lazy("audit", "录音处理失败"),
    "recording.words": pgettext_lazy("audit", "导入录音的文字"),
    "conversation.written": pgettext_lazy("audit", "写入会话文字"),
}
SUBJECTS: dict[str, str | Promise] = {"recording": pgettext_lazy("audit", "录音")}
FIELDS: dict[str, str | Promise] = {
    "lines": pgettext_lazy("audit", "句数"),
    "purpose": pgettext_lazy("audit", "用途"),
    "started_at": pgettext_lazy("audit", "通话开始"),
    "clause": pgettext_lazy("audit", "依据条款"),
    "seconds": pgettext_lazy("audit", "秒数"),
    "sides": pgettext_lazy("audit", "声道"),
    "shape": pgettext_lazy("audit", "文件格式"),
    "replaced": pgettext_lazy("audit", "替换原有文字"),
}
