"""Customers: found once per site, masked, unmasked only with a reason (CRM1, SEC1, SEC2)."""

import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kefu.conftest import NOW
from kefu.customers import access, actions, queries
from kefu.customers.actions import CustomerDraft
from kefu.customers.errors import ContactTaken, NotAContact, ReasonTooShort
from kefu.customers.models import Contact, Customer
from kefu.customers.rules import contact_key
from kefu.kernel.errors import Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.people.errors import MissingPermission

PHONE = "13812345678"


@pytest.fixture
def wang(ground, cast):
    return actions.find_or_create(actor=cast.agent, site_id=ground.station.pk, name="王小明", phone=PHONE, now=NOW)


def state():
    return (
        list(Customer.objects.order_by("pk").values_list("pk", "version", "tier")),
        Contact.objects.count(),
        AuditEntry.objects.count(),
        OutboxEvent.objects.count(),
    )


@pytest.mark.parametrize(
    ("kind", "value", "key"),
    [
        ("phone", "+86 138-1234-5678", PHONE),
        ("phone", "１３８１２３４５６７８", PHONE),
        ("phone", "025-8488 6666", "02584886666"),
        ("phone", "没有", None),
        ("phone", "138******78", None),
        ("phone", "", None),
        ("email", " A@B.cn ", "a@b.cn"),
        ("email", "a", None),
        ("wechat", "wx_1\0", "wx_1"),
        ("platform_id", "U" * 121, None),
        ("fax", "1", None),
    ],
)
def test_contact_keys(kind, value, key):
    found = contact_key(kind, value)
    assert (found and found.key) == key


@pytest.mark.parametrize("written", ["138 1234 5678", "+8613812345678", "1 3 8 1 2 3 4 5 6 7 8"])
def test_the_same_number_is_the_same_customer_however_written(wang, ground, cast, written):
    again = actions.find_or_create(actor=cast.agent, site_id=ground.station.pk, name="别名", phone=written, now=NOW)
    assert again == wang
    assert Customer.objects.count() == 1
    assert AuditEntry.objects.filter(action="customer.created").count() == 1


def test_each_site_has_its_own_customer(wang, ground, cast):
    there = actions.find_or_create(actor=cast.outsider, site_id=ground.other_station.pk, name="王小明", phone=PHONE, now=NOW)
    assert there.pk != wang.pk
    assert [row.id for row in queries.by_phone(cast.outsider, PHONE)] == [there.pk]
    assert {row.id for row in queries.by_phone(cast.manager, PHONE)} == {there.pk, wang.pk}


def test_many_at_once_in_a_fixed_number_of_statements(ground, cast):
    def counted(first, count):
        drafts = [CustomerDraft(f"139{first + n:08d}", name=f"客户{n}") for n in range(count)]
        with CaptureQueriesContext(
            connection,
        ) as seen:
            done = actions.find_or_create_many(actor=cast.agent, site_id=ground.station.pk, drafts=[*drafts, drafts[0]], now=NOW)
        assert done.created == count
        assert done.ids[0] == done.ids[-1]
        assert len(set(done.ids)) == count
        # Statements with many values are cut by the limits of SQLite; and FTS rows are counted one by one there.
        return len([q for q in seen.captured_queries if "kernel_search_fts" not in q["sql"]])

    assert counted(0, 5) == counted(1000, 60)
    mixed = actions.find_or_create_many(
        actor=cast.agent, site_id=ground.station.pk, drafts=[CustomerDraft("x"), CustomerDraft("13900000000")], now=NOW
    )
    assert mixed.ids[0] is None
    assert mixed.created == 0


