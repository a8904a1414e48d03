"""Takes every page of a freshly built demo centre in a real browser: three widths, two languages, two themes.

``python scripts/screenshots.py`` writes to ``.screenshots/`` with an ``index.html`` to look through; ``--readme`` also renews
the pictures of the README in ``docs/images``. Needs a Chromium (``apt-get install chromium fonts-noto-cjk``).
"""

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / ".screenshots"
IMAGES = ROOT / "docs" / "images"
PASSWORD = "kefu-demo-2026"
WIDTHS = (1440, 1024, 390)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@dataclass(frozen=True)
class Shot:
    """A page to take: who looks, where; ``follow`` opens the first link of the list that matches."""

    name: str
    who: str
    path: str
    follow: str = ""


SHOTS = (
    Shot("sign-in", "", "/sign-in"),
    Shot("desk", "agent", "/"),
    Shot("cases", "lead", "/cases"),
    Shot("case", "agent", "/cases?view=open&kind=damage", "a[href^='/cases/']:not([href$='/new'])"),
    Shot("case-new", "agent", "/cases/new"),
    Shot("phrases", "lead", "/phrases"),
    Shot("parcels", "clerk", "/parcels"),
    Shot("parcel", "clerk", "/parcels", "a[href^='/parcels/']"),
    Shot("calls", "agent", "/calls"),
    Shot("call", "agent", "/calls", "a[href^='/calls/']"),
    Shot("customers", "lead", "/customers"),
    Shot("conversations", "inspector", "/conversations"),
    Shot("conversation", "inspector", "/findings?item=taboo", "a[href^='/conversations/'][href*='#']"),
    Shot("findings", "inspector", "/findings"),
    Shot("scorecards", "inspector", "/scorecards"),
    Shot("scorecard", "inspector", "/scorecards", "a[href^='/scorecards/']"),
    Shot("handbooks", "manager", "/handbooks"),
    Shot("handbook", "manager", "/handbooks/best@1?section=scorecards"),
    Shot("day", "manager", f"/day?since={date.today() - timedelta(days=29)}"),  # noqa: DTZ011
    Shot("people", "manager", "/people"),
    Shot("audit", "manager", "/audit"),
    Shot("imports", "inspector", "/imports"),
    Shot("search", "agent", "/search?q=破损"),
    Shot("sessions", "agent", "/account/sessions"),
    Shot("style", "admin", "/style"),
    Shot("station", "lead", "/station"),
    Shot("scanning", "clerk", "/station/scanning"),
    Shot("entry", "clerk", "/station/entry"),
    Shot("entry-new", "clerk", "/station/entry/new"),
    Shot("signing", "clerk", "/station/signing"),
    Shot("monitors", "lead", "/station/monitors"),
    Shot("problems", "clerk", "/station/problems"),
    Shot("problem", "clerk", "/station/problems", "main a[href^='/station/problems/']:not([href$='/new'])"),
    Shot("tracking", "agent", "/station/tracking"),
    Shot("receipts", "clerk", "/station/receipts"),
    Shot("fees", "manager", "/station/fees"),
    Shot("pickups", "lead", "/station/pickups"),
    Shot("forwarding", "lead", "/station/forwarding"),
    Shot("areas", "manager", "/station/areas"),
)
README = {"desk", "case", "call", "conversation", "scorecard", "cases", "handbook", "station", "monitors"}


def chromium() -> str:
    """Path of the browser."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        sys.exit("No Chromium here. On Debian: apt-get install chromium fonts-noto-cjk")
    return found


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(address: str) -> bool:
    try:
        return bool(urllib.request.urlopen(address, timeout=2).status == 200)
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False


@contextmanager
def centre(scale: float) -> Iterator[str]:
    """A demo centre of its own, running; its address."""
    with tempfile.TemporaryDirectory(prefix="kefu-screenshots-") as home:
        port = _free_port()
        env = {**os.environ, "KEFU_HOME": home, "DJANGO_SETTINGS_MODULE": "kefu.config.settings"}
        env.pop("KEFU_DATABASE_URL", None)
        child = subprocess.Popen(
            [sys.executable, "-m", "kefu.config.cli", "demo", "--scale", str(scale), "--port", str(port)],
            env=env,
            stdout=subprocess.DEVNULL,
        )
        try:
            until = time.monotonic() + 900
            while not _answers(f"http://127.0.0.1:{port}/sign-in"):
                if child.poll() is not None or time.monotonic() > until:
                    sys.exit("The demo centre did not start.")
                time.sleep(0.5)
            yield f"http://127.0.0.1:{port}"
        finally:
            child.terminate()
            child.wait(20)


def sign_in(page: Page, base: str, who: str) -> None:
    """Sign the role in."""
    page.goto(f"{base}/sign-in")
    page.fill("input[name=username]", who)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]:has-text('登录'), button[type=submit]:has-text('Sign in')")
    page.wait_for_url(lambda address: "/sign-in" not in address)


def _take(browser: Browser, base: str, who: str, language: str, theme: str) -> Iterator[Path]:
    context = browser.new_context(locale="zh-CN" if language == "zh" else "en-GB", timezone_id="Asia/Shanghai")
    context.add_cookies(
        [
            {"name": "django_language", "value": "zh-hans" if language == "zh" else "en", "url": base},
            {"name": "kefu_theme", "value": theme, "url": base},
        ]
    )
    page = context.new_page()
    if who:
        sign_in(page, base, who)
    for shot in (one for one in SHOTS if one.who == who):
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(base + shot.path)
        if shot.follow and page.locator(shot.follow).count():
            page.goto(base + str(page.locator(shot.follow).first.get_attribute("href")).partition("#")[0])
        for width in WIDTHS if (language, theme) == ("zh", "light") else (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(250)
            path = OUT / f"{shot.name}-{language}-{theme}-{width}.png"
            page.screenshot(path=path, full_page=width != 1440)
            yield path
            if width == 390 and page.evaluate("document.documentElement.scrollWidth > window.innerWidth + 1"):
                print(f"too wide at 390 px: {shot.name}")
    context.close()


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--readme", action="store_true", help="renew docs/images too")
    parser.add_argument("--scale", type=float, default=0.1)
    parser.add_argument("--quick", action="store_true", help="Chinese, light only")
    arguments = parser.parse_args()
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    looks = [("zh", "light")] if arguments.quick else [("zh", "light"), ("en", "light"), ("zh", "dark")]
    with centre(arguments.scale) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        taken = [
            path
            for language, theme in looks
            for who in dict.fromkeys(s.who for s in SHOTS)
            for path in _take(browser, base, who, language, theme)
        ]
        browser.close()
    (OUT / "index.html").write_text(
        "".join(f"<figure><img src={p.name} width=700><figcaption>{p.name}</figcaption></figure>" for p in taken)
    )
    if arguments.readme:
        IMAGES.mkdir(exist_ok=True)
        for name in sorted(README):
            shutil.copy(OUT / f"{name}-zh-light-1440.png", IMAGES / f"{name}.png")
    print(f"{len(taken)} pictures in {OUT}")


if __name__ == "__main__":
    main()
