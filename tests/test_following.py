"""Open pages follow what others do, in a real browser: the column beside a case, the strip of its queue, the charts of the day.

The stream is made of the real events by the real rules of who hears what; only its way to the browser is the test's own.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from kefu.cases import joining, upkeep
from kefu.conftest import NOW, PASSWORD
from kefu.console.tests import browsing
from kefu.console.tests.browsing import settled, sign_in, watched_tab
from kefu.console.tests.cases_world import WAYBILL, World
from kefu.conversations import actions as conversations
from kefu.conversations.drafts import ConversationDraft
from kefu.conversations.lines import Line
from kefu.customers import actions as customers
from kefu.kernel import moment, outbox
from kefu.kernel.actor import Actor
from kefu.kernel.models import AuditEntry
from kefu.live.feed import told_by
from kefu.live.hearing import Ears, message
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ScanDraft
from kefu.performance import facts
from kefu.reactions import run as reactions

pytestmark = [*browsing.marks, pytest.mark.usefixtures("handbooks")]
chromium = browsing.chromium
SECOND = 1000
LATER = NOW + timedelta(minutes=10)


@pytest.fixture
def world(ground: Any, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(moment, "now", lambda: LATER)
    return World(ground)


@contextmanager
def following(chromium: Any, live_server: Any, world: World, role: str) -> Iterator[Page]:
    """The tab of somebody whose stream tells what is committed from now on."""
    actor = world.actor(role)
    outbox.seal()
    head = outbox.head()

    def stream(route: Route) -> None:
        asked = max(int(route.request.url.partition("since=")[2] or 0), head)
        outbox.seal()
        rows = outbox.since(asked)
        body = message(Ears.of(actor), told_by(rows), rows[-1].seq or 0) if rows else b""
        route.fulfill(content_type="text/event-stream", body=body or b": quiet\n\n")

    with watched_tab(chromium, live_server) as page:
        sign_in(page, f"u-{role}", PASSWORD, "/cases")
        page.route("**/live?*", stream)
        # The console alone has no stream: the page is told of one before its script begins.
        page.add_init_script(
            "document.addEventListener('readystatechange', () => { document.documentElement.dataset.liveStream = '/live'; "
            f"document.documentElement.dataset.liveSince = '{head}'; }})"
        )
        yield page
        # A stream that ends as soon as it is answered is asked for again and again: with the page it comes to rest.
        page.goto("about:blank")
        settled(page)


def opened(page: Page, path: str) -> None:
    """Go there; what is marked on the window is gone when the page is loaded again."""
    page.goto(path)
    page.wait_for_selector("html[data-js]")
    page.evaluate("window.same = true")


def still(page: Page) -> bool:
    return bool(page.evaluate("window.same === true"))


def test_one_changes_and_the_column_of_the_other_shows_it(chromium: Any, live_server: Any, world: World) -> None:
    world.parcel()
    case, third = world.case(), world.case(waybill="", customer_name="", customer_phone="", description="另一件事，请核实")
    with following(chromium, live_server, world, "second") as page:
        opened(page, f"/cases/{case.pk}")
        page.fill("#note-text", "写到一半")
        column = page.locator("#beside")
        logged = AuditEntry.objects.filter(action="parcel.traced").count()
        scan = ScanDraft(WAYBILL, "sign", world.ground.station.pk, NOW + timedelta(minutes=5), operator="112")
        parcels.record_scans(actor=Actor.system("tests"), batch=[scan], now=LATER)
        column.locator("text=已签收").first.wait_for(timeout=SECOND)
        customers.set_tier(actor=world.actor("lead"), customer_id=case.customer_id, tier="vip", reason="月结大客户", now=LATER)
        column.locator("text=VIP").first.wait_for(timeout=SECOND)
        joining.link(actor=world.actor("agent"), case_id=case.pk, to_id=third.pk, kind="related", now=LATER)
        column.locator(f"text={third.number}").first.wait_for(timeout=SECOND)
        new = world.case()
        column.locator(f"text={new.number}").first.wait_for(timeout=SECOND)
        # What came to stand there is followed too.
        upkeep.urge(actor=world.actor("agent"), case_id=new.pk, text="再催", now=LATER)
        column.locator("text=催 1").first.wait_for(timeout=SECOND)
        assert page.input_value("#note-text") == "写到一半"
        assert still(page)
        assert AuditEntry.objects.filter(action="parcel.traced").count() == logged


def test_rows_of_the_strip_change_where_they_stand(chromium: Any, live_server: Any, world: World) -> None:
    cases = [world.case(waybill="") for _ in range(3)]
    with following(chromium, live_server, world, "second") as page:
        opened(page, f"/cases/{cases[0].pk}?from=view%3Dopen")
        order = page.eval_on_selector_all(".strip-rows > li", "rows => rows.map(row => row.id)")
        assert len(order) == 3
        upkeep.escalate(actor=world.actor("lead"), case_id=cases[2].pk, level="escalated", reason="客户要求经理处理", now=LATER)
        page.locator(f"#strip-{cases[2].pk} >> text=已升级").wait_for(timeout=2 * SECOND)
        assert page.eval_on_selector_all(".strip-rows > li", "rows => rows.map(row => row.id)") == order
        assert still(page)


def talk(world: World, number: int) -> None:
    lines = (Line(0, "customer", "我的快递怎么还没到", 0.0, 2.0), Line(1, "agent", "您好，我来查一下", 4.0, 6.0))
    draft = ConversationDraft(
        source="t",
        external_id=f"c{number}",
        channel="call",
        site_id=world.ground.station.pk,
        started_at=NOW - timedelta(minutes=number),
        lines=lines,
        staff_no=world.person("agent").staff_no,
    )
    conversations.store(actor=Actor.system("tests"), drafts=[draft], now=LATER)
    reactions.run_all(now=LATER)
    facts.refresh_marked(now=LATER)


def test_a_new_conversation_changes_the_chart_of_the_day_without_a_reload(chromium: Any, live_server: Any, world: World) -> None:
    talk(world, 1)
    with following(chromium, live_server, world, "lead") as page:
        page.set_viewport_size({"width": 1024, "height": 480})
        opened(page, "/day?since=2026-11-22&until=2026-11-22")
        page.wait_for_selector(".chart canvas")
        before = page.text_content("#load-options")
        talk(world, 2)
        expect(page.locator("#load-options")).not_to_have_text(before, timeout=2 * SECOND)
        assert still(page)
