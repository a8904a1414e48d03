"""Conversations: stored once, read masked, seen by whom they concern (CONV1, CONV3, SEC1, SEC2)."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from kefu.conftest import NOW
from kefu.conversations import access, actions, figures, queries
from kefu.conversations.checks import tidy
from kefu.conversations.drafts import ConversationDraft
from kefu.conversations.errors import ReasonTooShort
from kefu.conversations.lines import CODEC, SIDES, Line, in_order, pack, unpack
from kefu.conversations.models import Conversation, Transcript
from kefu.conversations.queries import Filters
from kefu.customers.models import Customer
from kefu.kernel import search
from kefu.kernel.encryption import add_key, keyring
from kefu.kernel.errors import Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.people.errors import MissingPermission
from kefu.people.models import Staff

START = NOW - timedelta(hours=3)
PHONE = "13812345678"


def talk(*texts, first="agent"):
    other = {"agent": "customer", "customer": "agent"}
    sides = [first if index % 2 == 0 else other[first] for index in range(len(texts))]
    return [Line(index, side, text) for index, (side, text) in enumerate(zip(sides, texts, strict=True))]


def draft(ground, external_id="c-1", **more):
    given = {
        "source": "pbx",
        "external_id": external_id,
        "channel": "call",
        "site_id": ground.station.pk,
        "started_at": START,
        "lines": talk("您好，南市分部，工号 1001", f"我的电话是 {PHONE}，快件还没到", "请稍等"),
    }
    return ConversationDraft(**(given | more))


@pytest.fixture
def numbers(cast):
    return {name: Staff.objects.get(pk=actor.id).staff_no for name, actor in cast.staff()}


@pytest.fixture
def mine(ground, cast, numbers):
    done = actions.store(
        actor=cast.inspector,
        drafts=[draft(ground, staff_no=numbers["agent"], customer_value=PHONE, customer_name="王小明", waybill="yt 9693083639795")],
        now=NOW,
    )
    actions_index(done.ids)
    return Conversation.objects.get()


def actions_index(ids):
    search.index("conversation", queries.search_documents(ids))


def state():
    rows = list(Conversation.objects.order_by("pk").values_list("pk", "disposition", "version"))
    return rows, Transcript.objects.count(), Customer.objects.count(), AuditEntry.objects.count(), OutboxEvent.objects.count()


# --- lines ------------------------------------------------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(lambda text: text == text.strip())


@given(st.lists(st.tuples(st.sampled_from(SIDES), texts, st.none() | st.floats(0, 1e6), st.none() | st.floats(0, 1e6)), max_size=20))
def test_what_is_packed_comes_back(rows):
    lines = tuple(Line(index, *row) for index, row in enumerate(rows))
    assert unpack(CODEC, pack(lines)) == lines


def test_an_unknown_codec_is_refused():
    with pytest.raises(ValueError, match="x9"):
        unpack("x9", b"")


def test_lines_are_put_in_time_order_and_empty_ones_go():
    lines = [Line(0, "agent", " 二 ", 5.0), Line(1, "customer", "一", 1.0), Line(2, "agent", "\0 ", 0.0), Line(3, "customer", "三", 5.0)]
    assert [(line.index, line.text) for line in in_order(lines)] == [(0, "一"), (1, "二"), (2, "三")]
    half = [Line(0, "agent", "后", 9.0), Line(1, "customer", "先", None)]
    assert [line.text for line in in_order(half)] == ["后", "先"]


@pytest.mark.parametrize("text", ["👨‍👩‍👧 好的😀", "\u202e文字倒置\u202c", "a\ud83db", "\ufeff您好", "𠮷野家", "ﷺ" * 10, "1\u2028二"])
def test_odd_characters_survive(text):
    kept = in_order([Line(0, "agent", text)])
    assert unpack(CODEC, pack(kept)) == kept
    assert "\ud83d" not in kept[0].text


# --- storing ----------------------------------------------------------------------------------------------------------------------


def test_stored_with_everything_around_it(mine, ground, cast, numbers):
    assert (mine.staff_id, mine.staff_no) == (cast.agent.id, numbers["agent"])
    assert (mine.line_count, mine.agent_lines, mine.customer_lines) == (3, 2, 1)
    assert mine.waybill == "YT9693083639795"
    assert mine.customer.name == "王小明"
    event = OutboxEvent.objects.get(type="conversations.stored")
    assert event.payload["conversation_ids"] == [mine.pk]
    assert event.payload["days"] == [[ground.station.pk, "2026-11-22"]]
    assert event.site_id == ground.station.pk
    assert AuditEntry.objects.get(action="conversation.stored").data["stored"] == 1
    assert [line.text for line in queries.transcript(mine.pk)][1] == f"我的电话是 {PHONE}，快件还没到"


def test_nothing_said_is_stored_in_the_clear(mine):
    with connection.cursor() as cursor:
        for table in ("conversations_conversation", "conversations_transcript", "kernel_auditentry", "kernel_outboxevent"):
            cursor.execute(f"SELECT * FROM {table}")
            dump = repr(cursor.fetchall())
            assert "快件" not in dump
            assert PHONE not in dump
    assert not search.find("conversation", PHONE, sites=None, limit=5).ids
    assert not search.find("conversation", "5678", sites=None, limit=5).ids


def test_the_same_again_is_present_and_another_under_its_id_is_refused(mine, ground, cast):
    before = state()
    changed = draft(ground, lines=talk("完全不同"))
    batch = [draft(ground), changed, draft(ground, " c-1\u200b")]
    done = actions.store(actor=cast.inspector, drafts=batch, now=NOW)
    assert (done.stored, done.present, list(done.refused)) == (0, 2, [(1, "id_in_use")])
    assert state() == before
    fresh = actions.store(actor=cast.inspector, drafts=[draft(ground, "n"), changed, draft(ground, "n")], now=NOW)
    assert (fresh.stored, fresh.present, list(fresh.refused)) == (1, 1, [(1, "id_in_use")])
    elsewhere = actions.store(actor=cast.inspector, drafts=[replace(changed, source="im")], now=NOW)
    assert elsewhere.stored == 1


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"external_id": ""}, "empty_id"),
        ({"external_id": " \u200b\t"}, "empty_id"),
        ({"source": ""}, "empty_id"),
        ({"lines": []}, "no_lines"),
        ({"lines": [Line(0, "agent", "  ")]}, "no_lines"),
        ({"channel": "fax"}, "unknown_channel"),
        ({"site_id": 10**6}, "unknown_site"),
        ({"started_at": START.replace(tzinfo=None)}, "no_time"),
        ({"started_at": NOW + timedelta(minutes=6)}, "future"),
        ({"started_at": datetime.max.replace(tzinfo=UTC)}, "future"),
        ({"started_at": datetime(1999, 12, 31, tzinfo=UTC)}, "too_old"),
        ({"ended_at": START - timedelta(seconds=1)}, "ends_before_start"),
        ({"lines": [Line(0, "agent", "早", -1.0)]}, "time_out_of_range"),
        ({"lines": [Line(0, "agent", "晚", 1e9)]}, "time_out_of_range"),
        ({"lines": [Line(0, "agent", "无", float("nan"))]}, "time_out_of_range"),
        ({"lines": [Line(0, "agent", "长" * 2_000_001)]}, "too_long"),
        ({"lines": [Line(n, "agent", "多") for n in range(20_001)]}, "too_long"),
        ({"external_id": "x" * 121}, "field_too_long"),
        ({"staff_no": "9" * 21}, "field_too_long"),
    ],
)
def test_what_cannot_be_stored(more, reason, ground, cast):
    before = state()
    done = actions.store(actor=cast.inspector, drafts=[draft(ground, **more)], now=NOW)
    assert (done.stored, list(done.refused)) == (0, [(0, reason)])
    assert state() == before


def test_a_message_of_a_million_characters(ground, cast):
    done = actions.store(actor=cast.inspector, drafts=[draft(ground, lines=[Line(0, "customer", "退款" * 500_000)])], now=NOW)
    assert done.stored == 1
    assert len(queries.transcript(done.ids[0])[0].text) == 1_000_000
    actions_index(done.ids)
    assert search.find("conversation", "退款", sites=None, limit=5).ids == list(done.ids)


def test_ends_are_worked_out_and_facts_are_allow_listed(ground):
    lines = [Line(0, "agent", "您好", 0.0, 2.0), Line(1, "customer", "在吗", 61.5, 60.0)]
    found = tidy(draft(ground, lines=lines, facts={"ended_by": "customer", "transferred_in": "yes", "evil": 1}))
    assert found.ended_at == START + timedelta(seconds=61.5)
    assert found.lines[1].end == 61.5
    assert found.facts == {"ended_by": "customer"}


def test_many_events_for_many_conversations_and_few_statements(ground, cast):
    def cost(count, prefix):
        batch = [draft(ground, f"{prefix}{n}", customer_value=f"139{n:08d}") for n in range(count)]
        with CaptureQueriesContext(connection) as seen:
            assert actions.store(actor=cast.inspector, drafts=batch, now=NOW).stored == count
        return len(seen)

    assert cost(2, "a") == cost(30, "b")
    actions.store(actor=cast.inspector, drafts=[draft(ground, f"z{n}") for n in range(260)], now=NOW)
    sizes = [len(event.payload["conversation_ids"]) for event in OutboxEvent.objects.filter(type="conversations.stored")]
    assert sizes == [2, 30, 250, 10]


@pytest.mark.django_db(transaction=True)
def test_two_importers_store_each_conversation_once(ground, cast):
    if connection.vendor == "sqlite":
        pytest.skip("the SQLite of the suite lives in memory and is not shared by threads")
    barrier, done = threading.Barrier(3), []

    def work(shift):
        barrier.wait()
        batch = [draft(ground, f"c{(n + shift) % 20}", customer_value=PHONE) for n in range(20)]
        done.append(actions.store(actor=cast.inspector, drafts=batch, now=NOW))
        connection.close()

    threads = [threading.Thread(target=work, args=(shift,)) for shift in (0, 7, 13)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.stored + one.present for one in done] == [20, 20, 20]
    assert sum(one.stored for one in done) == Conversation.objects.count() == 20
    assert Customer.objects.count() == 1


@pytest.mark.parametrize("part", ["agent", "lead", "trainer", "clerk", "customer", "outsider"])
def test_who_may_not_import_changes_nothing(part, ground, cast):
    before = state()
    with pytest.raises(MissingPermission):
        actions.store(actor=getattr(cast, part), drafts=[draft(ground)], now=NOW)
    assert state() == before


def test_import_out_of_reach_is_refused_row_by_row(ground, cast):
    done = actions.store(actor=cast.inspector, drafts=[draft(ground, site_id=ground.shop.pk), draft(ground, "c-2")], now=NOW)
    assert (done.stored, list(done.refused)) == (1, [(0, "unknown_site")])


# --- reading ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["agent", "lead", "inspector", "trainer", "manager", "admin", "system"])
def test_who_sees_the_conversation(part, mine, cast):
    actor = getattr(cast, part)
    detail = queries.detail(actor, mine.pk)
    assert PHONE not in repr(detail)
    assert detail.lines[1].text == "我的电话是 138******78，快件还没到"
    assert detail.customer == "王*"
    assert [row.pk for row in queries.page(actor).rows] == [mine.pk]
    assert [row.pk for row in queries.page(actor, Filters(text="快件")).rows] == [mine.pk]
    assert [row.pk for row in queries.of_waybill(actor, "YT9693083639795")] == [mine.pk]
    assert [row.pk for row in queries.of_customer(actor, mine.customer_id)] == [mine.pk]


@pytest.mark.parametrize("part", ["second_agent", "outsider", "clerk", "customer"])
def test_who_does_not_see_it_finds_nothing_and_changes_nothing(part, mine, cast):
    actor = getattr(cast, part)
    before = state()
    attempts = [
        lambda: queries.detail(actor, mine.pk),
        lambda: access.get_for(actor, mine.pk),
        lambda: actions.set_disposition(actor=actor, conversation_id=mine.pk, disposition="solved", version=0, now=NOW),
        lambda: actions.read_unmasked(actor=actor, conversation_id=mine.pk, reason="核对地址", now=NOW),
    ]
    for attempt in attempts:
        with pytest.raises(NotFound):
            attempt()
    assert queries.of_waybill(actor, "YT9693083639795") == []
    assert queries.of_customer(actor, mine.customer_id) == []
    if part in ("clerk", "customer"):
        for read in (queries.page, queries.count):
            with pytest.raises(MissingPermission):
                read(actor)
    else:
        assert queries.page(actor).rows == []
        assert queries.page(actor, Filters(text="快件")).rows == []
        assert queries.count(actor).value == 0
    assert state() == before


def test_reading_all_needs_permission_and_a_reason_and_is_logged(mine, cast):
    before = state()
    with pytest.raises(MissingPermission):
        actions.read_unmasked(actor=cast.inspector, conversation_id=mine.pk, reason="核对地址", now=NOW)
    with pytest.raises(ReasonTooShort):
        actions.read_unmasked(actor=cast.agent, conversation_id=mine.pk, reason="看看", now=NOW)
    assert state() == before
    lines = actions.read_unmasked(actor=cast.agent, conversation_id=mine.pk, reason="回电给客户", now=NOW)
    assert PHONE in lines[1].text
    assert AuditEntry.objects.get(action="conversation.unmasked").data == {"reason": "回电给客户"}


def test_disposition(mine, cast):
    actions.set_disposition(actor=cast.agent, conversation_id=mine.pk, disposition="solved", version=0, now=NOW)
    with pytest.raises(Stale):
        actions.set_disposition(actor=cast.lead, conversation_id=mine.pk, disposition="other", version=0, now=NOW)
    with pytest.raises(Invalid):
        actions.set_disposition(actor=cast.agent, conversation_id=mine.pk, disposition=" ", version=1, now=NOW)
    with pytest.raises(MissingPermission):
        actions.set_disposition(actor=cast.inspector, conversation_id=mine.pk, disposition="other", version=1, now=NOW)
    mine.refresh_from_db()
    assert (mine.disposition, mine.version) == ("solved", 1)


def test_filters_and_pages(ground, cast, numbers):
    batch = [
        draft(ground, f"c{n}", started_at=START - timedelta(days=n), channel="chat" if n % 2 else "call", staff_no=numbers["agent"])
        for n in range(6)
    ]
    actions.store(actor=cast.inspector, drafts=batch, now=NOW)
    actions_index(list(Conversation.objects.values_list("pk", flat=True)))

    def ids(wanted=None, actor=cast.lead, **more):
        return [row.external_id for row in queries.page(actor, wanted, **more).rows]

    assert ids() == [f"c{n}" for n in range(6)]
    first = queries.page(cast.lead, size=4)
    assert ids(size=4, cursor=first.next) == ["c4", "c5"]
    assert ids(Filters(channel="chat")) == ["c1", "c3", "c5"]
    day = timezone.localtime(START).date()
    assert ids(Filters(day_from=day - timedelta(days=2), day_to=day - timedelta(days=1))) == ["c1", "c2"]
    assert ids(Filters(staff_id=cast.second_agent.id)) == []
    assert ids(Filters(site_id=ground.other_station.pk)) == []
    assert queries.count(cast.lead, Filters(channel="call")).value == 3
    found = queries.page(cast.lead, Filters(text="快件", channel="chat"), size=2)
    rest = queries.page(cast.lead, Filters(text="快件", channel="chat"), size=2, cursor=found.next)
    assert sorted(row.external_id for row in found.rows + rest.rows) == ["c1", "c3", "c5"]
    with pytest.raises(Invalid):
        queries.page(cast.lead, Filters(text="快件"), cursor="x")
    assert ids(actor=cast.outsider) == []


def test_figures_of_a_day(ground, cast, numbers):
    batch = [draft(ground, f"c{n}", staff_no=numbers["agent"] if n else "") for n in range(3)]
    actions.store(actor=cast.inspector, drafts=batch, now=NOW)
    day = START.replace(hour=0)
    found = sorted(figures.of_day(ground.station.pk, day - timedelta(hours=12), day + timedelta(days=1)))
    assert found == [("conversations", 0, 1), ("conversations", cast.agent.id, 2)]
    assert list(figures.of_day(ground.other_station.pk, day, day + timedelta(days=1))) == []


def test_jobs_walk_all_in_pieces(ground, cast):
    actions.store(actor=cast.inspector, drafts=[draft(ground, f"c{n}") for n in range(5)], now=NOW)
    first = queries.ids_after(0, limit=3)
    assert len(first) == 3
    assert len(queries.ids_after(first[-1], limit=3)) == 2
    assert queries.ids_after(0, site_id=ground.shop.pk) == []
    assert set(queries.by_ids(first)) == set(queries.transcripts(first)) == set(first)
    assert queries.transcript(10**9) == ()


def test_transcripts_move_to_a_new_key(mine):
    said = queries.transcript(mine.pk)
    name = add_key()
    assert actions.reencrypt_transcripts(batch=1) == 1
    assert bytes(Transcript.objects.get().body).startswith(f"{name}:".encode())
    assert actions.reencrypt_transcripts() == 0
    assert queries.transcript(mine.pk) == said
    assert keyring().current == name


@pytest.mark.parametrize(
    "read",
    [
        lambda actor, ids: queries.page(actor),
        lambda actor, ids: queries.page(actor, Filters(text="快件")),
        lambda actor, ids: queries.count(actor),
        lambda actor, ids: queries.detail(actor, ids[0]),
        lambda actor, ids: queries.transcripts(ids),
        lambda actor, ids: queries.by_ids(ids),
        lambda actor, ids: queries.search_documents(ids),
        lambda actor, ids: queries.of_waybill(actor, "YT9693083639795"),
    ],
    ids=["page", "text", "count", "detail", "transcripts", "by_ids", "search", "waybill"],
)
def test_query_counts_do_not_grow(read, ground, cast):
    def cost(size):
        batch = [draft(ground, f"c{n}", waybill="YT9693083639795", customer_value=PHONE) for n in range(size)]
        actions.store(actor=cast.inspector, drafts=batch, now=NOW)
        ids = list(Conversation.objects.order_by("pk").values_list("pk", flat=True))
        actions_index(ids)
        with CaptureQueriesContext(connection) as seen:
            read(cast.lead, ids)
        return len(seen)

    assert cost(2) == cost(30)
