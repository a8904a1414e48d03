"""What is done once however often it is sent: keyed requests of the API, which replays their answers, and forms of the console."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from kefu.kernel.models import IdempotencyKey

KEPT = timedelta(days=3)


class AlreadyDone(Exception):
    """The form was taken before: a double click, a resend, another tab."""


@contextmanager
def once(caller: str, key: str, *, now: datetime) -> Iterator[None]:
    """Do the block and note it in one transaction, so that it is neither lost nor done twice, by whichever process.

    A block that fails leaves no note and may be sent again. Raises ``AlreadyDone`` before the block; without a key it is just done.
    """
    if not key:
        yield
        return
    with transaction.atomic():
        try:
            with transaction.atomic():
                IdempotencyKey.objects.create(caller=caller, key=key, request_hash="", status=204, created_at=now)
        except IntegrityError as error:
            raise AlreadyDone from error
        yield


def forget_old(*, now: datetime) -> int:
    """Drop keys nobody will send again; for the worker."""
    return IdempotencyKey.objects.filter(created_at__lt=now - KEPT).delete()[0]
