"""Signing with the cast: scans and states that follow, refusals that leave nothing, edits, undo, proofs, files (OPS3)."""

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import close_old_connections, connection
from django.test.utils import CaptureQueriesContext

from kefu.kernel import imports as runs
from kefu.kernel.actor import Actor
from kefu.kernel.encryption import keyring
from kefu.kernel.errors import Conflict, Denied, NotFound, Stale
from kefu.kernel.files import FileRefused
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.parcels.known import known_of
from kefu.parcels.models import Scan, ScanVoid
from kefu.station.signing import actions, examining, queries
from kefu.station.signing.drafts import SignDraft
from kefu.station.signing.errors import SignRefused, StageRefused, TooManyProofs
from kefu.station.signing.imports import open_sign_offs
from kefu.station.signing.models import SignEdit, SignOff, SignProof, Suspicion
from kefu.station.signing.queries import SignFilter, SuspicionFilter

A, B = "75123456789012", "75123456789013"
AGREED = {"consent_by": "收件人张女士", "consent_how": "phone"}


@pytest.fixture
def out(ground, now):
    """Registers numbers and sends them out two hours ago with courier 120."""

    def send(*numbers, at=None, **changes):
        system, site = Actor.system("tests"), ground.station.pk
        at = at or now - timedelta(hours=2)
        parcels.register_parcels(actor=system, drafts=[ParcelDraft(waybill=one, site_id=site, **changes) for one in numbers], now=now)
        scans = [ScanDraft(one, "deliver", site, at, "111", courier="120") for one in numbers]
        parcels.record_scans(actor=system, batch=scans, now=now)

    return send


@pytest.fixture
def draft(ground, now):
    return SignDraft(waybill=A, site_id=ground.station.pk, signed_at=now - timedelta(hours=1))


def state(number=A):
    return known_of([number])[number].state


def test_a_signature_makes_its_scan_and_the_state_follows(cast, draft, out, now):
    out(A)
    row = actions.sign(actor=cast.clerk, draft=draft, now=now)
    assert (row.stage, row.courier, row.entered_by, row.part) == ("signed", "120", cast.clerk.name, 1)
    scan = Scan.objects.get(code="sign")
    assert (scan.waybill, scan.scanned_at, scan.courier) == (A, draft.signed_at, "120")
    assert state() == "signed"
    assert AuditEntry.objects.get(action="sign_off.signed").subject_id == row.pk
    assert OutboxEvent.objects.get(type="signing.recorded").payload["rows"] == [[row.pk, A, "signed"]]


def test_names_and_consent_are_kept_encrypted_and_shown_masked(cast, draft, out, now):
    out(A)
    row = actions.sign(actor=cast.clerk, draft=replace(draft, signer="family", signer_name="张三丰", **AGREED), now=now)
    with connection.cursor() as cursor:
        cursor.execute("SELECT signer_name, consent_by FROM signing_signoff")
        assert "张" not in "".join(cursor.fetchone())
    assert Scan.objects.filter(code="agent_sign").count() == 1
    shown = queries.one(cast.agent, row.pk)
    assert "三丰" not in shown.signer_name
    assert queries.one(cast.lead, row.pk, clear=True).signer_name == "张三丰"
    with pytest.raises(Denied):
        queries.one(cast.clerk, row.pk, clear=True)


def test_a_refusal_leaves_nothing(cast, draft, out, now):
    out(A)
    with pytest.raises(SignRefused) as refused:
        actions.sign(actor=cast.clerk, draft=replace(draft, signer="guard"), now=now)
    assert refused.value.reason == "name_missing"
    assert set(refused.value.fields) == {"signer_name", "consent_by"}
    assert not SignOff.objects.exists()
    assert not Scan.objects.filter(code="agent_sign").exists()


