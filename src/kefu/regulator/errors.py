"""Refusals of appeals, each with what to do about it."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Denied, Message

REASONS: dict[str, Message] = {
    "no_number": _("请填写申诉编号，以申诉中心的为准（40 字以内）。"),
    "known_number": _("这个申诉编号已经登记，请打开原来的申诉。"),
    "bad_waybill": _("运单号格式不正确。"),
    "no_site": _("请选择网点。"),
    "no_kinds": _("这个网点所用的手册没有申诉类别，不能登记邮政申诉。"),
    "unknown_kind": _("请选择申诉类别。"),
    "no_appellant": _("请填写申诉人。"),
    "unknown_party": _("请选择申诉人的身份。"),
    "no_statement": _("请填写申诉内容（8000 字以内）。"),
    "future": _("时间不能晚于现在，请核对。"),
    "no_text": _("请填写内容（8000 字以内）。"),
    "no_verdict": _("请选择办结结论。"),
    "many_files": _("附件最多 10 个，请删去一些。"),
    "not_fed_back": _("还没有反馈调解意见，请先反馈再办结。"),
}


class WrongState(Conflict):
    """The step does not belong to where the appeal stands."""

    code = "appeal.wrong_state"
    message = _("申诉现在是“%(state)s”，不能进行此操作，请刷新查看最新进度。")


class AnswerWaits(Conflict):
    """One version at a time."""

    code = "appeal.answer_waits"
    message = _("已有一份答复待审批，批准或退回之后才能再写。")


class NoAnswer(Conflict):
    """Nothing waits for approval."""

    code = "appeal.no_answer"
    message = _("没有待审批的答复，请刷新查看。")


class SamePerson(Denied):
    """Whoever wrote it does not approve it."""

    code = "appeal.same_person"
    message = _("不能审批自己写的答复，请由另一位经理审批。")


class KeptUntil(Conflict):
    """The file must be kept (R27)."""

    code = "appeal.kept"
    message = _("申诉档案要保存到 %(day)s（条款 %(clause)s），在此之前不能销毁。")


class StillOpen(Conflict):
    """Only a closed file can be disposed of."""

    code = "appeal.open"
    message = _("申诉还没有办结，档案不能销毁。")
