"""Sending what was drafted: the act of the case and the end of its draft in one transaction (CASE8)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from kefu.cases import actions as cases
from kefu.cases import replies, upkeep
from kefu.desk import drafts
from kefu.kernel.actor import Actor


def note(*, actor: Actor, case_id: int, text: str, now: datetime) -> int:
    """Write the internal note; returns its entry."""
    with transaction.atomic():
        row = upkeep.add_note(actor=actor, case_id=case_id, text=text, now=now)
        drafts.discard(actor=actor, subject=drafts.note(case_id))
    return row.pk


def reply(
    *,
    actor: Actor,
    case_id: int,
    text: str,
    channel: str,
    now: datetime,
    seen: int | None = None,
    anyway: bool = False,
    awaiting: bool = False,
) -> int:
    """Reply to the customer (``cases.replies.reply_to_customer``); returns the entry."""
    with transaction.atomic():
        row = replies.reply_to_customer(
            actor=actor, case_id=case_id, text=text, channel=channel, now=now, seen=seen, anyway=anyway, awaiting=awaiting
        )
        drafts.discard(actor=actor, subject=drafts.reply(case_id))
    return row.pk


def said(*, actor: Actor, case_id: int, text: str, channel: str, now: datetime) -> int:
    """Write down what the customer said; returns the entry."""
    with transaction.atomic():
        row = replies.customer_said(actor=actor, case_id=case_id, text=text, channel=channel, now=now)
        drafts.discard(actor=actor, subject=f"case:{case_id}:said")
    return row.pk


def step(*, actor: Actor, case_id: int, step: str, answers: Mapping[str, Any], now: datetime, expected_version: int | None = None) -> None:
    """Take the step of the procedure."""
    with transaction.atomic():
        cases.take_step(actor=actor, case_id=case_id, step=step, answers=answers, now=now, expected_version=expected_version)
        drafts.discard(actor=actor, subject=drafts.step(case_id, step))
