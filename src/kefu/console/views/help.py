"""Help: the documentation of the product inside the console, each page of the console with a link to its own.

``docs/`` is the one place where documentation stands; ``console/docs`` points to it, so an installed package carries it too. A page with
``.zh.md`` is in Chinese; where there is only one language, that one is shown.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from kefu.console.help_links import FOLDER
from kefu.console.rendering import render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.times import chinese
from kefu.kernel.errors import NotFound

# In the order of the contents: file, words, for whom.
PAGES: tuple[tuple[str, str | Promise], ...] = (
    ("getting-started", _("开始使用")),
    ("keys", _("快捷键")),
    ("cases", _("工单")),
    ("desk", _("话术和宏")),
    ("conversations", _("会话")),
    ("inspection", _("质检")),
    ("dashboards", _("质检看板")),
    ("penalties", _("处罚台账")),
    ("coaching", _("辅导")),
    ("live-check", _("情绪预警")),
    ("rules", _("规则")),
    ("bench", _("规则试验台")),
    ("handbook", _("手册")),
    ("parcels", _("快件")),
    ("customers", _("客户")),
    ("people", _("人员")),
    ("import", _("导入")),
    ("demo", _("演示中心")),
    ("commands", _("命令")),
    ("operations", _("运维")),
    ("api", _("接口")),
    ("glossary", _("术语")),
)
_LINK = re.compile(r"([a-z][a-z0-9-]*)\.md(#.*)?")
_SLUG = re.compile(r"[a-z][a-z0-9-]{0,40}")


@dataclass(frozen=True, slots=True)
class Article:
    """A page of help: its title, its text as markup, and the headings to jump to."""

    title: str
    body: Markup
    headings: tuple[tuple[str, str], ...]


def _tamed(token: Token) -> None:
    """Links lead to help pages or out; what points into the source leads nowhere."""
    for child in token.children or ():
        if child.type == "link_open":
            address = str(child.attrGet("href") or "")
            inside = _LINK.fullmatch(address)
            if inside:
                child.attrSet("href", f"/help/{inside[1]}{inside[2] or ''}")
            elif not address.startswith("#") and not address.startswith("https://"):
                child.attrs.pop("href", None)
        elif child.type == "image":
            child.type, child.tag, child.content, child.children = "text", "", child.content, None


@lru_cache(maxsize=64)
def _article(path: Path, _changed: int) -> Article:
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(path.read_text(encoding="utf-8"))
    title = path.stem
    headings: list[tuple[str, str]] = []
    kept: list[Token] = []
    skipping = False
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h1" and not headings and not kept:
            title, skipping = tokens[place + 1].content, True
        if not skipping:
            if token.type == "heading_open" and token.tag == "h2":
                anchor = f"s{len(headings) + 1}"
                token.attrSet("id", anchor)
                headings.append((anchor, tokens[place + 1].content.replace("`", "")))
            _tamed(token)
            if token.type in ("fence", "code_block"):
                token.attrSet("tabindex", "0")
            kept.append(token)
        if token.type == "heading_close" and skipping:
            skipping = False
    # Nothing of the text is markup: html is off, the reader escapes the rest.
    text = reader.renderer.render(kept, reader.options, {})
    text = text.replace("<table>", '<div class="prose-table" tabindex="0"><table class="table">').replace("</table>", "</table></div>")
    text = re.sub(r"<pre><code([^>]*?)( tabindex=\"0\")?([^>]*)>", r'<pre tabindex="0"><code\1\3>', text)
    return Article(title, Markup(text), tuple(headings))  # noqa: S704  see above


def article(slug: str) -> tuple[Article, bool] | None:
    """The page in the reader's language, and whether it really is in that language; ``None`` when there is none."""
    own, other = FOLDER / f"{slug}.zh.md", FOLDER / f"{slug}.md"
    path = own if chinese() and own.is_file() else other
    if not path.is_file():
        return None
    return _article(path, path.stat().st_mtime_ns), (path == own) == chinese()


def _contents() -> list[tuple[str, str]]:
    return [(slug, str(words)) for slug, words in PAGES if (FOLDER / f"{slug}.md").is_file()]


@page("help", "help")
def help_index(request: ConsoleRequest) -> HttpResponse:
    """Contents of the help."""
    return render(request, "pages/help.jinja", {"contents": _contents(), "article": None, "slug": "", "own_language": True})


@page("help/<slug:slug>", "help-page")
def help_page(request: ConsoleRequest, slug: str) -> HttpResponse:
    """One page of the help."""
    found = article(slug) if _SLUG.fullmatch(slug) else None
    if found is None:
        raise NotFound
    context = {"contents": _contents(), "article": found[0], "slug": slug, "own_language": found[1]}
    return render(request, "pages/help.jinja", context)
