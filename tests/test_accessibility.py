"""Every page of the register in a real browser, light and dark, for an administrator and an agent: axe finds nothing to object to.

The browser asks the product in this process: no server, no network, and the tables are those of the test alone.
axe-core comes with the front end's development packages (``frontend/package.json``); it is no part of what is shipped.
"""

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from tests.test_page_matrix import VALUES, _client, _path, world

from kefu.console import routes
from kefu.console.tests import browsing

__all__ = ["world"]

chromium = browsing.chromium
ROOT = Path(__file__).resolve().parent.parent
AXE = ROOT / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db,
    pytest.mark.usefixtures("handbooks"),
    pytest.mark.skipif(browsing.CHROMIUM is None, reason="no Chromium on this machine"),
    pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: run python frontend/build.py"),
    pytest.mark.skipif(not (browsing.DIST / "console.js").exists(), reason="front end not built: run python frontend/build.py"),
]
HERE = "http://localhost"
MORE = ["/help/keys", "/search?q=延误", "/nowhere"]
# Whether words are told from their ground depends on the theme; everything else is looked at once.
# Axe works on while the next page is made: the answer is asked for when that one is ready.
LOOK = """(themes) => {
  const all = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  const where = node => `${node.target.join(" ")} ${node.any[0]?.message ?? ""}`;
  const look = async (theme) => {
    if (document.documentElement.dataset.theme !== theme) {
      document.documentElement.dataset.theme = theme;
      // Colours of buttons move to the other theme within a moment.
      await new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)));
      await Promise.all(document.getAnimations().map(one => one.finished.catch(() => {})));
    }
    const rules = theme === "dark" ? ["color-contrast"] : all;
    // Nothing is fetched for axe: the sheets are the page's own.
    const found = await axe.run(document, {runOnly: rules, resultTypes: ["violations"], preload: false});
    return found.violations.map(one => `${theme}: ${one.id}: ${one.nodes.slice(0, 3).map(where).join(" | ")}`);
  };
  window.looked = (async () => {
    const found = [];
    for (const theme of themes) found.push(...await look(theme));
    return found;
  })();
}"""
_VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])


class Kinds(HTMLParser):
    """What a page is made of, without its words: elements with the class they stand in. Read from the page as it is sent: what the
    script makes of it follows from that.
    """

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self._open: list[tuple[str, str]] = [("", "")]
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins in the one that is open."""
        kind = f"{tag}.{dict(attrs).get('class') or ''}"
        self.found.add(f"{self._open[-1][1]}>{kind}")
        if tag not in _VOID:
            self._open.append((tag, kind))

    def handle_endtag(self, tag: str) -> None:
        """It ends, with those in it that nobody closed."""
        for place in range(len(self._open) - 1, 0, -1):
            if self._open[place][0] == tag:
                del self._open[place:]
                break


@dataclass
class Walk:
    """One tab that goes from page to page and what it found."""

    page: Any
    client: Client
    objections: list[str] = field(default_factory=list)
    kinds: set[str] = field(default_factory=set)
    seen: int = 0
    given: Any = None
    looking_at: str = ""

    def answer(self, asked: Any) -> None:
        """What the browser is told: the page that was asked for beforehand, and built files straight from the disk."""
        path = asked.request.url.removeprefix(HERE)
        built = browsing.DIST.parent / path.partition("/static/")[2].partition("?")[0]
        if path.startswith("/static/") and built.is_file():
            asked.fulfill(path=built)
        elif asked.request.is_navigation_request():
            asked.fulfill(status=self.given.status_code, headers=dict(self.given.items()), body=self.given.content)
        else:
            asked.fulfill(status=204)

    def opens(self, path: str) -> bool:
        """Whether the address shows a whole page: not a file, a part, or a way to another page."""
        given = self.given = self.client.get(path)
        whole = given.status_code == (404 if path == "/nowhere" else 200) and not given.has_header("Content-Disposition")
        return whole and not given.streaming and b'id="main"' in given.content

    def look(self, path: str, *, known: bool) -> None:
        """Go there and let axe look. A page made only of what was looked at before is passed over when it is ``known``."""
        opened = self.opens(path)
        self.gather()
        if not opened:
            return
        self.seen += 1
        kinds = Kinds(self.given.content.decode()).found
        new, self.kinds = not kinds <= self.kinds, self.kinds | kinds
        if new or not known:
            self.page.goto(path, wait_until="domcontentloaded")
            self.page.wait_for_selector("html[data-js]", state="attached")
            self.page.evaluate(LOOK, ["light", "dark"] if new else ["light"])
            self.looking_at = path

    def gather(self) -> None:
        """Take what axe found on the page it was left with."""
        if self.looking_at:
            self.objections += [f"{self.looking_at} {one}" for one in self.page.evaluate("() => window.looked")]
        self.looking_at = ""


def _paths(actor: Any, things: Any) -> list[str]:
    """Addresses this reader may look at; what turns out to be no page is passed over."""
    # A thing nobody listed is the matrix of pages to complain about.
    known = [route for route in routes.all_routes() if set(re.findall(r"<(?:\w+:)?(\w+)>", route.path)) <= set(VALUES)]
    found = [_path(route, things) for route in known if "GET" in route.methods and route.opens_for(actor)]
    return [*found, *MORE]


def test_axe_finds_nothing(chromium: Any, world: Any, cast: Any) -> None:
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN", base_url=HERE, reduced_motion="reduce")
    context.add_init_script(path=AXE)
    walk = Walk(context.new_page(), _client(cast.admin))
    context.route("**/*", walk.answer)
    walked: set[str] = set()
    for actor in (cast.admin, cast.agent):
        walk.client = _client(actor)
        for path in _paths(actor, world):
            walk.look(path, known=path in walked)
            walked.add(path)
    walk.gather()
    context.close()
    assert walk.seen > 150
    assert not walk.objections, "\n".join(walk.objections)
