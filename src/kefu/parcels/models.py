"""Tables of parcels and the scans they went through."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kernel.encryption import EncryptedTextField
from kefu.parcels.vocabulary import LinkKind, Payment, ReceiptKind, ScanCode, Scope, StateCode


def _amount() -> models.DecimalField[Any, Any]:
    return models.DecimalField(max_digits=12, decimal_places=2, default=0)


def _weight() -> models.DecimalField[Any, Any]:
    return models.DecimalField(max_digits=10, decimal_places=3, null=True)


def _length() -> models.DecimalField[Any, Any]:
    return models.DecimalField(max_digits=7, decimal_places=1, null=True)


class Parcel(models.Model):
    """A registered waybill. ``state`` and what stands below it are derived from the scans by ``rules.state_of`` and kept for lists.

    Who sends and who receives it stands in ``ParcelParties``: lists and states are read without it.
    """

    waybill = models.CharField(max_length=40)
    carrier = models.CharField(max_length=20, blank=True, default="")
    # Delivering site.
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="parcels", db_index=False)
    origin_site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="sent_parcels", db_index=False)
    scope = models.CharField(max_length=12, choices=Scope.choices, default=Scope.DOMESTIC)
    sender_phone_index = models.CharField(max_length=22, blank=True, default="")
    receiver_phone_index = models.CharField(max_length=22, blank=True, default="")
    pieces = models.PositiveIntegerField(default=1)
    # Kilograms: what the scale at collection said, what the size amounts to, what is charged, what the scale of the hub said (中心称重).
    weight = _weight()
    volume_weight = _weight()
    billing_weight = _weight()
    hub_weight = _weight()
    # Centimetres.
    length = _length()
    width = _length()
    height = _length()
    goods = models.CharField(max_length=60, blank=True, default="")
    packaging = models.CharField(max_length=20, blank=True, default="")
    payment = models.CharField(max_length=10, choices=Payment.choices, blank=True, default="")
    # Yuan: collected on delivery for the goods, freight owed by the receiver, declared for insurance, freight of the waybill (运费),
    # fee of the insurance (保价费).
    cod_amount = _amount()
    freight_amount = _amount()
    insured_amount = _amount()
    fee_amount = _amount()
    insurance_fee = _amount()
    receipt_kind = models.CharField(max_length=10, choices=ReceiptKind.choices, blank=True, default="")
    # 工号 of who collected it and of who entered the waybill.
    collected_by = models.CharField(max_length=20, blank=True, default="")
    entered_by = models.CharField(max_length=20, blank=True, default="")
    # Whether the sender's identity was checked (R18).
    id_verified = models.BooleanField(default=False)
    # Region the parcel goes to, from province down, parted by strokes: 浙江省/杭州市/西湖区/文新街道. Nothing personal.
    destination = models.CharField(max_length=120, blank=True, default="")
    remark = models.CharField(max_length=200, blank=True, default="")
    # The waybill was declared void (作废单).
    cancelled_at = models.DateTimeField(null=True)
    product = models.CharField(max_length=40, blank=True, default="")
    promised_at = models.DateTimeField(null=True)
    postal = models.BooleanField(default=False)
    # Whether the receiver's address is inside the delivery area; unknown until somebody says.
    in_area = models.BooleanField(null=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        # A constraint, not ``unique=True``: that would make a second index, for searches by prefix, which nobody does and every state pays.
        constraints = [models.UniqueConstraint(fields=["waybill"], name="parcel_waybill")]
        indexes = [
            models.Index(fields=["site", "-id"], name="parcel_site"),
            models.Index(fields=["site", "created_at"], name="parcel_site_day"),
            models.Index(fields=["origin_site", "-id"], name="parcel_origin"),
            models.Index(fields=["origin_site", "created_at"], name="parcel_origin_day"),
            # Whole, though most rows have none: SQLite does not use a partial one for a number bound as a parameter.
            models.Index(fields=["sender_phone_index"], name="parcel_sender"),
            models.Index(fields=["receiver_phone_index"], name="parcel_receiver"),
        ]


# States in which few parcels are at a time. Parcels in the others are met soon on the way through any list.
RARE_STATES = tuple(
    state.value for state in StateCode if state not in (
        StateCode.ORDERED, StateCode.COLLECTED, StateCode.IN_TRANSIT, StateCode.ARRIVED, StateCode.STORED, StateCode.OUT_FOR_DELIVERY,
        StateCode.SIGNED,
    )
)  # fmt: skip


class Standing(models.Model):
    """Where a registered waybill stands: derived from its scans by ``rules.state_of`` and kept for lists. Every parcel has one.

    A row is written anew with nearly every scan, so it is narrow, and no index holds what changes: PostgreSQL then writes the new row
    beside the old one and touches nothing else (ADR 12).
    """

    parcel = models.OneToOneField(Parcel, on_delete=models.CASCADE, primary_key=True, related_name="standing")
    version = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=20, choices=StateCode.choices, default=StateCode.ORDERED)
    collected_at = models.DateTimeField(null=True)
    first_attempt_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    last_scan_at = models.DateTimeField(null=True)
    last_scan_code = models.CharField(max_length=12, blank=True, default="")
    # No foreign key in the database, for the reason of those of scans.
    last_scan_site = models.ForeignKey(
        "people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    # What a later scan needs to go on from here without the earlier ones (``rules.marks_of``); unknown when they must be read anew.
    marks = models.PositiveSmallIntegerField(null=True, default=0)
    # The state while it is a rare one. Most parcels never have one: the index of it is small and seldom touched.
    rare_state = models.GeneratedField(
        expression=models.Case(models.When(state__in=RARE_STATES, then="state")), output_field=models.CharField(max_length=20, null=True),
        db_persist=True,
    )  # fmt: skip

    class Meta:
        indexes = [models.Index(fields=["rare_state", "-parcel"], name="standing_rare", condition=models.Q(rare_state__isnull=False))]


class ParcelParties(models.Model):
    """Sender and receiver of a waybill, encrypted; found by the blind indexes of ``Parcel``. A waybill without any of it has no row."""

    parcel = models.OneToOneField(Parcel, on_delete=models.CASCADE, primary_key=True, related_name="parties")
    sender_name = EncryptedTextField(blank=True, default="")
    sender_company = EncryptedTextField(blank=True, default="")
    sender_phone = EncryptedTextField(blank=True, default="")
    sender_address = EncryptedTextField(blank=True, default="")
    receiver_name = EncryptedTextField(blank=True, default="")
    receiver_company = EncryptedTextField(blank=True, default="")
    receiver_phone = EncryptedTextField(blank=True, default="")
    receiver_address = EncryptedTextField(blank=True, default="")


class SubWaybill(models.Model):
    """A piece of a waybill with a number of its own (子单). A scan of it is a scan of the waybill, with the piece kept."""

    number = models.CharField(max_length=40, unique=True)
    parcel = models.ForeignKey(Parcel, on_delete=models.CASCADE, related_name="sub_waybills")
    # From 1.
    position = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["parcel", "position"], name="sub_waybill_position")]


class ParcelLink(models.Model):
    """A waybill goes on under another number (O7): forwarded, sent back, or its receipt sent back. Numbers need not be registered."""

    kind = models.CharField(max_length=10, choices=LinkKind.choices)
    from_waybill = models.CharField(max_length=40)
    to_waybill = models.CharField(max_length=40)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["from_waybill", "kind", "to_waybill"], name="parcel_link_once"),
            models.CheckConstraint(condition=~models.Q(from_waybill=models.F("to_waybill")), name="parcel_link_apart"),
        ]
        indexes = [models.Index(fields=["to_waybill"], name="parcel_link_to")]


class Scan(models.Model):
    """One scan of one waybill: append-only. It may arrive late, twice, or before the parcel is registered.

    Rows of source ``bag`` are not scans of their own: they follow from the scans of a bag (``rules.bag_moves``) and are kept in step with
    them. On PostgreSQL the table is parted by month (``partitions``).
    """

    class Source(models.TextChoices):
        """Where a scan came from."""

        OWN = "own", _("本站扫描")
        IMPORT = "import", _("文件导入")
        CARRIER = "carrier", _("快递公司接口")
        BAG = "bag", _("随包扫描")

    waybill = models.CharField(max_length=40)
    code = models.CharField(max_length=12, choices=ScanCode.choices)
    # No foreign keys in the database: sites are never deleted, every writer checks them, and each key would be looked up for every scan.
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    scanned_at = models.DateTimeField()
    received_at = models.DateTimeField()
    # 工号 of who held the gun, and of the courier the parcel was given to.
    operator = models.CharField(max_length=20, blank=True, default="")
    courier = models.CharField(max_length=20, blank=True, default="")
    previous_site = models.ForeignKey(
        "people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    next_site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    device = models.CharField(max_length=40, blank=True, default="")
    # Code of the reason of a problem, hold, refusal or return.
    reason = models.CharField(max_length=20, blank=True, default="")
    note = models.CharField(max_length=200, blank=True, default="")
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.OWN)
    external_id = models.CharField(max_length=80, blank=True, default="")
    # The number of the piece that was scanned (子单), of the bag it was put in or moved with (包号), of the truck or its wave (车签、班次).
    piece = models.CharField(max_length=40, blank=True, default="")
    bag = models.CharField(max_length=40, blank=True, default="")
    truck = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["waybill", "scanned_at", "code", "site", "operator", "piece"], name="scan_once")]
        indexes = [
            models.Index(fields=["site", "code", "scanned_at"], name="scan_site_code"),
            models.Index(fields=["bag"], name="scan_bag"),
            # What is on its way to a site, in the order it was sent (O12).
            models.Index(fields=["next_site", "scanned_at"], name="scan_next_site", condition=models.Q(next_site__isnull=False)),
        ]


class ScanVoid(models.Model):
    """A scan that no longer counts: who said so, why, when (O8, O10). The scan itself stays."""

    # Key of the scan; no foreign key, for the scans are parted by month.
    scan_id = models.BigIntegerField(unique=True)
    waybill = models.CharField(max_length=40, db_index=True)
    reason = models.CharField(max_length=200)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80, blank=True, default="")
    voided_at = models.DateTimeField()
