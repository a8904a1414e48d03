"""Versions: installing, drafts, effective dates, replay (HB1, HB2, HB3)."""

from datetime import UTC, datetime, timedelta

import pytest

from kefu.handbook import actions, builtin, queries
from kefu.handbook.errors import (
    AbstractHandbook,
    HandbookDenied,
    HandbookInvalid,
    HandbookNotFound,
    NotADraft,
    NotInForce,
    StartsTooEarly,
)
from kefu.handbook.loader import compiled
from kefu.handbook.models import HandbookVersion
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Stale
from kefu.kernel.models import AuditEntry, OutboxEvent

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MANAGER = Actor(
    kind="staff", id=7, name="王经理", permissions=frozenset({"handbook.view", "handbook.edit", "handbook.force"}), role="manager"
)
AGENT = Actor(kind="staff", id=8, name="李客服", permissions=frozenset({"handbook.view"}), role="agent")
SYSTEM = Actor.system("tests")

OWN = """
handbook: nanshi
title: 南市分部手册
effective_from: 2026-11-01
extends: [best]
clocks:
  call_back: {target: 1h, warn_before: 15m}
scorecards:
  service:
    adjust:
      opening: {penalty: {points: 4, money: 40}}
"""


@pytest.fixture
def installed():
    """The built-in handbooks, installed into empty tables (the test database comes with them)."""
    HandbookVersion.objects.all().delete()
    OutboxEvent.objects.all().delete()
    return actions.install_builtin(actor=SYSTEM, now=NOW)


def test_installing_puts_all_built_in_handbooks_in_force_since_their_own_date(installed):
    assert [(one.key, one.outcome, one.number) for one in installed] == [(key, "installed", 1) for key in builtin.KEYS]
    assert queries.book_at("best", datetime(2025, 6, 2, tzinfo=UTC)).version == 1
    with pytest.raises(NotInForce):
        queries.book_at("best", datetime(2025, 5, 1, tzinfo=UTC))


def test_installing_again_changes_nothing(installed):
    before = list(HandbookVersion.objects.values())
    again = actions.install_builtin(actor=SYSTEM, now=NOW + DAY)
    assert {one.outcome for one in again} == {"unchanged"}
    assert list(HandbookVersion.objects.values()) == before


def test_a_new_edition_follows_an_unchanged_one_and_is_offered_where_people_wrote_their_own(installed, monkeypatch):
    own = actions.save_draft(
        actor=MANAGER, text=builtin.text("zto").replace("title: 中通客服工作培训体系", "title: 我们的中通手册"), now=NOW
    )
    actions.put_in_force(actor=MANAGER, version_id=own.id, now=NOW)
    newer = {key: builtin.text(key).replace('edition: "2025.06"', 'edition: "2026.12"') for key in builtin.KEYS}
    monkeypatch.setattr(builtin, "text", newer.get)
    actions._builtin.cache_clear()
    outcome = {one.key: one.outcome for one in actions.install_builtin(actor=SYSTEM, now=NOW + DAY)}
    actions._builtin.cache_clear()
    assert outcome == {key: "offered" if key == "zto" else "updated" for key in builtin.KEYS}
    assert queries.book_at("best", NOW).edition == "2025.06"
    assert queries.book_at("best", NOW + DAY).edition == "2026.12"
    assert queries.book_at("zto", NOW + DAY).title == "我们的中通手册"


def test_a_decision_is_replayed_a_year_later_by_its_reference(installed):
    cited = queries.clause_at("clocks.call_back", "best", NOW)
    assert str(cited.ref) == "best@1#clocks.call_back"
    changed = actions.save_draft(
        actor=MANAGER,
        text=builtin.text("best").replace("target: 2h\n    calendar: station", "target: 3h\n    calendar: station", 1),
        now=NOW,
    )
    actions.put_in_force(actor=MANAGER, version_id=changed.id, now=NOW + DAY, from_=NOW + 2 * DAY)
    later = NOW + timedelta(days=365)
    assert queries.clause_at("clocks.call_back", "best", later).value.target == timedelta(hours=3)
    assert queries.clause(str(cited.ref)).value.target == timedelta(hours=2)
    assert queries.clause_at("clocks.call_back", "best", NOW + DAY).ref.version == 1
    assert queries.clause_at("clocks.call_back", "best", NOW + 2 * DAY).ref.version == 2


