"""Scoring, disputes and calibration in every state a request needs, for the matrix of callers."""

from dataclasses import dataclass
from typing import Any

from kefu.calibration import actions as calibration
from kefu.calibration.actions import Said
from kefu.conftest import NOW, Cast
from kefu.conversations import actions as conversations
from kefu.conversations.drafts import ConversationDraft
from kefu.disputes import actions as disputes
from kefu.disputes.actions import Upload
from kefu.kernel.actor import Actor
from kefu.people import access as people
from kefu.quality import access as quality
from kefu.quality import actions as inspecting
from kefu.quality import overruling
from kefu.quality.tests.dialogues import lines
from kefu.review import actions as review
from kefu.review.drafts import PlanDraft, Terms

BAD = "喂 | C: 我要投诉，我的快递呢 | 不知道 | C: 谢谢 | 你脑残吧"

_SYSTEM = Actor.system("tests")


@dataclass(frozen=True)
class Review:
    """Tasks waiting and in the administrator's hands, a plan, disputes of the agent, sessions by the state they wait in."""

    plan: int = 1
    free: int = 1
    waiting: int = 1
    held: int = 1
    card: int = 1
    disputable: int = 1
    dispute: int = 1
    decided: int = 1
    file: int = 1
    marking: int = 1
    marking_talk: int = 1
    handed_in: int = 1
    shown: int = 1
    shown_talk: int = 1
    agreed: int = 1
    inspector: int = 1
    manager: int = 1


def build(cast: Cast, site: int) -> Review:
    """Everything inspectors have to do."""
    no = people.get_staff(cast.admin, cast.agent.id).staff_no
    drafts = [ConversationDraft("test", f"review-{n}", "call", site, NOW, lines(f"{BAD}{n}"), staff_no=no) for n in range(5)]
    ids = list(conversations.store(actor=cast.system, drafts=drafts, now=NOW).ids)
    inspecting.inspect(actor=cast.inspector, conversation_ids=ids, now=NOW)
    plan = review.create_plan(actor=cast.admin, draft=PlanDraft("矩阵", site, "must", terms=Terms(triggers=("failed",))), now=NOW)
    waiting = review.start_spot_check(actor=cast.admin, conversation_id=ids[1], now=NOW)
    review.release(actor=cast.admin, task_id=waiting.pk, now=NOW)
    held = review.start_spot_check(actor=cast.admin, conversation_id=ids[2], now=NOW)
    cards = {one.subject_id: one.pk for one in quality.visible_inspections(cast.admin).filter(current=True, subject_id__in=ids)}
    why, proof = "客户先说的，我是复述客户的话", (Upload("a.txt", b"proof"),)
    filed = disputes.file(actor=cast.agent, inspection_id=cards[ids[3]], items=["taboo"], reason=why, now=NOW, uploads=proof)
    decided = disputes.file(actor=cast.agent, inspection_id=cards[ids[3]], items=["insult"], reason=why, now=NOW)
    disputes.decide(actor=cast.manager, dispute_id=decided.pk, verdicts={"insult": "breached"}, comment="维持", now=NOW)
    sessions = [_session(cast, ids[4], place) for place in range(4)]
    return Review(
        plan.pk, ids[0], waiting.pk, held.pk, cards[ids[2]], cards[ids[4]], filed.pk, decided.pk, filed.files.get().pk,
        sessions[0].pk, sessions[0].talks.get().pk, sessions[1].pk, sessions[2].pk, sessions[2].talks.get().pk, sessions[3].pk,
        cast.inspector.id, cast.manager.id,
    )  # fmt: skip


def _session(cast: Cast, talk: int, place: int) -> Any:
    """Marked by the administrator; handed in by two; shown; shown and all alike."""
    members = [cast.inspector.id, cast.manager.id]
    if not place:
        return _open_with_admin(cast, talk)
    row = calibration.open_session(actor=cast.admin, title=f"第 {place} 次", conversation_ids=[talk], staff_ids=members, days=3, now=NOW)
    people_in = [cast.inspector, cast.manager]
    for person, verdict in zip(people_in, ("passed", "passed" if place == 3 else "breached"), strict=True):
        talk_id = row.talks.get().pk
        calibration.mark(actor=person, session_id=row.pk, talk_id=talk_id, said={"taboo": Said(verdict)}, now=NOW)
        calibration.hand_in(actor=person, session_id=row.pk, now=NOW)
    return calibration.reveal(actor=cast.admin, session_id=row.pk, now=NOW) if place >= 2 else row


