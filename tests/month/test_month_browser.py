"""A month of the inspection department, worked in a real browser (QA1-QA8, CONV4): calls come in, are inspected, sampled, scored, appealed,
calibrated and penalised, the month is locked; every page says the same figures, down to the sentence. Pictures of docs/inspection-month.md.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Sum
from playwright.sync_api import expect

from kefu.calibration.models import Session
from kefu.conftest import NOW, PASSWORD, Cast, Ground
from kefu.console.tests import browsing
from kefu.console.tests.browsing import chromium, sign_in, windows
from kefu.conversations import actions as conversations
from kefu.conversations.drafts import ConversationDraft
from kefu.disputes import lapsing
from kefu.disputes.models import Dispute
from kefu.kernel import moment
from kefu.penalties import actions as penalties
from kefu.penalties.models import Entry
from kefu.people.models import Staff
from kefu.quality.models import Inspection
from kefu.quality.tests.dialogues import lines
from kefu.reactions import run as reactions
from kefu.recordings import work
from kefu.recordings.tests import calls
from kefu.review.models import Task

__all__ = ["chromium"]
pytestmark = [*browsing.marks, pytest.mark.usefixtures("handbooks")]
BAD = "喂 | C: 我要投诉，我的快递呢 | 不知道 | C: 谢谢 | 你脑残吧"
GOOD = (
    "您好，南市分部工号{no}，很高兴为您服务，请问有什么可以帮您 | C: 到哪了 | 请您稍等，在南京，今天派送 | C: 谢谢"
    " | 不客气，请问还有什么可以帮到您，感谢您的来电，再见"
)
AFTER = datetime(2026, 12, 1, 2, 0, tzinfo=UTC)
WHY = "客户没听清，客服在确认线路"


class Clock:
    """What time it is, for pages, reactions and the worker alike."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def after(self, **span: float) -> datetime:
        self.now += timedelta(**span)
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    told = Clock()
    monkeypatch.setattr(moment, "now", told)
    return told


@pytest.fixture
def people(cast: Cast) -> dict[str, Staff]:
    roles = ("agent", "second_agent", "inspector", "manager", "admin")
    return {role: Staff.objects.get(pk=getattr(cast, role).id) for role in roles}


@pytest.fixture
def page_of(chromium: Any, live_server: Any, clock: Clock, people: dict[str, Staff]) -> Iterator[Callable[[str], Any]]:
    """The window of somebody, signed in once."""
    with windows(chromium, live_server, clock.now) as open_one:
        pages: dict[str, Any] = {}

        def window(role: str) -> Any:
            if role not in pages:
                pages[role] = open_one()
                sign_in(pages[role], people[role].username, PASSWORD, "/conversations")
            return pages[role]

        yield window


def picture(page: Any, name: str) -> None:
    """Keep what the page shows, when the pictures are asked for (``scripts/played.py month``)."""
    if folder := os.environ.get("KEFU_MONTH_PICTURES"):
        page.evaluate("document.querySelectorAll('.toast').forEach(one => one.remove())")
        page.screenshot(path=Path(folder) / f"month-{name}.png")


def react(clock: Clock) -> None:
    """What follows from what happened, as the worker does it."""
    reactions.run_all(now=clock.after(seconds=1))


def come_in(cast: Cast, ground: Ground, people: dict[str, Staff], clock: Clock) -> list[int]:
    """Two calls of each agent, and one with its recording."""
    drafts = [
        ConversationDraft("pbx", f"{role}-{place}", "call", ground.station.pk, clock.now, lines(text.format(no=people[role].staff_no)),
                          staff_no=people[role].staff_no)
        for role in ("agent", "second_agent")
        for place, text in enumerate((BAD, GOOD))
    ]  # fmt: skip
    ids = list(conversations.store(actor=cast.system, drafts=drafts, now=clock.now).ids)
    calls.received(cast.manager, ground.station.pk, clock.now, staff_no=people["agent"].staff_no)
    work.run_due(now=clock.now, clock=clock)
    react(clock)
    return ids


def posted(page: Any, press: Callable[[], Any]) -> None:
    """Do something and wait for the answer of the form."""
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        press()
    page.wait_for_load_state()


