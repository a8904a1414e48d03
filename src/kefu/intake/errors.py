"""Refusals of files that are taken in."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Invalid, KefuError, TooMany


class NoFile(Invalid):
    """Nothing was sent."""

    code = "upload_empty"
    message = _("请选择一个有内容的文件。")


class FileTooLarge(KefuError):
    """More than the page takes."""

    code = "upload_too_large"
    status = 413
    message = _("文件超过 %(most)s MB。更大的文件请在服务器上用 kefu import 导入，可以看进度并中断续传。")


class UploadGone(Invalid):
    """The file was taken in already, is too old, or somebody else's."""

    code = "upload_gone"
    message = _("预览已过期，请重新选择文件。")


class EncodingUnknown(Invalid):
    """The bytes are no text in any encoding that is known."""

    code = "encoding_unknown"
    message = _("认不出文件的编码，请另存为 UTF-8 后再导入。")


class SiteNeeded(Invalid):
    """Rows of this kind cannot name their site."""

    code = "site_needed"
    message = _("请选择这些记录归到哪个站点。")


class TooManyIntakes(TooMany):
    """Enough files of one person are on their way."""

    code = "intake_too_many"
    message = _("您已有 %(count)s 个文件在导入，请等完成后再试。")


class IntakeEnded(Conflict):
    """There is nothing to stop or to go on with."""

    code = "intake_ended"
    message = _("此导入已结束，请重新上传文件。")


class PersonGone(Conflict):
    """Whoever sent the file is no longer let in."""

    code = "person_gone"
    message = _("上传人已离职或停用。")
