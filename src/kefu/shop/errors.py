"""Refusals of a shop's daily work, each with what to do about it."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict


class NotUnpaid(Conflict):
    """Only an order that waits for its payment is reminded of."""

    code = "shop.not_unpaid"
    message = _("订单现在不是待付款，不用再催付。")


class RemindedToday(Conflict):
    """The order was reminded of today as often as the handbook allows."""

    code = "shop.reminded_today"
    message = _("今天已经催付过这张订单（条款 %(clause)s），请明天再催。")


class AtNight(Conflict):
    """Nobody is reminded at night."""

    code = "shop.at_night"
    message = _("现在是夜间，不催付（条款 %(clause)s）。请在 %(first)s 点到 %(last)s 点之间催付。")


class Explained(Conflict):
    """The cause is known already."""

    code = "shop.explained"
    message = _("已登记过原因，如需更正请组长修改。")


class TroubleEnded(Conflict):
    """Nothing more is done about a parcel whose trouble is over."""

    code = "shop.trouble_ended"
    message = _("这个快件的问题已经处理完，不用再操作。")


class Postal(Conflict):
    """Parcels of the post are not asked for."""

    code = "shop.postal"
    message = _("邮政快件不需要联系快递（条款 %(clause)s）。")


class AskFirst(Conflict):
    """Who is over the days contacts the carrier before the work is done."""

    code = "shop.ask_first"
    message = _("已超过 %(days)s 天，请先联系快递，再给顾客结果（条款 %(clause)s）。")


class SaleEnded(Conflict):
    """Nothing more is done about a refund that has ended."""

    code = "shop.sale_ended"
    message = _("这笔退款已经结束，不能再操作。")


class NotAgreed(Conflict):
    """No goods are exchanged and no money is paid before buyer and shop agreed."""

    code = "shop.not_agreed"
    message = _("还没有协商结果，不能退款或换货（条款 %(clause)s）。请先与顾客协商并登记结果。")


class NoVoid(Conflict):
    """The warehouse has not confirmed that the order is void."""

    code = "shop.no_void"
    message = _("仓库还没有确认作废，不能退款（条款 %(clause)s）。请先发作废通知，等仓库确认。")


class NotStopped(Conflict):
    """The parcel is still on its way, or was signed for."""

    code = "shop.not_stopped"
    message = _("快件还没有拦截或退回，不能仅退款。请先跟踪快件；已签收的转售后协商。")


class GoodsNotBack(Conflict):
    """The goods have not come back."""

    code = "shop.goods_not_back"
    message = _("还没有收到退货，不能退款。请先验收退货。")


class AlreadySent(Conflict):
    """An order that was sent cannot be made void."""

    code = "shop.already_sent"
    message = _("订单已发货，不能作废。请改走已发货仅退款，先跟踪或拦截快件。")


class VoidStands(Conflict):
    """The order has a notice already."""

    code = "shop.void_stands"
    message = _("这张订单已经发过作废通知，请等仓库确认。")