def _open_with_admin(cast: Cast, talk: int) -> Any:
    row = calibration.open_session(
        actor=cast.admin, title="我也评", conversation_ids=[talk], staff_ids=[cast.inspector.id, cast.manager.id], days=3, now=NOW
    )
    row.members.create(staff_id=cast.admin.id)
    calibration.mark(actor=cast.admin, session_id=row.pk, talk_id=row.talks.get().pk, said={"taboo": Said("passed")}, now=NOW)
    return row


def requests(w: Review, site: int) -> dict[str, tuple[str, str, Any]]:
    """A request for each operation."""
    get, post, put = "GET", "POST", "PUT"
    new = {"name": "新计划", "site": site, "method": "all", "terms": {"due_days": 2}}
    plan, held, waiting = f"/review-plans/{w.plan}", f"/review-tasks/{w.held}", f"/review-tasks/{w.waiting}"
    dispute, decided = f"/disputes/{w.dispute}", f"/disputes/{w.decided}"
    span = "since=2026-11-22&until=2026-11-22"
    taboo = {"taboo": {"verdict": "passed", "reason": "复述客户"}}
    return {
        "list_review_plans": (get, "/review-plans", None),
        "create_review_plan": (post, "/review-plans", new),
        "preview_review_plan": (post, "/review-plans/preview", new),
        "read_review_plan": (get, plan, None),
        "change_review_plan": (put, plan, new),
        "pause_review_plan": (post, f"{plan}/pause", {"paused": True}),
        "draw_review_plan": (post, f"{plan}/draw", {}),
        "start_spot_check": (post, f"/conversations/{w.free}/review", {}),
        "read_review_task": (get, held, None),
        "take_review_task": (post, f"{waiting}/take", {}),
        "release_review_task": (post, f"{held}/release", {}),
        "reassign_review_task": (post, f"{waiting}/reassign", {"inspector": w.inspector}),
        "drop_review_task": (post, f"{waiting}/drop", {"reason": "听不清"}),
        "save_review_draft": (put, f"{held}/draft", {"verdicts": taboo}),
        "submit_review": (post, f"{held}/score", {"inspection": w.card, "verdicts": _all_items(w), "comment": "已评"}),
        "read_review_coverage": (get, f"/review-coverage?{span}", None),
        "read_review_workload": (get, f"/review-workload?{span}", None),
        "read_dispute_window": (get, f"/inspections/{w.disputable}/disputable", None),
        "file_dispute": (post, f"/inspections/{w.disputable}/disputes", {"items": ["taboo"], "reason": "客户先说的，我是复述客户的话"}),
        "read_dispute": (get, dispute, None),
        "decide_dispute": (post, f"{dispute}/decision", {"verdicts": {"taboo": "passed"}, "comment": "听过录音"}),
        "comment_dispute": (post, f"{dispute}/comment", {"text": "线路不好"}),
        "ask_final_dispute": (post, f"{decided}/final", {"text": "请再听"}),
        "withdraw_dispute": (post, f"{dispute}/withdraw", {}),
        "add_dispute_file": ("FILE", f"{dispute}/files", b"proof two"),
        "download_dispute_file": (get, f"{dispute}/files/{w.file}", None),
        "open_calibration": (post, "/calibrations", {"title": "新校准", "conversations": [w.free], "members": [w.inspector, w.manager]}),
        "read_calibration": (get, f"/calibrations/{w.marking}", None),
        "mark_calibration": (put, f"/calibrations/{w.marking}/talks/{w.marking_talk}/marks", {"marks": taboo}),
        "hand_in_calibration": (post, f"/calibrations/{w.marking}/hand-in", {}),
        "reveal_calibration": (post, f"/calibrations/{w.handed_in}/reveal", {}),
        "agree_calibration": (post, f"/calibrations/{w.shown}/agreed", {"talk": w.shown_talk, "item": "taboo", "verdict": "breached"}),
        "close_calibration": (post, f"/calibrations/{w.agreed}/close", {}),
        "list_graders": (get, f"/graders?{span}", None),
    }


def _all_items(w: Review) -> dict[str, Any]:
    """A verdict on every item, otherwise than the machine with a reason; nothing before there is a card."""
    row = quality.visible_inspections(_SYSTEM).filter(pk=w.card).first() if w != Review() else None
    if row is None:
        return {}
    said = overruling.automatic(row)
    return {key: {"verdict": state if state in ("breached", "passed", "not_applicable") else "passed"} for key, state in said.items()}
