"""What agents should know of products (SHOP1)."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Invalid, Stale
from kefu.orders.models import Product
from kefu.people import access as people
from kefu.people.permissions import Permission

LONGEST_NOTES = 5000


def note(
    *,
    actor: Actor,
    site_id: int,
    code: str,
    name: str,
    notes: str,
    now: datetime,
    warranty_months: int | None = None,
    version: int | None = None,
) -> Product:
    """Write down what is known of a product, or change it; ``version`` is the one the writer saw of a known one."""
    people.require(actor, Permission.SHOP_EDIT)
    people.require_site(actor, site_id)
    wrong = {}
    if not code.strip() or len(code) > 60:
        wrong["code"] = _("请填写商品编码（60 字以内），与订单中的一致。")
    if not name.strip() or len(name) > 120:
        wrong["name"] = _("请填写商品名称（120 字以内）。")
    if len(notes) > LONGEST_NOTES:
        wrong["notes"] = _("说明过长，请控制在 5000 字以内。")
    if warranty_months is not None and not 0 <= warranty_months <= 600:
        wrong["warranty_months"] = _("保修月数请填 0 到 600。")
    if wrong:
        raise Invalid(fields=wrong)
    told = {
        "name": name.strip(),
        "notes": notes.strip(),
        "warranty_months": warranty_months,
        "changed_at": now,
        "changed_by": actor.name[:80],
    }
    row = Product.objects.filter(site_id=site_id, code=code.strip()).first()
    try:
        with transaction.atomic():
            if row is None:
                row = Product.objects.create(site_id=site_id, code=code.strip(), **told)
            else:
                row.version = row.version if version is None else version
                save_claimed(row, **told)
            audit.record(actor, "product.noted", Ref("product", row.pk, row.code), now=now, site_id=site_id)
    except IntegrityError as error:
        raise Stale from error
    return row
