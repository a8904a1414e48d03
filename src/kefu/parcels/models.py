"""Tables of parcels and the scans they went through."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kernel.encryption import EncryptedTextField
from kefu.parcels.vocabulary import ScanCode, Scope, StateCode


class Parcel(models.Model):
    """A registered waybill. ``state`` and the moments below it are derived from the scans by ``rules.state_of`` and kept for lists."""

    waybill = models.CharField(max_length=40, unique=True)
    carrier = models.CharField(max_length=20, blank=True, default="")
    # Delivering site.
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="parcels", db_index=False)
    origin_site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="sent_parcels", db_index=False)
    scope = models.CharField(max_length=12, choices=Scope.choices, default=Scope.DOMESTIC)
    sender_name = EncryptedTextField(blank=True, default="")
    sender_phone = EncryptedTextField(blank=True, default="")
    sender_phone_index = models.CharField(max_length=22, blank=True, default="")
    sender_address = EncryptedTextField(blank=True, default="")
    receiver_name = EncryptedTextField(blank=True, default="")
    receiver_phone = EncryptedTextField(blank=True, default="")
    receiver_phone_index = models.CharField(max_length=22, blank=True, default="")
    receiver_address = EncryptedTextField(blank=True, default="")
    pieces = models.PositiveIntegerField(default=1)
    # Kilograms.
    weight: models.DecimalField[Any, Any] = models.DecimalField(max_digits=10, decimal_places=3, null=True)
    # Yuan: collected on delivery for the goods, freight owed by the receiver, declared for insurance.
    cod_amount: models.DecimalField[Any, Any] = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    freight_amount: models.DecimalField[Any, Any] = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    insured_amount: models.DecimalField[Any, Any] = models.DecimalField(max_digits=12, decimal_places=2, default=0)
    product = models.CharField(max_length=40, blank=True, default="")
    promised_at = models.DateTimeField(null=True)
    postal = models.BooleanField(default=False)
    # Whether the receiver's address is inside the delivery area; unknown until somebody says.
    in_area = models.BooleanField(null=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    state = models.CharField(max_length=20, choices=StateCode.choices, default=StateCode.ORDERED)
    collected_at = models.DateTimeField(null=True)
    first_attempt_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    last_scan_at = models.DateTimeField(null=True)
    last_scan_code = models.CharField(max_length=12, blank=True, default="")
    last_scan_site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        indexes = [
            models.Index(fields=["site", "-id"], name="parcel_site"),
            models.Index(fields=["origin_site", "-id"], name="parcel_origin"),
            models.Index(fields=["site", "state", "-id"], name="parcel_site_state"),
            models.Index(fields=["sender_phone_index"], name="parcel_sender", condition=~models.Q(sender_phone_index="")),
            models.Index(fields=["receiver_phone_index"], name="parcel_receiver", condition=~models.Q(receiver_phone_index="")),
        ]


class Scan(models.Model):
    """One scan of one waybill: append-only. It may arrive late, twice, or before the parcel is registered."""

    class Source(models.TextChoices):
        """Where a scan came from."""

        OWN = "own", _("本站扫描")
        IMPORT = "import", _("文件导入")
        CARRIER = "carrier", _("快递公司接口")

    waybill = models.CharField(max_length=40)
    code = models.CharField(max_length=12, choices=ScanCode.choices)
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    scanned_at = models.DateTimeField()
    received_at = models.DateTimeField()
    # 工号 of who held the gun, and of the courier the parcel was given to.
    operator = models.CharField(max_length=20, blank=True, default="")
    courier = models.CharField(max_length=20, blank=True, default="")
    previous_site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    next_site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    device = models.CharField(max_length=40, blank=True, default="")
    # Code of the reason of a problem, hold, refusal or return.
    reason = models.CharField(max_length=20, blank=True, default="")
    note = models.CharField(max_length=200, blank=True, default="")
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.OWN)
    external_id = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["waybill", "code", "site", "scanned_at", "operator"], name="scan_once")]
        indexes = [models.Index(fields=["site", "code", "scanned_at"], name="scan_site_code")]
