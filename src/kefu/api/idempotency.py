"""The same request sent twice is carried out once, and answered twice alike (PLAT2).

A key is claimed in a transaction of its own, so that a second caller sees it at once; the work and its stored answer then commit together,
so a server killed in the middle leaves neither. A claim without an answer is taken over after a while. A refused request leaves no trace.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from kefu.api.errors import KeyForm, KeyInFlight, KeyMismatch
from kefu.kernel.claims import claim
from kefu.kernel.encryption import keyring
from kefu.kernel.errors import Stale
from kefu.kernel.models import IdempotencyKey

HEADER = "Idempotency-Key"
REPLAY = "Idempotent-Replay"
# Longer than any operation takes: behind it, who claimed the key is dead.
ABANDONED = timedelta(minutes=2)
_RETRY_SECONDS = 2


@dataclass(frozen=True, slots=True)
class _Claim:
    """A claim on a key; ``at`` tells it from a later one by somebody else."""

    pk: int
    at: datetime


def key_of(request: HttpRequest) -> str:
    """The caller's key, empty when none was sent."""
    key = request.headers.get(HEADER)
    if key is None:
        return ""
    key = key.strip()
    if not (0 < len(key) <= 100 and key.isascii() and key.isprintable()):
        raise KeyForm(fields={HEADER: KeyForm.message})
    return key


def fingerprint(request: HttpRequest) -> str:
    """Hash of method, address and content. Of a multipart body the parts count, not the boundary, which is new with every try."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if (request.content_type or "").startswith("multipart/"):
        for name in sorted(request.POST):
            digest.update(json.dumps([name, request.POST.getlist(name)]).encode())
        for name in sorted(request.FILES):
            for file in request.FILES.getlist(name):
                digest.update(json.dumps([name, file.name, file.size]).encode())
                for chunk in file.chunks():
                    digest.update(chunk)
                file.seek(0)
    else:
        digest.update(request.body)
    return digest.hexdigest()


def answer_once(request: HttpRequest, caller: str, work: Callable[[], HttpResponseBase], *, now: datetime) -> HttpResponseBase:
    """Do the work, or give the answer it gave before. Raises ``KeyMismatch``, ``KeyInFlight``."""
    key = key_of(request)
    if not key:
        return work()
    wanted = fingerprint(request)
    claimed = _claim(caller, key, wanted, now)
    if isinstance(claimed, HttpResponse):
        return claimed
    return _carry_out(claimed, work)


def _claim(caller: str, key: str, wanted: str, now: datetime) -> "_Claim | HttpResponse":
    try:
        with transaction.atomic():
            row = IdempotencyKey.objects.create(caller=caller, key=key, request_hash=wanted, created_at=now)
        return _Claim(row.pk, now)
    except IntegrityError:
        known = IdempotencyKey.objects.filter(caller=caller, key=key).first()
    if known is None:
        # Its first bearer was refused this very moment and gave the key back.
        raise KeyInFlight(retry_after=_RETRY_SECONDS)
    if known.request_hash != wanted:
        raise KeyMismatch(fields={HEADER: KeyMismatch.message})
    if known.status:
        return _replay(known)
    mine = IdempotencyKey.objects.filter(pk=known.pk, status=0, created_at=known.created_at)
    if now - known.created_at < ABANDONED or not claim(mine, created_at=now):
        raise KeyInFlight(retry_after=_RETRY_SECONDS)
    return _Claim(known.pk, now)


def _carry_out(claimed: _Claim, work: Callable[[], HttpResponseBase]) -> HttpResponseBase:
    mine = IdempotencyKey.objects.filter(pk=claimed.pk, status=0, created_at=claimed.at)
    try:
        with transaction.atomic():
            response = work()
            if response.status_code >= 400:
                transaction.set_rollback(True)
            elif not claim(mine, status=response.status_code, body=_stored(response)):
                raise Stale  # taken over meanwhile: whoever did carries it out, we take everything back
    except BaseException:
        mine.delete()
        raise
    if response.status_code >= 400:
        mine.delete()
    return response


def _stored(response: HttpResponseBase) -> str:
    """The answer as it is kept: encrypted, for it may hold what was unmasked (SEC1)."""
    if not isinstance(response, HttpResponse):
        msg = "an unsafe operation cannot stream its answer"
        raise TypeError(msg)
    kept: dict[str, Any] = {"type": response.headers.get("Content-Type", ""), "body": response.content.decode()}
    return keyring().encrypt(json.dumps(kept, ensure_ascii=False))


def _replay(row: IdempotencyKey) -> HttpResponse:
    kept = json.loads(keyring().decrypt(row.body))
    response = HttpResponse(kept["body"], status=row.status, content_type=kept["type"] or None)
    response[REPLAY] = "true"
    return response