def test_not_twice(cast, draft, out, now):
    out(A)
    actions.sign(actor=cast.clerk, draft=draft, now=now)
    with pytest.raises(SignRefused) as refused:
        actions.sign(actor=cast.lead, draft=draft, now=now)
    assert refused.value.reason == "already_signed"
    assert SignOff.objects.count() == 1


def test_a_locker_is_store_first_and_taking_out_is_the_signature(cast, draft, out, now):
    out(A)
    row = actions.sign(actor=cast.clerk, draft=replace(draft, signer="locker", place="丰巢 3 号柜", **AGREED), now=now)
    assert (row.stage, state()) == ("stored", "stored")
    with pytest.raises(SignRefused) as refused:
        actions.sign(actor=cast.clerk, draft=draft, now=now)
    assert refused.value.reason == "already_stored"
    for at, code in ((now + timedelta(minutes=1), "future"), (draft.signed_at - timedelta(minutes=1), "out_before_in")):
        with pytest.raises(SignRefused) as refused:
            actions.hand_out(actor=cast.clerk, sign_off_id=row.pk, version=row.version, out_at=at, now=now)
        assert refused.value.reason == code
    row = actions.hand_out(actor=cast.clerk, sign_off_id=row.pk, version=row.version, out_at=now, now=now)
    assert (row.stage, row.out_at, state()) == ("signed", now, "signed")
    with pytest.raises(StageRefused):
        actions.hand_out(actor=cast.clerk, sign_off_id=row.pk, version=row.version, out_at=now, now=now)


def test_a_partial_signature_and_the_rest(cast, draft, out, now):
    out(A, pieces=3)
    first = actions.sign(actor=cast.clerk, draft=replace(draft, situation="partial", pieces=2), now=now)
    assert state() == "part_signed"
    rest = actions.sign(actor=cast.clerk, draft=replace(draft, signed_at=now), now=now)
    assert (first.part, first.pieces, rest.part, state()) == (1, 2, 2, "signed")
    actions.undo(actor=cast.lead, sign_off_id=rest.pk, version=rest.version, reason="录错", now=now)
    assert state() == "part_signed"
    actions.undo(actor=cast.lead, sign_off_id=first.pk, version=first.version, reason="录错", now=now)
    assert state() == "out_for_delivery"


def test_the_number_of_a_piece_signs_for_that_piece(cast, draft, out, now):
    out(A, pieces=2, sub_waybills=("5100000001", "5100000002"))
    row = actions.sign(actor=cast.clerk, draft=replace(draft, waybill="5100000002"), now=now)
    assert (row.waybill, row.piece, row.situation, row.pieces) == (A, "5100000002", "partial", 1)
    assert state() == "part_signed"
    actions.sign(actor=cast.clerk, draft=replace(draft, waybill="5100000001"), now=now)
    assert state() == "signed"


def test_undo_is_for_leads_with_a_reason_and_the_state_follows(cast, draft, out, now):
    out(A)
    row = actions.sign(actor=cast.clerk, draft=draft, now=now)
    with pytest.raises(Denied):
        actions.undo(actor=cast.clerk, sign_off_id=row.pk, version=row.version, reason="录错", now=now)
    with pytest.raises(SignRefused) as refused:
        actions.undo(actor=cast.lead, sign_off_id=row.pk, version=row.version, reason=" ", now=now)
    assert refused.value.reason == "undo_reason"
    with pytest.raises(Stale):
        actions.undo(actor=cast.lead, sign_off_id=row.pk, version=row.version + 1, reason="录错", now=now)
    assert state() == "signed"
    row = actions.undo(actor=cast.lead, sign_off_id=row.pk, version=row.version, reason="录错", now=now)
    assert (row.stage, row.undone_by, row.undone_why, state()) == ("undone", cast.lead.name, "录错", "out_for_delivery")
    assert ScanVoid.objects.count() == 1
    with pytest.raises(StageRefused):
        actions.undo(actor=cast.lead, sign_off_id=row.pk, version=row.version, reason="录错", now=now)


