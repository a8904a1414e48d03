"""Refusals of exports."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Invalid, KefuError, TooMany


class SourceUnknown(Invalid):
    """There is no such list."""

    code = "export_unknown"
    message = _("没有这个列表，无法导出。")


class ReasonMissing(Invalid):
    """Personal data leaves only for a stated purpose."""

    code = "export_reason"
    message = _("此列表含个人信息，请选择导出用途。")


class TooManyRows(Invalid):
    """More rows than one file takes."""

    code = "export_too_large"
    message = _("符合条件的记录超过 %(most)s 行，请缩小筛选范围（例如按月）后分批导出。")


class TooManyFiles(TooMany):
    """Enough files of one person are being made."""

    code = "export_too_many"
    message = _("您已有 %(count)s 个导出在生成，请等完成后再试。")


class NotReady(Conflict):
    """The file is still being made, or has gone."""

    code = "export_not_ready"
    message = _("文件还没有生成好，或已过期删除，请重新导出。")


class FileDamaged(KefuError):
    """What lies in the store is not what was put there."""

    code = "export_damaged"
    status = 500
    message = _("文件已损坏，请重新导出。")
