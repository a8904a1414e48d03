"""Pictures of signed receipts: kept encrypted, told apart by content, every look at one audited (O13, SEC3)."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit, files
from kefu.kernel.actor import Actor
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import NotFound
from kefu.kernel.files import Download, FileRefused
from kefu.people import queries as people_queries
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.station.receipts import access, limits
from kefu.station.receipts.actions import receipt_ref
from kefu.station.receipts.errors import TooManyImages
from kefu.station.receipts.models import ReceiptImage

# First bytes of the kinds of pictures phones make.
_KINDS = ((b"\xff\xd8\xff", "jpg"), (b"\x89PNG\r\n\x1a\n", "png"), (b"%PDF-", "pdf"))


def kind_of(content: bytes) -> str:
    """What a file is by its content: jpg, png, webp, pdf, or empty for anything else."""
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "webp"
    return next((kind for start, kind in _KINDS if content.startswith(start)), "")


def add_image(*, actor: Actor, receipt_id: int, name: str, content: bytes, now: datetime) -> ReceiptImage:
    """Keep a picture of the receipt; the same one is kept once. Raises ``FileRefused``, ``TooManyImages``."""
    row = access.get_for(actor, receipt_id)
    require(actor, Permission.RECEIPT_WORK)
    digest = files.digest_of(content)
    if not kind_of(content):
        raise FileRefused(why=_("只收 JPG、PNG、WebP 图片或 PDF，请换一种格式。"), code="receipt.not_an_image")
    known = ReceiptImage.objects.filter(receipt=row, sha256=digest).first()
    if known is not None:
        return known
    most = limits.image_most(limits.book_at(people_queries.sites_by_id()[row.site_id].handbook, now))
    if most is not None and row.images.count() >= most.number:
        raise TooManyImages(most=int(most.number), clause=most.clause)
    kept = files.keep(name, content)
    try:
        with transaction.atomic():
            # The version of the receipt is claimed, so that two uploads at once cannot pass the limit.
            save_claimed(row)
            made = ReceiptImage.objects.create(
                receipt=row,
                name=kept.name,
                size=kept.size,
                sha256=kept.sha256,
                stored_as=kept.stored_as,
                added_by=actor.name[:80],
                added_at=now,
            )
            audit.record(actor, "receipt.pictured", receipt_ref(row), now=now, site_id=row.site_id, data={"image": made.pk})
    except IntegrityError:
        return ReceiptImage.objects.get(receipt=row, sha256=digest)
    return made


def read_image(*, actor: Actor, receipt_id: int, image_id: int, now: datetime) -> Download:
    """The picture, checked against its hash; the read is audited."""
    row = access.get_for(actor, receipt_id)
    found = ReceiptImage.objects.filter(pk=image_id, receipt=row).first()
    if found is None:
        raise NotFound
    content = files.load(found.stored_as, found.sha256)
    with transaction.atomic():
        audit.record(actor, "receipt.picture_read", receipt_ref(row), now=now, site_id=row.site_id, data={"image": found.pk})
    return Download(found.name, content)
