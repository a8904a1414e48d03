"""Tables of customers and the ways to reach them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kernel.encryption import EncryptedTextField


class Customer(models.Model):
    """Somebody a site serves. Names are kept encrypted; ``name_index`` finds an exact name."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="customers", db_index=False)
    name = EncryptedTextField(blank=True, default="")
    name_index = models.CharField(max_length=22, blank=True, default="")
    # Key of a tier of the site's handbook.
    tier = models.CharField(max_length=40, default="ordinary")
    tier_reason = models.CharField(max_length=200, blank=True, default="")
    note = EncryptedTextField(blank=True, default="")
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["site", "-id"], name="customer_site"),
            models.Index(fields=["site", "tier", "-id"], name="customer_tier"),
            models.Index(fields=["name_index"], name="customer_name"),
        ]


class Contact(models.Model):
    """A way to reach a customer. One value belongs to one customer of a site, which makes find-or-create safe in a race."""

    class Kind(models.TextChoices):
        """Kinds of contact."""

        PHONE = "phone", _("电话")
        WECHAT = "wechat", _("微信")
        EMAIL = "email", _("邮箱")
        PLATFORM_ID = "platform_id", _("平台账号")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="contacts")
    # Copied from the customer, so that the constraint below can name it.
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    value = EncryptedTextField()
    value_index = models.CharField(max_length=22)
    last4_index = models.CharField(max_length=22, blank=True, default="")
    label = models.CharField(max_length=40, blank=True, default="")
    is_primary = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "value_index", "site"], name="contact_once_per_site")]
        indexes = [models.Index(fields=["last4_index"], name="contact_last4")]
