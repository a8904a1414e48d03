"""A whole small centre built through the actions, on both databases (PLAT1)."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from kefu.cases import access as case_access
from kefu.cases import queries as cases
from kefu.clocks import queries as clocks
from kefu.clocks.actions import sweep
from kefu.conversations import access as conversation_access
from kefu.conversations.queries import transcripts
from kefu.demo import marks, planted
from kefu.demo.build import build, sign_ins
from kefu.demo.cast import PASSWORD, STAFF
from kefu.demo.errors import CentreInUse
from kefu.demo.removal import remove
from kefu.demo.scoring import score, table, totals
from kefu.demo.tests.conftest import END
from kefu.kernel import audit
from kefu.kernel.actor import Actor
from kefu.kernel.models import FailedEvent
from kefu.parcels import access as parcel_access
from kefu.people import access as people
from kefu.people import actions, sign_in
from kefu.performance import queries as performance
from kefu.quality import access as quality

ALL = Actor.system("tests")


def _cases():
    return case_access.visible_to(ALL)


def _conversations():
    return conversation_access.visible_to(ALL)


def _staff(username):
    return people.visible_staff(ALL).get(username=username)


@pytest.fixture(scope="module")
def centre(django_db_setup, django_db_blocker):
    """The centre, built once for this file and taken back at its end."""
    with django_db_blocker.unblock():
        try:
            with transaction.atomic():
                yield build(seed=7, scale=0.02, end=END, quiet=True)
                transaction.set_rollback(True)
        finally:
            pass


def test_everything_there_is_was_made_and_nothing_was_refused(centre):
    assert not centre.already
    assert not centre.refused
    assert parcel_access.visible_to(ALL).count() == centre.counts["parcels"] == 400
    assert centre.counts["scans"] > 2000
    assert _conversations().count() == 60
    assert _cases().count() >= 28
    assert people.visible_staff(ALL).count() == 40
    assert all("DEMO" in site.code for site in people.visible_sites(ALL))
    assert FailedEvent.objects.count() == 0


def test_cases_stand_in_every_state(centre):
    states = set(_cases().values_list("status", flat=True))
    assert states == {"open", "waiting_customer", "waiting_other", "solved", "closed", "merged"}
    kinds = set(_cases().values_list("entries__kind", flat=True))
    assert {"opened", "step", "note", "assigned", "clock", "level", "urged", "merged", "reopened", "task"} <= kinds
    assert _cases().filter(previous__isnull=False).exists()
    assert _cases().filter(links__kind="conversation").exists()


def test_clocks_went_with_the_simulated_time(centre):
    levels = Counter(view.level for case in _cases() for view in clocks.of_subject("case", case.pk, now=END))
    assert levels["met"]
    assert levels["late"] + levels["stopped"]
    assert levels["breached"]
    assert sweep(now=END) == 0
    assert levels["running"] + levels["warned"]


def test_every_sign_in_on_the_list_works(centre):
    rows = sign_ins()
    assert {_staff(name).role for _title, name, _password in rows} == {one.role for one in STAFF}
    for _title, name, password in rows:
        assert password == PASSWORD
        signed = sign_in.check_credentials(username=name, password=password, ip="127.0.0.1", now=END)
        assert signed.staff.username == name
        assert not signed.needs_code


def test_every_conversation_is_inspected_and_figures_are_there(centre):
    judged = quality.visible_inspections(ALL)
    assert judged.filter(subject_kind="conversation", current=True).count() == 60
    assert judged.filter(subject_kind="case").exists()
    figures = performance.figures(ALL, since=(END - timedelta(days=31)).date(), until=END.date())
    assert figures.totals["conversations"] == 60
    assert figures.totals["inspected"] >= 60


def test_the_inspection_finds_what_was_planted(centre):
    lines = score()
    total = totals(lines)[""]
    assert total.planted == len(list(planted.read()))
    assert total.recall >= 0.9
    assert "recall" in table(lines)


def test_what_was_said_is_stored_as_generated(centre):
    row = _conversations().order_by("external_id").first()
    lines = transcripts([row.pk])[row.pk]
    assert len(lines) == row.line_count >= 8


def test_leads_see_their_station_and_agents_of_the_shop_do_not(centre):
    lead = people.actor_for(_staff("lead"))
    shop = people.actor_for(_staff("agent16"))
    seen = {case.site.name for case in cases.page(lead, cases.CaseFilter(view="all"), now=END).rows}
    assert seen == {"南市分部"}
    assert {case.site.name for case in cases.page(shop, cases.CaseFilter(view="all"), now=END).rows} <= {"臻选旗舰店"}


def test_the_audit_chain_holds(centre):
    audit.seal_all()
    assert audit.verify().breaks == ()


def test_building_again_leaves_everything_as_it_is(centre):
    before = _cases().count(), _conversations().count()
    assert build(seed=7, scale=0.02, quiet=True).already
    assert (_cases().count(), _conversations().count()) == before


def test_a_build_broken_off_goes_on(centre):
    with transaction.atomic():
        marks.advance(55)
        again = build(seed=7, scale=0.02, quiet=True)
        assert not again.already
        assert again.counts["parcels"] == 0
        assert marks.read().finished
        assert _conversations().count() == 60
        transaction.set_rollback(True)


def test_the_demo_is_removed_in_one_step_but_not_beside_other_sites(centre):
    with transaction.atomic():
        actions.create_site(actor=Actor.system("tests"), code="REAL1", name="真网点", kind="station", handbook="best", now=timezone.now())
        with pytest.raises(CentreInUse):
            remove()
        transaction.set_rollback(True)
    with transaction.atomic():
        connection.check_constraints()  # what is deferred to the commit cannot stay so: tables are emptied here
        assert remove()
        assert not remove()
        assert _cases().count() == people.visible_staff(ALL).count() == 0
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_no_demo_is_built_into_a_centre_of_somebodys_own(ground):
    with pytest.raises(CentreInUse):
        build(seed=1, scale=0.02, quiet=True)
