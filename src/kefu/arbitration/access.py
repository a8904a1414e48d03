"""Who sees which filing: the applicant's people, those of the accused once it is accepted, and whoever reaches them; nobody else (SEC2)."""

from django.db.models import Q, QuerySet

from kefu.arbitration.errors import Party
from kefu.arbitration.models import Accused, Filing, Move
from kefu.arbitration.vocabulary import SEEN_BY_ACCUSED
from kefu.kernel.actor import Actor
from kefu.kernel.errors import NotFound
from kefu.people.permissions import Permission


def visible_to(actor: Actor) -> QuerySet[Filing]:
    """Filings of the sites in reach, and accepted ones against them; none without the permission."""
    if not actor.may(Permission.ARBITRATION_VIEW):
        return Filing.objects.none()
    if actor.sites is None:
        return Filing.objects.all()
    sites = sorted(actor.sites)
    against = Accused.objects.filter(site_id__in=sites).values("filing_id")
    return Filing.objects.filter(Q(site_id__in=sites) | Q(pk__in=against, state__in=SEEN_BY_ACCUSED))


def get_for(actor: Actor, filing_id: int) -> Filing:
    """One filing in reach, or ``NotFound``."""
    found = visible_to(actor).select_related("site", "arbiter").prefetch_related("accused").filter(pk=filing_id).first()
    if found is None:
        raise NotFound
    return found


def sites_of(filing: Filing) -> set[int]:
    """Applicant and accused."""
    return {filing.site_id, *(one.site_id for one in filing.accused.all())}


def judges(actor: Actor, filing: Filing) -> bool:
    """Whether this person may judge it: permitted, of none of the sites, and with the applicant in reach, as headquarters has."""
    if not actor.may(Permission.ARBITRATION_DECIDE) or not actor.reaches(filing.site_id):
        return False
    return actor.site_id not in sites_of(filing)


def require_judge(actor: Actor, filing: Filing) -> None:
    """Refuse who is a party (``Party``) or does not reach the applicant (``NotFound``)."""
    if not actor.reaches(filing.site_id):
        raise NotFound
    if not judges(actor, filing):
        raise Party


def moves(actor: Actor) -> QuerySet[Move]:
    """Money of the sites in reach; that of headquarters only for who reaches every site."""
    if not actor.may(Permission.ARBITRATION_VIEW):
        return Move.objects.none()
    return Move.objects.all() if actor.sites is None else Move.objects.filter(site_id__in=sorted(actor.sites))
