"""What rooms above cases tell a case, and what they answer when a guard asks (CASE6, CASE7)."""

from datetime import timedelta

import pytest

from kefu.cases import actions, fact_sources, facts, matters
from kefu.cases.actions import CaseRequest
from kefu.cases.models import Entry
from kefu.clocks.models import Clock
from kefu.conftest import NOW
from kefu.kernel.errors import NotFound
from kefu.kernel.models import AuditEntry, OutboxEvent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("handbooks")]


@pytest.fixture
def case(cast, ground):
    """A complaint about a lost parcel."""
    return actions.open_case(actor=cast.agent, request=CaseRequest(ground.station.pk, "loss", "call", "快件遗失"), now=NOW)


def test_a_case_is_told_with_entry_audit_event_and_clocks(case, cast):
    clocks = Clock.objects.filter(subject_kind="case", subject_id=case.pk)
    running = set(clocks.filter(state="running").values_list("key", flat=True))
    matters.tell(
        actor=cast.lead, case_id=case.pk, what="claim.filed", now=NOW + timedelta(hours=1), data={"claim": 7}, events=["claim.filed"]
    )
    entry = Entry.objects.get(case=case, kind="matter")
    assert entry.data == {"what": "claim.filed", "claim": 7, "events": ["claim.filed"]}
    assert AuditEntry.objects.filter(action="case.matter", subject_id=case.pk).count() == 1
    assert OutboxEvent.objects.filter(type="case.changed", payload__what="matter").count() == 1
    assert set(clocks.filter(state="running").values_list("key", flat=True)) > running


def test_a_case_out_of_sight_is_not_told(case, cast):
    with pytest.raises(NotFound):
        matters.tell(actor=cast.outsider, case_id=case.pk, what="claim.filed", now=NOW)


def test_rooms_above_answer_only_what_is_asked(case, cast):
    asked_of = []
    fact_sources.register("test.", lambda asked: asked_of.append(asked) or {"test.known": True})
    try:
        book = actions.book_of(case)
        assert "test.known" not in facts.of_case(case, book, now=NOW, asked={"case.kind"})
        assert asked_of == []
        assert facts.of_case(case, book, now=NOW, asked={"test.known"})["test.known"] is True
        assert (asked_of[0].case_id, asked_of[0].site_id) == (case.pk, case.site_id)
    finally:
        fact_sources._SOURCES.pop("test.")
