"""Words of a shop's daily work."""

from typing import Final

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Reply(models.TextChoices):
    """What came of a reminder to pay (催付)."""

    NONE = "", _("还没有结果")
    WILL_PAY = "will_pay", _("答应付款")
    THINKING = "thinking", _("还在考虑")
    DECLINED = "declined", _("不买了")
    NO_ANSWER = "no_answer", _("没有回复")


class Lost(models.TextChoices):
    """Why an enquiry did not close (未成交原因), in the words of the handbook's clause ``lost_reason``."""

    PRICE = "price", _("价格")
    FUNCTION = "function", _("功能不合适")
    SHIPPING = "shipping", _("物流慢")
    TRUST = "trust", _("信任不足")
    COMPARING = "comparing", _("客户还在比较")
    STOCK = "stock", _("没有货")
    SLOW = "slow", _("客服回复慢")
    OTHER = "other", pgettext_lazy("reason", "其他")


class Cause(models.TextChoices):
    """The true cause of an unsent order (E10), as the procedure ``unshipped`` names them."""

    STOCK = "stock", _("缺货")
    PRINTING = "printing", _("漏打单")
    WAREHOUSE = "warehouse", _("仓库漏发")
    CARRIER = "carrier", _("快递未揽收")
    CUSTOMER = "customer", _("顾客要求晚发")
    ADDRESS = "address", _("地址或电话有误")
    SYSTEM = "system", _("系统问题")


class Party(models.TextChoices):
    """Who answers for it (E20, E21)."""

    WAREHOUSE = "warehouse", pgettext_lazy("party", "仓库")
    CARRIER = "carrier", pgettext_lazy("party", "快递")
    AGENT = "agent", pgettext_lazy("party", "客服")
    BUYER = "buyer", pgettext_lazy("party", "买家")
    PRODUCT = "product", _("商品或供应商")
    SYSTEM = "system", pgettext_lazy("party", "系统")


PARTY_OF_CAUSE: Final[dict[str, str]] = {
    Cause.STOCK: Party.SYSTEM,
    Cause.PRINTING: Party.AGENT,
    Cause.WAREHOUSE: Party.WAREHOUSE,
    Cause.CARRIER: Party.CARRIER,
    Cause.CUSTOMER: Party.BUYER,
    Cause.ADDRESS: Party.BUYER,
    Cause.SYSTEM: Party.SYSTEM,
}
"""Who is proposed as liable for a cause (E21); the agent may choose another."""


class TroubleKind(models.TextChoices):
    """What is wrong with a parcel on its way (SHOP5)."""

    PROBLEM = "problem", _("疑难件")
    QUIET = "quiet", _("无物流信息")


class TroubleState(models.TextChoices):
    """Where the work on it stands."""

    TO_MESSAGE = "to_message", _("待给顾客留言")
    TO_CONTACT = "to_contact", _("待联系快递")
    ASKED = "asked", _("快递核实中")
    DONE = "done", _("已完成")
    GONE = "gone", _("已自行恢复")


OPEN_TROUBLES: Final = (TroubleState.TO_MESSAGE.value, TroubleState.TO_CONTACT.value, TroubleState.ASKED.value)


class UrgeCause(models.TextChoices):
    """Why a buyer urges (催单)."""

    NOT_SENT = "not_sent", _("还没发货")
    SLOW = "slow", _("物流慢")
    STUCK = "stuck", _("物流停滞")
    DELIVERY = "delivery", _("催派送")
    OTHER = "other", pgettext_lazy("reason", "其他")


class Agreed(models.TextChoices):
    """What buyer and shop agreed (协商结果), as the procedure ``after_sales`` names them."""

    REFUND = "refund", _("仅退款")
    RETURN = "return", _("退货退款")
    EXCHANGE = "exchange", _("换货")
    REPAIR = "repair", _("维修")
    RESEND = "resend", _("补发")
    DIFFERENCE = "difference", _("退差价")
    NOTHING = "nothing", _("顾客接受现状")
    NOT_AGREED = "not_agreed", _("协商未果")


class Stop(models.TextChoices):
    """What came of tracking a sent parcel before its refund (E9)."""

    INTERCEPTED = "intercepted", _("已拦截")
    RETURNED = "returned", pgettext_lazy("parcel", "已退回")
    LOST = "lost", pgettext_lazy("parcel", "遗失")
    SIGNED = "signed", pgettext_lazy("parcel", "已签收")


STOPPED: Final = (Stop.INTERCEPTED.value, Stop.RETURNED.value, Stop.LOST.value)


class SaleState(models.TextChoices):
    """Where our work on a refund stands."""

    OPEN = "open", _("处理中")
    PAID = "paid", _("已退款")
    REFUSED = "refused", _("已拒绝")
    OVER = "over", _("平台已结束")


class VoidState(models.TextChoices):
    """Where the notice to the warehouse stands (订单编号 + 店铺 + 作废)."""

    TOLD = "told", _("待仓库确认")
    CONFIRMED = "confirmed", _("仓库已作废")
    TOO_LATE = "too_late", _("已发出，未能作废")
    WITHDRAWN = "withdrawn", _("已撤回")


class Hindrance(models.TextChoices):
    """Why a refund may not be paid yet: what comes first (E9, SHOP6)."""

    NOT_AGREED = "not_agreed", _("先与顾客协商并登记结果，才能退款。")
    NO_VOID = "no_void", _("仓库确认作废后才能退款。")
    NOT_STOPPED = "not_stopped", _("快件拦截或退回后才能退款。")
    GOODS_NOT_BACK = "goods_not_back", _("收到退货并验收后才能退款。")
