"""Audit chain, outbox order, encryption and keys, conditional updates, keyset pages (SEC1, SEC3)."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from kefu.conftest import NOW
from kefu.kernel import audit, encryption, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Invalid, Stale
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.kernel.paging import Order, capped_count, keyset_page
from kefu.people.events import StaffNoted
from kefu.people.models import SignInAttempt, Staff

SYSTEM = Actor.system("tests")


@pytest.fixture(autouse=True)
def _own_home(tmp_path, settings):
    settings.KEFU_HOME = str(tmp_path)
    encryption.keyring.cache_clear()
    yield
    encryption.keyring.cache_clear()


@pytest.fixture
def empty(db):
    """Tables of records without what setting up the test database wrote."""
    AuditEntry.objects.all().delete()
    OutboxEvent.objects.all().delete()


def _write(count):
    for number in range(count):
        subject = Ref("thing", number, f"第{number}件")
        audit.record(SYSTEM, "thing.done", subject, now=NOW + timedelta(seconds=number), data={"n": number, "比": 0.5})


def test_chain_holds_and_every_kind_of_tampering_shows(empty):
    _write(6)
    assert audit.seal() == 6
    assert audit.verify().breaks == ()
    assert audit.verify().checked == 6
    AuditEntry.objects.filter(chain=3).update(action="thing.undone")
    assert {(b.chain, b.reason) for b in audit.verify().breaks} == {(3, "changed")}
    AuditEntry.objects.filter(chain=3).update(action="thing.done")
    AuditEntry.objects.filter(chain=4).delete()
    assert (4, "missing") in {(b.chain, b.reason) for b in audit.verify().breaks}


def test_cutting_off_the_end_shows_by_the_remembered_head(empty):
    _write(3)
    audit.seal()
    AuditEntry.objects.filter(chain=3).delete()
    assert [(b.chain, b.reason) for b in audit.verify().breaks] == [(3, "cut_off")]


def test_sealing_in_parts_gives_one_chain(empty):
    _write(5)
    assert [audit.seal(batch=2), audit.seal(batch=2), audit.seal(batch=2), audit.seal(batch=2)] == [2, 2, 1, 0]
    assert list(AuditEntry.objects.order_by("id").values_list("chain", flat=True)) == [1, 2, 3, 4, 5]
    assert audit.verify().breaks == ()


def test_outbox_numbers_are_given_in_order_after_commit(empty):
    with transaction.atomic():
        outbox.emit_many([StaffNoted(staff_id=n, site_id=1) for n in (1, 2, 3)], now=NOW)
    assert list(OutboxEvent.objects.values_list("seq", flat=True)) == [None] * 3
    assert outbox.seal(batch=2) == 2
    assert outbox.seal() == 1
    assert [(e.seq, e.payload["staff_id"]) for e in outbox.since(1)] == [(2, 2), (3, 3)]
    assert outbox.since(0, types=["other"]) == []


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_refused():
    before = OutboxEvent.objects.count()
    with pytest.raises(RuntimeError):
        outbox.emit(StaffNoted(staff_id=1, site_id=1), now=NOW)
    assert OutboxEvent.objects.count() == before


def test_values_are_unreadable_at_rest_and_forgery_shows():
    ring = encryption.keyring()
    stored = ring.encrypt("13812345678")
    assert "138" not in stored
    assert ring.decrypt(stored) == "13812345678"
    assert ring.encrypt("13812345678") != stored
    with pytest.raises(encryption.KeyMissing):
        ring.decrypt(stored[:-6] + ("AAAAA=" if not stored.endswith("AAAAA=") else "BBBBB="))
    with pytest.raises(encryption.KeyMissing):
        ring.decrypt("k9:" + stored.partition(":")[2])
    assert ring.index("phone", "13812345678") == ring.index("phone", "13812345678")
    assert ring.index("phone", "13812345678") != ring.index("name", "13812345678")
    assert ring.decrypt_bytes(ring.encrypt_bytes(b"\x00file")) == b"\x00file"


@pytest.mark.django_db
def test_rotation_rewrites_old_values_and_keeps_them_readable(hire):
    staff = [hire("agent") for _ in range(3)]
    for one in staff:
        one.totp_secret = f"secret-{one.pk}"
        one.save()
    assert encryption.add_key() == "k2"
    seen = []
    assert encryption.reencrypt(Staff, batch=2, progress=seen.append) == 3
    assert sum(seen) == 3
    with connection.cursor() as cursor:
        cursor.execute("SELECT totp_secret FROM people_staff")
        assert all(value.startswith("k2:") for (value,) in cursor.fetchall())
    assert {one.totp_secret for one in Staff.objects.all()} == {f"secret-{one.pk}" for one in staff}
    assert encryption.reencrypt(Staff) == 0


@pytest.mark.django_db
def test_the_second_of_two_saves_is_stale_and_changes_nothing(hire):
    staff = hire("agent")
    mine, theirs = Staff.objects.get(pk=staff.pk), Staff.objects.get(pk=staff.pk)
    save_claimed(mine, name="甲")
    with pytest.raises(Stale):
        save_claimed(theirs, name="乙")
    assert Staff.objects.get(pk=staff.pk).name == "甲"
    save_claimed(mine, name="丙")
    assert Staff.objects.get(pk=staff.pk).version == 2


@pytest.mark.django_db
@pytest.mark.parametrize("descending", [False, True])
def test_keyset_pages_forth_and_back_meet_every_row_once(descending):
    SignInAttempt.objects.bulk_create(
        SignInAttempt(username_key=str(n % 3), ip="", at=NOW + timedelta(minutes=n % 4), succeeded=True) for n in range(23)
    )
    order = [Order("at", descending), Order("id", descending)]
    expected = list(SignInAttempt.objects.order_by(*(("-at", "-id") if descending else ("at", "id"))).values_list("id", flat=True))
    forth, cursor, last = [], None, None
    while True:
        page = keyset_page(SignInAttempt.objects.all(), order, size=5, cursor=cursor)
        forth += [row.pk for row in page.rows]
        last, cursor = page, page.next
        if cursor is None:
            break
    assert forth == expected
    back = [[row.pk for row in last.rows]]
    while last.previous:
        last = keyset_page(SignInAttempt.objects.all(), order, size=5, cursor=last.previous)
        back.append([row.pk for row in last.rows])
    assert [pk for rows in reversed(back) for pk in rows] == expected
    assert last.previous is None


@pytest.mark.django_db
@pytest.mark.parametrize("cursor", ["", "%%%", "bm9uc2Vuc2U", "WyJuZXh0IixbMV1d", "WyJ1cCIsWzEsMl1d"])
def test_a_broken_cursor_is_refused_not_obeyed(cursor):
    if cursor == "":
        assert keyset_page(SignInAttempt.objects.all(), [Order("at"), Order("id")], size=5, cursor=cursor).rows == []
        return
    with pytest.raises(Invalid) as refused:
        keyset_page(SignInAttempt.objects.all(), [Order("at"), Order("id")], size=5, cursor=cursor)
    assert refused.value.reason == "bad_cursor"


@pytest.mark.django_db
def test_counts_stop_at_the_cap():
    SignInAttempt.objects.bulk_create(SignInAttempt(username_key="x", ip="", at=NOW, succeeded=True) for _ in range(12))
    assert str(capped_count(SignInAttempt.objects.all(), cap=10)) == "10+"
    assert str(capped_count(SignInAttempt.objects.all(), cap=12)) == "12"
