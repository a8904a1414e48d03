"""A procedure in a manager's hand: copied, changed by form and by YAML, drawn, tried, put in force (CASE1, HB3)."""

import html as entities
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from kefu import conftest as whole_house
from kefu.conftest import Cast
from kefu.console.tests import test_conversations as talks
from kefu.handbook import queries
from kefu.handbook.models import HandbookVersion

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
hire, enter = whole_house.hire, talks.enter


@pytest.fixture
def manager(cast: Cast, enter: Any) -> Client:
    client: Client = enter(cast.manager)
    return client


@pytest.fixture
def draft(manager: Client) -> int:
    """The delay procedure of best, copied to be changed."""
    best = HandbookVersion.objects.get(key="best", number=1)
    manager.post(f"/handbooks/{best.pk}/procedures/delay/copy")
    return HandbookVersion.objects.get(key="best", state="draft").pk


def fields(html: str) -> dict[str, list[str]]:
    """What the form of the editor would send."""
    form = html[html.index('id="procedure-form"') :]
    form = form[: form.index("</form>")]
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value and (" checked" in tag or 'type="checkbox"' not in tag):
            found.setdefault(name[1], []).append(value[1])
    for name, inside in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', inside)
        found[name] = [chosen[1] if chosen else ""]
    for name, inside in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        found[name] = [inside.strip()]
    return {name: [entities.unescape(one) for one in values] for name, values in found.items() if name != "csrfmiddlewaretoken"}


def book(cast: Cast, version_id: int) -> Any:
    return queries.draft_book(cast.manager, version_id, now=timezone.now())


def test_the_form_sent_back_as_it_is_changes_nothing(manager: Client, draft: int, cast: Cast) -> None:
    address = f"/handbooks/drafts/{draft}/procedures/delay"
    before = book(cast, draft).procedures["delay"]
    html = manager.get(address).content.decode()
    assert "<svg" in html
    assert manager.post(address, {**fields(html), "do": "save"}).status_code == 302
    after = book(cast, draft).procedures["delay"]
    assert [step for step, was in zip(after.steps, before.steps, strict=True) if step != was] == []
    assert after == before


def test_title_fields_and_limit_are_changed_by_the_form(manager: Client, draft: int, cast: Cast) -> None:
    address = f"/handbooks/drafts/{draft}/procedures/delay"
    sent = fields(manager.get(address).content.decode())
    sent["step.check.title"] = ["核对快件位置"]
    sent["clock.law_complaint"] = ["5d"]
    manager.post(address, {**sent, "do": "save"})
    changed = book(cast, draft)
    assert changed.procedures["delay"].step("check").title == "核对快件位置"
    assert changed.clocks["law_complaint"].target == timedelta(days=5)
    assert HandbookVersion.objects.get(key="best", number=1).state == "in_force"


def test_yaml_is_checked_with_line_and_column_of_the_piece(manager: Client, draft: int) -> None:
    address = f"/handbooks/drafts/{draft}/procedures/delay"
    before = HandbookVersion.objects.get(pk=draft).text
    answer = manager.post(address, {"yaml": "title: [延误\nkinds: {", "do": "save"})
    assert answer.status_code == 422
    assert 'data-goto-line="2"' in answer.content.decode()
    assert HandbookVersion.objects.get(pk=draft).text == before
    yaml = re.search(r"<textarea[^>]*name=\"yaml\"[^>]*>(.*?)</textarea>", manager.get(address).content.decode(), re.DOTALL)
    assert yaml is not None
    wrong = entities.unescape(yaml[1]).lstrip("\n").replace("status: closed", "status: gone", 1)
    at = next(number for number, line in enumerate(wrong.splitlines(), start=1) if "status: gone" in line)
    shown = manager.post(address, {"yaml": wrong, "do": "check"}).content.decode()
    assert f'data-goto-line="{at}"' in shown
    assert HandbookVersion.objects.get(pk=draft).text == before


def test_an_end_that_the_law_needs_cannot_be_taken_away_and_put_in_force(manager: Client, draft: int) -> None:
    text = HandbookVersion.objects.get(pk=draft).text
    HandbookVersion.objects.filter(pk=draft).update(text=text.replace("customer.informed", "customer.contacted"))
    html = manager.get(f"/handbooks/drafts/{draft}/procedures/delay").content.decode()
    assert "改好并保存后才能生效" in html
    assert manager.post(f"/handbooks/{draft}/force").status_code == 409
    assert HandbookVersion.objects.get(pk=draft).state == "draft"


def test_in_force_from_a_date_never_in_the_past_never_by_another_role(manager: Client, draft: int, cast: Cast, enter: Any) -> None:
    for part in ("agent", "lead", "inspector", "trainer"):
        other = enter(getattr(cast, part))
        assert other.get(f"/handbooks/drafts/{draft}/procedures/delay").status_code == 403
        assert other.post(f"/handbooks/{draft}/procedures/delay/copy").status_code == 403
        assert other.get(f"/handbooks/{draft}/procedures/delay/trial").status_code == 403
        assert other.post(f"/handbooks/{draft}/force").status_code == 403
    assert manager.post(f"/handbooks/{draft}/force", {"from": "2020-01-01T08:00"}).status_code == 409
    later = timezone.localtime(timezone.now() + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M")
    assert manager.post(f"/handbooks/{draft}/force", {"from": later}).status_code == 302
    row = HandbookVersion.objects.get(pk=draft)
    assert (row.state, row.effective_from > timezone.now()) == ("in_force", True)


def test_a_trial_says_what_it_walked(manager: Client, draft: int) -> None:
    html = manager.get(f"/handbooks/{draft}/procedures/delay/trial").content.decode()
    assert "没有可试的工单" in html
    assert manager.get(f"/handbooks/{draft}/procedures/none/trial").status_code == 404
    assert manager.get(f"/handbooks/drafts/{draft}/procedures/none").status_code == 404


def test_everybody_who_reads_sees_the_drawing_of_a_procedure(cast: Cast, enter: Any) -> None:
    html = enter(cast.agent).get("/handbooks/best@1/clauses/procedures.delay").content.decode()
    assert "<svg" in html
    assert "修改这个流程" not in html
