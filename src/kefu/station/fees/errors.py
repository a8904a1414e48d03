"""Refusals of delivery fees."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Invalid


class CardsOverlap(Conflict):
    """Another card of the same key covers some of these days."""

    code = "fee.cards_overlap"
    message = _("与“%(title)s”（%(first)s 起）的有效期重叠，请先结束那张费率表，或换个起始日。")


class CardUsed(Conflict):
    """Fees stand on the card."""

    code = "fee.card_used"
    message = _("已有派费按这张费率表计算，不能撤回；请改为结束它，并新建一张。")


class CardWithdrawn(Conflict):
    """The card was withdrawn."""

    code = "fee.card_withdrawn"
    message = _("这张费率表已撤回。")


class FeeLocked(Conflict):
    """The fee was settled."""

    code = "fee.locked"
    message = _("这笔派费已结算，不能再改；有误请在下月账单里更正。")


class FeeDisputed(Conflict):
    """The fee is in dispute."""

    code = "fee.disputed"
    message = _("这笔派费有争议，请先处理争议。")


class FeeFixed(Conflict):
    """The amount was set by a verdict or corrects a settled fee."""

    code = "fee.fixed"
    message = _("这笔派费的金额由裁定或更正确定，不再按费率表计算；仍有异议请提出争议。")


class FeeVoid(Conflict):
    """The fee fell away."""

    code = "fee.void"
    message = _("这笔派费已取消，无需处理。")


class NoDispute(Conflict):
    """There is nothing to decide."""

    code = "fee.no_dispute"
    message = _("这笔派费没有待处理的争议。")


class StatementLocked(Conflict):
    """The statement was settled."""

    code = "fee.statement_locked"
    message = _("这份账单已结算，不能再改；之后的变化会进入下一份账单。")


class StatementEmpty(Conflict):
    """There is nothing to settle."""

    code = "fee.statement_empty"
    message = _("账单里没有可结算的派费，请先计算派费或处理争议。")


class StatementNotSettled(Conflict):
    """Only what is settled can be paid."""

    code = "fee.not_settled"
    message = _("账单还没有结算，请先结算再登记付款。")


class MonthNotOver(Invalid):
    """The month is still running."""

    code = "fee.month_not_over"
    message = _("%(month)s 还没有过完，月底之后才能结算。")
