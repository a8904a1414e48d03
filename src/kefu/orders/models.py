"""Tables of this room."""

from typing import Any

from django.db import models

from kefu.kernel.encryption import EncryptedTextField
from kefu.orders.vocabulary import Goods, Platform, RefundKind, RefundState, State


def _yuan() -> models.DecimalField[Any, Any]:
    return models.DecimalField(max_digits=12, decimal_places=2, default=0)


class Shop(models.Model):
    """A shop (店铺) a site looks after."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    platform = models.CharField(max_length=10, choices=Platform.choices)
    name = models.CharField(max_length=80)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "platform", "name"], name="shop_once")]


class Product(models.Model):
    """What agents should know of a product, shown beside its orders; ``code`` is the shop's own number of it."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    code = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    notes = models.TextField(blank=True, default="")
    # Months; none: not stated.
    warranty_months = models.PositiveSmallIntegerField(null=True)
    changed_at = models.DateTimeField()
    changed_by = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "code"], name="product_once")]


class Order(models.Model):
    """An order as its platform tells it. Buyer and receiver are kept encrypted; blind indexes find them."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    shop = models.ForeignKey(Shop, on_delete=models.PROTECT, related_name="orders", db_index=False)
    platform = models.CharField(max_length=10, choices=Platform.choices)
    number = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State.choices)
    # The platform's own word for it.
    said = models.CharField(max_length=60, blank=True, default="")
    customer = models.ForeignKey("customers.Customer", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    buyer = EncryptedTextField(blank=True, default="")
    buyer_index = models.CharField(max_length=22, blank=True, default="")
    # JSON of name, phone and address.
    receiver = EncryptedTextField(blank=True, default="")
    phone_index = models.CharField(max_length=22, blank=True, default="")
    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    # Yuan: to be paid, paid, freight within it.
    total = _yuan()
    paid = _yuan()
    freight = _yuan()
    # The first item and how many pieces, for lists.
    goods = models.CharField(max_length=120, blank=True, default="")
    pieces = models.PositiveIntegerField(default=0)
    # The first parcel, for lists; all of them are ``Shipment``.
    waybill = models.CharField(max_length=40, blank=True, default="")
    carrier = models.CharField(max_length=40, blank=True, default="")
    remark = EncryptedTextField(blank=True, default="")
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "platform", "number"], name="order_once"),
            models.CheckConstraint(
                condition=models.Q(total__gte=0) & models.Q(paid__gte=0) & models.Q(freight__gte=0), name="order_amounts"
            ),
        ]
        indexes = [
            models.Index(fields=["site", "-placed_at", "-id"], name="order_site"),
            models.Index(fields=["-placed_at", "-id"], name="order_newest"),
            models.Index(fields=["site", "state", "-placed_at", "-id"], name="order_state"),
            models.Index(fields=["site", "state", "paid_at"], name="order_paid"),
            models.Index(fields=["shop", "placed_at"], name="order_shop"),
            models.Index(fields=["number"], name="order_number"),
            models.Index(fields=["customer", "-placed_at"], name="order_customer"),
            models.Index(fields=["buyer_index"], name="order_buyer"),
            models.Index(fields=["phone_index"], name="order_phone"),
        ]


class OrderItem(models.Model):
    """A line of an order."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="items")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=120)
    sku = models.CharField(max_length=120, blank=True, default="")
    code = models.CharField(max_length=60, blank=True, default="")
    quantity = models.PositiveIntegerField(default=1)
    price = _yuan()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "position"], name="order_item_position")]


class Shipment(models.Model):
    """A parcel of an order."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="shipments", db_index=False)
    waybill = models.CharField(max_length=40)
    carrier = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "waybill"], name="shipment_once")]
        indexes = [models.Index(fields=["waybill"], name="shipment_waybill")]


class Refund(models.Model):
    """A refund or other after-sales request as its platform tells it (E1, E2); what we do about it is the room ``shop``'s."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="refunds")
    platform = models.CharField(max_length=10, choices=Platform.choices)
    number = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=RefundKind.choices)
    state = models.CharField(max_length=10, choices=RefundState.choices)
    said = models.CharField(max_length=60, blank=True, default="")
    goods = models.CharField(max_length=14, choices=Goods.choices, blank=True, default="")
    amount = _yuan()
    reason = models.CharField(max_length=200, blank=True, default="")
    return_waybill = models.CharField(max_length=40, blank=True, default="")
    requested_at = models.DateTimeField()
    # When it came into its state, as far as we know.
    moved_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "platform", "number"], name="refund_once"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="refund_amount"),
        ]
        indexes = [
            models.Index(fields=["site", "-requested_at", "-id"], name="refund_site"),
            models.Index(fields=["site", "state", "-requested_at", "-id"], name="refund_state"),
        ]
