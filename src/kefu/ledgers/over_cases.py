"""未完结: cases that have no result yet; a word on the progress is a note, handing over gives the case to a colleague (S 四(四)7)."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from kefu.cases import registers as cases
from kefu.cases import upkeep
from kefu.cases.registers import OPEN_STATUSES
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid
from kefu.kernel.masking import mask_text
from kefu.kernel.paging import Order
from kefu.ledgers.registers import Beside, Cell, Group, Options, Place, Register, Row, Writing
from kefu.people import queries as people
from kefu.people.permissions import Permission

_NEVER = 9000
_WORKERS = ["agent", "lead", "clerk", "manager"]
_STATUSES = dict(OPEN_STATUSES)


def _note(writing: Writing) -> None:
    upkeep.add_note(actor=writing.actor, case_id=writing.row.pk, text=writing.text, now=writing.now)


def _colleagues(_actor: Actor, row: Row) -> Options:
    staff = people.active_staff(row.site_id, _WORKERS).values_list("staff_no", "name")[:200]
    return [("", str(_("无人"))), *((number, f"{name} {number}") for number, name in staff)]


def _hand(writing: Writing) -> None:
    """Somebody named by 工号 or by a name that only one person of the site has; nobody when empty."""
    chosen: int | None = None
    if writing.text:
        same_site = [one for one in people.active_called({writing.text}) if one.site_id == writing.row.site_id]
        if len(same_site) != 1:
            several = _("本站点有多位“%(name)s”，请填写工号。") if same_site else _("本站点没有在岗的“%(name)s”，请填写姓名或工号。")
            raise Invalid(fields={"value": several % {"name": writing.text}})
        chosen = same_site[0].pk
    upkeep.assign(actor=writing.actor, case_id=writing.row.pk, staff_id=chosen, now=writing.now, expected_version=writing.row.version)


def _notes(actor: Actor, rows: Sequence[Row]) -> Beside:
    return cases.last_notes(actor, [row.pk for row in rows])


OPEN_CASES = Register(
    key="open_cases",
    view=Permission.CASE_VIEW,
    work=Permission.CASE_WORK,
    rows=cases.open_cases,
    order=(Order("next_due_at"), Order("pk")),
    site="site_id",
    at="opened_at",
    number_columns=("order_no", "waybill"),
    cells={
        "case_no": Cell(lambda row, _beside: row.number),
        "opened_at": Cell(lambda row, _beside: row.opened_at),
        "order_no": Cell(lambda row, _beside: row.order_no),
        "waybill": Cell(lambda row, _beside: row.waybill),
        "matter": Cell(lambda row, _beside: mask_text(row.title)),
        "status": Cell(lambda row, _beside: row.status, lambda row, _beside: _STATUSES.get(row.status, row.status)),
        "promised_time": Cell(lambda row, _beside: row.next_due_at if row.next_due_at.year < _NEVER else None),
        "progress": Cell(lambda row, beside: mask_text(beside.get(row.pk, "")), write=_note),
        "handed_to": Cell(lambda row, _beside: row.assignee.name if row.assignee else "", write=_hand, options=_colleagues),
    },
    group=Group("status", _("状态"), lambda value: _STATUSES.get(value, value), OPEN_STATUSES),
    opens=lambda row: Place("case", row.pk),
    site_of=lambda row: row.site_id,
    beside=_notes,
    case_of=lambda row: row.pk,
)
