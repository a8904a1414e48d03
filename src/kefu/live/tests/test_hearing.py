"""What an event says, and to whom: tables, without a database."""

import json

import pytest

from kefu.live.hearing import MANY, MOST, Change, Ears, changes, frame, message
from kefu.people.permissions import Permission

ALL = frozenset(permission.value for permission in Permission)
HERE, THERE = 7, 8


def told(piece: bytes) -> list[tuple[int, str, int]]:
    """What a message names."""
    data = next(line for line in piece.decode().splitlines() if line.startswith("data: "))
    return [(one["seq"], one["kind"], one["id"]) for one in json.loads(data.removeprefix("data: "))["changes"]]


@pytest.mark.parametrize(
    ("kind", "site", "permissions", "sites", "heard"),
    [
        ("case", HERE, {"case.view"}, {HERE}, True),
        ("case", THERE, {"case.view"}, {HERE}, False),
        ("case", None, {"case.view"}, {HERE}, False),
        ("case", HERE, set(), {HERE}, False),
        ("case", HERE, {"parcel.view"}, {HERE}, False),
        ("case", THERE, {"case.view"}, None, True),
        ("case", None, {"*"}, None, True),
        ("handbook", None, {"handbook.view"}, {HERE}, True),
        ("handbook", None, set(), None, False),
        ("staff", HERE, {"case.view"}, {HERE}, False),
        ("session", HERE, ALL, None, False),
    ],
)
def test_who_hears_what(kind, site, permissions, sites, heard):
    ears = Ears(frozenset(permissions), None if sites is None else frozenset(sites))
    assert ears.hear(Change(1, kind, 5, site)) is heard
    assert bool(message(ears, [Change(1, kind, 5, site)], 1)) is heard


def test_a_sweep_of_clocks_names_each_case_once_with_its_own_site():
    items = [
        {"subject_kind": "case", "subject_id": 1, "site_id": HERE},
        {"subject_kind": "case", "subject_id": 1, "site_id": HERE},
        {"subject_kind": "case", "subject_id": 2, "site_id": THERE},
    ]
    found = list(changes(9, "clocks.fired", ("clock", 44), None, {"items": items}))
    assert found == [Change(9, "case", 1, HERE), Change(9, "case", 2, THERE)]


def test_parcels_and_conversations_of_many_sites_are_told_to_each():
    moved = list(changes(3, "parcels.moved", ("parcel", 1), None, {"moves": [[1, HERE, "a", "b"], [2, THERE, "a", "b"]]}))
    assert moved == [Change(3, "parcel", 1, HERE), Change(3, "parcel", 2, THERE)]
    stored = {"conversation_ids": [5, 6], "days": [[HERE, "2026-11-22"], [THERE, "2026-11-22"], [HERE, "2026-11-21"]]}
    assert list(changes(4, "conversations.stored", ("conversation", 5), None, stored)) == [
        Change(4, "conversation", MANY, HERE),
        Change(4, "conversation", MANY, THERE),
    ]
    one = {"conversation_ids": [5], "days": [[HERE, "2026-11-22"]]}
    assert list(changes(5, "conversations.stored", ("conversation", 5), HERE, one)) == [Change(5, "conversation", 5, HERE)]


def test_any_other_event_names_its_subject():
    assert list(changes(6, "case.changed", ("case", 2), HERE, {"what": "note"})) == [Change(6, "case", 2, HERE)]


def test_a_message_says_nothing_but_number_kind_and_id():
    ears = Ears(ALL, None)
    piece = message(ears, [Change(4, "case", 2, HERE), Change(5, "case", 2, HERE), Change(6, "parcel", 3, HERE)], 8)
    assert piece.startswith(b"id: 8\ndata: ")
    assert piece.endswith(b"\n\n")
    assert told(piece) == [(4, "case", 2), (5, "case", 2), (6, "parcel", 3)]


def test_a_storm_names_the_kind_instead_of_each():
    storm = [Change(1, "case", number, HERE) for number in range(1, MOST + 2)] + [Change(2, "parcel", 9, HERE)]
    assert told(message(Ears(ALL, None), storm, 2)) == [(2, "parcel", 9), (1, "case", MANY)]


def test_a_frame_is_one_event_of_the_stream():
    assert frame({"seq": 3}, event="beat", id_=3) == b'event: beat\nid: 3\ndata: {"seq":3}\n\n'
