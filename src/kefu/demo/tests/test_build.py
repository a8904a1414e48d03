"""A whole small centre built through the actions, on both databases (PLAT1)."""

from collections import Counter
from datetime import timedelta

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone

from kefu.cases import access as case_access
from kefu.cases import queries as cases
from kefu.claims import access as claim_access
from kefu.clocks import queries as clocks
from kefu.clocks.actions import sweep
from kefu.conversations import access as conversation_access
from kefu.conversations.queries import transcripts
from kefu.demo import build as builds
from kefu.demo import marks, planted
from kefu.demo.build import build, sign_ins
from kefu.demo.cast import PASSWORD, STAFF
from kefu.demo.errors import CentreInUse
from kefu.demo.progress import Report
from kefu.demo.removal import remove
from kefu.demo.scoring import score, table, totals
from kefu.demo.tests.conftest import END
from kefu.kernel import audit
from kefu.kernel.actor import Actor
from kefu.kernel.models import FailedEvent
from kefu.ledgers import queries as ledgers
from kefu.parcels import access as parcel_access
from kefu.people import access as people
from kefu.people import actions, sign_in
from kefu.performance import queries as performance
from kefu.quality import access as quality

ALL = Actor.system("tests")
MATTERS = (case_access.visible_to, claim_access.visible_to, claim_access.payments, parcel_access.visible_to)


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
    assert centre.counts["parcels"] == 400
    # The stations of the demo enter and plant some of their own at the end.
    assert parcel_access.visible_to(ALL).count() > 400
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
        before = [matter(ALL).count() for matter in MATTERS]
        again = build(seed=7, scale=0.02, quiet=True)
        assert not again.already
        assert again.counts["parcels"] == 0
        assert [matter(ALL).count() for matter in MATTERS] == before
        assert marks.read().finished
        assert _conversations().count() == 60
        transaction.set_rollback(True)


def test_a_step_broken_off_leaves_nothing_and_a_step_done_is_not_done_again(centre):
    def begin(then):
        def make():
            actions.create_site(actor=ALL, code="NJ-DEMO77", name="试", kind="station", handbook="best", now=END)
            then()
            return 1

        return make

    def broken():
        raise ConnectionError

    builder = builds._Builder(marks.read().plan, Report(quiet=True))
    with transaction.atomic():
        with pytest.raises(ConnectionError):
            builder._step("sites", "probe", begin(broken))
        assert not people.visible_sites(ALL).filter(code="NJ-DEMO77").exists()
        builder._step("sites", "probe", begin(lambda: None))
        builder._step("sites", "probe", begin(broken))
        assert builder.counts["sites"] == people.visible_sites(ALL).filter(code="NJ-DEMO77").count() == 1
        transaction.set_rollback(True)


def test_claims_stand_at_many_steps_and_were_agreed_to_by_others(centre):
    rows = list(claim_access.visible_to(ALL))
    of_stations = [row for row in rows if not (row.external_id or "").startswith("demo-shop-")]
    assert centre.counts["claims"] == len(of_stations) >= 6
    assert len({row.state for row in rows}) >= 4
    assert all(row.reckoned for row in rows)
    signed = [(row, one) for row in rows for one in row.approvals.all()]
    assert signed
    assert all(one.by_id not in (row.made_by_id, row.proposed_by_id) for row, one in signed)


def test_each_ledger_of_the_shop_has_rows(centre):
    now = timezone.now()
    found = [one for one in ledgers.of_actor(ALL, now) if one.book.handbook == "shop"]
    assert len(found) == 8
    assert [one.key for one in found if not ledgers.page(ALL, one, ledgers.Wanted(), now=now).rows] == []
    assert centre.counts["ledger cells"] >= 8


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
        # Whatever rooms the demo has furnished: nothing of any of them stays.
        kept = ("contenttypes", "auth", "sessions")
        # Numbers given once are not given again, so their counter goes on.
        left = {model._meta.label for model in apps.get_models() if model._meta.managed and model._meta.app_label not in kept}
        assert {label for label in left if apps.get_model(label)._default_manager.exists()} <= {"kernel.Counter"}
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_no_demo_is_built_into_a_centre_of_somebodys_own(ground):
    with pytest.raises(CentreInUse):
        build(seed=1, scale=0.02, quiet=True)
