"""The way a customer wants to be told: chosen with their consent, changed, refused altogether (CASE5, R49)."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.customers import access as customers
from kefu.customers.actions import customer_ref
from kefu.kernel import audit
from kefu.kernel.actor import Actor
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Invalid, Stale
from kefu.notices.models import Preference
from kefu.notices.vocabulary import Channel
from kefu.people.access import require
from kefu.people.permissions import Permission

LONGEST = 200


def choose_channel(
    *,
    actor: Actor,
    customer_id: int,
    channel: str,
    consent: str,
    now: datetime,
    opted_out: bool = False,
    expected_version: int | None = None,
) -> Preference:
    """Keep the customer's choice and how they made it. ``expected_version`` is that of the choice the writer saw, none for the first.

    Raises ``Invalid``, ``Stale``, ``NotFound``, ``Denied``.
    """
    customer = customers.get_for(actor, customer_id)
    require(actor, Permission.CUSTOMER_EDIT)
    said = consent.strip()
    wrong = {}
    if channel not in Channel.values:
        wrong["channel"] = _("请选择告知方式。")
    if len(said) < 2 or len(said) > LONGEST:
        wrong["consent"] = _("请写明客户怎样表示的，如“电话中同意”（200 字以内）。")
    if wrong:
        raise Invalid(fields=wrong)
    kept = {"channel": channel, "opted_out": opted_out, "consent": said, "set_by": actor.name[:80], "set_at": now}
    row = Preference.objects.filter(pk=customer_id).first()
    if expected_version is not None and (row.version if row else -1) != expected_version:
        raise Stale
    before = row.channel if row else ""
    try:
        with transaction.atomic():
            if row is None:
                row = Preference.objects.create(customer_id=customer_id, **kept)
            else:
                save_claimed(row, **kept)
            data = {"channel": channel, "previous": before, "opted_out": opted_out}
            audit.record(actor, "customer.channel_chosen", customer_ref(customer), now=now, site_id=customer.site_id, data=data)
    except IntegrityError as error:  # somebody else noted the first choice at the same moment
        raise Stale from error
    return row
