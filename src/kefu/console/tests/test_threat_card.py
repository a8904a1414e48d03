"""The page of a complaint says whether and from when its customer may appeal to the authority, with each condition and the clause (R25)."""

from datetime import timedelta

import pytest
from django.urls import reverse

from kefu.cases import actions as cases
from kefu.cases.actions import CaseRequest
from kefu.conftest import NOW, hire  # noqa: F401 (of whom the cast is made, not the sign-in tests' own)
from kefu.console.tests.cases_world import World
from kefu.kernel import moment
from kefu.people.models import Staff
from kefu.regulator import actions
from kefu.regulator.drafts import AppealDraft

pytestmark = [pytest.mark.urls("kefu.console.tests.product_urls"), pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]
WAYBILL = "50004090806955"
DAY = timedelta(days=1)


@pytest.fixture
def page(ground, cast, monkeypatch):
    people = {role: Staff.objects.get(pk=getattr(cast, role).id) for role in ("agent", "manager")}
    world = World(ground, people)

    def show(kind="delay", role="agent", after=timedelta(0), waybill=WAYBILL):
        request = CaseRequest(ground.station.pk, kind, "call", "没有动静", waybill=waybill, external_id=f"{kind}:{waybill}")
        case = cases.open_case(actor=cast.agent, request=request, now=NOW)
        monkeypatch.setattr(moment, "now", lambda: NOW + after)
        return world.client(role).get(reverse("console:case", kwargs={"case_id": case.pk})).content.decode()

    return show


def card(text):
    return text.partition('id="threat"')[2].partition("</details>")[0]


def test_before_the_days_are_over_it_says_from_when(page):
    said = card(page())
    assert "暂不能申诉" in said
    assert "2026-11-29 10:00" in said
    assert "appeal_rules" in said
    assert "登记申诉" not in said


def test_after_them_the_customer_may_and_who_files_appeals_goes_on_from_here(page):
    assert "可以申诉" in card(page(after=7 * DAY))
    said = card(page(after=7 * DAY, role="manager"))
    assert f"waybill={WAYBILL}" in said
    assert "complained_at=2026-11-22T10%3A00" in said


def test_a_parcel_appealed_about_is_not_appealed_about_again(page, cast, ground):
    draft = AppealDraft("SS7", WAYBILL, "delay", "王女士", "太慢", NOW - DAY, site_id=ground.station.pk)
    actions.file_appeal(actor=cast.manager, draft=draft, now=NOW)
    said = card(page(after=7 * DAY))
    assert "已申诉过" in said
    assert "SS7" not in said  # who answers the complaint need not see the file (R27)
    assert "查看这个运单的申诉" not in said
    assert f"q={WAYBILL}" in card(page(after=7 * DAY, role="manager"))


def test_an_enquiry_is_no_complaint(page):
    assert card(page(kind="enquiry")) == ""
