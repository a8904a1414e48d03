"""What the product judges of a parcel besides its delay, in words with the evidence: who held it last (O5), weight lost (O4)."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.console import times
from kefu.console.views import cases_words as words
from kefu.console.views.parcels_trace import Verdict
from kefu.handbook.schema import Handbook
from kefu.kernel.actor import Actor
from kefu.parcels.holding import holding_of, weight_loss
from kefu.parcels.limits import weight_limits
from kefu.parcels.queries import Trace, TraceLine
from kefu.parcels.vocabulary import ScanCode

LINK_TITLES = {
    "collected_not_in": gettext_lazy("揽收未入仓"),
    "in_not_sent": gettext_lazy("入仓未发"),
    "sent_not_arrived": gettext_lazy("发件未到件"),
    "arrived_not_handed": gettext_lazy("到件未交接"),
    "handed_not_delivered": gettext_lazy("交接未妥投"),
    "after_delivery": gettext_lazy("妥投后"),
}


def judgements(found: Trace, book: Handbook, actor: Actor) -> list[Verdict]:
    """The link the parcel stands at, unless it came through, and weight lost beyond what scales differ by."""
    return [one for one in (_held(found, book, actor), _lighter(found, book, actor)) if one is not None]


def _held(found: Trace, book: Handbook, actor: Actor) -> Verdict | None:
    site_id = found.header.site_id if found.header else None
    held = holding_of([line for line in found.lines if line.waybill == found.waybill], site_id=site_id)
    if held is None or not held.position or "holding_link" not in book.texts:
        return None
    scans = [_scan(one) for one in (held.before, held.last) if isinstance(one, TraceLine)]
    text = _("停留环节：%(link)s") % {"link": LINK_TITLES[held.link]}
    return Verdict(text, "quiet", " → ".join(scans), _clause(book, "holding_link", actor))


def _scan(line: TraceLine) -> str:
    title = str(ScanCode(line.code).label)
    return f"{times.exact(line.at)[5:16]} {line.site} {title}" + (f"（{line.next_site}）" if line.next_site else "")


def _lighter(found: Trace, book: Handbook, actor: Actor) -> Verdict | None:
    header = found.header
    lost = weight_loss(header.weight, header.hub_weight, weight_limits(book)) if header else None
    if header is None or lost is None or not lost.beyond:
        return None
    text = _("途中少重 %(lost)s 公斤") % {"lost": f"{lost.kilograms:f}"}
    basis = _("收件 %(collected)s 公斤，中心称重 %(later)s 公斤") % {"collected": header.weight, "later": header.hub_weight}
    return Verdict(text, "warn", basis, _clause(book, "weight_loss", actor))


def _clause(book: Handbook, key: str, actor: Actor) -> tuple[tuple[str, str], ...]:
    ref = str(book.ref(f"texts.{key}"))
    return ((words.clause_title(ref), words.clause_url(ref, actor)),)
