"""Words for what the audit trail records of shop work."""

from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

ACTIONS: dict[str, str | Promise] = {
    "order.stored": pgettext_lazy("audit", "收到网店订单"),
    "order.changed": pgettext_lazy("audit", "网店订单有更新"),
    "refund.stored": pgettext_lazy("audit", "收到退款申请"),
    "refund.changed": pgettext_lazy("audit", "退款申请有更新"),
    "shop.created": pgettext_lazy("audit", "新建店铺"),
    "product.noted": pgettext_lazy("audit", "登记商品知识"),
    "ledger.cell_kept": pgettext_lazy("audit", "填写台账"),
    "shop.reminded": pgettext_lazy("audit", "催付"),
    "shop.reminder_answered": pgettext_lazy("audit", "登记催付结果"),
    "shop.unsent_checked": pgettext_lazy("audit", "核查付款未发订单"),
    "shop.explained": pgettext_lazy("audit", "登记未发出的原因"),
    "shop.enquiry_explained": pgettext_lazy("audit", "登记未成交原因"),
    "shop.trouble_gone": pgettext_lazy("audit", "快件问题自行恢复"),
    "shop.messaged": pgettext_lazy("audit", "给顾客留言"),
    "shop.carrier_asked": pgettext_lazy("audit", "联系快递核实"),
    "shop.answered": pgettext_lazy("audit", "给顾客最终结果"),
    "shop.informed": pgettext_lazy("audit", "给顾客说明现状"),
    "shop.urged": pgettext_lazy("audit", "登记催单"),
    "shop.urge_settled": pgettext_lazy("audit", "登记催单结果"),
    "shop.sale_over": pgettext_lazy("audit", "平台结束退款"),
    "shop.agreed": pgettext_lazy("audit", "登记协商结果"),
    "shop.voided": pgettext_lazy("audit", "通知仓库作废"),
    "shop.void_confirmed": pgettext_lazy("audit", "仓库确认作废"),
    "shop.void_too_late": pgettext_lazy("audit", "作废未赶上发货"),
    "shop.tracked": pgettext_lazy("audit", "登记快件跟踪结果"),
    "shop.goods_back": pgettext_lazy("audit", "验收退货"),
    "shop.paid": pgettext_lazy("audit", "在平台退款"),
    "shop.refused": pgettext_lazy("audit", "拒绝退款"),
}
SUBJECTS: dict[str, str | Promise] = {
    "order": pgettext_lazy("audit", "网店订单"),
    "refund": pgettext_lazy("audit", "退款"),
    "shop": pgettext_lazy("audit", "店铺"),
    "product": pgettext_lazy("audit", "商品"),
    "unsent_check": pgettext_lazy("audit", "付款未发核查"),
}
FIELDS: dict[str, str | Promise] = {
    "diff": pgettext_lazy("audit", "改动"),
    "items": pgettext_lazy("audit", "商品有改动"),
    "parcels": pgettext_lazy("audit", "新增快件"),
    "platform": pgettext_lazy("audit", "平台"),
    "reply": pgettext_lazy("audit", "催付结果"),
    "cause": pgettext_lazy("audit", "原因"),
    "column": pgettext_lazy("audit", "栏目"),
    "register": pgettext_lazy("audit", "台账来源"),
    "row": pgettext_lazy("audit", "行"),
    "party": pgettext_lazy("audit", "责任方"),
    "refund": pgettext_lazy("audit", "退款编号"),
    "amount": pgettext_lazy("audit", "金额"),
}
