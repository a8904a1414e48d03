"""Refusals of recordings."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Invalid, Message, NotFound


class StoreFull(Conflict):
    """No room for another recording."""

    code = "recordings_full"
    status = 507
    message = _("录音空间已满，没有保存任何内容。请管理员清理到期录音或调大 KEFU_RECORDINGS_MB。")


class AnotherRecording(Conflict):
    """The call has a recording already."""

    code = "another_recording"
    message = _("这通电话已有另一段录音。请先删除原来的录音，再上传新的。")


class WasRemoved(Conflict):
    """The same file was here and its time was over."""

    code = "recording_removed"
    message = _("这段录音保存期已过并已删除，不能再次存入。")


class Held(Conflict):
    """It must be kept; ``why`` lists who needs it."""

    code = "recording_held"
    message = _("录音正在留存，不能删除：%(why)s")


class KeptUntil(Conflict):
    """Its time is not over."""

    code = "recording_kept"
    message = _("录音应保存到 %(day)s（依据 %(clause)s），现在不能删除。")


class Gone(NotFound):
    """The file is no longer there."""

    code = "recording_gone"
    message = _("录音文件已不在存储中。")


class NotACall(Invalid):
    """Only calls have recordings."""

    code = "not_a_call"
    message = _("只有电话会话才有录音。")


class NeedsReason(Invalid):
    """Taking a recording along needs a reason somebody else can understand."""

    code = "reason_too_short"
    message = _("请写明下载原因，至少 %(length)s 个字。")


class MetadataRefused(Invalid):
    """What is told of the call cannot be used; ``why`` says what."""

    code = "recording_metadata"
    message = _("录音的通话信息不能用：%(why)s")


class TranscriptRefused(Invalid):
    """A transcript made elsewhere that cannot be read; ``why`` says what."""

    code = "transcript_refused"
    message = _("无法读取转写结果：%(why)s")


FAILURES: dict[str, Message] = {
    "engine_crashed": _("转写引擎异常退出，已重试多次。分析结果可用，文字需要导入或稍后重试。"),
    "engine_timeout": _("转写引擎超时，已重试多次。请检查机器负载后重试。"),
    "engine_failed": _("转写引擎报错，已重试多次。请查看服务器日志后重试。"),
    "engine_missing": _("转写引擎没有安装或模型文件夹不存在，请按文档安装后重试。"),
    "recording_gone": _("录音文件已不在存储中，请从备份恢复后重试。"),
    "value_forged": _("录音文件已损坏，请从备份恢复后重试。"),
    "error": _("处理时出现意外错误，已记入服务器日志。请稍后重试。"),
}
"""Why the work on a recording failed, besides what ``sound.errors.REASONS`` names."""