def test_a_stored_version_does_not_depend_on_its_bases_any_more(installed):
    own = actions.save_draft(actor=MANAGER, text=OWN, now=NOW)
    assert own.problems == ()
    row = actions.put_in_force(actor=MANAGER, version_id=own.id, now=NOW)
    assert [base["key"] for base in row.bases] == ["common", "station", "best"]
    changed = builtin.text("best").replace("cap: 24h", "cap: 12h", 1)
    base = actions.save_draft(actor=MANAGER, text=changed, now=NOW + DAY)
    actions.put_in_force(actor=MANAGER, version_id=base.id, now=NOW + DAY)
    book = queries.book_at("nanshi", NOW + 2 * DAY)
    assert book.clocks["solve"].pause.cap == timedelta(hours=24)
    assert queries.newer_bases(MANAGER, row.pk, now=NOW + 2 * DAY) == ["best"]
    assert (book.origin("clocks.call_back"), book.origin("clocks.solve"), book.origin("texts.masking")) == ("nanshi", "best", "common")
    assert book.origin("scorecards.service.items.opening") == "nanshi"
    assert book.origin("scorecards.service.items.closing") == "best"


def test_a_draft_is_kept_with_its_problems_but_not_put_in_force(installed):
    broken = OWN.replace("target: 1h", "target: 1 hour")
    saved = actions.save_draft(actor=MANAGER, text=broken, now=NOW)
    assert [(p.code, p.line, p.column) for p in saved.problems] == [("duration", 7, 23)]
    with pytest.raises(HandbookInvalid) as refused:
        actions.put_in_force(actor=MANAGER, version_id=saved.id, now=NOW)
    assert refused.value.problems[0].line == 7
    with pytest.raises(NotInForce):
        queries.book_at("nanshi", NOW)
    mended = actions.save_draft(actor=MANAGER, text=OWN, now=NOW, draft_id=saved.id, row_version=saved.row_version)
    assert (mended.id, mended.problems) == (saved.id, ())
    with pytest.raises(Stale):
        actions.save_draft(actor=MANAGER, text=OWN, now=NOW, draft_id=saved.id, row_version=saved.row_version)


@pytest.mark.parametrize(
    "text", ["", "只是一句话", "a: [1", "title: 没有名字\n", "handbook: Nan-Shi\ntitle: x\neffective_from: 2026-01-01\n"]
)
def test_a_text_without_a_usable_key_is_not_stored(installed, text):
    count = HandbookVersion.objects.count()
    with pytest.raises(HandbookInvalid):
        actions.save_draft(actor=MANAGER, text=text, now=NOW)
    assert HandbookVersion.objects.count() == count


def test_no_version_starts_before_now_or_before_one_already_arranged(installed):
    first = actions.save_draft(actor=MANAGER, text=OWN, now=NOW)
    second = actions.save_draft(actor=MANAGER, text=OWN, now=NOW)
    with pytest.raises(StartsTooEarly):
        actions.put_in_force(actor=MANAGER, version_id=first.id, now=NOW, from_=NOW - DAY)
    actions.put_in_force(actor=MANAGER, version_id=first.id, now=NOW, from_=NOW + 5 * DAY)
    with pytest.raises(StartsTooEarly):
        actions.put_in_force(actor=MANAGER, version_id=second.id, now=NOW, from_=NOW + 3 * DAY)
    actions.put_in_force(actor=MANAGER, version_id=second.id, now=NOW, from_=NOW + 6 * DAY)
    statuses = {one.number: one.status for one in queries.versions(MANAGER, "nanshi", now=NOW + timedelta(days=5, hours=1))}
    assert statuses == {1: "in_force", 2: "scheduled"}
    assert queries.book_at("nanshi", NOW + 7 * DAY).version == 2


def test_exactly_one_version_is_in_force_at_every_moment(installed):
    starts = [NOW + offset * DAY for offset in (0, 2, 5)]
    for start in starts:
        draft = actions.save_draft(actor=MANAGER, text=OWN, now=NOW)
        actions.put_in_force(actor=MANAGER, version_id=draft.id, now=NOW, from_=start)
    seen = [queries.book_at("nanshi", NOW + hours * timedelta(hours=1)).version for hours in range(0, 200, 8)]
    assert seen == sorted(seen)
    assert set(seen) == {1, 2, 3}