@pytest.mark.django_db(transaction=True)
def test_two_callers_at_once_get_one_customer(ground, cast):
    found, barrier = [], threading.Barrier(4)

    def call(number):
        barrier.wait()
        drafts = [CustomerDraft(PHONE), CustomerDraft(f"1370000000{number % 2}")]
        found.append(actions.find_or_create_many(actor=cast.agent, site_id=ground.station.pk, drafts=drafts, now=NOW).ids[0])
        connection.close()

    if connection.vendor == "sqlite":
        pytest.skip("the SQLite of the suite lives in memory and is not shared by threads")
    threads = [threading.Thread(target=call, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert len(set(found)) == 1
    assert (Customer.objects.count(), Contact.objects.count()) == (3, 3)


def test_a_name_alone_makes_a_customer_and_nothing_at_all_is_refused(ground, cast):
    made = actions.find_or_create(actor=cast.agent, site_id=ground.station.pk, name="李四", now=NOW)
    assert queries.card(cast.agent, made.pk).name == "李*"
    before = state()
    for wrong in ({}, {"phone": "不知道"}):
        with pytest.raises(NotAContact):
            actions.find_or_create(actor=cast.agent, site_id=ground.station.pk, now=NOW, **wrong)
    assert state() == before


def test_nothing_personal_is_stored_in_the_clear(wang, cast):
    actions.update(actor=cast.agent, customer_id=wang.pk, version=0, note="家住八号楼", now=NOW)
    with connection.cursor() as cursor:
        for table in ("customers_customer", "customers_contact", "kernel_auditentry"):
            cursor.execute(f"SELECT * FROM {table}")
            dump = repr(cursor.fetchall())
            assert PHONE not in dump
            assert "小明" not in dump
            assert "八号楼" not in dump


def test_card_is_masked_and_unmask_is_logged_every_time(wang, cast):
    actions.update(actor=cast.agent, customer_id=wang.pk, version=0, note=f"另一个电话 {PHONE}", now=NOW)
    card = queries.card(cast.agent, wang.pk)
    assert (card.name, [line.value for line in card.contacts]) == ("王*", ["138******78"])
    assert PHONE not in card.note
    field = f"contact:{card.contacts[0].id}"
    for _time in range(2):
        shown = actions.unmask(actor=cast.agent, customer_id=wang.pk, field=field, reason="回电确认地址", now=NOW)
        assert shown == PHONE
    assert actions.unmask(actor=cast.agent, customer_id=wang.pk, field="name", reason="核对身份", now=NOW) == "王小明"
    logged = AuditEntry.objects.filter(action="customer.unmasked").order_by("pk")
    assert [entry.data["field"] for entry in logged] == [field, field, "name"]
    assert logged[0].data["reason"] == "回电确认地址"


def test_unmask_refusals_log_nothing(wang, cast):
    before = state()
    with pytest.raises(ReasonTooShort):
        actions.unmask(actor=cast.agent, customer_id=wang.pk, field="name", reason="看 ", now=NOW)
    with pytest.raises(NotFound):
        actions.unmask(actor=cast.outsider, customer_id=wang.pk, field="name", reason="核对身份", now=NOW)
    for wrong in ("contact:99999", "contact:x", "tier", "site_id", "contact:" + "9" * 30):
        with pytest.raises(NotFound):
            actions.unmask(actor=cast.agent, customer_id=wang.pk, field=wrong, reason="核对身份", now=NOW)
    assert state() == before


@pytest.mark.parametrize("part", ["inspector", "trainer", "clerk", "customer", "outsider"])
def test_who_may_not_see_customers_finds_nothing_and_changes_nothing(part, wang, cast):
    actor = getattr(cast, part)
    before = state()
    attempts = [
        lambda: queries.card(actor, wang.pk),
        lambda: access.get_for(actor, wang.pk),
        lambda: actions.update(actor=actor, customer_id=wang.pk, version=0, name="改", now=NOW),
        lambda: actions.set_tier(actor=actor, customer_id=wang.pk, tier="vip", reason="大客户", now=NOW),
        lambda: actions.add_contact(actor=actor, customer_id=wang.pk, kind="wechat", value="abc", now=NOW),
        lambda: actions.unmask(actor=actor, customer_id=wang.pk, field="name", reason="核对身份", now=NOW),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
    assert queries.by_phone(actor, PHONE) == []
    assert queries.by_last4(actor, "5678") == []
    if part != "outsider":
        with pytest.raises(MissingPermission):
            queries.page(actor)
    else:
        assert queries.page(actor).rows == []
        assert queries.page(actor, query="小明").rows == []
    assert state() == before


def test_creating_out_of_reach_or_without_permission(ground, cast):
    before = state()
    with pytest.raises(NotFound):
        actions.find_or_create(actor=cast.agent, site_id=ground.other_station.pk, phone=PHONE, now=NOW)
    with pytest.raises(MissingPermission):
        actions.find_or_create(actor=cast.clerk, site_id=ground.station.pk, phone=PHONE, now=NOW)
    assert state() == before


def test_tier_with_reason_audit_and_event(wang, cast):
    actions.set_tier(actor=cast.agent, customer_id=wang.pk, tier="vip", reason="月发件 500 票", now=NOW, clause="zto@1#tiers.vip")
    card = queries.card(cast.agent, wang.pk)
    assert (card.tier, card.tier_reason) == ("vip", "月发件 500 票")
    assert queries.facts(wang.pk, now=NOW) == {"customer.known": True, "customer.marked_vip": True}
    assert AuditEntry.objects.get(action="customer.tier_set").clause == "zto@1#tiers.vip"
    assert OutboxEvent.objects.get(type="customer.tier_changed").payload["previous"] == "ordinary"
    before = state()
    actions.set_tier(actor=cast.agent, customer_id=wang.pk, tier="vip", reason="同上", now=NOW)
    for tier, reason in (("gold", "大客户"), ("ordinary", " ")):
        with pytest.raises(Invalid):
            actions.set_tier(actor=cast.agent, customer_id=wang.pk, tier=tier, reason=reason, now=NOW)
    assert state() == before
    assert queries.facts(999, now=NOW)["customer.known"] is False


def test_two_people_saving_one_customer(wang, cast):
    actions.update(actor=cast.agent, customer_id=wang.pk, version=0, name="王大明", now=NOW)
    with pytest.raises(Stale):
        actions.update(actor=cast.second_agent, customer_id=wang.pk, version=0, name="王中明", now=NOW)
    assert Customer.objects.get().name == "王大明"
    assert [row.id for row in queries.page(cast.agent, query="王大明").rows] == [wang.pk]
    assert queries.page(cast.agent, query="小明").rows == []


def test_a_contact_belongs_to_one_customer_of_a_site(wang, ground, cast):
    other = actions.find_or_create(actor=cast.agent, site_id=ground.station.pk, name="李四", phone="13900000001", now=NOW)
    with pytest.raises(ContactTaken):
        actions.add_contact(actor=cast.agent, customer_id=other.pk, kind="phone", value=f"+86{PHONE}", now=NOW)
    actions.add_contact(actor=cast.agent, customer_id=other.pk, kind="wechat", value="li_si_88", label="个人", now=NOW)
    assert [(line.kind, line.value) for line in queries.card(cast.agent, other.pk).contacts] == [
        ("phone", "139******01"),
        ("wechat", "l***"),
    ]
    with pytest.raises(NotAContact):
        actions.add_contact(actor=cast.agent, customer_id=other.pk, kind="email", value="无", now=NOW)


def test_list_by_name_phone_tail_tier_and_pages(ground, cast):
    made = [
        actions.find_or_create(actor=cast.agent, site_id=ground.station.pk, name=f"张{n}丰", phone=f"1390000{n:04d}", now=NOW)
        for n in range(5)
    ]
    first = queries.page(cast.agent, size=3)
    second = queries.page(cast.agent, size=3, cursor=first.next)
    assert [row.id for row in first.rows + second.rows] == [row.pk for row in reversed(made)]
    assert [row.id for row in queries.page(cast.agent, query="139 0000 0003").rows] == [made[3].pk]
    assert [row.id for row in queries.page(cast.agent, query="0002").rows] == [made[2].pk]
    assert [row.id for row in queries.by_last4(cast.agent, "0001")] == [made[1].pk]
    assert [row.id for row in queries.page(cast.agent, query="张4丰").rows] == [made[4].pk]
    assert queries.page(cast.agent, tier="vip").rows == []
    assert queries.labels([made[0].pk]) == {made[0].pk: "张*"}
    assert queries.ids_by_contact(ground.station.pk, "phone", ["13900000001", "1"]) == {"13900000001": made[1].pk}
    with pytest.raises(Invalid):
        queries.page(cast.agent, query="张", cursor="bad!")


@pytest.mark.parametrize(
    "read",
    [
        lambda actor, pk: queries.page(actor),
        lambda actor, pk: queries.page(actor, query="客户"),
        lambda actor, pk: queries.page(actor, query="0001"),
        lambda actor, pk: queries.by_phone(actor, "13900000001"),
        lambda actor, pk: queries.by_last4(actor, "0001"),
        queries.card,
    ],
    ids=["page", "name", "tail", "by_phone", "by_last4", "card"],
)
def test_query_counts_do_not_grow(read, ground, cast):
    def cost(size):
        have = Customer.objects.count()
        drafts = [CustomerDraft(f"1390{n:03d}0001", name=f"客户{n}") for n in range(have, size)]
        actions.find_or_create_many(actor=cast.agent, site_id=ground.station.pk, drafts=drafts, now=NOW)
        with CaptureQueriesContext(connection) as seen:
            read(cast.agent, Customer.objects.values_list("pk", flat=True)[0])
        return len(seen)

    assert cost(3) == cost(40)
