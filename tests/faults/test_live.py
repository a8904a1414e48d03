"""The live stream against a real server: restarts, ended sessions, other sites, and two browsers side by side (issue: Live)."""

import http.client
import json
import shutil
import signal
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.faults.conftest import Installation, fetch, free_port, wait_for

_MAKE = """
import json
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client
from django.utils import timezone
from kefu.cases import actions as cases
from kefu.cases.actions import CaseRequest
from kefu.handbook.actions import install_builtin
from kefu.kernel.actor import Actor
from kefu.people import access, actions, sign_in
system, now = Actor.system("test"), timezone.now()
install_builtin(actor=system, now=now - timezone.timedelta(days=1))
here = actions.create_site(actor=system, code="NS01", name="南市分部", kind="station", handbook="best", now=now)
there = actions.create_site(actor=system, code="CB01", name="城北网点", kind="station", handbook="best", now=now)
found = {}
for name, site in (("agent", here), ("second", here), ("outsider", there)):
    called = {"agent": "李晓", "second": "周敏"}.get(name, "外站")
    new = actions.NewStaff(username=name, staff_no=name, name=called, role="agent", site=site, password="correct-horse-battery")
    staff = actions.create_staff(actor=system, new=new, now=now)
    client = Client()
    client.force_login(staff)
    sign_in.start_session(staff=staff, session_key=client.session.session_key, ip="", user_agent="", now=now)
    found[name] = "sessionid=" + client.session.session_key
    if name == "agent":
        case = cases.open_case(actor=access.actor_for(staff), request=CaseRequest(here.pk, "delay", "call", "三天没有更新"), now=now)
        found["case"] = case.pk
from kefu.kernel import outbox
while outbox.seal():
    pass
found["head"] = outbox.head()
print(json.dumps(found))
"""
_NOTES = """
import sys, time
from django.utils import timezone
from kefu.cases import upkeep
from kefu.people import access, queries
actor = access.actor_for(queries.staff_for_session(queries.staff_by_number("agent").pk))
for number in range(%(count)d):
    upkeep.add_note(actor=actor, case_id=%(case)d, text=f"备注{number}", now=timezone.now())
    time.sleep(%(pause)s)
"""


