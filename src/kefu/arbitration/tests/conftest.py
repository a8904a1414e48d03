"""The ground of arbitration: a lost parcel of 南市分部, the site it is filed against, two arbiters at the hub."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from kefu.arbitration import actions
from kefu.arbitration.drafts import FilingDraft, Ruling, ShareDraft
from kefu.cases import actions as cases
from kefu.cases.actions import CaseRequest
from kefu.conftest import NOW, PASSWORD
from kefu.parcels import actions as parcels
from kefu.parcels.drafts import ParcelDraft, ScanDraft
from kefu.people import access as people
from kefu.people.actions import NewStaff, create_staff

WAYBILL = "50004090806944"


def lost(cast, ground, waybill):
    """A parcel scanned last five days ago."""
    draft = ParcelDraft(waybill, ground.station.pk, origin_site_id=ground.hub.pk, pieces=3)
    parcels.register_parcel(actor=cast.system, draft=draft, now=NOW - timedelta(days=6))
    scans = [
        ScanDraft(waybill, "collect", ground.station.pk, NOW - timedelta(days=6)),
        ScanDraft(waybill, "send", ground.station.pk, NOW - timedelta(days=5)),
    ]
    parcels.record_scans(actor=cast.system, batch=scans, now=NOW)


@pytest.fixture
def desk(cast, ground):
    """Both sites' people, a case, a draft of a filing; ``to`` takes a filing to a state."""
    lost(cast, ground, WAYBILL)
    request = CaseRequest(ground.station.pk, "loss", "call", "快件遗失", waybill=WAYBILL)
    case = cases.open_case(actor=cast.agent, request=request, now=NOW)
    draft = FilingDraft(
        WAYBILL, "loss", (ground.other_station.pk,), "多次查找无下落", Decimal(300), case_id=case.pk,
        complainant="王先生", phone="13800138000", proof="订单截图", proof_amount=Decimal(300),
    )  # fmt: skip
    # Headquarters: two arbiters above both sites, of neither.
    new = NewStaff(username="arbiter2", staff_no="8002", name="孙仲裁", role="manager", site=ground.hub, password=PASSWORD)
    second = people.actor_for(create_staff(actor=cast.system, new=new, now=NOW))
    return SimpleNamespace(
        case=case, draft=draft, applicant=cast.agent, accused=cast.outsider, arbiter=cast.manager, second=second, ground=ground, cast=cast
    )


def filed(desk, **changes):
    """A filing."""
    return actions.file_arbitration(actor=desk.applicant, draft=replace(desk.draft, **changes), now=NOW)


def ruling(desk, percent="100", awarded="300", fine="50", outcome="accused", reason="末次扫描在对方"):
    """A verdict against the accused; the rest of the shares is the applicant's."""
    shares = [ShareDraft(desk.ground.other_station.pk, Decimal(percent), Decimal(fine))]
    if Decimal(percent) != 100:
        shares.append(ShareDraft(desk.ground.station.pk, 100 - Decimal(percent)))
    return Ruling(outcome, Decimal(awarded), reason, shares)


def taken_to(desk, state, now=NOW):
    """A filing taken to a state by the people whose step it is."""
    row = filed(desk)
    steps = {
        "replying": lambda: actions.accept(actor=desk.arbiter, filing_id=row.pk, now=now),
        "judging": lambda: actions.reply(actor=desk.accused, filing_id=row.pk, text="我站没有收到此件", now=now),
        "auditing": lambda: actions.rule(actor=desk.arbiter, filing_id=row.pk, ruling=ruling(desk), now=now),
        "decided": lambda: actions.confirm(actor=desk.second, filing_id=row.pk, now=now),
        "appealed": lambda: actions.appeal(actor=desk.accused, filing_id=row.pk, text="有新证据", now=now),
        "reviewing": lambda: actions.rule(actor=desk.second, filing_id=row.pk, ruling=ruling(desk, "50", outcome="shared"), now=now),
        "final": lambda: actions.confirm(actor=desk.arbiter, filing_id=row.pk, now=now),
    }
    for name, step in steps.items():
        if state == "filed":
            break
        step()
        if name == state:
            break
    row.refresh_from_db()
    return row
