"""Cases as the ledgers read them: open ones in reach, and the last note on each (SHOP7)."""

from collections.abc import Collection, Mapping

from django.db.models import Max, QuerySet

from kefu.cases import access
from kefu.cases.models import Case, Entry
from kefu.kernel.actor import Actor

OPEN_STATUSES = tuple(one for one in Case.Status.choices if one[0] not in (Case.Status.CLOSED, Case.Status.MERGED))
"""Where the ball lies in an open case: code and words."""


def open_cases(actor: Actor) -> QuerySet[Case]:
    """Open cases in reach without their long columns, with the person who has each."""
    return access.visible_to(actor).filter(is_open=True).select_related("assignee").defer("description", "data")


def last_notes(actor: Actor, case_ids: Collection[int]) -> Mapping[int, str]:
    """The last internal note on each of the cases, by case; two queries."""
    seen = access.visible_to(actor).filter(pk__in=list(case_ids)).values_list("pk", flat=True)
    notes = Entry.objects.filter(case_id__in=list(seen), kind=Entry.Kind.NOTE)
    last = notes.values("case_id").annotate(last=Max("pk")).values_list("last", flat=True)
    return dict(Entry.objects.filter(pk__in=list(last)).values_list("case_id", "text"))
