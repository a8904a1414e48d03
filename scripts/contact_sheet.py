"""Every page of the console in a real browser, as contact sheets to look through.

Three widths (1440, 1024, 390 px), two languages, two themes. Pages come from the register, so a new one is on the sheets by itself; of
pages that name a thing, the first one that a list links to is taken. ``python scripts/contact_sheet.py --base http://127.0.0.1:8000``
looks at a running demo centre, without ``--base`` one is built and run. Sheets go to ``.kefu/contact-sheets/`` with an ``index.html``.
What is wider than its screen, is answered with an error, or what the browser complains of is printed. Needs a Chromium.
"""

import argparse
import html
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from playwright.sync_api import Browser, BrowserContext, Error, Page, sync_playwright
from screenshots import FLAGS, ROOT, WIDTHS, centre, chromium, sign_in

OUT = ROOT / ".kefu" / "contact-sheets"
LANGUAGES = {"zh": "zh-hans", "en": "en"}
THEMES = ("light", "dark")
TALLEST = 1500
ON_A_SHEET = 9
# Where the first of each kind of thing is found: converter of the address, list, what its links look like.
THINGS = {
    "case_id": ("/cases?view=open", r"/cases/(\d+)$"),
    "customer_id": ("/customers", r"/customers/(\d+)$"),
    "conversation_id": ("/conversations", r"/conversations/(\d+)"),
    "staff_id": ("/people", r"/people/(\d+)$"),
    "waybill": ("/parcels", r"/parcels/(\w+)$"),
    "reception_id": ("/calls", r"/calls/(\d+)$"),
    "problem_id": ("/station/problems", r"/station/problems/(\d+)$"),
    "order_id": ("/station/pickups", r"/station/pickups/(\d+)$"),
    "forward_id": ("/station/forwarding", r"/station/forwarding/(\d+)$"),
    "receipt_id": ("/station/receipts", r"/station/receipts/(\d+)$"),
    "fee_id": ("/station/fees", r"/station/fees/(\d+)$"),
    "area_id": ("/station/areas", r"/station/areas/(\d+)$"),
    "claim_id": ("/claims", r"/claims/(\d+)$"),
    "filing_id": ("/arbitrations", r"/arbitrations/(\d+)$"),
    "statement_id": ("/station/fees/statements", r"/station/fees/statements/(\d+)$"),
    "card_id": ("/station/fees/rates", r"/station/fees/rates/(\d+)$"),
    "account_id": ("/station/tracking/accounts", r"/station/tracking/accounts/(\d+)$"),
    "batch_id": ("/batches", r"/batches/(\d+)$"),
    "notice_id": ("/customer-notices", r"/customer-notices/(\d+)$"),
    "appeal_id": ("/appeals", r"/appeals/(\d+)$"),
    "task_id": ("/tasks", r"/tasks/(\d+)$"),
    "intake_id": ("/imports", r"/imports/tables/(\d+)$"),
    "dispute_id": ("/disputes", r"/disputes/(\d+)$"),
    "session_id": ("/calibrations", r"/calibrations/(\d+)$"),
    "plan_id": ("/review/plans", r"/review/plans/(\d+)$"),
    "entry_id": ("/penalties", r"/penalties/(\d+)$"),
    "recording_id": ("/recordings", r"/recordings/(\d+)$"),
}
FIXED = {
    "key": "best", "number": "1", "clause_id": "clocks.call_back", "slug": "keys", "version_id": "1", "list_key": "cases",
    "handbook": "shop",
}  # fmt: skip
# Pages of nobody, of an agent, and all the rest as the administrator sees them.
AS_AGENT = ("/desk", "/cases", "/calls", "/scorecards/me", "/account")


@dataclass(frozen=True)
class Stop:
    """A page to take and who looks at it."""

    name: str
    path: str
    who: str


def _register() -> list[tuple[str, str]]:
    """Name and address of every page that can be asked for."""
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.config.settings")
    django.setup()
    from kefu.console import routes, urls

    assert urls.urlpatterns
    return [(route.name, "/" + route.path) for route in routes.all_routes() if "GET" in route.methods]


def _things(page: Page, base: str) -> dict[str, str]:
    found = dict(FIXED)
    for name, (path, pattern) in THINGS.items():
        page.goto(base + path)
        links = page.eval_on_selector_all("main a[href]", "links => links.map(link => link.getAttribute('href').split('?')[0])")
        match = next((re.search(pattern, link) for link in links if re.search(pattern, link)), None)
        if match:
            found[name] = match[1]
    return found


def stops(page: Page, base: str) -> list[Stop]:
    """Every page that shows something here."""
    things = _things(page, base)
    found = [Stop("sign-in", "/sign-in", "")]
    for name, pattern in _register():
        names, path = re.findall(r"<(?:\w+:)?(\w+)>", pattern), pattern
        if any(one not in things for one in names):
            continue
        for one in names:
            path = re.sub(rf"<(?:\w+:)?{one}>", things[one], path)
        try:
            answer = page.request.get(base + path, max_redirects=0)
        except Error:
            continue
        if answer.status == 200 and "text/html" in answer.headers.get("content-type", "") and "<main" in answer.text():
            found.append(Stop(name, path, "admin"))
            if path in AS_AGENT:
                found.append(Stop(f"{name} (agent)", path, "agent"))
    found.append(Stop("not found", "/nowhere", "admin"))
    return found