def test_after_an_undo_the_same_moment_can_be_entered_again(cast, draft, out, now):
    out(A)
    row = actions.sign(actor=cast.clerk, draft=draft, now=now)
    actions.undo(actor=cast.lead, sign_off_id=row.pk, version=row.version, reason="录错", now=now)
    again = actions.sign(actor=cast.clerk, draft=draft, now=now)
    assert (again.part, state()) == (1, "signed")
    actions.undo(actor=cast.lead, sign_off_id=again.pk, version=again.version, reason="又错", now=now)
    assert state() == "out_for_delivery"


def test_undo_of_what_was_taken_out_makes_both_scans_void(cast, draft, out, now):
    out(A)
    row = actions.sign(actor=cast.clerk, draft=replace(draft, signer="station", place="驿站", **AGREED), now=now)
    row = actions.hand_out(actor=cast.clerk, sign_off_id=row.pk, version=row.version, out_at=now, now=now)
    actions.undo(actor=cast.lead, sign_off_id=row.pk, version=row.version, reason="录错", now=now)
    assert ScanVoid.objects.count() == 2
    assert state() == "out_for_delivery"


def test_every_change_is_kept(cast, draft, out, now):
    out(A)
    row = actions.sign(actor=cast.clerk, draft=replace(draft, signer="family", signer_name="张三", **AGREED), now=now)
    row = actions.change(actor=cast.clerk, sign_off_id=row.pk, version=0, changes={"signer_name": "李四", "relation": "妻子"}, now=now)
    (edit,) = queries.history(cast.clerk, row.pk)
    assert (edit.by, edit.what, set(edit.changes)) == (cast.clerk.name, "changed", {"signer_name", "relation"})
    assert edit.changes["relation"] == ("", "妻子")
    assert "四" not in "".join(edit.changes["signer_name"])
    assert "李四" not in str(SignEdit.objects.values_list("pk", "by", "what"))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"signer_name": ""}, "name_missing"),
        ({"consent_by": ""}, "consent_missing"),
        ({"consent_how": "dream"}, "consent_missing"),
        ({"situation": "damaged"}, "note_missing"),
        ({"situation": "partial"}, "unknown_situation"),
        ({"cod_collected": "x"}, "bad_amount"),
        ({"cod_collected": "-1"}, "bad_amount"),
        ({"relation": "长" * 21}, "too_long"),
    ],
)
def test_a_change_is_checked(cast, draft, out, now, changes, code):
    out(A)
    row = actions.sign(actor=cast.clerk, draft=replace(draft, signer="family", signer_name="张三", **AGREED), now=now)
    with pytest.raises(SignRefused) as refused:
        actions.change(actor=cast.clerk, sign_off_id=row.pk, version=0, changes=changes, now=now)
    assert refused.value.reason == code
    assert not SignEdit.objects.exists()


def test_a_change_of_nothing_and_of_what_was_undone(cast, draft, out, now):
    out(A)
    row = actions.sign(actor=cast.clerk, draft=draft, now=now)
    with pytest.raises(StageRefused) as refused:
        actions.change(actor=cast.clerk, sign_off_id=row.pk, version=0, changes={"note": "", "stage": "undone"}, now=now)
    assert refused.value.reason == "nothing_changed"
    row = actions.undo(actor=cast.lead, sign_off_id=row.pk, version=0, reason="录错", now=now)
    with pytest.raises(StageRefused):
        actions.change(actor=cast.clerk, sign_off_id=row.pk, version=row.version, changes={"note": "x"}, now=now)


