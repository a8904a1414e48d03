"""Delay, damage, loss, a return with refund, and an arbitration to its last verdict, worked in a real browser (CASE2, CASE7, SHOP6)."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.stories.by_console import ConsoleDesk
from tests.stories.conftest import ROLES
from tests.stories.scripts import Script, scripts
from tests.stories.test_stories import parcel_of

from kefu.api import moment as api_moment
from kefu.api.tests.conftest import Story
from kefu.arbitration.models import Filing
from kefu.cases.models import Case
from kefu.clocks.models import Clock
from kefu.conftest import NOW, Cast, Ground
from kefu.console.tests import browsing
from kefu.console.tests.browsing import chromium, windows
from kefu.handbook import queries as handbooks
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.people.models import Staff

__all__ = ["chromium"]
pytestmark = [*(one for one in browsing.marks if one.name != "urls"), pytest.mark.usefixtures("handbooks")]
TOLD = {
    "best-delay-催站点、送达、免运费",
    "best-damage-取证、协商、赔偿",
    "best-loss-找不到，核定赔偿",
    "shop-after_sales-退货退款",
}
WAYBILL = "557000000000888"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    """What time it is, for pages and API alike."""
    told = Story(NOW)
    monkeypatch.setattr(moment, "now", told)
    with api_moment.told_by(told):
        yield told


@pytest.fixture
def window(chromium: Any, live_server: Any, clock: Story) -> Iterator[Callable[[], Any]]:
    """Opens a window for somebody."""
    with windows(chromium, live_server, clock.now) as open_one:
        yield open_one


def pictures(name: str) -> tuple[Path, str] | None:
    """Where the pictures of a story go, when they are asked for (``scripts/played.py stories``)."""
    folder = os.environ.get("KEFU_STORY_PICTURES")
    return (Path(folder), name) if folder else None


@pytest.mark.parametrize("script", [one for one in scripts() if str(one) in TOLD], ids=lambda one: one.procedure)
def test_a_story_is_told_in_the_console(
    script: Script, ground: Ground, hire: Callable[..., Any], clock: Story, window: Callable[[], Any]
) -> None:
    site = {"best": ground.station, "shop": ground.shop}[script.book]
    usernames = {role: hire(role, site).username for role in ROLES}
    desk = ConsoleDesk(window, usernames, handbooks.book_at(script.book, NOW), pictures(script.procedure))
    if script.parcel:
        parcel_of(script.parcel, site.pk)
    address, known = desk.open(script), set[str]()
    for line in script.lines:
        clock.after(minutes=1)
        if line.refused:
            desk.try_in_vain(address, line, known)
        else:
            desk.take(address, line, known)
    case = Case.objects.get(pk=int(address.rsplit("/", 1)[1]))
    assert (case.status, case.is_open) == ("closed", False)
    assert not Clock.objects.filter(subject_kind="case", subject_id=case.pk, state__in=("running", "paused")).exists()
    desk.page_of("agent").goto(address)
    desk.picture(desk.page_of("agent"), "closed")


def _arrived(site: int, now: Any) -> None:
    system = Actor.system("tests")
    parcels.register_parcel(actor=system, draft=ParcelDraft(WAYBILL, site), now=now)
    parcels.record_scans(actor=system, batch=[ScanDraft(WAYBILL, "arrive", site, now, operator="1007")], now=now)


def test_an_arbitration_is_told_in_the_console(ground: Ground, cast: Cast, clock: Story, window: Callable[[], Any]) -> None:
    roles = {"manager": cast.manager, "admin": cast.admin, "lead": cast.lead, "agent": cast.outsider}
    usernames = {role: Staff.objects.get(pk=actor.id).username for role, actor in roles.items()}
    desk = ConsoleDesk(window, usernames, handbooks.book_at("best", NOW), pictures("arbitration"))
    _arrived(ground.station.pk, NOW)
    clock.after(hours=1)
    filer, accused, arbiter, auditor = (desk.page_of(role) for role in ("lead", "agent", "manager", "admin"))
    filer.goto("/arbitrations/new")
    _fill(filer, waybill=WAYBILL, reason="没有扫描就签收，客户没有收到", claimed="80", complainant="王先生", phone="13800138000")
    filer.select_option("[name=kind]", "breach")
    filer.check(f"input[name=accused][value='{ground.other_station.pk}']")
    desk.picture(filer, "file")
    filer.click("button:has-text('提交申报')")
    filer.wait_for_url(lambda url: url.rsplit("/", 1)[1].isdigit())
    address = filer.url

    def step(page: Any, name: str, shot: bool = False, **answers: str) -> None:
        clock.after(minutes=5)
        page.goto(address)
        if page.locator(f"details:not([open]):has(#step-{name}) > summary").count():
            page.click(f"details:has(#step-{name}) > summary")
        _fill(page, f"#step-{name}", **answers)
        if shot:
            desk.picture(page, name)
        with page.expect_response(lambda answer: answer.request.method == "POST"):
            page.click(f"#step-{name} button[type=submit]")
        page.wait_for_load_state()

    def rule(page: Any, outcome: str) -> None:
        page.goto(address)
        page.check(f"#step-rule input[name=outcome][value={outcome}]")
        shares = {f"percent-{ground.other_station.pk}": "100", f"fine-{ground.other_station.pk}": "50"}
        clock.after(minutes=5)
        _fill(page, "#step-rule", awarded="80", reason="没有底单，按违规签收处理", **shares)
        desk.picture(page, "rule")
        page.click("#step-rule button[type=submit]")
        page.wait_for_selector("text=请另一位仲裁员复核")

    step(arbiter, "accept")
    step(accused, "reply", shot=True, text="派件员电话征得同意后放在门口")
    rule(arbiter, "accused")
    step(auditor, "confirm", shot=True)
    step(accused, "appeal", shot=True, text="找到了客户同意代放的录音")
    assert Filing.objects.get().state == "appealed"
    # Whoever ruled the first time does not rule on the appeal.
    rule(auditor, "accused")
    step(arbiter, "confirm")
    filer.goto(address)
    desk.picture(filer, "final")
    assert Filing.objects.get().state == "final"


def _fill(page: Any, inside: str = "main", **answers: str) -> None:
    for name, text in answers.items():
        page.fill(f"{inside} [name='{name}']", text)
