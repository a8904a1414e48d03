"""Receipts follow the waybills, go back step by step, and are reconciled (O13)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kefu.conftest import Cast, Ground
from kefu.escalations import queries as escalations
from kefu.escalations.receipts import KIND, report_lost
from kefu.kernel import imports
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Denied, Invalid, KefuError, NotFound, Stale
from kefu.kernel.files import FileRefused
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.parcels.recording import record_scans
from kefu.people import access as people
from kefu.station.receipts import actions, images, moves, queries
from kefu.station.receipts.imports import open_receipts
from kefu.station.receipts.models import Receipt, ReceiptMove
from kefu.station.receipts.moves import MoveDraft, note_move, note_moves
from kefu.station.receipts.queries import ReceiptWanted
from kefu.station.receipts.vocabulary import COUNTED, State

SIGNED = datetime(2026, 11, 10, 6, 0, tzinfo=UTC)
SYSTEM = Actor.system("station")
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 40
SAYS = {
    "receipt.bad_number": "格式不正确",
    "receipt.unknown": "没有这个运单或回单",
    "receipt.not_wanted": "补上回单类型",
    "receipt.unsigned": "请先做签收",
    "receipt.skipped": "派站已收",
    "receipt.past": "派站已退",
    "receipt.not_on_way": "不经过“寄中心已收”",
    "receipt.closed": "已完结",
    "receipt.lost": "先撤销遗失",
    "receipt.elsewhere": "南京分拨",
    "receipt.future": "晚于现在",
    "receipt.too_early": "早于上一环节",
    "receipt.no_image": "上传签收回单的照片",
    "receipt.too_long": "超过长度",
    "receipt.bad_state": "填 1 到 7",
    "receipt.bad_copies": "1 到 99",
    "receipt.number_taken": "75000000000001",
    "receipt.nothing_to_undo": "没有可以撤销",
    "receipt.already_lost": "已经报过遗失",
    "receipt.not_lost": "没有报遗失",
    "receipt.too_many_images": "最多 6 张",
}


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(KefuError) as refusal:
        yield
    assert refusal.value.reason == code
    assert SAYS[code] in str(refusal.value)


@pytest.fixture
def deliver(ground: Ground, now: datetime) -> Callable[..., int]:
    """A waybill that wants a receipt, sent by 城北网点 and signed at 南市分部."""

    def make(number: str, kind: str = "original", *, codes: tuple[str, ...] = ("deliver", "sign"), at: datetime = SIGNED) -> int:
        draft = ParcelDraft(number, ground.station.pk, ground.other_station.pk, receipt_kind=kind)
        row = parcels.register_parcel(actor=SYSTEM, draft=draft, now=now)
        rows = [ScanDraft(number, code, ground.station.pk, at + timedelta(minutes=place)) for place, code in enumerate(codes)]
        assert not record_scans(actor=SYSTEM, batch=rows, now=now).refused
        return int(row.pk)

    return make


@pytest.fixture
def receipt(deliver: Callable[..., int], now: datetime) -> Receipt:
    """One to be registered."""
    actions.follow(actor=SYSTEM, parcel_ids=[deliver("75000000000001")], now=now)
    return Receipt.objects.get()


@pytest.fixture
def electronic(deliver: Callable[..., int], now: datetime) -> Receipt:
    """One of which only a picture goes back."""
    actions.follow(actor=SYSTEM, parcel_ids=[deliver("75000000000002", "electronic")], now=now)
    return Receipt.objects.get(waybill="75000000000002")


def step(actor: Actor, state: int, now: datetime, number: str = "75000000000001", **more: Any) -> Receipt:
    return note_move(actor=actor, draft=MoveDraft(number, state, **more), now=now)


# --- following ------------------------------------------------------------------------------------------------------------------------


def test_a_signed_waybill_that_wants_a_receipt_has_one(receipt: Receipt, ground: Ground) -> None:
    assert (receipt.state, receipt.next_state, receipt.due_site_id) == (0, 1, ground.station.pk)
    assert (receipt.hub_id, receipt.origin_hub_id, receipt.origin_site_id) == (ground.hub.pk, ground.hub.pk, ground.other_station.pk)
    assert receipt.signed_at is not None
    assert receipt.due_at == receipt.signed_at + timedelta(days=7)
    assert receipt.clause.startswith("best@")
    assert receipt.clause.endswith("#texts.station_receipts")


def test_following_again_changes_nothing(deliver: Callable[..., int], receipt: Receipt, now: datetime) -> None:
    plain, unsigned = deliver("75000000000008", ""), deliver("75000000000009", codes=("deliver",))
    assert actions.follow(actor=SYSTEM, parcel_ids=[receipt.parcel_id, plain, unsigned], now=now) == 0
    assert Receipt.objects.count() == 1


def test_without_its_signature_a_receipt_is_not_due(cast: Cast, receipt: Receipt, ground: Ground, now: datetime) -> None:
    scan = ScanDraft(receipt.waybill, "refuse", ground.station.pk, SIGNED + timedelta(hours=1))
    record_scans(actor=SYSTEM, batch=[scan], now=now)
    assert actions.follow(actor=SYSTEM, parcel_ids=[receipt.parcel_id], now=now) == 1
    assert all(count.value == 0 for count in queries.counts(cast.clerk, now).values())
    with refused("receipt.unsigned"):
        step(cast.clerk, 1, now)


# --- the chain ------------------------------------------------------------------------------------------------------------------------


def test_a_receipt_goes_back_step_by_step(cast: Cast, receipt: Receipt, ground: Ground, hire: Callable[..., Any], now: datetime) -> None:
    sender = people.actor_for(hire("clerk", ground.other_station))
    step(cast.clerk, 1, now, receipt_no="75000000000001", copies=2)
    step(cast.clerk, 2, now, courier_no="SF1234567890123")
    step(cast.manager, 3, now)
    step(cast.manager, 4, now)
    done = step(sender, 7, now, note="已交客户")
    assert (done.state, done.closed_at, done.next_state, done.due_site_id) == (7, now, None, None)
    assert (done.receipt_no, done.copies, done.sent_no) == ("75000000000001", 2, "SF1234567890123")
    drawn = queries.detail(cast.agent, receipt.pk, now)
    assert [(one.state, one.mark, site) for one, site in drawn.steps] == [
        (1, "done", "南市分部"),
        (2, "done", "南市分部"),
        (3, "done", "南京分拨"),
        (4, "done", "南京分拨"),
        (7, "done", "城北网点"),
    ]
    with refused("receipt.closed"):
        step(cast.manager, 4, now)
    with refused("receipt.closed"):
        actions.declare_lost(actor=cast.clerk, receipt_id=done.pk, reason="丢了", expected_version=done.version, now=now)


@pytest.mark.parametrize(
    ("code", "draft"),
    [
        ("receipt.skipped", {"state": 2}),
        ("receipt.not_on_way", {"state": 5}),
        ("receipt.bad_state", {"state": 0}),
        ("receipt.bad_state", {"state": 8}),
        ("receipt.bad_copies", {"state": 1, "copies": 0}),
        ("receipt.too_long", {"state": 1, "courier_no": "1" * 41}),
        ("receipt.too_long", {"state": 1, "note": "长" * 201}),
        ("receipt.future", {"state": 1, "at": datetime(2026, 11, 22, 2, 6, tzinfo=UTC)}),
        ("receipt.too_early", {"state": 1, "at": SIGNED - timedelta(hours=1)}),
        ("receipt.bad_number", {"state": 1, "number": "!"}),
        ("receipt.bad_number", {"state": 1, "receipt_no": "!"}),
        ("receipt.unknown", {"state": 1, "number": "75999999999999"}),
    ],
)
def test_steps_that_cannot_be_noted(cast: Cast, receipt: Receipt, now: datetime, code: str, draft: dict[str, Any]) -> None:
    with refused(code):
        step(cast.clerk, **({"now": now} | draft))
    receipt.refresh_from_db()
    assert (receipt.state, ReceiptMove.objects.count()) == (0, 0)


def test_more_that_cannot_be_noted(cast: Cast, receipt: Receipt, deliver: Callable[..., int], now: datetime) -> None:
    deliver("75000000000003", "")
    deliver("75000000000004", codes=("deliver",))
    deliver("75000000000005")
    for number, code in (("75000000000003", "receipt.not_wanted"), ("75000000000004", "receipt.unsigned")):
        with refused(code):
            step(cast.clerk, 1, now, number)
    step(cast.clerk, 1, now, receipt_no="HD0000000001")
    with refused("receipt.number_taken"):
        step(cast.clerk, 1, now, "75000000000005", receipt_no="HD0000000001")
    step(cast.clerk, 2, now)
    with refused("receipt.past"):
        step(cast.clerk, 1, now)
    with refused("receipt.elsewhere"):
        step(cast.clerk, 3, now)
    assert step(cast.clerk, 1, now, "75000000000005").state == 1, "registered before the receipt followed its waybill"


def test_a_step_noted_twice_counts_once(cast: Cast, receipt: Receipt, now: datetime) -> None:
    draft = MoveDraft(receipt.waybill, 1)
    done = note_moves(actor=cast.clerk, drafts=[draft, draft], now=now)
    assert (done.stored, done.present, done.refused) == (1, 1, [])
    assert note_moves(actor=cast.clerk, drafts=[draft], now=now).present == 1
    assert ReceiptMove.objects.count() == 1


def test_a_batch_under_one_courier_number(cast: Cast, deliver: Callable[..., int], now: datetime) -> None:
    numbers = [f"7500000000001{place}" for place in range(4)]
    actions.follow(actor=SYSTEM, parcel_ids=[deliver(number) for number in numbers], now=now)
    note_moves(actor=cast.clerk, drafts=[MoveDraft(number, 1) for number in numbers[:3]], now=now)
    done = note_moves(actor=cast.clerk, drafts=[MoveDraft(number, 2, courier_no="SF1234567890123") for number in numbers], now=now)
    assert (done.stored, [(one.place, one.reason) for one in done.refused]) == (3, [(3, "receipt.skipped")])
    assert "派站已收" in done.refused[0].message
    assert len(queries.page(cast.clerk, ReceiptWanted(numbers=["SF1234567890123"]), now=now).rows) == 3


def test_the_last_step_is_taken_back_with_a_reason(cast: Cast, receipt: Receipt, now: datetime) -> None:
    with refused("receipt.nothing_to_undo"):
        actions.undo_move(actor=cast.clerk, receipt_id=receipt.pk, reason="扫错", expected_version=0, now=now)
    step(cast.clerk, 1, now)
    row = step(cast.clerk, 2, now, courier_no="SF1234567890123")
    with pytest.raises(Invalid) as refusal:
        actions.undo_move(actor=cast.clerk, receipt_id=row.pk, reason=" ", expected_version=row.version, now=now)
    assert "撤销原因" in str(refusal.value.fields["reason"])
    with pytest.raises(Stale):
        actions.undo_move(actor=cast.clerk, receipt_id=row.pk, reason="扫错", expected_version=0, now=now)
    done = actions.undo_move(actor=cast.clerk, receipt_id=row.pk, reason="扫错", expected_version=row.version, now=now)
    assert (done.state, done.next_state, done.sent_no) == (1, 2, "")
    assert step(cast.clerk, 2, now).state == 2
    assert ReceiptMove.objects.filter(undone_why="扫错").count() == 1
    step(cast.manager, 3, now)
    row.refresh_from_db()
    with pytest.raises(NotFound):
        actions.undo_move(actor=cast.clerk, receipt_id=row.pk, reason="扫错", expected_version=row.version, now=now)


# --- electronic receipts and pictures -------------------------------------------------------------------------------------------------


def test_an_electronic_receipt_closes_early_with_its_picture(cast: Cast, electronic: Receipt, now: datetime) -> None:
    with refused("receipt.no_image"):
        step(cast.clerk, 7, now, electronic.waybill)
    made = images.add_image(actor=cast.clerk, receipt_id=electronic.pk, name="回单.png", content=PNG, now=now)
    assert images.add_image(actor=cast.clerk, receipt_id=electronic.pk, name="又.png", content=PNG, now=now).pk == made.pk
    done = step(cast.clerk, 7, now, electronic.waybill)
    assert (done.state, done.closed_at) == (7, now)
    assert [one.mark for one, _site in queries.detail(cast.clerk, done.pk, now).steps] == ["passed", "done"]
    assert images.read_image(actor=cast.agent, receipt_id=done.pk, image_id=made.pk, now=now).content == PNG
    with pytest.raises(NotFound):
        images.read_image(actor=cast.agent, receipt_id=done.pk, image_id=made.pk + 9, now=now)


def test_pictures_that_are_not_kept(cast: Cast, receipt: Receipt, now: datetime) -> None:
    with pytest.raises(FileRefused) as refusal:
        images.add_image(actor=cast.clerk, receipt_id=receipt.pk, name="a.png", content=b"MZ not a picture", now=now)
    assert "JPG、PNG" in str(refusal.value)
    for place in range(6):
        images.add_image(actor=cast.clerk, receipt_id=receipt.pk, name="a.png", content=PNG + bytes([place]), now=now)
    with refused("receipt.too_many_images"):
        images.add_image(actor=cast.clerk, receipt_id=receipt.pk, name="a.png", content=PNG + b"7", now=now)


@pytest.mark.parametrize(
    ("content", "kind"),
    [(PNG, "png"), (b"\xff\xd8\xff\xe0", "jpg"), (b"RIFF0000WEBPVP8", "webp"), (b"%PDF-1.7", "pdf"), (b"<svg>", ""), (b"GIF89a", "")],
)
def test_kinds_of_pictures(content: bytes, kind: str) -> None:
    assert images.kind_of(content) == kind


# --- reconciliation -------------------------------------------------------------------------------------------------------------------


def test_every_set_of_the_reconciliation(cast: Cast, deliver: Callable[..., int], receipt: Receipt, now: datetime) -> None:
    """O13: 应回未登, 应退未退, 派方已收中心未收, and those sent but not received; each moves on when the step is noted."""

    def sets() -> set[str]:
        found = queries.counts(cast.manager, now)
        assert list(found) == [due.value for due in COUNTED]
        for due, counted in found.items():
            assert len(queries.page(cast.manager, ReceiptWanted(due=due), now=now).rows) == counted.value
        return {due for due, counted in found.items() if counted.value}

    assert sets() == {"unregistered", "overdue"}
    noted = SIGNED + timedelta(hours=1)
    step(cast.clerk, 1, now, at=noted)
    assert sets() == {"unreturned", "hub_missing", "overdue"}
    step(cast.clerk, 2, now)
    assert sets() == {"hub_missing", "not_received", "overdue"}
    step(cast.manager, 3, now)
    assert sets() == {"hub_unsent", "overdue"}
    step(cast.manager, 4, now)
    assert sets() == {"not_received", "overdue"}
    step(cast.manager, 7, now)
    assert sets() == set()


def test_days_overdue(cast: Cast, receipt: Receipt, now: datetime) -> None:
    row = queries.page(cast.clerk, ReceiptWanted(due="overdue"), now=now).rows[0]
    assert row.days_over == 5  # signed on the 10th, due on the 17th
    assert row.step_late
    assert len(queries.page(cast.clerk, ReceiptWanted(over=5), now=now).rows) == 1
    assert not queries.page(cast.clerk, ReceiptWanted(over=6), now=now).rows


def test_a_limit_the_handbook_does_not_state_is_not_in_force(
    cast: Cast, ground: Ground, deliver: Callable[..., int], now: datetime
) -> None:
    number = "75000000000007"
    draft = ParcelDraft(number, ground.shop.pk, ground.station.pk, receipt_kind="original")
    row = parcels.register_parcel(actor=SYSTEM, draft=draft, now=now)
    record_scans(actor=SYSTEM, batch=[ScanDraft(number, "sign", ground.shop.pk, SIGNED)], now=now)
    actions.follow(actor=SYSTEM, parcel_ids=[row.pk], now=now)
    made = Receipt.objects.get(waybill=number)
    assert (made.due_at, made.step_due_at, made.clause) == (None, None, "")
    assert not queries.page(cast.clerk, ReceiptWanted(due="overdue"), now=now).rows


# --- lost -----------------------------------------------------------------------------------------------------------------------------


def test_a_lost_receipt_becomes_a_case_each_time(cast: Cast, receipt: Receipt, now: datetime) -> None:
    row = step(cast.clerk, 1, now)
    done = report_lost(actor=cast.clerk, receipt_id=row.pk, reason="派件员交接时丢失", expected_version=row.version, now=now)
    loss = queries.detail(cast.clerk, row.pk, now).losses[0]
    assert escalations.cases_of(KIND, [loss.pk]) == {loss.pk: done.case_id}
    assert queries.counts(cast.clerk, now)["lost"].value == 1
    row.refresh_from_db()
    with refused("receipt.lost"):
        step(cast.clerk, 2, now)
    with refused("receipt.already_lost"):
        report_lost(actor=cast.clerk, receipt_id=row.pk, reason="又丢", expected_version=row.version, now=now)
    with refused("receipt.already_lost"):
        actions.undo_move(actor=cast.clerk, receipt_id=row.pk, reason="扫错", expected_version=row.version, now=now)
    found = actions.declare_found(actor=cast.clerk, receipt_id=row.pk, expected_version=row.version, now=now)
    with refused("receipt.not_lost"):
        actions.declare_found(actor=cast.clerk, receipt_id=row.pk, expected_version=found.version, now=now)
    assert step(cast.clerk, 2, now).state == 2


def test_a_loss_needs_its_story(cast: Cast, receipt: Receipt, now: datetime) -> None:
    with pytest.raises(Invalid) as refusal:
        report_lost(actor=cast.clerk, receipt_id=receipt.pk, reason="  ", expected_version=0, now=now)
    assert "哪个环节" in str(refusal.value.fields["reason"])
    receipt.refresh_from_db()
    assert receipt.lost_at is None


# --- files ----------------------------------------------------------------------------------------------------------------------------


def test_steps_from_a_file(cast: Cast, receipt: Receipt, deliver: Callable[..., int], tmp_path: Path, now: datetime) -> None:
    deliver("75000000000002", "")
    path = tmp_path / "回单.csv"
    rows = [
        "运单号,回单号,环节,登记时间,寄出单号,份数",
        "75000000000001,HD0000000001,派站已收,2026-11-11 09:00:00,,2",
        "75000000000001,,2,2026-11-12 09:00:00,SF1234567890123,",
        "75000000000002,,派站已收,,,",
        "75000000000001,,飞走了,,,",
        "7.50000E+13,,1,,,",
        "75000000000001,,1,昨天,,",
        "75000000000001,,1,,,1.5",
        "?,,1,,,",
    ]
    path.write_bytes("\n".join(rows).encode("gb18030"))
    source = open_receipts(actor=cast.clerk, path=path, now=now)
    problems = {one.row: one.reason for one in imports.preview(source).problems}
    assert problems == {
        5: "receipt.bad_state",
        6: "digits_lost",
        7: "bad_time",
        8: "bad_number",
        9: "receipt.bad_number",
    }
    run = imports.run(actor=cast.clerk, source=source, now=now)
    assert (run.stored, run.present, run.refused) == (2, 0, 6)
    receipt.refresh_from_db()
    assert (receipt.state, receipt.copies, receipt.receipt_no, receipt.sent_no) == (2, 2, "HD0000000001", "SF1234567890123")
    assert imports.run(actor=cast.clerk, source=source, now=now).stored == 0


# --- who may --------------------------------------------------------------------------------------------------------------------------


def test_who_may_see_and_do(cast: Cast, receipt: Receipt, ground: Ground, hire: Callable[..., Any], now: datetime) -> None:
    stranger = people.actor_for(hire("clerk", ground.shop))
    assert queries.page(cast.agent, ReceiptWanted(), now=now).rows
    assert queries.page(cast.outsider, ReceiptWanted(), now=now).rows, "the sender's site is on the way"
    assert not queries.page(stranger, ReceiptWanted(), now=now).rows
    with pytest.raises(NotFound):
        queries.detail(stranger, receipt.pk, now)
    with refused("receipt.unknown"):
        step(stranger, 1, now)
    for attempt in (
        lambda: step(cast.agent, 1, now),
        lambda: images.add_image(actor=cast.agent, receipt_id=receipt.pk, name="a.png", content=PNG, now=now),
        lambda: actions.undo_move(actor=cast.agent, receipt_id=receipt.pk, reason="扫错", expected_version=0, now=now),
        lambda: actions.declare_lost(actor=cast.agent, receipt_id=receipt.pk, reason="丢", expected_version=0, now=now),
        lambda: actions.declare_found(actor=cast.agent, receipt_id=receipt.pk, expected_version=0, now=now),
        lambda: queries.page(cast.trainer, ReceiptWanted(), now=now),
    ):
        with pytest.raises(Denied):
            attempt()
    assert queries.detail(cast.agent, receipt.pk, now).may_note == []
    assert queries.detail(cast.clerk, receipt.pk, now).may_note == [State.HERE]


@pytest.mark.parametrize("size", [2, 12])
def test_queries_do_not_grow(cast: Cast, deliver: Callable[..., int], now: datetime, django_assert_max_num_queries: Any, size: int) -> None:
    numbers = [f"750000000001{place:02d}" for place in range(size)]
    ids = [deliver(number) for number in numbers]
    with django_assert_max_num_queries(12):
        actions.follow(actor=SYSTEM, parcel_ids=ids, now=now)
    with django_assert_max_num_queries(12 + size):
        moves.note_moves(actor=cast.clerk, drafts=[MoveDraft(number, 1) for number in numbers], now=now)
    with django_assert_max_num_queries(2):
        assert len(queries.page(cast.clerk, ReceiptWanted(), now=now).rows) == size
    with django_assert_max_num_queries(1):
        queries.counts(cast.clerk, now)
