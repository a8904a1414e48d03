"""Who may see and scan parcels (SEC2): a parcel is in reach of the delivering, the sending, and every site that scanned it."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.parcels.models import Parcel, Scan
from kefu.people import access as people
from kefu.people.permissions import Permission


def visible_to(actor: Actor) -> QuerySet[Parcel]:
    """Parcels in reach; none at all without the permission."""
    if not actor.may(Permission.PARCEL_VIEW):
        return Parcel.objects.none()
    if actor.sites is None:
        return Parcel.objects.all()
    sites = sorted(actor.sites)
    scanned = Scan.objects.filter(waybill=OuterRef("waybill"), site_id__in=sites)
    return Parcel.objects.filter(Q(site_id__in=sites) | Q(origin_site_id__in=sites) | Exists(scanned))


def get_for(actor: Actor, waybill: str) -> Parcel:
    """One registered parcel in reach by its clean number, or ``NotFound``."""
    found = visible_to(actor).filter(waybill=waybill).first()
    if found is None:
        raise NotFound
    return found


def reaches_scan(actor: Actor, waybill: str) -> bool:
    """Whether a site in reach scanned the number; tells for numbers nobody registered."""
    return people.in_reach(Scan.objects.filter(waybill=waybill), actor).exists()


def reaches(actor: Actor, waybill: str) -> bool:
    """Whether a number is of a parcel in reach, or was scanned by a site in reach though nobody registered it."""
    if visible_to(actor).filter(waybill=waybill).exists():
        return True
    return actor.may(Permission.PARCEL_VIEW) and not Parcel.objects.filter(waybill=waybill).exists() and reaches_scan(actor, waybill)
