"""Which case a matter became."""

from collections.abc import Collection

from kefu.escalations.models import Escalation


def cases_of(kind: str, matter_ids: Collection[int]) -> dict[int, int]:
    """Case by matter; those without a case are left out. Whether the reader may see the case is asked when it is opened."""
    return dict(Escalation.objects.filter(kind=kind, matter_id__in=list(matter_ids)).values_list("matter_id", "case_id"))
