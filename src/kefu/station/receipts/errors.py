"""Refusals of return receipts."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Message

# A number that cannot be noted, by code; ``%(…)s`` are filled from the refusal.
REASONS: Mapping[str, Message] = {
    "receipt.bad_number": _("运单号或回单号格式不正确。"),
    "receipt.unknown": _("没有这个运单或回单，或不在您的权限范围内。"),
    "receipt.not_wanted": _("这个运单没有回单标志；确实要回单的，请先在运单录入里补上回单类型。"),
    "receipt.unsigned": _("快件还没有签收，不能登记回单；请先做签收。"),
    "receipt.skipped": _("前面的环节还没有登记：%(missing)s。请按顺序补登记。"),
    "receipt.past": _("回单已到“%(state)s”，不能再登记这个环节。"),
    "receipt.not_on_way": _("这票回单不经过“%(wanted)s”这个环节。"),
    "receipt.closed": _("回单已完结，无需再登记。"),
    "receipt.lost": _("回单已报遗失；找到了请先撤销遗失。"),
    "receipt.elsewhere": _("“%(wanted)s”由%(site)s登记，您不在该站点。"),
    "receipt.future": _("登记时间晚于现在，请检查时间。"),
    "receipt.too_early": _("登记时间早于上一环节（%(before)s），请检查时间。"),
    "receipt.no_image": _("电子回单要先上传签收回单的照片，才能完结。"),
    "receipt.too_long": _("单号或备注超过长度。"),
    "receipt.bad_state": _("没有这个回单环节，请填 1 到 7 或环节名称。"),
    "receipt.bad_copies": _("份数请填 1 到 99。"),
    "receipt.number_taken": _("这个回单号已登记在运单 %(waybill)s 上，请核对。"),
}


class MoveRefused(Conflict):
    """A step that cannot be noted; the code is one of ``REASONS``."""

    code = "receipt.refused"

    def __init__(self, reason: str, **params: Message) -> None:
        super().__init__(REASONS[reason], code=reason, **params)


class NothingToUndo(Conflict):
    """No step was noted yet."""

    code = "receipt.nothing_to_undo"
    message = _("回单还没有登记过，没有可以撤销的环节。")


class NotLost(Conflict):
    """It was not declared lost."""

    code = "receipt.not_lost"
    message = _("这票回单没有报遗失。")


class AlreadyLost(Conflict):
    """It was declared lost before."""

    code = "receipt.already_lost"
    message = _("这票回单已经报过遗失。")


class ReceiptClosed(Conflict):
    """It has come back."""

    code = "receipt.closed"
    message = _("回单已完结，无需再登记。")


class TooManyImages(Conflict):
    """The handbook limits the pictures of a receipt."""

    code = "receipt.too_many_images"
    message = _("每票回单最多 %(most)s 张照片（%(clause)s）。")
