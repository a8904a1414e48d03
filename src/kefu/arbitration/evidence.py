"""Files the sides hand in: kept encrypted, given out to who sees the filing, each look recorded (O6, SEC3)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from kefu.arbitration import access
from kefu.arbitration.drafts import Upload
from kefu.arbitration.errors import REASONS, WrongState
from kefu.arbitration.models import Evidence, Filing
from kefu.arbitration.recording import ref
from kefu.arbitration.terms import terms_at
from kefu.arbitration.vocabulary import ENDED, Side, State
from kefu.kernel import audit, files
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, NotFound
from kefu.people.access import require
from kefu.people.permissions import Permission


def keep_files(
    actor: Actor, row: Filing, uploads: Sequence[Upload], *, side: str, site_id: int | None, most: int | None, now: datetime
) -> list[Evidence]:
    """Keep files of one side, in the caller's transaction; the same file is kept once. Raises ``Invalid`` beyond the handbook's limit."""
    if not uploads:
        return []
    mine = {"site_id": site_id} if site_id is not None else {"site_id__isnull": True}
    before = Evidence.objects.filter(filing=row, side=side, **mine).count()
    if most is not None and before + len(uploads) > most:
        raise Invalid(fields={"files": REASONS["many_files"]}, code="many_files")
    found = []
    for upload in uploads:
        kept = files.keep(upload.name, upload.content)
        made, _new = Evidence.objects.get_or_create(
            filing=row,
            side=side,
            sha256=kept.sha256,
            defaults={
                "site_id": site_id,
                "name": kept.name,
                "size": kept.size,
                "stored_as": kept.stored_as,
                "added_by": actor.name[:80],
                "added_at": now,
            },
        )
        found.append(made)
    return found


def add_evidence(*, actor: Actor, filing_id: int, uploads: Sequence[Upload], now: datetime) -> Filing:
    """Hand in files while the filing is open, for one's own side. Raises ``WrongState``, ``Invalid``, ``NotFound``."""
    require(actor, Permission.ARBITRATION_FILE)
    row = access.get_for(actor, filing_id)
    if row.state in ENDED:
        raise WrongState(state=State(row.state).label)
    side, site_id = side_of(actor, row)
    with transaction.atomic():
        most = terms_at(row.site.handbook, now).files_most
        kept = keep_files(actor, row, uploads, side=side, site_id=site_id, most=most, now=now)
        audit.record(actor, "arbitration.evidence", ref(row), now=now, site_id=row.site_id, data={"side": side, "files": len(kept)})
    return row


def side_of(actor: Actor, row: Filing) -> tuple[Side, int | None]:
    """The side somebody speaks for: that of their own site, else the desk for who judges, else the side in reach."""
    accused = [one.site_id for one in row.accused.all()]
    if actor.site_id == row.site_id:
        return Side.APPLICANT, row.site_id
    if actor.site_id in accused:
        return Side.ACCUSED, actor.site_id
    if access.judges(actor, row):
        return Side.DESK, None
    if actor.reaches(row.site_id):
        return Side.APPLICANT, row.site_id
    return Side.ACCUSED, next((one for one in accused if actor.reaches(one)), None)


def read_evidence(*, actor: Actor, filing_id: int, evidence_id: int, now: datetime) -> files.Download:
    """One file of a filing in reach; the look is recorded."""
    row = access.get_for(actor, filing_id)
    found = Evidence.objects.filter(pk=evidence_id, filing=row).first()
    if found is None:
        raise NotFound
    content = files.load(found.stored_as, found.sha256)
    audit.record(actor, "arbitration.evidence_read", ref(row), now=now, site_id=row.site_id, data={"evidence": found.pk})
    return files.Download(found.name, content)