def test_what_was_in_force_is_never_edited_or_discarded(installed):
    draft = actions.save_draft(actor=MANAGER, text=OWN, now=NOW)
    actions.put_in_force(actor=MANAGER, version_id=draft.id, now=NOW)
    with pytest.raises(NotADraft):
        actions.save_draft(actor=MANAGER, text=OWN, now=NOW, draft_id=draft.id)
    with pytest.raises(NotADraft):
        actions.put_in_force(actor=MANAGER, version_id=draft.id, now=NOW)
    with pytest.raises(NotADraft):
        actions.discard(actor=MANAGER, version_id=draft.id, now=NOW)
    actions.retire(actor=MANAGER, version_id=draft.id, now=NOW + DAY)
    assert queries.book_at("nanshi", NOW).version == 1
    with pytest.raises(NotInForce):
        queries.book_at("nanshi", NOW + 2 * DAY)
    assert queries.book("nanshi@1").version == 1


def test_who_may_what(installed):
    draft = actions.save_draft(actor=MANAGER, text=OWN, now=NOW)
    count = AuditEntry.objects.count()
    for refused in (
        lambda: actions.save_draft(actor=AGENT, text=OWN, now=NOW),
        lambda: actions.install_builtin(actor=AGENT, now=NOW),
        lambda: actions.put_in_force(actor=AGENT, version_id=draft.id, now=NOW),
        lambda: actions.retire(actor=AGENT, version_id=draft.id, now=NOW),
        lambda: actions.discard(actor=AGENT, version_id=draft.id, now=NOW),
    ):
        with pytest.raises(HandbookDenied):
            refused()
    assert AuditEntry.objects.count() == count
    with pytest.raises(HandbookNotFound):
        queries.text_of(AGENT, draft.id)
    assert {one.status for one in queries.versions(AGENT, now=NOW)} == {"in_force"}
    assert queries.versions(Actor(kind="customer", id=1, name="顾客"), now=NOW) == []


def test_every_write_leaves_audit_and_event(installed):
    draft = actions.save_draft(actor=MANAGER, text=OWN, now=NOW)
    actions.put_in_force(actor=MANAGER, version_id=draft.id, now=NOW)
    actions.retire(actor=MANAGER, version_id=draft.id, now=NOW)
    own = AuditEntry.objects.filter(subject_text="nanshi@1").values_list("action", flat=True)
    assert list(own.order_by("id")) == ["handbook.draft_saved", "handbook.put_in_force", "handbook.retired"]
    assert OutboxEvent.objects.filter(type="handbook.put_in_force").count() == len(builtin.KEYS) + 1
    assert OutboxEvent.objects.filter(type="handbook.retired").count() == 1


def test_an_abstract_handbook_is_for_extending_only(installed):
    with pytest.raises(AbstractHandbook):
        actions.require_usable("common", NOW)
    assert actions.require_usable("best", NOW).handbook == "best"


def test_a_draft_can_be_compiled_for_a_preview_and_compared(installed):
    draft = actions.save_draft(actor=MANAGER, text=builtin.text("best").replace("points: 5, money: 50", "points: 6, money: 60", 1), now=NOW)
    current = queries.versions(MANAGER, "best", now=NOW)[-1]
    assert queries.draft_book(MANAGER, draft.id, now=NOW).scorecards["service"].item("opening").penalty.money == 60
    (change,) = queries.compare(MANAGER, current.id, draft.id, now=NOW)
    assert (change.clause, change.kind) == ("scorecards.service.items.opening", "changed")
    assert [(one.field, one.old, one.new) for one in change.fields] == [("penalty.points", "5", "6"), ("penalty.money", "50", "60")]


def test_compiled_handbooks_are_kept_and_looked_up_in_one_query(installed, django_assert_num_queries):
    queries.book_at("best", NOW)
    with django_assert_num_queries(1):
        queries.book_at("best", NOW)
    queries.book("best@1")
    with django_assert_num_queries(0):
        queries.clause("best@1#clocks.solve")


@pytest.mark.parametrize("name", ["best", "best@", "best@9", "best@x", "nobody@1"])
def test_unknown_books_and_clauses_are_not_found(installed, name):
    with pytest.raises(HandbookNotFound):
        queries.book(name)
    with pytest.raises(HandbookNotFound):
        queries.clause(f"{name}#clocks.solve")
    with pytest.raises(HandbookNotFound):
        queries.clause_at("clocks.nothing", "best", NOW)


def test_a_version_stored_with_ledgers_of_the_first_shape_is_still_read(installed):
    row = HandbookVersion.objects.get(key="shop")
    first = {"title": "当天未完结工作表", "source": "S", "when": {"fact": "case.status", "in": ["open"]}, "columns": []}
    tree = {**row.resolved["tree"], "ledgers": {**row.resolved["tree"]["ledgers"], "first": first}}
    book = compiled({**row.resolved, "tree": tree}, version=row.number)
    assert "first" not in book.ledgers
    assert "open_today" in book.ledgers
