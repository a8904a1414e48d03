"""What guards of cases may ask of arbitration."""

from collections.abc import Mapping
from typing import Any

from kefu.arbitration.models import Filing
from kefu.arbitration.vocabulary import MAY_FILE_AGAIN
from kefu.cases.fact_sources import AskedCase


def filed_before(case: AskedCase) -> Mapping[str, Any]:
    """Whether the waybill bars another filing; the filing of the case itself does not (O6)."""
    if not case.waybill:
        return {"arbitration.filed_before": False}
    earlier = Filing.objects.filter(waybill=case.waybill).exclude(state__in=MAY_FILE_AGAIN)
    if case.case_id:
        earlier = earlier.exclude(case_id=case.case_id)
    return {"arbitration.filed_before": earlier.exists()}
