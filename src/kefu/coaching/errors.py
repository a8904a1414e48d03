"""Refusals of coaching."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict


class NoteDone(Conflict):
    """It is over."""

    code = "note_done"
    message = _("这条辅导已经完成，不能再改。")


class ClipState(Conflict):
    """The step does not belong to its state."""

    code = "clip_state"
    message = _("这个片段现在是“%(state)s”，请刷新查看。")
