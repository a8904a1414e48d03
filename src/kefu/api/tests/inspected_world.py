"""What follows from inspection, for the matrix of callers: lines of the ledger with an objection."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from kefu.coaching import actions as coaching
from kefu.coaching.actions import NewClip, NewNote
from kefu.conftest import NOW, Cast
from kefu.conversations import actions as conversations
from kefu.conversations.drafts import ConversationDraft
from kefu.penalties import actions as penalties
from kefu.penalties import queries as ledger
from kefu.people import access as people
from kefu.quality import access as quality
from kefu.quality import actions as inspecting
from kefu.quality.tests.dialogues import lines
from kefu.watch import actions as watch
from kefu.watch.actions import Said, Talk

BAD = "喂 | C: 我要投诉，我的快递呢 | 不知道 | C: 谢谢 | 你脑残吧"


@dataclass(frozen=True)
class Inspected:
    """Lines of a person of the station, one with an objection, and whose they are."""

    line: int = 1
    other: int = 1
    objection: int = 1
    staff: int = 1
    alarm: int = 1
    note: int = 1
    clip: int = 1
    published: int = 1
    conversation: int = 1
    agent: int = 1


def build(cast: Cast, site: int) -> Inspected:
    """Everything that was judged at the station has become final."""
    draft = ConversationDraft("test", "bad", "call", site, NOW, lines(BAD), staff_no=people.get_staff(cast.admin, cast.agent.id).staff_no)
    ids = conversations.store(actor=cast.system, drafts=[draft], now=NOW).ids
    inspecting.inspect(actor=cast.inspector, conversation_ids=ids, now=NOW)
    rows = quality.visible_inspections(cast.admin).filter(current=True, site_id=site)
    for kind in ("conversation", "case"):
        penalties.note(subject_kind=kind, subject_ids=rows.filter(subject_kind=kind).values_list("subject_id", flat=True), now=NOW)
    penalties.settle(now=NOW + timedelta(days=40))
    first, second = ledger.page(cast.admin, ledger.Wanted(site_id=site)).rows[:2]
    person = people.actor_for(people.get_staff(cast.admin, second.staff_id))
    objection = penalties.object_to(actor=person, entry_id=second.id, reason="当天系统故障，请核对", now=NOW)
    talk = Talk(site, cast.agent.id, ref="t-1")
    (alarm,) = watch.hear(actor=cast.system, talk=talk, lines=[Said("customer", "你脑残吧")], now=NOW)
    return Inspected(first.id, second.id, objection.pk, first.staff_id, alarm.pk, *_coached(cast, ids[0]), ids[0], cast.agent.id)


def _coached(cast: Cast, conversation: int) -> tuple[int, int, int]:
    """A note, a passage put forward, one published."""
    note = coaching.write_note(actor=cast.lead, new=NewNote(cast.agent.id, "先问清单号再查询"), now=NOW)
    made = [
        coaching.nominate(actor=cast.lead, new=NewClip(conversation, place, place, "示例", "语气平稳"), now=NOW).pk for place in range(2)
    ]  # fmt: skip
    coaching.publish(actor=cast.manager, clip_id=made[1], now=NOW)
    return note.pk, made[0], made[1]


def requests(w: Inspected, site: int) -> dict[str, tuple[str, str, Any]]:
    """A request for each operation."""
    get, post, line = "GET", "POST", f"/penalties/{w.line}"
    month = "2026-11"
    statement = f"/staff/{w.staff}/penalty-statements/{month}"
    return {
        "read_penalty": (get, line, None),
        "object_to_penalty": (post, f"{line}/objections", {"reason": "当天系统故障，请核对"}),
        "answer_penalty_objection": (post, f"/penalty-objections/{w.objection}/answer", {"upheld": True, "answer": "情况属实"}),
        "waive_penalty": (post, f"{line}/waive", {"reason": "首次违规，已当面辅导"}),
        "read_penalty_sums": (get, "/penalty-sums", None),
        "read_penalty_statement": (get, statement, None),
        "acknowledge_penalty_statement": (post, f"/penalty-statements/{month}/acknowledge", {}),
        "note_penalty_wage": ("PUT", f"{statement}/wage", {"wage": "5200"}),
        "write_coaching_note": (post, "/coaching-notes", {"staff": w.agent, "text": "先问清单号再查询"}),
        "read_coaching_note": (get, f"/coaching-notes/{w.note}", None),
        "answer_coaching_note": (post, f"/coaching-notes/{w.note}/answer", {"answer": "明白，照做"}),
        "finish_coaching_note": (post, f"/coaching-notes/{w.note}/done", {}),
        "read_staff_standing": (get, f"/staff/{w.agent}/standing?since=2026-11-01&until=2026-11-30", None),
        "nominate_clip": (post, "/clips", {"conversation": w.conversation, "first": 2, "last": 3, "title": "示例", "why": "语气平稳"}),
        "read_clip": (get, f"/clips/{w.published}", None),
        "publish_clip": (post, f"/clips/{w.clip}/publish", {}),
        "withdraw_clip": (post, f"/clips/{w.published}/withdraw", {}),
        "read_inspection_board": (get, "/inspection-board?since=2026-11-01&until=2026-11-30", None),
        "check_text": (post, "/texts/check", {"text": "不知道", "site": site}),
        "push_live_lines": (
            post,
            "/live-lines",
            {"site": site, "staff": w.agent, "talk": "t-2", "lines": [{"side": "customer", "text": "你们脑残"}]},
        ),
        "read_alarm": (get, f"/alarms/{w.alarm}", None),
        "see_alarm": (post, f"/alarms/{w.alarm}/seen", {}),
        "mute_alarms": (post, f"/alarms/{w.alarm}/mute", {"about": "staff", "minutes": 60}),
        "lock_penalty_month": (post, "/penalty-months/lock", {"site": site, "month": "2026-10"}),
    }