def sampled(page: Any, ground: Ground) -> None:
    page.goto("/review/plans/new")
    page.fill("[name=name]", "全量抽检")
    page.select_option("[name=site]", str(ground.station.pk))
    page.select_option("[name=method]", "all")
    page.fill("[name=due_days]", "3")
    picture(page, "plan")
    page.click("form.fields button.btn-primary")
    page.wait_for_url("**/review/plans/*")
    posted(page, lambda: page.click("button:has-text('现在抽取')"))


def scored(page: Any, conversation: int) -> None:
    """One item judged otherwise than the machine, by keys alone from there on."""
    task = Task.objects.get(conversation_id=conversation)
    page.goto(f"/review/tasks/{task.pk}")
    if page.locator("button:has-text('领取')").count():
        posted(page, lambda: page.click("button:has-text('领取')"))
    for name in page.eval_on_selector_all(".review-verdicts:not(:has(:checked)) [value=passed]", "all => all.map(one => one.name)"):
        page.check(f"[name={name}][value=passed]")  # what only a person can judge
    page.check("[name=verdict-taboo][value=passed]")
    page.fill("[name=reason-taboo]", WHY)
    picture(page, "scoring")
    posted(page, lambda: page.keyboard.press("Control+Enter"))
    expect(page.locator("main")).to_be_visible()
    task.refresh_from_db()
    assert task.state == "done"


def disputed(page: Any, inspection: int, items: Sequence[str]) -> Dispute:
    page.goto(f"/disputes/new/{inspection}")
    for item in items:
        page.check(f"[name=items][value={item}]")
    page.fill("[name=reason]", "线路杂音很大，客户先骂人，录音可以证明")
    picture(page, "dispute")
    page.click("button:has-text('提出申诉')")
    page.wait_for_url(lambda url: url.rsplit("/", 1)[1].isdigit())
    return Dispute.objects.get()


def decided(page: Any, dispute: Dispute, **verdicts: str) -> None:
    page.goto(f"/disputes/{dispute.pk}")
    for item, verdict in verdicts.items():
        page.check(f"#step-decide [name=item-{item}][value={verdict}]")
    page.fill("#step-decide [name=comment]", "听过录音，结论如上")
    picture(page, f"decide-{dispute.state}")
    posted(page, lambda: page.click("#step-decide button[type=submit]"))
    dispute.refresh_from_db()


def calibrated(page_of: Callable[[str], Any], people: dict[str, Staff], conversation: int) -> Session:
    leader = page_of("manager")
    leader.goto("/review/calibration/new")
    leader.fill("[name=title]", "十一月校准")
    leader.fill("[name=conversations]", str(conversation))
    for role in ("inspector", "manager"):
        leader.check(f"[name=members][value='{people[role].pk}']")
    leader.click("button:has-text('发起')")
    leader.wait_for_url(lambda url: url.rsplit("/", 1)[1].isdigit())
    session = Session.objects.get()
    for role, taboo in (("inspector", "breached"), ("manager", "passed")):
        page = page_of(role)
        page.goto(f"/review/calibration/{session.pk}")
        page.click(f"a:has-text('会话 {conversation}')")
        page.wait_for_selector("[name=verdict-taboo]")
        for key in page.eval_on_selector_all("[name^=verdict-][value=passed]", "all => all.map(one => one.name)"):
            page.check(f"[name={key}][value={taboo if key == 'verdict-taboo' else 'passed'}]")
        posted(page, lambda page=page: page.keyboard.press("Control+Enter"))
        page.goto(f"/review/calibration/{session.pk}")
        page.once("dialog", lambda dialog: dialog.accept())
        page.click("button:has-text('提交我的评分')")
        if page.locator("#confirm [value=yes]").count():
            page.click("#confirm [value=yes]")
        page.wait_for_selector("button:has-text('提交我的评分')", state="detached")
    return session


