"""Notices to customers and appeals to the authority in every state a request needs, for the matrix of callers."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from kefu.conftest import NOW, Cast
from kefu.notices import queries as notice_queries
from kefu.reactions import run as reactions
from kefu.regulator import actions
from kefu.regulator.drafts import AppealDraft, Upload


@dataclass(frozen=True)
class Told:
    """A notice that waits for a person, appeals by the state they wait in, a file of an answer."""

    notice: int = 1
    customer: int = 1
    received: int = 1
    waiting: int = 1
    answered: int = 1
    mediation: int = 1
    ready: int = 1
    file: int = 1


def build(cast: Cast, site: int) -> Told:
    """Everything that is there to be told or answered."""
    reactions.run_all(now=NOW)
    notice = notice_queries.page(cast.admin, notice_queries.Wanted(state="person", site_id=site)).rows[-1]
    keys = []
    for place in range(5):
        draft = AppealDraft(f"M{place}", f"55700000000080{place}", "delay", "王女士", "太慢", NOW - timedelta(days=1), site_id=site)
        keys.append(actions.file_appeal(actor=cast.manager, draft=draft, now=NOW).pk)
        if place >= 1:
            upload = [Upload("a.txt", b"proof")]
            actions.write_answer(actor=cast.manager, appeal_id=keys[-1], text="已查", now=NOW, uploads=upload)
        if place >= 2:
            actions.approve_answer(actor=cast.admin, appeal_id=keys[-1], now=NOW)
        if place >= 3:
            actions.note_opinion(actor=cast.manager, appeal_id=keys[-1], text="意见", now=NOW)
    from kefu.regulator.queries import open_file

    file = open_file(cast.admin, keys[1], now=NOW).answers[0].files[0].id
    return Told(notice.id, notice.customer_id, *keys[:4], keys[4], file)


def requests(told: Told, site: int) -> dict[str, tuple[str, str, Any]]:
    """A request for each operation."""
    post, said = "POST", {"text": "情况说明"}
    new = {
        "number": "M9", "waybill": "557000000000809", "kind": "delay", "appellant": "王女士", "statement": "太慢", "site": site,
        "received_at": (NOW - timedelta(days=1)).isoformat(),
    }  # fmt: skip
    appeals, notices = "/appeals", f"/customer-notices/{told.notice}"
    choice = f"/customers/{told.customer}/notice-choice"
    return {
        "read_notice_choice": ("GET", choice, None),
        "choose_notice_channel": ("PUT", choice, {"channel": "phone", "consent": "电话中同意"}),
        "read_customer_notice": ("GET", notices, None),
        "retry_customer_notice": (post, f"{notices}/retry", {}),
        "note_customer_told": (post, f"{notices}/told", {"note": "已电话告知"}),
        "drop_customer_notice": (post, f"{notices}/drop", {"note": "不用告知了"}),
        "file_appeal": (post, appeals, new),
        "read_appeal": ("GET", f"{appeals}/{told.received}", None),
        "note_appeal_accepted": (post, f"{appeals}/{told.received}/accepted", {"accepted_at": NOW.isoformat()}),
        "write_appeal_answer": (post, f"{appeals}/{told.received}/answers", said),
        "write_appeal_answer_with_files": ("FORM", f"{appeals}/{told.received}/answers/with-files", said),
        "approve_appeal_answer": (post, f"{appeals}/{told.waiting}/approve", {}),
        "return_appeal_answer": (post, f"{appeals}/{told.waiting}/return", said),
        "note_appeal_opinion": (post, f"{appeals}/{told.answered}/opinion", said),
        "feed_back_appeal": (post, f"{appeals}/{told.mediation}/feedback", said),
        "close_appeal": (post, f"{appeals}/{told.answered}/close", {**said, "verdict": "valid"}),
        "download_appeal_file": ("GET", f"{appeals}/{told.waiting}/files/{told.file}", None),
        "list_appeal_rates": ("GET", "/appeal-rates?month=2026-11-01", None),
    }