def test_proofs_are_encrypted_audited_and_bounded(cast, draft, out, now, settings):
    out(A)
    row = actions.sign(actor=cast.clerk, draft=draft, now=now)

    def attach(name, content):
        return actions.attach(actor=cast.clerk, sign_off_id=row.pk, name=name, content=content, content_type="image/jpeg", now=now)

    kept = attach("../门口.jpg", b"picture")
    assert attach("门口.jpg", b"picture") == kept
    assert actions.proof(actor=cast.agent, sign_off_id=row.pk, proof_id=kept.pk, now=now).content == b"picture"
    assert AuditEntry.objects.filter(action="sign_off.proof_read").count() == 1
    with pytest.raises(FileRefused):
        attach("empty.jpg", b"")
    for place in range(actions.MOST_PROOFS - 1):
        attach(f"{place}.jpg", f"{place}".encode())
    with pytest.raises(TooManyProofs):
        attach("more.jpg", b"more")
    assert SignProof.objects.count() == actions.MOST_PROOFS
    with pytest.raises(NotFound):
        actions.proof(actor=cast.outsider, sign_off_id=row.pk, proof_id=kept.pk, now=now)
    assert keyring().encrypt_bytes(b"picture") != b"picture"


def test_who_may_sign_and_see(cast, ground, draft, out, now):
    out(A)
    with pytest.raises(Denied):
        actions.sign(actor=cast.agent, draft=draft, now=now)
    with pytest.raises(NotFound):
        actions.sign(actor=cast.clerk, draft=replace(draft, site_id=ground.other_station.pk), now=now)
    row = actions.sign(actor=cast.clerk, draft=draft, now=now)
    assert queries.page(cast.outsider, SignFilter()).rows == []
    with pytest.raises(NotFound):
        queries.one(cast.outsider, row.pk)
    assert [one.id for one in queries.page(cast.agent, SignFilter(waybill=A)).rows] == [row.pk]


def test_many_in_a_row_each_for_itself(cast, draft, out, now):
    out(A)
    out(B, cod_amount=Decimal(50))
    texts = (A, A, B, "75999999999999", "运单")
    done = actions.sign_many(actor=cast.clerk, drafts=[replace(draft, waybill=one) for one in texts], now=now)
    assert list(done.stored) == [0]
    assert [(one.place, one.problems[0].code) for one in done.refused] == [
        (1, "twice_here"), (2, "collect_single"), (3, "unknown_waybill"), (4, "bad_waybill"),
    ]  # fmt: skip


def test_statements_do_not_grow_with_the_sign_offs(cast, draft, out, now):
    numbers = [f"7512345678{place:04d}" for place in range(220)]
    out(*numbers)
    counts = []
    for part in (numbers[:20], numbers[20:]):
        with CaptureQueriesContext(connection) as asked:
            done = actions.sign_many(actor=cast.clerk, drafts=[replace(draft, waybill=one) for one in part], now=now)
        assert len(done.stored) == len(part)
        counts.append(len(asked))
    assert counts[1] <= counts[0] + 3 <= 45


def test_a_file_is_taken_in_once(cast, ground, out, now, tmp_path):
    out(A, B)
    rows = ["单号,签收时间,签收人类型,签收人,同意人,同意方式,签收情况", f"{A},2026-11-22 09:00,家人,张三,收件人,电话,正常"]
    rows += [f"{B},2026-11-22 09:05,本人,,,,", "7.51235E+13,2026-11-22 09:06,本人,,,,", f"{B},2026-11-22 09:07,保安,,,,正常"]
    path = tmp_path / "签收.csv"
    path.write_bytes("\n".join(rows).encode("gb18030"))
    for stored, present in ((2, 0), (0, 2)):
        source = open_sign_offs(actor=cast.clerk, path=path, now=now, site_id=ground.station.pk)
        run = runs.run(actor=cast.clerk, source=source, now=now)
        assert (run.read, run.stored, run.present, run.refused) == (4, stored, present, 2)
    assert SignOff.objects.get(waybill=A).signer == "family"


