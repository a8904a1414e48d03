"""Tables of this room. What is the platform's stands in ``orders``; here is what we do about it."""

from typing import Any

from django.db import models

from kefu.kernel.encryption import EncryptedTextField
from kefu.shop.vocabulary import (
    OPEN_TROUBLES,
    Agreed,
    Cause,
    Lost,
    Party,
    Reply,
    SaleState,
    Stop,
    TroubleKind,
    TroubleState,
    UrgeCause,
    VoidState,
)


def _site() -> models.ForeignKey[Any, Any]:
    return models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)


def _order() -> models.ForeignKey[Any, Any]:
    return models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+", db_index=False)


class Reminder(models.Model):
    """A reminder to pay (催付): one an order and local day."""

    site = _site()
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="reminders", db_index=False)
    day = models.DateField()
    staff = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()
    text = EncryptedTextField(blank=True, default="")
    reply = models.CharField(max_length=10, choices=Reply.choices, blank=True, default="")
    clause = models.CharField(max_length=160, blank=True, default="")
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "day"], name="reminder_once_a_day")]
        indexes = [
            models.Index(fields=["site", "-day", "-id"], name="reminder_site"),
            models.Index(fields=["day", "order"], name="reminder_day"),
        ]


class Check(models.Model):
    """The check of a day for orders paid but unsent, of a site (E10). Orders paid from ``since`` until before ``until``."""

    site = _site()
    day = models.DateField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    found = models.PositiveIntegerField()
    unexplained = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    clause = models.CharField(max_length=160)
    case_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "day"], name="check_once_a_day")]


class Unsent(models.Model):
    """An order a check found, with its true cause and who answers for it."""

    check_of = models.ForeignKey(Check, on_delete=models.CASCADE, related_name="orders", db_index=False)
    site = _site()
    order = _order()
    cause = models.CharField(max_length=12, choices=Cause.choices, blank=True, default="")
    party = models.CharField(max_length=12, choices=Party.choices, blank=True, default="")
    note = EncryptedTextField(blank=True, default="")
    explained_at = models.DateTimeField(null=True)
    explained_by = models.CharField(max_length=80, blank=True, default="")
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order"], name="unsent_once")]
        indexes = [
            models.Index(fields=["check_of", "id"], name="unsent_check"),
            models.Index(fields=["site", "cause", "-id"], name="unsent_site"),
        ]


class Enquiry(models.Model):
    """A buyer who asked on a day (询单): whether they ordered within the time of the handbook, else why not (E19)."""

    site = _site()
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+", db_index=False)
    conversation = models.ForeignKey("conversations.Conversation", on_delete=models.CASCADE, related_name="+", db_index=False)
    staff = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    asked_at = models.DateTimeField()
    order = models.ForeignKey("orders.Order", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # Whether that order was placed and paid in time; unknown while the time runs.
    closed = models.BooleanField(null=True)
    cause = models.CharField(max_length=12, choices=Lost.choices, blank=True, default="")
    note = EncryptedTextField(blank=True, default="")
    explained_by = models.CharField(max_length=80, blank=True, default="")
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "customer", "day"], name="enquiry_once_a_day")]
        indexes = [
            models.Index(fields=["site", "-day", "-id"], name="enquiry_site"),
            models.Index(fields=["site", "closed", "-day", "-id"], name="enquiry_closed"),
        ]


class Trouble(models.Model):
    """A parcel in trouble: a problem, or no scan for days (SHOP5). ``since`` is when the trouble began."""

    site = _site()
    order = _order()
    waybill = models.CharField(max_length=40)
    carrier = models.CharField(max_length=40, blank=True, default="")
    kind = models.CharField(max_length=8, choices=TroubleKind.choices)
    state = models.CharField(max_length=10, choices=TroubleState.choices)
    since = models.DateTimeField()
    found_at = models.DateTimeField()
    clause = models.CharField(max_length=160)
    contact = models.CharField(max_length=80, blank=True, default="")
    carrier_answer = EncryptedTextField(blank=True, default="")
    asked_at = models.DateTimeField(null=True)
    # When the buyer must have a final result, once the carrier was asked.
    due_at = models.DateTimeField(null=True)
    message = EncryptedTextField(blank=True, default="")
    final = models.BooleanField(default=False)
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=80, blank=True, default="")
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["order", "waybill", "kind"], condition=models.Q(state__in=OPEN_TROUBLES), name="trouble_open_once"
            )
        ]
        indexes = [
            models.Index(fields=["site", "state", "since", "id"], name="trouble_site"),
            models.Index(fields=["order"], name="trouble_order"),
        ]


class Urge(models.Model):
    """A buyer urged shipment or delivery (催单, E12)."""

    site = _site()
    order = _order()
    at = models.DateTimeField()
    cause = models.CharField(max_length=10, choices=UrgeCause.choices)
    note = EncryptedTextField(blank=True, default="")
    result = EncryptedTextField(blank=True, default="")
    by = models.CharField(max_length=80)
    done_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["site", "-at", "-id"], name="urge_site"), models.Index(fields=["order"], name="urge_order")]


class Sale(models.Model):
    """Our work on one refund of a platform (after-sales): agreed, goods stopped or back, money moved. One a refund."""

    site = _site()
    refund = models.OneToOneField("orders.Refund", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=8, choices=SaleState.choices, default=SaleState.OPEN)
    agreed = models.CharField(max_length=12, choices=Agreed.choices, blank=True, default="")
    agreed_note = EncryptedTextField(blank=True, default="")
    stop = models.CharField(max_length=12, choices=Stop.choices, blank=True, default="")
    goods_back_at = models.DateTimeField(null=True)
    condition = models.CharField(max_length=200, blank=True, default="")
    liable = models.CharField(max_length=12, choices=Party.choices, blank=True, default="")
    paid_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True, default="")
    refuse_reason = models.CharField(max_length=200, blank=True, default="")
    # When the platform acts by itself if we do nothing, what it does, and the clause.
    due_at = models.DateTimeField(null=True)
    then = models.CharField(max_length=12, blank=True, default="")
    clause = models.CharField(max_length=160, blank=True, default="")
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~models.Q(state=SaleState.PAID) | models.Q(paid_at__isnull=False), name="sale_paid_when")
        ]
        indexes = [
            models.Index(fields=["site", "state", "due_at", "id"], name="sale_site"),
            # Ledgers of repairs and of returns: a few of all refunds, newest first.
            models.Index(fields=["site", "agreed", "-id"], name="sale_agreed", condition=~models.Q(agreed="")),
        ]


class VoidNotice(models.Model):
    """The notice to the warehouse in its fixed form, 订单编号 + 店铺 + 作废 (E9). One an order that stands."""

    site = _site()
    order = _order()
    text = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=VoidState.choices, default=VoidState.TOLD)
    told_at = models.DateTimeField()
    told_by = models.CharField(max_length=80)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=80, blank=True, default="")
    clause = models.CharField(max_length=160, blank=True, default="")
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=~models.Q(state=VoidState.WITHDRAWN), name="void_notice_once"),
        ]
        indexes = [models.Index(fields=["site", "state", "-id"], name="void_notice_site")]
