"""The ground of appeals: an appeal the authority passed on about a parcel of 南市分部."""

from datetime import timedelta
from types import SimpleNamespace

import pytest

from kefu.conftest import NOW
from kefu.regulator import actions
from kefu.regulator.drafts import AppealDraft

WAYBILL = "50004090806944"


@pytest.fixture
def appeals(cast, ground):
    """A draft; ``file`` files it, with changes."""
    from dataclasses import replace

    draft = AppealDraft(
        "SS20261121001", WAYBILL, "delay", "王女士", "快件十天没有送到，网点不理", NOW - timedelta(days=1), phone="13800138000",
        demand="赔偿运费",
        complained_at=NOW - timedelta(days=9), posted_on=(NOW - timedelta(days=20)).date(),
    )  # fmt: skip

    def file(**changes):
        return actions.file_appeal(actor=cast.lead, draft=replace(draft, **changes), now=NOW)

    return SimpleNamespace(cast=cast, ground=ground, draft=draft, file=file)


def taken_to(appeals, state, now=NOW):
    """An appeal taken to a state by the people whose step it is."""
    cast, row = appeals.cast, appeals.file()
    steps = {
        "accepted": lambda: actions.note_accepted(actor=cast.lead, appeal_id=row.pk, accepted_at=now, now=now),
        "written": lambda: actions.write_answer(actor=cast.lead, appeal_id=row.pk, text="已查明，愿意赔偿", now=now),
        "answered": lambda: actions.approve_answer(actor=cast.manager, appeal_id=row.pk, now=now),
        "mediation": lambda: actions.note_opinion(actor=cast.lead, appeal_id=row.pk, text="建议退还运费", now=now),
        "fed_back": lambda: actions.feed_back(actor=cast.lead, appeal_id=row.pk, text="同意", now=now),
        "closed": lambda: actions.close(actor=cast.lead, appeal_id=row.pk, verdict="valid", text="企业有责", now=now),
    }
    for name, step in steps.items():
        if state == "received":
            break
        step()
        if name == state:
            break
    row.refresh_from_db()
    return row