def test_what_a_file_brings_again_does_not_undo_an_undo(cast, ground, draft, out, now):
    out(A)
    given = replace(draft, source="import")
    done = actions.sign_many(actor=cast.clerk, drafts=[given], now=now)
    actions.undo(actor=cast.lead, sign_off_id=done.stored[0], version=0, reason="录错", now=now)
    assert actions.sign_many(actor=cast.clerk, drafts=[given], now=now).present == [0]
    assert state() == "out_for_delivery"


def test_suspicions_are_kept_once_cleared_by_a_person_and_bounded(cast, ground, now):
    system, site = Actor.system("tests"), ground.station.pk
    numbers = [f"7512345678{place:04d}" for place in range(20)]
    scans = [ScanDraft(one, "agent_sign", site, now - timedelta(seconds=place), "111", courier="120") for place, one in enumerate(numbers)]
    parcels.record_scans(actor=system, batch=scans, now=now)
    day = now.date()
    with CaptureQueriesContext(connection) as asked:
        found = examining.examine(actor=cast.lead, site_id=site, day=day, now=now)
    assert len(asked) <= 20
    assert found == 60
    assert set(Suspicion.objects.values_list("pattern", flat=True)) == {"no_delivery", "burst", "no_consent"}
    assert examining.examine(actor=cast.lead, site_id=site, day=day, now=now) == 0
    row = queries.suspicions(cast.lead, SuspicionFilter(pattern="burst", cleared="no")).rows[0]
    with pytest.raises(SignRefused):
        examining.clear(actor=cast.lead, suspicion_id=row.pk, reason="", now=now)
    examining.clear(actor=cast.lead, suspicion_id=row.pk, reason="驿站集中入库", now=now)
    with pytest.raises(Conflict):
        examining.clear(actor=cast.lead, suspicion_id=row.pk, reason="再核", now=now)
    assert queries.count_suspicions(cast.lead, SuspicionFilter(cleared="yes")).value == 1
    with pytest.raises(NotFound):
        examining.clear(actor=replace(cast.lead, sites=frozenset({0})), suspicion_id=row.pk, reason="x", now=now)
    assert queries.suspicions(cast.outsider, SuspicionFilter()).rows == []
    assert queries.of_waybill(cast.agent, row.waybill)[1]


def test_yesterday_is_examined_in_the_night_only(cast, ground, now):
    assert examining.examine_yesterday(now=now) == 0


def test_the_rate_of_a_day_counts_what_waits_in_store_apart(cast, ground, draft, now):
    system, site, hub = Actor.system("tests"), ground.station.pk, ground.hub.pk
    numbers = [f"7512345678{place:04d}" for place in range(4)]
    sent = [ScanDraft(one, "send", hub, now - timedelta(hours=12), "9", next_site_id=site) for one in numbers]
    here = [
        ScanDraft(numbers[0], "sign", site, now),
        ScanDraft(numbers[1], "in_store", site, now),
        ScanDraft(numbers[2], "deliver", site, now),
    ]
    parcels.record_scans(actor=system, batch=sent + here, now=now)
    rate = queries.rate(cast.agent, site, now.date(), now=now)
    assert (rate.counts.sent, rate.counts.signed, rate.counts.stored, rate.share) == (4, 1, 1, 0.5)
    assert rate.clause.endswith("#texts.station_signing")


@pytest.mark.django_db(transaction=True)
def test_of_two_clerks_at_the_same_moment_one_wins(cast, draft, out, handbooks, now):
    out(A)
    told, start = [], threading.Barrier(2)

    def enter(actor):
        start.wait()
        try:
            told.append(actions.sign(actor=actor, draft=draft, now=now).stage)
        except SignRefused as refused:
            told.append(refused.reason)
        close_old_connections()
        connection.close()

    clerks = [threading.Thread(target=enter, args=(actor,)) for actor in (cast.clerk, cast.lead)]
    for one in clerks:
        one.start()
    for one in clerks:
        one.join()
    assert sorted(told) == ["already_signed", "signed"]
    assert Scan.objects.filter(code="sign").count() == 1