@dataclass
class Page:
    """A page that is open: keeps its stream, comes back when it is lost, and notes what it was told."""

    port: int
    cookie: str
    last: int
    told: list[int] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    open: bool = True

    def keep(self) -> None:
        while self.open:
            try:
                self._listen()
            except (OSError, http.client.HTTPException):
                time.sleep(0.05)

    def _listen(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", f"/live?since={self.last}", headers={"Cookie": self.cookie})
        answer = connection.getresponse()
        if answer.status != 200:
            raise OSError
        event, data = "changes", ""
        while line := answer.readline().decode():
            name, _colon, value = line.rstrip("\n").partition(": ")
            if name == "event":
                event = value
            elif name == "data":
                data = value
            elif not name and data:
                self._take(event, json.loads(data))
                event, data = "changes", ""
        connection.close()

    def _take(self, event: str, data: dict[str, Any]) -> None:
        self.events.append(event)
        if event == "signed-out":
            self.open = False
        for change in data.get("changes", []):
            self.told.append(change["seq"])
        self.last = max([self.last, data.get("seq", 0), *self.told])


@dataclass
class Centre:
    """A server on its port, and what was made in it."""

    installation: Installation
    port: int
    made: dict[str, Any]
    server: Any = None

    def up(self) -> None:
        """Start the server and wait for it."""
        options = ("--interface", "asgi", "--port", str(self.port), "--no-ws", "--workers-kill-timeout", "10")
        self.server = self.installation.start("-m", "granian", *options, "kefu.config.asgi:application")
        wait_for(lambda: fetch(f"http://127.0.0.1:{self.port}/alive")[0] == 204)

    def down(self) -> float:
        """Stop it as an operator does; gives the seconds it took."""
        began = time.monotonic()
        self.server.send_signal(signal.SIGTERM)
        self.server.wait(20)
        return time.monotonic() - began

    def page(self, who: str) -> Page:
        """A page somebody has open."""
        page = Page(self.port, self.made[who], self.made["head"])
        threading.Thread(target=page.keep, daemon=True).start()
        return page

    def note(self, count: int, pause: float = 0.0) -> None:
        """Somebody writes notes."""
        self.installation.python(_NOTES % {"count": count, "case": self.made["case"], "pause": pause})

    def numbers(self) -> list[int]:
        """Numbers of all events of the case since the beginning."""
        rows = f"OutboxEvent.objects.filter(subject_kind='case', seq__gt={self.made['head']}).order_by('seq')"
        code = f"from kefu.kernel.models import OutboxEvent\nprint(*{rows}.values_list('seq', flat=True))"
        return [int(number) for number in self.installation.python(code).split()]


@pytest.fixture
def centre(installation: Installation) -> Centre:
    made = Centre(installation, free_port(), json.loads(installation.python(_MAKE)))
    installation.python("from django.core.management import call_command; call_command('collectstatic', verbosity=0, interactive=False)")
    made.up()
    return made


def test_over_two_restarts_no_event_is_missed_and_none_comes_twice(centre: Centre) -> None:
    pages = [centre.page("second") for _ in range(5)]
    outsider = centre.page("outsider")
    wait_for(lambda: all(page.events for page in (*pages, outsider)))
    writer = threading.Thread(target=centre.note, args=(120, 0.05))
    writer.start()
    for _restart in range(2):
        wait_for(lambda: len(pages[0].told) >= 20 * (_restart + 1))  # noqa: B023
        assert centre.down() < 8
        centre.up()
    writer.join()
    wait_for(lambda: pages[0].last >= centre.numbers()[-1])
    numbers = centre.numbers()
    assert len(numbers) == 120
    for page in pages:
        wait_for(lambda: page.last >= numbers[-1])  # noqa: B023
        assert page.told == numbers
        assert "reset" not in page.events
    assert outsider.told == []


def test_a_session_that_ends_ends_its_stream_within_seconds(centre: Centre) -> None:
    gone, stays = centre.page("second"), centre.page("agent")
    wait_for(lambda: bool(gone.events and stays.events))
    centre.installation.python(
        "from django.utils import timezone\nfrom kefu.people import sign_in\n"
        f"sign_in.end_session_of(session_key={centre.made['second'].partition('=')[2]!r}, now=timezone.now())"
    )
    wait_for(lambda: "signed-out" in gone.events, 10)
    centre.note(1)
    wait_for(lambda: len(stays.told) == 1, 10)
    assert gone.told == []


def _typed_until_seen(writer: Any, reader: Any) -> None:
    """Somebody writes and goes on writing, as people do, until the other page says so: who pauses for six seconds no longer writes."""
    seen = reader.locator(".presence >> text=正在输入")
    writer.locator("#note-text").press_sequentially("写到")
    while not seen.count():
        writer.locator("#note-text").press_sequentially("一")
        reader.wait_for_timeout(200)
    writer.fill("#note-text", "写到一半")


CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_two_browsers_see_each_others_notes_and_nothing_typed_is_lost(centre: Centre) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not list((centre.installation.home / "static").glob("dist/console*.js")):
        pytest.skip("front end not built: run python frontend/build.py")
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        tabs = {}
        for who in ("agent", "second"):
            context = browser.new_context(locale="zh-CN", base_url=f"http://127.0.0.1:{centre.port}")
            name, _equals, value = centre.made[who].partition("=")
            context.add_cookies([{"name": name, "value": value, "url": f"http://127.0.0.1:{centre.port}"}])
            tabs[who] = context.new_page()
            tabs[who].goto(f"/cases/{centre.made['case']}")
            tabs[who].wait_for_selector("html[data-js]")
        one, other = tabs["agent"], tabs["second"]
        one.wait_for_selector(".presence >> text=周敏")
        _typed_until_seen(other, one)
        for number in range(5):
            one.fill("#note-text", f"第{number}条备注")
            one.press("#note-text", "Control+Enter")
            one.wait_for_selector(f".timeline >> text=第{number}条备注")
            other.wait_for_selector(f".timeline >> text=第{number}条备注", timeout=15_000)
        assert other.input_value("#note-text") == "写到一半"
        centre.down()
        other.wait_for_selector("#connection:not([hidden])", timeout=10_000)
        centre.up()
        centre.note(1)
        other.wait_for_selector(".timeline >> text=备注0", timeout=25_000)
        other.wait_for_selector("#connection", state="hidden")
        assert other.input_value("#note-text") == "写到一半"
        browser.close()
