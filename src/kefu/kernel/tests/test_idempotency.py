"""A form is taken once, whole, whoever takes it."""

import threading

import pytest
from django.db import connection

from kefu.conftest import NOW
from kefu.kernel import idempotency
from kefu.kernel.idempotency import AlreadyDone
from kefu.kernel.models import Counter, IdempotencyKey


def take(key: str, name: str, *, fail: bool = False) -> None:
    with idempotency.once("console:7", key, now=NOW):
        Counter.objects.create(name=name)
        if fail:
            raise ValueError(name)


@pytest.mark.django_db
def test_the_second_time_nothing_is_done():
    take("a", "first")
    with pytest.raises(AlreadyDone):
        take("a", "second")
    take("b", "third")
    assert set(Counter.objects.filter(name__in=("first", "second", "third")).values_list("name", flat=True)) == {"first", "third"}


@pytest.mark.django_db
def test_what_failed_may_be_sent_again():
    with pytest.raises(ValueError, match="first"):
        take("a", "first", fail=True)
    assert not Counter.objects.filter(name="first").exists()
    assert not IdempotencyKey.objects.exists()
    take("a", "first")
    assert Counter.objects.filter(name="first").exists()


@pytest.mark.django_db
def test_a_form_without_a_number_is_just_done():
    take("", "first")
    assert not IdempotencyKey.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_it_once():
    start, refused = threading.Barrier(2), []

    def one(name: str) -> None:
        start.wait()
        try:
            take("a", name)
        except AlreadyDone:
            refused.append(name)
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(name,)) for name in ("first", "second")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(refused) == 1
    assert Counter.objects.filter(name__in=("first", "second")).count() == 1
