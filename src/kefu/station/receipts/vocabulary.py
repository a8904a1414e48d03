"""The chain of a return receipt and the sets it is reconciled by, as codes (O13)."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class State(models.IntegerChoices):
    """How far a receipt has come, by the network's own numbers (O13)."""

    UNREGISTERED = 0, _("未登记")
    HERE = 1, _("派站已收")
    SENT_BACK = 2, _("派站已退")
    HUB_GOT = 3, _("派中心已收")
    HUB_SENT = 4, _("派中心已退")
    ORIGIN_HUB_GOT = 5, _("寄中心已收")
    ORIGIN_HUB_SENT = 6, _("寄中心已退")
    DELIVERED = 7, _("寄站已收")


SENT = (State.SENT_BACK.value, State.HUB_SENT.value, State.ORIGIN_HUB_SENT.value)


class Kind(models.TextChoices):
    """What the sender wants back; as the waybill says."""

    ORIGINAL = "original", _("原件")
    COPY = "copy", _("复印件")
    ELECTRONIC = "electronic", _("电子回单")


class Due(models.TextChoices):
    """The sets receipts are reconciled by."""

    UNREGISTERED = "unregistered", _("应回未登")
    UNRETURNED = "unreturned", _("应退未退")
    HUB_MISSING = "hub_missing", _("派方已收中心未收")
    NOT_RECEIVED = "not_received", _("已退未收")
    HUB_UNSENT = "hub_unsent", _("中心已收未退")
    OVERDUE = "overdue", _("超期未回")
    LOST = "lost", _("已报遗失")
    OPEN = "open", _("未完结")
    CLOSED = "closed", _("已完结")


COUNTED = (Due.UNREGISTERED, Due.UNRETURNED, Due.HUB_MISSING, Due.NOT_RECEIVED, Due.HUB_UNSENT, Due.OVERDUE, Due.LOST)