def _context(browser: Browser, base: str, language: str, theme: str) -> BrowserContext:
    context = browser.new_context(locale="zh-CN" if language == "zh" else "en-GB", timezone_id="Asia/Shanghai", reduced_motion="reduce")
    context.add_cookies(
        [
            {"name": "django_language", "value": LANGUAGES[language], "url": base},
            {"name": "kefu_theme", "value": theme, "url": base},
        ]
    )
    return context


def _take(browser: Browser, base: str, found: list[Stop], language: str, theme: str, widths: list[int]) -> Iterator[tuple[Stop, int, Path]]:
    for who in dict.fromkeys(stop.who for stop in found):
        context = _context(browser, base, language, theme)
        page = context.new_page()
        page.on("pageerror", lambda error: print(f"script failed: {error}"))
        page.on("console", lambda message: print(message.text) if "Content Security" in message.text else None)
        if who:
            sign_in(page, base, who)
        for stop in (one for one in found if one.who == who):
            page.set_viewport_size({"width": widths[0], "height": 900})
            answer = page.goto(base + stop.path)
            if answer is not None and answer.status >= 500:
                print(f"error {answer.status}: {stop.path}")
            for width in widths:
                page.set_viewport_size({"width": width, "height": 900 if width > 500 else 844})
                page.wait_for_timeout(120)
                if page.evaluate("document.documentElement.scrollWidth > innerWidth + 1"):
                    print(f"too wide at {width} px: {stop.path} ({language})")
                name = re.sub(r"[^\w-]+", "-", f"{stop.name}-{language}-{theme}-{width}")
                path = OUT / "pages" / f"{name}.png"
                height = min(TALLEST, int(page.evaluate("document.documentElement.scrollHeight")))
                page.set_viewport_size({"width": width, "height": max(height, 700)})
                page.screenshot(path=path)
                yield stop, width, path
        context.close()


def _figure(stop: Stop, picture: Path) -> str:
    words = f"{html.escape(stop.name)} <span>{html.escape(stop.path)}</span>"
    return f'<figure><img src="{picture.as_uri()}"><figcaption>{words}</figcaption></figure>'


def _sheet(browser: Browser, title: str, width: int, taken: list[tuple[Stop, Path]], path: Path) -> None:
    """Thumbnails side by side: a browser page makes the sheet, so nothing else is needed."""
    column = {1440: 620, 1024: 460, 390: 300}[width]
    figures = "".join(_figure(stop, one) for stop, one in taken)
    style = (
        f"body{{margin:16px;font:14px sans-serif;background:#777}}main{{columns:{column}px;column-gap:14px}}figure{{margin:0 0 14px;"
        "break-inside:avoid;background:#fff}img{width:100%;display:block}figcaption{padding:4px 8px}span{color:#666}"
    )
    source = OUT / "sheet.html"
    source.write_text(f"<!doctype html><meta charset=utf-8><style>{style}</style><h1>{html.escape(title)}</h1><main>{figures}</main>")
    page = browser.new_page(viewport={"width": 2000, "height": 1200})
    page.goto(source.as_uri())
    page.screenshot(path=path, full_page=True)
    page.close()
    source.unlink()


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--base", default="", help="address of a running demo centre")
    parser.add_argument("--scale", type=float, default=0.1, help="size of the centre that is built without --base")
    parser.add_argument("--language", choices=list(LANGUAGES), action="append", help="only this; repeatable")
    parser.add_argument("--theme", choices=THEMES, action="append", help="only this; repeatable")
    parser.add_argument("--width", type=int, choices=WIDTHS, action="append", help="only this; repeatable")
    parser.add_argument("--only", default="", help="only pages whose address holds this")
    options = parser.parse_args()
    shutil.rmtree(OUT, ignore_errors=True)
    (OUT / "pages").mkdir(parents=True)
    sheets: list[Path] = []
    widths = options.width or list(WIDTHS)
    with nullcontext(options.base.rstrip("/")) if options.base else centre(options.scale) as base, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        context = _context(browser, base, "zh", "light")
        page = context.new_page()
        sign_in(page, base, "admin")
        found = [stop for stop in stops(page, base) if options.only in stop.path]
        context.close()
        count = 0
        for language in options.language or list(LANGUAGES):
            for theme in options.theme or list(THEMES):
                taken = list(_take(browser, base, found, language, theme, widths))
                count += len(taken)
                for width in widths:
                    of_width = [(stop, path) for stop, one, path in taken if one == width]
                    for number, start in enumerate(range(0, len(of_width), ON_A_SHEET), 1):
                        sheet = OUT / f"{language}-{theme}-{width}-{number}.png"
                        _sheet(browser, sheet.stem, width, of_width[start : start + ON_A_SHEET], sheet)
                        sheets.append(sheet)
        browser.close()
    links = "".join(f'<p><a href="{one.name}"><img src="{one.name}" width="900"></a><br>{one.stem}</p>' for one in sheets)
    (OUT / "index.html").write_text(f"<!doctype html><meta charset=utf-8><title>Contact sheets</title>{links}")
    print(f"{len(found)} pages, {count} pictures, {len(sheets)} sheets in {OUT}")


if __name__ == "__main__":
    main()
