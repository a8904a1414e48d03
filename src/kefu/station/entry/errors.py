"""Refusals of waybill entry."""

from collections.abc import Sequence
from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Invalid
from kefu.station.entry.findings import MESSAGES, REFUSALS, Finding


class EntryRefused(Invalid):
    """The checks refuse it; ``findings`` are all of them, ``fields`` the first sentence for each field. The code is the first one's."""

    def __init__(self, found: Sequence[Finding]) -> None:
        self.findings = tuple(found)
        refusing = [one for one in found if one.refuses]
        said: dict[str, str] = {}
        for one in refusing:
            said.setdefault(one.field, str(one))
        super().__init__(fields=said, code=refusing[0].code)


class EntryDoubtful(Conflict):
    """Nothing refuses it, but there are warnings nobody has let stand yet; ``findings`` are they. Save again with their codes to accept."""

    code: ClassVar[str] = "entry_doubtful"
    message = _("有需要确认的提示：%(warnings)s 确认无误请再次保存。")

    def __init__(self, found: Sequence[Finding]) -> None:
        self.findings = tuple(found)
        super().__init__(warnings=" ".join(map(str, found)), codes=[one.code for one in found])


class NotVoidable(Conflict):
    """The number cannot be declared void."""

    code: ClassVar[str] = "entry_not_voidable"
    message = _("%(waybill)s 已有扫描记录，不能作废；请按问题件或退件处理。")


class ReasonWanted(Invalid):
    """A reason is missing."""

    def __init__(self, code: str = "entry_reason") -> None:
        message = MESSAGES["entry_reason"] if code == "entry_reason" else _("请写明原因（至少 4 个字）。")
        super().__init__(fields={REFUSALS["entry_reason"][0]: message}, code=code)
