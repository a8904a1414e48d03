"""Pure decisions about versions: where one stands, when one may start, whether two are the same (HB2)."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

Status = Literal["draft", "scheduled", "in_force", "ended"]


def status_at(effective_from: datetime | None, effective_until: datetime | None, now: datetime) -> Status:
    """Where a version stands at the moment; without a start it is a draft. The start belongs to it, the end does not."""
    if effective_from is None:
        return "draft"
    if effective_until is not None and effective_until <= now:
        return "ended"
    return "in_force" if effective_from <= now else "scheduled"


def earliest_start(now: datetime, newest_start: datetime | None) -> datetime:
    """From when a further version may apply: decisions already made, and versions already arranged, stay as they are."""
    return now if newest_start is None else max(now, newest_start)


def digest_of(resolved: Mapping[str, Any]) -> str:
    """Hash of merged content: the same content has the same hash whatever the order it was written in."""
    return hashlib.sha256(json.dumps(resolved, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