def test_a_month_of_the_department(
    page_of: Callable[[str], Any], cast: Cast, ground: Ground, clock: Clock, people: dict[str, Staff]
) -> None:
    bad, _good, other_bad, _other_good = come_in(cast, ground, people, clock)
    agent, inspector, manager, admin = (page_of(role) for role in ("agent", "inspector", "manager", "admin"))
    inspector.goto(f"/conversations/{bad}")
    expect(inspector.locator("#finding-" + str(first_finding(bad)))).to_be_visible()
    picture(inspector, "conversation")
    clock.after(hours=1)
    sampled(manager, ground)
    scored(inspector, bad)
    react(clock)
    card = card_of(bad)
    assert card.auto_score is not None
    assert card.score > card.auto_score

    clock.after(days=1)
    dispute = disputed(agent, card.pk, ["polite", "insult"])
    decided(manager, dispute, polite="passed", insult="breached")
    agent.goto(f"/disputes/{dispute.pk}")
    agent.fill("#step-final [name=reason]", "侮辱一项仍然不服，请再听录音")
    posted(agent, lambda: agent.click("#step-final button[type=submit]"))
    dispute.refresh_from_db()
    decided(admin, dispute, insult="breached")
    react(clock)
    assert dispute.state == "closed"

    session = calibrated(page_of, people, other_bad)
    finish(page_of("manager"), session)

    clock.now = AFTER
    lapsing.sweep(now=clock.now)
    penalties.settle(now=clock.now)
    react(clock)
    month_is_closed(page_of, ground, people, clock)


def card_of(conversation: int) -> Inspection:
    return Inspection.objects.get(subject_kind="conversation", subject_id=conversation, current=True)


def first_finding(conversation: int) -> int:
    found = card_of(conversation).findings.order_by("line", "start", "pk").first()
    assert found is not None
    return int(found.pk)


def finish(page: Any, session: Session) -> None:
    """What was seen differently is agreed upon beside the sentence."""
    page.goto(f"/review/calibration/{session.pk}")
    if page.locator("button:has-text('公布评分')").count():
        posted(page, lambda: confirmed(page, "公布评分"))
        page.goto(f"/review/calibration/{session.pk}")
    expect(page.locator("#differences")).to_be_visible()
    page.click("#differences summary")
    page.select_option("#differences select[name=verdict]", "breached")
    page.fill("#differences textarea[name=note]", "开头的“喂”按服务禁语判")
    posted(page, lambda: page.click("#differences form button[type=submit]"))
    page.goto(f"/review/calibration/{session.pk}")
    picture(page, "calibration")
    posted(page, lambda: confirmed(page, "结束校准"))
    session.refresh_from_db()
    assert session.state == "closed"


def confirmed(page: Any, button: str) -> None:
    page.click(f"button:has-text('{button}')")
    if page.locator("#confirm[open] [value=yes]").count():
        page.click("#confirm[open] [value=yes]")


def month_is_closed(page_of: Callable[[str], Any], ground: Ground, people: dict[str, Staff], clock: Clock) -> None:
    """The ledger, the statement and the cards say the same; then the month is locked."""
    manager, agent = page_of("manager"), page_of("agent")
    owed = Inspection.objects.filter(current=True, staff=people["agent"]).aggregate(points=Sum("points"), money=Sum("money"))
    entered = Entry.objects.filter(staff=people["agent"]).aggregate(points=Sum("points"), money=Sum("money"))
    assert {name: abs(value) for name, value in entered.items()} == {name: Decimal(value) for name, value in owed.items()}
    manager.goto("/penalties?month=2026-11")
    picture(manager, "ledger")
    manager.goto("/penalties/months?month=2026-11")
    posted(manager, lambda: confirmed(manager, "锁定"))
    manager.goto("/penalties/months?month=2026-11")
    expect(manager.locator("#months").get_by_text("已锁定").first).to_be_visible()
    picture(manager, "locked")
    agent.goto(f"/penalties/statements/{people['agent'].pk}/2026-11")
    money = abs(entered["money"])
    expect(agent.locator(".sum-row")).to_contain_text(f"{money:.2f}")
    picture(agent, "statement")
    posted(agent, lambda: agent.click("button:has-text('我已核对，确认')"))
    agent.goto(f"/penalties/statements/{people['agent'].pk}/2026-11")
    expect(agent.locator("main")).to_contain_text("本人已确认")
    agent.locator("#lines a.above").first.click()
    agent.wait_for_url("**/conversations/*")
    expect(agent.locator(".talk")).to_contain_text("你脑残吧")
