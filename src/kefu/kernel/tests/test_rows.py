"""New rows by a statement made once: the same rows, keys and errors as by saving them."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.forms.models import model_to_dict

from kefu.conftest import NOW
from kefu.kernel.models import Counter, ImportRun, OutboxEvent
from kefu.kernel.rows import insert, insert_all, insert_together, read

pytestmark = pytest.mark.django_db


def _run(number, **values):
    options = {"列": [1, None]}
    return ImportRun(kind="k", file_name="名单.csv", file_hash=str(number), options=options, actor_name="甲", started_at=NOW, **values)


def test_a_row_is_stored_as_if_saved():
    saved, inserted = _run(1), _run(2)
    saved.save(force_insert=True)
    insert(inserted)
    stored = {key: value for key, value in model_to_dict(ImportRun.objects.get(pk=inserted.pk)).items() if key not in ("id", "file_hash")}
    assert stored == {key: value for key, value in model_to_dict(saved).items() if key not in ("id", "file_hash")}
    assert stored["options"] == {"列": [1, None]}


def test_the_row_in_hand_has_its_key_and_can_be_saved_again():
    row = _run(1)
    insert(row)
    row.read = 7
    row.save()
    assert ImportRun.objects.get(pk=row.pk).read == 7
    assert ImportRun.objects.count() == 1


def test_many_rows_are_all_there_in_one_statement_or_none(django_assert_num_queries):
    insert_all([_run(number) for number in range(1200)])
    assert ImportRun.objects.count() == 1200
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_all([_run(5000), _run(5)])
    assert ImportRun.objects.count() == 1200
    with django_assert_num_queries(0):
        insert_all([])


def test_rows_of_different_tables_are_written_together_with_their_keys(django_assert_num_queries):
    run, event, other = _run(1), OutboxEvent(type="a.b", version=1, subject_kind="x", subject_id=1, payload={"字": "\\"}, at=NOW), _run(2)
    with django_assert_num_queries(1 if connection.vendor == "postgresql" else 3):
        insert_together([run, event, other])
    assert ImportRun.objects.get(pk=run.pk).file_hash == "1"
    assert ImportRun.objects.get(pk=other.pk).file_hash == "2"
    assert OutboxEvent.objects.get(pk=event.pk).payload == {"字": "\\"}
    with pytest.raises(IntegrityError), transaction.atomic():
        insert_together([OutboxEvent(type="a.b", version=1, subject_kind="x", subject_id=2, payload={}, at=NOW), _run(1)])
    assert OutboxEvent.objects.filter(type="a.b").count() == 1
    run.read = 3
    run.save()
    assert ImportRun.objects.get(pk=run.pk).read == 3


def test_one_that_is_there_already_is_refused_like_any_other():
    insert(_run(1))
    with pytest.raises(IntegrityError), transaction.atomic():
        insert(_run(1))
    assert ImportRun.objects.count() == 1


def test_only_tables_with_a_key_of_the_database_can_be_written_so():
    with pytest.raises(TypeError):
        insert(Counter(name="x"))


def test_rows_are_read_as_a_query_reads_them(django_assert_num_queries):
    for number in range(3):
        insert(_run(number, finished_at=NOW if number else None))
    with django_assert_num_queries(1):
        found = read(ImportRun, kind="k", file_name="名单.csv")
    assert [model_to_dict(row) for row in found] == [model_to_dict(row) for row in ImportRun.objects.order_by("pk")]
    assert [row.started_at for row in found] == [NOW] * 3
    assert read(ImportRun, kind="k", file_hash="1")[0].finished_at == NOW
    assert read(ImportRun, kind="other") == []
    found[0].read = 9
    found[0].save()
    assert ImportRun.objects.get(file_hash="0").read == 9
