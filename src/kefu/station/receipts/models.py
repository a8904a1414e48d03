"""Tables of return receipts."""

from typing import Any

from django.db import models

from kefu.kernel.encryption import EncryptedTextField
from kefu.station.receipts.vocabulary import Kind, State


class Receipt(models.Model):
    """The receipt of a waybill. Everything below ``state`` follows from its moves and is kept for lists.

    ``receipt_no`` may be the waybill's own number. ``next_state`` and ``due_site`` say what is to be done next and where; both are empty
    once it is closed.
    """

    parcel = models.OneToOneField("parcels.Parcel", on_delete=models.PROTECT, related_name="+")
    waybill = models.CharField(max_length=40)
    receipt_no = models.CharField(max_length=40, blank=True, default="")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    copies = models.PositiveSmallIntegerField(default=1)
    # Yuan the sender pays for it.
    fee: models.DecimalField[Any, Any] = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    hub = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    origin_hub = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    origin_site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # When the parcel was signed; empty while it is not, or went back.
    signed_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    state = models.PositiveSmallIntegerField(choices=State.choices, default=State.UNREGISTERED)
    state_at = models.DateTimeField(null=True)
    registered_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    sent_no = models.CharField(max_length=40, blank=True, default="")
    next_state = models.PositiveSmallIntegerField(choices=State.choices, null=True)
    due_site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    step_due_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    # The clause the two limits come from.
    clause = models.CharField(max_length=120, blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    # Declared lost and not found since (``ReceiptLoss``).
    lost_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__gte=0, state__lte=7), name="receipt_state_known"),
            models.CheckConstraint(condition=models.Q(copies__gte=1), name="receipt_copies"),
        ]
        indexes = [
            models.Index(fields=["waybill"], name="receipt_waybill"),
            # Whole, though many rows have none: SQLite does not use a partial one for a number bound as a parameter.
            models.Index(fields=["receipt_no"], name="receipt_no"),
            models.Index(fields=["sent_no"], name="receipt_sent_no"),
            models.Index(fields=["site", "-id"], name="receipt_site"),
            models.Index(fields=["origin_site", "-id"], name="receipt_origin"),
            models.Index(fields=["hub", "-id"], name="receipt_hub"),
            models.Index(fields=["origin_hub", "-id"], name="receipt_origin_hub"),
            models.Index(fields=["state", "step_due_at"], name="receipt_open", condition=models.Q(closed_at=None)),
        ]


class ReceiptMove(models.Model):
    """A step that was noted: who, when, where, and under which number it was sent. ``undone_at``: taken back, with the reason."""

    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="moves")
    state = models.PositiveSmallIntegerField(choices=State.choices)
    at = models.DateTimeField()
    noted_at = models.DateTimeField()
    by = models.CharField(max_length=80)
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    courier_no = models.CharField(max_length=40, blank=True, default="")
    note = models.CharField(max_length=200, blank=True, default="")
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=80, blank=True, default="")
    undone_why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["receipt", "state"], name="receipt_move_once", condition=models.Q(undone_at=None))]


class ReceiptImage(models.Model):
    """A picture of the signed receipt, kept encrypted (``kernel.files``)."""

    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="images")
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=80)
    added_by = models.CharField(max_length=80)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["receipt", "sha256"], name="receipt_image_once")]


class ReceiptLoss(models.Model):
    """A receipt was declared lost; at most one loss stands at a time, each may become a case."""

    receipt = models.ForeignKey(Receipt, on_delete=models.CASCADE, related_name="losses")
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    reason = EncryptedTextField()
    found_at = models.DateTimeField(null=True)
    found_by = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["receipt"], name="receipt_loss_open_once", condition=models.Q(found_at=None))]
