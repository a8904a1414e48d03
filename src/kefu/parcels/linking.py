"""A waybill goes on under another number: forwarded, sent back, or its receipt sent back (O7, O13)."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Conflict, Invalid, NotFound, Stale
from kefu.kernel.sequences import exclusive
from kefu.parcels import access
from kefu.parcels.models import ParcelLink
from kefu.parcels.recording import mains_of
from kefu.parcels.rules import Link, makes_loop
from kefu.parcels.states import Moved, links_of, refold
from kefu.parcels.vocabulary import LinkKind
from kefu.parcels.waybills import clean_waybill, is_waybill

_TRIES = 5


def link_waybills(*, actor: Actor, kind: str, from_waybill: str, to_waybill: str, now: datetime) -> ParcelLink:
    """Let a waybill in reach go on under another number; what happens to that one is then told of both. The caller's room asks who may.

    ``Conflict`` when they are linked already (``link_exists``) or the way would lead back to the first number (``link_loop``, O7).
    """
    start, end = clean_waybill(from_waybill), clean_waybill(to_waybill)
    if kind not in LinkKind.values:
        raise Invalid(code="unknown_link", fields={"kind": _("关联类型只能是转件、退件或回单。")})
    if not is_waybill(end):
        raise Invalid(code="bad_waybill", fields={"to_waybill": _("运单号格式不正确。")})
    if not access.reaches(actor, start):
        raise NotFound
    end = mains_of({end}).get(end, end)
    for _try in range(_TRIES):
        try:
            with transaction.atomic():
                return _link(actor, Link(kind, start, end), now)
        except Moved:
            continue
    raise Stale


def _link(actor: Actor, link: Link, now: datetime) -> ParcelLink:
    with exclusive("parcel-links", wait=True):  # two links made side by side could close a ring
        if makes_loop(link, links_of({link.from_waybill, link.to_waybill}).links):
            raise Conflict(_("转出的单号又回到了原单号，形成循环，请核对新单号。"), code="link_loop")
        try:
            with transaction.atomic():
                row = ParcelLink.objects.create(**link._asdict(), made_at=now, made_by=actor.name[:80])
        except IntegrityError as error:
            raise Conflict(_("这两个单号已经关联过了。"), code="link_exists") from error
        refold({link.from_waybill}, now)
        subject = Ref("parcel_link", row.pk, link.from_waybill)
        audit.record(actor, "parcel.linked", subject, now=now, data={"kind": link.kind, "to": link.to_waybill})
    return row


def unlink_waybills(*, actor: Actor, kind: str, from_waybill: str, to_waybill: str, now: datetime) -> None:
    """Take a link back (a forwarding called off); ``NotFound`` when there is none in reach."""
    start, end = clean_waybill(from_waybill), clean_waybill(to_waybill)
    if not access.reaches(actor, start):
        raise NotFound
    for _try in range(_TRIES):
        try:
            with transaction.atomic():
                row = ParcelLink.objects.filter(kind=kind, from_waybill=start, to_waybill=end).first()
                if row is None:
                    raise NotFound
                subject = Ref("parcel_link", row.pk, start)
                before = links_of({start}).hanging_on({start})
                row.delete()
                refold({start, *before}, now)
                audit.record(actor, "parcel.unlinked", subject, now=now, data={"kind": kind, "to": end})
        except Moved:
            continue
        return
    raise Stale
