"""Every page of the register in a real browser, light and dark, for an administrator and an agent: axe finds nothing to object to.

axe-core comes with the front end's development packages (``frontend/package.json``); it is no part of what is shipped.
"""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.test_page_matrix import VALUES, _client, _path, world

from kefu.console import routes

__all__ = ["world"]

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ROOT = Path(__file__).resolve().parent.parent
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
DIST = ROOT / "src" / "kefu" / "console" / "static" / "dist"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("handbooks"),
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: run python frontend/build.py"),
    pytest.mark.skipif(not (DIST / "console.js").exists(), reason="front end not built: run python frontend/build.py"),
]
# Whether words are told from their ground depends on the theme; everything else is looked at once.
LOOK = """async ([dark]) => {
  const all = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  // Colours of buttons move to the other theme within a moment.
  await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
  await Promise.all(document.getAnimations().map(one => one.finished.catch(() => {})));
  const found = await axe.run(document, {runOnly: dark ? ["color-contrast"] : all, resultTypes: ["violations"]});
  const where = node => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`;
  return found.violations.map(one => `${one.id}: ${one.nodes.slice(0, 3).map(where).join(" | ")}`);
}"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking", "--no-first-run"]
        )
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def _paths(actor: Any, things: Any) -> list[str]:
    """Addresses this reader may look at; what turns out to be no page is passed over."""
    # A thing nobody listed is the matrix of pages to complain about.
    known = [route for route in routes.all_routes() if set(re.findall(r"<(?:\w+:)?(\w+)>", route.path)) <= set(VALUES)]
    found = [_path(route, things) for route in known if "GET" in route.methods and route.opens_for(actor)]
    return [*found, "/help/keys", "/search?q=延误", "/nowhere"]


def _static(asked: Any) -> None:
    """Built files straight from the disk: they are the same on every page."""
    path = DIST.parent / asked.request.url.partition("/static/")[2].partition("?")[0]
    asked.fulfill(path=path) if path.is_file() else asked.continue_()


def _open(page: Any, path: str) -> bool:
    """Whether the address shows a whole page there: not a file, a part, or a way to another page."""
    try:
        answer = page.goto(path, wait_until="domcontentloaded")
    except Exception as error:
        if "Download is starting" in str(error) or "ERR_ABORTED" in str(error):
            return False
        raise
    return bool(page.evaluate("!!document.querySelector('main#main')")) and (path == "/nowhere" or answer.status == 200)


@pytest.mark.parametrize("part", ["admin", "agent"])
def test_axe_finds_nothing(part: str, chromium: Any, live_server: Any, world: Any, cast: Any) -> None:
    client = _client(getattr(cast, part))
    context = chromium.new_context(
        viewport={"width": 1440, "height": 900}, locale="zh-CN", base_url=live_server.url, reduced_motion="reduce"
    )
    context.add_cookies([{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}])
    context.route("**/static/**", _static)
    context.add_init_script(path=AXE)
    page = context.new_page()
    objections: list[str] = []
    seen: set[str] = set()
    for path in _paths(getattr(cast, part), world):
        if not _open(page, path) or page.url in seen:
            continue
        seen.add(page.url)
        page.wait_for_selector("html[data-js]")
        for dark in (False, True):
            objections += [f"{path} {'dark' if dark else 'light'}: {one}" for one in page.evaluate(LOOK, [dark])]
    context.close()
    assert len(seen) > 20
    assert not objections, "\n".join(objections)
