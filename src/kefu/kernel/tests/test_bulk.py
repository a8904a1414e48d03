"""Many rows, each its own values, one statement; a guard keeps what others changed."""

from datetime import timedelta

import pytest
from django.db import connection

from kefu.conftest import NOW
from kefu.kernel.bulk import update_rows
from kefu.kernel.models import Consumer, ImportRun

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows():
    return [Consumer.objects.create(name=f"c{number}", seq=number) for number in range(5)]


def test_each_row_gets_its_own_values(rows):
    assert update_rows(Consumer, ["seq"], [[row.name, row.seq * 10] for row in rows[:3]]) == 3
    assert dict(Consumer.objects.filter(name__startswith="c").values_list("name", "seq")) == {"c0": 0, "c1": 10, "c2": 20, "c3": 3, "c4": 4}


def test_rows_changed_meanwhile_are_left_alone(rows):
    Consumer.objects.filter(name="c1").update(seq=99)
    changes = [[row.name, row.seq, row.seq + 100] for row in rows[:3]]
    assert update_rows(Consumer, ["seq"], changes, guard="seq") == 2
    assert dict(Consumer.objects.filter(name__in=["c0", "c1", "c2"]).values_list("name", "seq")) == {"c0": 100, "c1": 99, "c2": 102}


def test_nothing_to_do_costs_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert update_rows(Consumer, ["seq"], []) == 0


def test_moments_and_nothing_go_in_as_the_database_keeps_them():
    runs = [ImportRun.objects.create(kind="k", file_name="f", file_hash=str(number), actor_name="a", started_at=NOW) for number in range(2)]
    adapt = connection.ops.adapt_datetimefield_value
    later = NOW + timedelta(microseconds=123456)
    update_rows(ImportRun, ["finished_at", "read"], [[runs[0].pk, adapt(later), 7], [runs[1].pk, adapt(None), 8]])
    assert list(ImportRun.objects.order_by("pk").values_list("finished_at", "read")) == [(later, 7), (None, 8)]


def test_a_version_goes_up_in_the_same_write(rows, django_assert_num_queries):
    with django_assert_num_queries(1):
        update_rows(Consumer, ["name"], [["c1", 1, "d1"], ["c2", 7, "d2"]], guard="seq", count="seq")
    assert dict(Consumer.objects.filter(name__in=["d1", "c2", "d2"]).values_list("name", "seq")) == {"d1": 2, "c2": 2}


def test_texts_of_any_characters_go_in_as_they_are():
    odd = ["", "NULL", 'a"b', "a\\b", "{a,b}", "运单 、😀", " two ", "%s", "line\nline", "'"]
    runs = [ImportRun.objects.create(kind="k", file_name="", file_hash=str(n), actor_name="a", started_at=NOW) for n in range(len(odd))]
    update_rows(ImportRun, ["file_name", "options"], [[run.pk, text, '{"a": "\\"b\\\\"}'] for run, text in zip(runs, odd, strict=True)])
    assert list(ImportRun.objects.order_by("pk").values_list("file_name", flat=True)) == odd
    assert {run.options["a"] for run in ImportRun.objects.all()} == {'"b\\'}
