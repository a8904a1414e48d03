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
Need: TypeAlias = Permission | tuple[Permission, ...] | Door
_P: Final = Permission
# Any of them opens the door; the query then shows what each lets see.
_QUALITY: Final = (Permission.QUALITY_OWN, Permission.QUALITY_VIEW)

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
    # desk
    "list_drafts": _P.CASE_WORK,
    "read_draft": _P.CASE_WORK,
    "keep_draft": _P.CASE_WORK,
    "discard_draft": _P.CASE_WORK,
    "reply_to_customer": _P.CASE_WORK,
    "record_customer_words": _P.CASE_WORK,
    "take_next_case": _P.CASE_WORK,
    "read_attention": _P.CASE_VIEW,
    "follow_case": _P.CASE_VIEW,
    "unfollow_case": _P.CASE_VIEW,
    "see_case": _P.CASE_VIEW,
    "snooze_case": _P.CASE_VIEW,
    "list_mentionable": _P.CASE_VIEW,
    "list_mentions": _P.CASE_VIEW,
    "list_phrases": _P.CASE_VIEW,
    "list_phrase_categories": _P.CASE_VIEW,
    "list_phrase_variables": _P.CASE_VIEW,
    "create_phrase": _P.CASE_WORK,
    "change_phrase": _P.CASE_WORK,
    "delete_phrase": _P.CASE_WORK,
    "fill_phrase": _P.CASE_VIEW,
    "list_macros": _P.CASE_VIEW,
    "create_macro": _P.CASE_WORK,
    "change_macro": _P.CASE_WORK,
    "delete_macro": _P.CASE_WORK,
    "preview_macro": _P.CASE_WORK,
    "run_macro": _P.CASE_WORK,
    "list_views": _P.CASE_VIEW,
    "create_view": _P.CASE_VIEW,
    "change_view": _P.CASE_VIEW,
    "delete_view": _P.CASE_VIEW,
    "arrange_views": _P.CASE_VIEW,
    "list_handover": _P.CASE_VIEW,
    "leave_handover": _P.CASE_WORK,
    "acknowledge_handover": _P.CASE_VIEW,
    "withdraw_handover": _P.CASE_WORK,
    # bulk work
    "list_batch_actions": _P.CASE_VIEW,
    "list_batches": _P.CASE_VIEW,
    "start_batch": _P.CASE_VIEW,
    "read_batch": _P.CASE_VIEW,
    "list_batch_items": _P.CASE_VIEW,
    "stop_batch": _P.CASE_VIEW,
    "undo_batch": _P.CASE_VIEW,
    # exports
    "list_exports": SIGNED_IN,
    "create_export": (_P.EXPORT, _P.CASE_WORK),
    "read_export": SIGNED_IN,
    "download_export": SIGNED_IN,
    "delete_export": SIGNED_IN,
    # customers in hand
    "list_receptions": _P.CASE_WORK,
    "start_reception": _P.CASE_WORK,
    "read_reception": _P.CASE_WORK,
    "read_caller": _P.CASE_WORK,
    "answer_reception": _P.CASE_WORK,
    "take_reception": _P.CASE_WORK,
    "identify_caller": _P.CASE_WORK,
    "pass_moment": _P.CASE_WORK,
    "choose_branch": _P.CASE_WORK,
    "end_talk": _P.CASE_WORK,
    "finish_reception": _P.CASE_WORK,
    "open_case_of_reception": _P.CASE_OPEN,
    "attach_reception": _P.CASE_WORK,
    "unmask_reception": _P.PERSONAL_UNMASK,
    # conversations
    "list_conversations": _P.CONVERSATION_VIEW,
    "read_conversation": _P.CONVERSATION_VIEW,
    "import_conversations": _P.CONVERSATION_IMPORT,
    "unmask_conversation": _P.PERSONAL_UNMASK,
    "dispose_conversation": _P.CASE_WORK,
    # quality
    "list_inspections": _QUALITY,
    "list_findings": _QUALITY,
    "acknowledge_finding": _P.QUALITY_OWN,
    "read_conversation_card": _QUALITY,
    "read_case_card": _QUALITY,
    "inspect": _P.QUALITY_INSPECT,
    "read_staff_card": _QUALITY,
    "read_coverage": _P.QUALITY_VIEW,
    # handbooks
    "list_handbooks": _P.HANDBOOK_VIEW,
    "list_versions": _P.HANDBOOK_VIEW,
    "read_version_text": _P.HANDBOOK_VIEW,
    "compare_versions": _P.HANDBOOK_VIEW,
    "read_contents": _P.HANDBOOK_VIEW,
    "read_clause": _P.HANDBOOK_VIEW,
    "check_handbook": _P.HANDBOOK_EDIT,
    "save_draft": _P.HANDBOOK_EDIT,
    "force_version": _P.HANDBOOK_FORCE,
    "preview_handbook": _P.HANDBOOK_EDIT,
    # parcels
    "list_parcels": _P.PARCEL_VIEW,
    "trace_parcels": _P.PARCEL_VIEW,
    "trace_parcel": _P.PARCEL_VIEW,
    "list_parcel_queries": _P.AUDIT_VIEW,
    "register_parcels": _P.PARCEL_SCAN,
    "record_scans": _P.PARCEL_SCAN,
    # customers
    "list_customers": _P.CUSTOMER_VIEW,
    "find_customers": _P.CUSTOMER_VIEW,
    "create_customer": _P.CUSTOMER_EDIT,
    "read_customer": _P.CUSTOMER_VIEW,
    "edit_customer": _P.CUSTOMER_EDIT,
    "add_contact": _P.CUSTOMER_EDIT,
    "unmask_customer": _P.PERSONAL_UNMASK,
    # people
    "read_me": SIGNED_IN,
    "list_staff": _P.PEOPLE_VIEW,
    "list_sites": SIGNED_IN,
    # across
    "search": SIGNED_IN,
    "list_audit": _P.AUDIT_VIEW,
    "list_events": SIGNED_IN,
}


def permissions_of(need: Need) -> tuple[Permission, ...]:
    """Permissions of which one is needed; none for a door without."""
    if isinstance(need, Door):
        return ()
    return need if isinstance(need, tuple) else (need,)


# Operations whose body may be large: batches and files.
LARGE: Final = frozenset({"upload_attachment", "import_conversations"})
