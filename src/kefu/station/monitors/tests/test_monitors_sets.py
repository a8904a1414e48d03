"""Each set by its declaration: what is expected, what settles it, how late is late; midnight, bags, pieces, void scans, repeats."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from kefu.conftest import Cast, Ground
from kefu.parcels.actions import register_parcels
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.parcels.models import Scan
from kefu.parcels.recording import record_scans
from kefu.parcels.voiding import void_scans
from kefu.station.monitors import queries
from kefu.station.monitors.queries import Wanted
from kefu.station.monitors.sets import SETS, sets_for

pytestmark = pytest.mark.django_db
Put = Callable[..., None]


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


@pytest.fixture
def put(cast: Cast, ground: Ground, now: datetime) -> Put:
    """Records scans: ``put("75…1", ("send", hub, 30, {"next": station}), …)``, the number is hours before now."""

    def record(waybill: str, *scans: tuple[Any, ...]) -> None:
        drafts = []
        for code, site, ago, *rest in scans:
            extra = dict(rest[0]) if rest else {}
            extra = {({"next": "next_site_id", "previous": "previous_site_id"}.get(key, key)): value for key, value in extra.items()}
            extra = {key: value.pk if hasattr(value, "pk") else value for key, value in extra.items()}
            drafts.append(ScanDraft(waybill, code, site.pk, now - hours(ago), operator="111", **extra))
        counts = record_scans(actor=cast.system, batch=drafts, now=now)
        assert not counts.refused

    return record


@pytest.fixture
def found(cast: Cast, now: datetime) -> Callable[..., list[str]]:
    """Waybills of a set, as somebody sees them."""

    def ask(kind: str, actor: Any = None, **wanted: Any) -> list[str]:
        return [row.waybill for row in queries.page(actor or cast.manager, Wanted(kind, **wanted), now=now).rows]

    return ask


W = "75123456789012"
V = "75123456789013"


def test_there_is_a_set_for_every_monitor_of_o12() -> None:
    assert len(SETS) == 16
    assert {one.key for one in sets_for("hub")} < SETS.keys()
    assert not sets_for("shop")
    assert "not_sent_on" not in {one.key for one in sets_for("station")}


def test_sent_and_not_arrived(put: Put, ground: Ground, found: Any) -> None:
    put(W, ("send", ground.hub, 20, {"next": ground.station, "truck": "A1"}))
    put(V, ("send", ground.hub, 20, {"next": ground.station}), ("arrive", ground.station, 16))
    assert found("not_arrived") == [W]
    assert found("not_arrived", truck="A1") == [W]
    assert found("not_arrived", truck="A2") == []
    assert found("not_arrived", previous_id=ground.hub.pk) == [W]
    assert found("not_arrived", previous_id=ground.station.pk) == []


@pytest.mark.parametrize(("ago", "expected"), [(11.9, []), (12.0, [W]), (12.1, [W])])
def test_the_tolerance_has_an_edge(put: Put, ground: Ground, found: Any, ago: float, expected: list[str]) -> None:
    put(W, ("send", ground.hub, ago, {"next": ground.station}))
    assert found("not_arrived") == expected


def test_an_arrival_after_midnight_settles_the_day_before(put: Put, ground: Ground, found: Any, now: datetime) -> None:
    # Now is 10:00 in China: 11 hours ago it was 23:00 of yesterday.
    put(W, ("send", ground.hub, 35, {"next": ground.station}), ("arrive", ground.station, 33.5))
    put(V, ("send", ground.hub, 35, {"next": ground.station}))
    day = (now - hours(35)).date()
    assert found("not_arrived", since=day, until=day) == [V]


def test_an_arrival_before_the_sending_belongs_to_another_journey(put: Put, ground: Ground, found: Any) -> None:
    put(W, ("arrive", ground.station, 60), ("send", ground.hub, 30, {"next": ground.station}))
    assert found("not_arrived") == [W]


@pytest.mark.parametrize(("minutes", "expected"), [(9, []), (11, [W])])
def test_clocks_of_devices_may_differ_a_little(put: Put, ground: Ground, found: Any, minutes: int, expected: list[str]) -> None:
    put(W, ("arrive", ground.station, 30 + minutes / 60), ("send", ground.hub, 30, {"next": ground.station}))
    assert found("not_arrived") == expected


def test_a_repeated_dispatch_is_one_difference_and_a_new_one_is_not(put: Put, ground: Ground, found: Any) -> None:
    send = {"next": ground.station}
    put(W, ("send", ground.hub, 40, send), ("send", ground.hub, 39, send), ("send", ground.hub, 17, send))
    assert found("not_arrived") == [W]
    put(V, ("send", ground.hub, 40, send), ("arrive", ground.station, 35), ("send", ground.hub, 30, send))
    assert found("not_arrived") == [W, V]


def test_a_void_arrival_settles_nothing_and_a_void_dispatch_expects_nothing(
    put: Put, ground: Ground, found: Any, cast: Cast, now: datetime
) -> None:
    put(W, ("send", ground.hub, 20, {"next": ground.station}), ("arrive", ground.station, 16))
    put(V, ("send", ground.hub, 20, {"next": ground.station}))
    ids = list(Scan.objects.filter(waybill=W, code="arrive").values_list("pk", flat=True))
    void_scans(actor=cast.system, scan_ids=ids, reason="扫错", now=now)
    assert found("not_arrived") == [W, V]
    ids = list(Scan.objects.filter(waybill=V).values_list("pk", flat=True))
    void_scans(actor=cast.system, scan_ids=ids, reason="扫错", now=now)
    assert found("not_arrived") == [W]


def test_a_bag_stands_for_its_pieces(put: Put, ground: Ground, found: Any) -> None:
    put(W, ("bag", ground.hub, 22, {"bag": "BAG0000001"}))
    put(V, ("bag", ground.hub, 22, {"bag": "BAG0000001"}))
    put("BAG0000001", ("send", ground.hub, 20, {"next": ground.station}))
    assert sorted(found("not_arrived")) == [W, V]
    put("BAG0000001", ("arrive", ground.station, 15))
    assert found("not_arrived") == []


def test_pieces_of_a_waybill(put: Put, ground: Ground, found: Any, cast: Cast, now: datetime) -> None:
    subs = ("7512345678", "7512345679", "7512345670")
    draft = ParcelDraft(W, ground.station.pk, pieces=3, sub_waybills=subs)
    assert not register_parcels(actor=cast.system, drafts=[draft], now=now - hours(50)).refused
    put(W, ("send", ground.hub, 20, {"next": ground.station}))
    for sub in subs[:2]:
        put(sub, ("arrive", ground.station, 16))
    rows = queries.page(cast.manager, Wanted("not_arrived"), now=now).rows
    assert [(row.waybill, row.piece, row.pieces) for row in rows] == [(W, "", "2/3")]
    put(subs[2], ("arrive", ground.station, 15))
    assert found("not_arrived") == []
    put(subs[0], ("send", ground.hub, 13, {"next": ground.other_station}))
    rows = queries.page(cast.manager, Wanted("not_arrived"), now=now).rows
    assert [(row.waybill, row.piece) for row in rows] == [(W, subs[0])]
    put(W, ("arrive", ground.other_station, 12.5))
    assert found("not_arrived") == []


CASES: list[tuple[str, list[tuple[Any, ...]], bool]] = [
    ("unsent_arrival", [("arrive", "station", 20)], True),
    ("unsent_arrival", [("send", "hub", 24, {"next": "station"}), ("arrive", "station", 20)], False),
    ("unsent_arrival", [("send", "hub", 24, {"next": "other"}), ("arrive", "station", 20)], True),
    ("unsent_arrival", [("send", "hub", 24 + 31 * 24, {"next": "station"}), ("arrive", "station", 20)], True),
    ("undelivered", [("arrive", "station", 20)], True),
    ("undelivered", [("arrive", "station", 20), ("deliver", "station", 19)], False),
    ("undelivered", [("arrive", "station", 20), ("deliver", "other", 19)], True),
    ("undelivered", [("arrive", "station", 20), ("sign", "station", 19)], False),
    ("undelivered", [("arrive", "station", 20), ("problem", "station", 19)], True),
    ("unsigned", [("deliver", "station", 20)], True),
    ("unsigned", [("deliver", "station", 20), ("problem", "station", 15)], False),
    ("unsigned", [("deliver", "station", 20), ("hold", "station", 15)], False),
    ("unsigned", [("deliver", "station", 20), ("return", "station", 15)], False),
    ("unsigned", [("deliver", "station", 20), ("agent_sign", "station", 15)], False),
    ("unsigned", [("problem", "station", 30), ("deliver", "station", 20)], True),
    ("undelivered_sign", [("sign", "station", 20)], True),
    ("undelivered_sign", [("deliver", "station", 21), ("sign", "station", 20)], False),
    ("undelivered_sign", [("deliver", "station", 19), ("sign", "station", 20)], True),
    ("unarrived_sign", [("deliver", "station", 21), ("sign", "station", 20)], True),
    ("unarrived_sign", [("arrive", "station", 22), ("sign", "station", 20)], False),
    ("arrival_unsigned", [("arrive", "station", 40), ("deliver", "station", 20)], True),
    ("arrival_unsigned", [("arrive", "station", 40), ("out_store", "station", 20)], False),
    ("arrival_unsigned", [("arrive", "station", 30)], False),
    ("misrouted", [("send", "hub", 24, {"next": "other"}), ("arrive", "station", 20)], True),
    ("misrouted", [("send", "hub", 24, {"next": "station"}), ("arrive", "station", 20)], False),
    ("misrouted", [("arrive", "station", 20)], False),
    ("misrouted", [("send", "hub", 24, {"next": "other"}), ("arrive", "station", 20), ("send", "station", 10, {"next": "hub"})], False),
    ("misrouted", [("send", "hub", 48, {"next": "station"}), ("send", "hub", 24, {"next": "other"}), ("arrive", "station", 20)], True),
    ("misrouted", [("send", "hub", 48, {"next": "other"}), ("send", "hub", 24, {"next": "station"}), ("arrive", "station", 20)], False),
    ("misrouted", [("send", "station", 48, {"next": "hub"}), ("arrive", "station", 20)], False),
    ("missed_arrival", [("deliver", "station", 20), ("sign", "station", 16)], True),
    ("missed_arrival", [("in_store", "station", 20)], True),
    ("missed_arrival", [("arrive", "station", 20), ("deliver", "station", 20)], False),
    ("not_sent_on", [("arrive", "hub", 20)], True),
    ("not_sent_on", [("arrive", "hub", 20), ("send", "hub", 15, {"next": "station"})], False),
    ("not_sent_on", [("arrive", "station", 20)], False),
    ("previous_unsent", [("arrive", "station", 20, {"previous": "hub"})], True),
    ("previous_unsent", [("arrive", "station", 20)], False),
    ("previous_unsent", [("send", "hub", 24, {"next": "other"}), ("arrive", "station", 20, {"previous": "hub"})], False),
    ("sent_unarrived_here", [("send", "hub", 20, {"next": "station"})], True),
    ("sent_unarrived_here", [("arrive", "hub", 22), ("send", "hub", 20, {"next": "station"})], False),
    ("sent_unarrived_here", [("collect", "hub", 22), ("send", "hub", 20, {"next": "station"})], False),
    ("next_unarrived", [("send", "hub", 20, {"next": "station"})], True),
    ("next_unarrived", [("send", "hub", 20)], False),
    ("next_unarrived", [("send", "hub", 20, {"next": "station"}), ("arrive", "other", 18)], True),
    ("next_unarrived", [("send", "hub", 20, {"next": "station"}), ("arrive", "station", 18)], False),
    ("unentered_send", [("send", "station", 20, {"next": "hub"})], True),
    ("unentered_arrival", [("arrive", "station", 30)], True),
    ("unentered_arrival", [("arrive", "station", 20)], False),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "scans", "stands"), CASES)
def test_what_stands_and_what_does_not(kind: str, scans: list[tuple[Any, ...]], stands: bool, put: Put, ground: Ground, found: Any) -> None:
    places = {"hub": ground.hub, "station": ground.station, "other": ground.other_station}
    put(W, *[(code, places[site], ago, *[{k: places[v] for k, v in more.items()} for more in rest]) for code, site, ago, *rest in scans])
    assert found(kind) == ([W] if stands else [])


def test_entered_and_not_sent(put: Put, ground: Ground, found: Any, cast: Cast, now: datetime) -> None:
    drafts = [ParcelDraft(one, ground.station.pk, ground.station.pk) for one in (W, V)]
    assert register_parcels(actor=cast.system, drafts=drafts, now=now - hours(20)).stored == 2
    # Sent in the afternoon, entered in the evening.
    put(W, ("send", ground.station, 22, {"next": ground.hub}))
    assert found("unsent_entry") == [V]
    assert found("unentered_send") == []


def test_sets_of_each_other_do_not_contradict(put: Put, ground: Ground, found: Any) -> None:
    """A and B of O12: what is in both is in neither difference."""
    put(W, ("send", ground.hub, 24, {"next": ground.station}), ("arrive", ground.station, 20))
    assert found("not_arrived") == []
    assert found("unsent_arrival") == []
