"""How long answers to keyed requests are kept; the API writes and replays them."""

from datetime import datetime, timedelta

from kefu.kernel.models import IdempotencyKey

KEPT = timedelta(days=3)


def forget_old(*, now: datetime) -> int:
    """Drop keys nobody will send again; for the worker."""
    return IdempotencyKey.objects.filter(created_at__lt=now - KEPT).delete()[0]
