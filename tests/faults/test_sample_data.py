"""Sample data go away in front of a real server: whoever asked is led on, though their session and its stream end with the rest."""

import shutil

import pytest
from tests.faults.conftest import Installation, fetch, free_port, wait_for

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
# Sites and people of the demo without its thirty days: they are what decides whether it may be removed.
_MAKE = """
from datetime import timedelta
from django.core.management import call_command
from django.utils import timezone
from kefu.demo import ground, marks
from kefu.demo.plan import Plan
from kefu.handbook.actions import install_builtin
from kefu.kernel.actor import Actor
plan = Plan(1, 0.01, timezone.now())
install_builtin(actor=Actor.system("test"), now=plan.start - timedelta(days=2))
ground.lay(plan)
marks.begin(plan)
marks.finish()
call_command("collectstatic", verbosity=0, interactive=False)
"""


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine")
def test_who_takes_the_sample_data_away_is_led_to_the_setup(installation: Installation) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    installation.python(_MAKE)
    handed = installation.home / "imports" / "1-passwords.csv"
    handed.parent.mkdir()
    handed.write_text("2001")
    if not list((installation.home / "static").glob("dist/console*.js")):
        pytest.skip("front end not built: run python frontend/build.py")
    port = free_port()
    installation.start("-m", "granian", "--interface", "asgi", "--port", str(port), "--no-ws", "kefu.config.asgi:application")
    wait_for(lambda: fetch(f"http://127.0.0.1:{port}/alive")[0] == 204)
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(locale="zh-CN", base_url=f"http://127.0.0.1:{port}").new_page()
        page.goto("/sign-in?next=/getting-started")
        page.fill("#username", "admin")
        page.fill("#password", "kefu-demo-2026")
        with page.expect_response("**/live?*"):
            page.press("#password", "Enter")
        page.check("input[name=sure]")
        page.locator("#sample button").click()
        page.wait_for_url("**/setup?code=*")
        assert page.input_value("input[name=code]")
        browser.close()
    assert installation.python("from kefu.people.models import Staff; print(Staff.objects.count())") == "0"
    assert not handed.exists()
