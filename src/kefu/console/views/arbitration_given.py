"""What the forms of arbitration send, as plain values."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from kefu.arbitration.drafts import Ruling, ShareDraft, Upload
from kefu.console.routes import ConsoleRequest
from kefu.kernel.files import SIZE_LIMIT

MOST_FILES = 20


def text(request: ConsoleRequest, name: str) -> str:
    """A field of a form."""
    return request.POST.get(name, "").replace("\0", "")[:8000]


def whole(value: str) -> int | None:
    """A key, or nothing when it is none."""
    return int(value) if value.isascii() and value.isdecimal() and 0 < len(value) < 18 else None


def amount(value: str) -> Decimal:
    """Yuan or per cent as typed; what is no number is not a number, which every check refuses."""
    try:
        return Decimal(value.strip().replace(",", "").replace("，", "") or "0")
    except InvalidOperation:
        return Decimal("NaN")


def uploads(request: ConsoleRequest) -> tuple[Upload, ...]:
    """Files of a form, no more of each than may be kept."""
    files = request.FILES.getlist("files")[:MOST_FILES]
    return tuple(Upload(file.name or "", file.read(SIZE_LIMIT + 1)) for file in files)


def ruling(request: ConsoleRequest, sites: Sequence[int]) -> Ruling:
    """The verdict's form: a share counts when a percentage or a fine was typed."""
    shares = [
        ShareDraft(site_id, amount(text(request, f"percent-{site_id}")), amount(text(request, f"fine-{site_id}")))
        for site_id in sites
        if amount(text(request, f"percent-{site_id}")) or amount(text(request, f"fine-{site_id}"))
    ]
    return Ruling(text(request, "outcome"), amount(text(request, "awarded")), text(request, "reason"), shares)


def typed(request: ConsoleRequest) -> dict[str, str]:
    """What was typed, to show it again."""
    return {name: text(request, name) for name in request.POST if name not in ("csrfmiddlewaretoken", "version")}
