"""Refusals of cases."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Invalid, Message
from kefu.kernel.wording import listed_later


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a step may not be taken: a code, the words, the field it concerns and the clause that says so."""

    code: str
    message: Message
    field: str = ""
    clause: str = ""


class StepRefused(Invalid):
    """The handbook does not let this step be taken now; every reason is listed (CASE1)."""

    code = "step_refused"
    message = _("按手册规定，现在不能进行“%(step)s”：%(reasons)s")

    def __init__(self, step: str, refusals: list[Refusal]) -> None:
        self.refusals = refusals
        reasons = listed_later((one.message for one in refusals), "；")
        super().__init__(fields={one.field: one.message for one in refusals if one.field}, step=step, reasons=reasons)


class KindUnknown(Invalid):
    """The site's handbook has no procedure for this kind of case."""

    code = "case_kind_unknown"
    message = _("该站点的手册没有“%(kind)s”类工单的流程，请选择其他类型。")


class CaseClosed(Conflict):
    """A closed or merged case takes no changes."""

    code = "case_closed"
    message = _("工单 %(number)s 处于“%(status)s”状态，不能再修改；如需继续处理请先重新打开。")


class MergeRefused(Conflict):
    """These two cannot be merged."""

    code = "merge_refused"
    message = _("不能合并：%(why)s")


class LikelyDuplicate(Conflict):
    """An open case of the same kind and waybill exists; opening another must be meant (CASE8)."""

    code = "case_duplicate"
    message = _("运单 %(waybill)s 已有处理中的同类工单 %(number)s，请在原工单上跟进；确需新建请勾选“仍要新建”。")


class AnsweredSince(Conflict):
    """Somebody spoke with the customer or moved the case since the writer looked; ``params["since"]`` lists what came (CASE8)."""

    code = "case.answered_since"
    message = _("您打开后工单有了新内容：%(what)s。请先看一眼；确认仍要发送请选“仍然发送”。")
