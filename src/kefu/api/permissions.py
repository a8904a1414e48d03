"""Which permission each operation needs (SEC2). One table: an operation that is not in it cannot be mounted.

Sites are a second question, asked by the domain's own predicate: what is out of reach is *not found*. An action may ask for more, as
assigning to somebody else does.
"""

from enum import Enum
from typing import Final, TypeAlias

from kefu.people.permissions import Permission


class Door(Enum):
    """Doors without a permission of their own."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"


PUBLIC: Final = Door.PUBLIC
SIGNED_IN: Final = Door.SIGNED_IN
Need: TypeAlias = Permission | Door
_P: Final = Permission

OPERATIONS: Final[dict[str, Need]] = {
    # health and description
    "read_health": PUBLIC,
    "read_openapi": PUBLIC,
    # cases
    "list_cases": _P.CASE_VIEW,
    "count_cases": _P.CASE_VIEW,
    "open_case": _P.CASE_OPEN,
    "read_case": _P.CASE_VIEW,
    "read_timeline": _P.CASE_VIEW,
    "edit_case": _P.CASE_WORK,
    "take_step": _P.CASE_WORK,
    "add_note": _P.CASE_WORK,
    "assign_case": _P.CASE_WORK,
    "urge_case": _P.CASE_WORK,
    "escalate_case": _P.CASE_ESCALATE,
    "reopen_case": _P.CASE_WORK,
    "merge_case": _P.CASE_MERGE,
    "unmerge_case": _P.CASE_MERGE,
    "link_case": _P.CASE_WORK,
    "link_conversation": _P.CASE_WORK,
    "explain_clock": _P.CASE_VIEW,
    "pause_clock": _P.CLOCK_PAUSE,
    "resume_clock": _P.CLOCK_PAUSE,
    "list_tasks": _P.CASE_VIEW,
    "ask_task": _P.CASE_WORK,
    "answer_task": _P.CASE_WORK,
    "cancel_task": _P.CASE_WORK,
    "upload_attachment": _P.CASE_WORK,
    "download_attachment": _P.CASE_VIEW,
    "list_notices": SIGNED_IN,
    "see_notices": SIGNED_IN,
}

# Operations whose body may be large: batches and files.
LARGE: Final = frozenset({"upload_attachment"})
