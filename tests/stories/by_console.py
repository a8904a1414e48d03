"""A story worked by people at their browsers: each step by whom the handbook names, in a window of their own."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import expect
from tests.stories.conftest import ROLES
from tests.stories.scripts import WAYBILL, Line, Script, filled

from kefu.conftest import PASSWORD
from kefu.handbook.posts import may_act_as
from kefu.handbook.schema import Handbook, Step

# The pictures of docs/stories.md, by story and step.
SHOWN = {
    "delay-settle-refused",
    "delay-closed",
    "damage-negotiate",
    "loss-result",
    "after_sales-refund",
    "arbitration-rule",
    "arbitration-final",
}
_PHOTO = {"name": "照片.jpg", "mimeType": "image/jpeg", "buffer": b"\xff\xd8\xff\xe0 a photograph"}
MINUTE = 60_000
_SAID = "快件一直没有更新，请尽快处理"


class ConsoleDesk:
    """People of one site by role. ``pictures``: the folder and beginning of the names of the docs' pictures."""

    def __init__(self, window: Callable[[], Any], usernames: Mapping[str, str], book: Handbook, pictures: tuple[Path, str] | None) -> None:
        self.window, self.usernames, self.book, self.pictures = window, usernames, book, pictures
        self.pages: dict[str, Any] = {}
        self.procedure = ""

    def page_of(self, role: str) -> Any:
        """The window of somebody, signed in."""
        if role not in self.pages:
            page = self.window()
            page.goto("/sign-in?next=/cases")
            page.fill("#username", self.usernames[role])
            page.fill("#password", PASSWORD)
            page.press("#password", "Enter")
            page.wait_for_url("**/cases")
            self.pages[role] = page
        return self.pages[role]

    def picture(self, page: Any, name: str) -> None:
        """Keep what the page shows, if the docs show it."""
        if self.pictures and f"{self.pictures[1]}-{name}" in SHOWN:
            folder, start = self.pictures
            page.evaluate("document.querySelectorAll('.toast').forEach(one => one.remove())")
            page.screenshot(path=folder / f"story-{start}-{name}.png")

    def open(self, script: Script) -> str:
        """First contact; the address of the case."""
        self.procedure = script.procedure
        page = self.page_of("agent")
        page.goto("/cases/new")
        page.select_option("#kind", script.kind)
        page.select_option("#channel", "call")
        page.fill("[name=description]", _SAID)
        if script.parcel:
            page.fill("[name=waybill]", WAYBILL)
        page.click("#new-case button[type=submit].btn-primary")
        page.wait_for_url(lambda url: url.rsplit("/", 1)[1].isdigit())
        return str(page.url)

    def take(self, address: str, line: Line, known: set[str]) -> None:
        """A step that the page offers, filled in and finished."""
        step, page = self._at(address, line)
        form = page.locator(f"#form-{step.id}")
        done = page.locator(".timeline").get_by_text(f"完成“{step.title}”")
        before = done.count()  # a step may be taken twice: the first time's entry does not say that the second has arrived
        known |= self._fill(form, step, filled(step, line.answers, known, {}))
        if step.fields:
            form.scroll_into_view_if_needed()
            self.picture(page, step.id)
        form.locator("button[type=submit]").click()
        expect(done).to_have_count(before + 1, timeout=MINUTE)

    def try_in_vain(self, address: str, line: Line, known: set[str]) -> None:
        """A step that the page does not offer, or refuses with the reason in words."""
        step, page = self._at(address, line, must=False)
        form = page.locator(f"#form-{step.id}")
        done = page.locator(".timeline").get_by_text(f"完成“{step.title}”")
        before = done.count()
        if form.count():
            self._fill(form, step, filled(step, line.answers, known, {}))
            form.locator("button[type=submit]").click()
            page.locator(f"#step-{step.id} .notice, #step-{step.id} .field-error").first.wait_for()
            self.picture(page, f"{step.id}-refused")
        else:
            closed = page.locator(f"#step-{step.id}")
            assert closed.count() == 0 or closed.locator(".notice li").count(), line
        page.goto(address)
        assert done.count() == before, line

    def _at(self, address: str, line: Line, *, must: bool = True) -> tuple[Step, Any]:
        step = self.book.procedures[self.procedure].step(line.step)
        assert step is not None
        page = self.page_of(next(role for role in ROLES if may_act_as(self.book, step.who, role)))
        page.goto(address)
        folded = page.locator(f"#step-{line.step}:not([open]) > summary")
        if folded.count():
            folded.click()
        if must:
            page.locator(f"#form-{line.step}").wait_for()
        return step, page

    def _fill(self, form: Any, step: Step, answers: Mapping[str, Any]) -> set[str]:
        """Answer what the form asks; what the product answers itself has no field."""
        answered = set()
        for name, value in answers.items():
            box = form.locator(f"[name='{step.id}-{name}']")
            file = form.locator(f"[name='{step.id}-{name}-file']")
            if file.count():
                file.set_input_files(_PHOTO)
            elif box.count():
                self._answer(box, value)
            else:
                continue
            answered.add(name)
        return answered

    def _answer(self, box: Any, value: Any) -> None:
        kind = box.first.evaluate("it => it.type")
        text = {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
        if kind in ("radio", "checkbox"):
            box.and_(box.page.locator(f"[value='{text}']")).check()
        elif kind == "select-one":
            box.select_option(text)
        else:
            box.fill(text[:16] if kind == "datetime-local" else text)
