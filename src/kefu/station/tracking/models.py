"""Tables of this room: accounts at carriers, what they were asked and what they said, and the boxes people look numbers up in."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kernel.encryption import EncryptedTextField


class CarrierAccount(models.Model):
    """An account at a vendor, for a site and the sites below it. Secrets are encrypted and never shown again.

    ``token`` is the account's callback address. Bucket and breaker are kept here, so that a restart forgets neither.
    """

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+")
    vendor = models.CharField(max_length=20)
    name = models.CharField(max_length=40)
    base_url = models.CharField(max_length=200)
    identity = EncryptedTextField()
    secret = EncryptedTextField()
    salt = EncryptedTextField(blank=True, default="")
    options: models.JSONField[Any, Any] = models.JSONField(default=dict)
    token = models.CharField(max_length=43, unique=True)
    is_active = models.BooleanField(default=True)
    # Why it was stopped by itself: a code of ``faults.FAULTS``.
    stopped_by = models.CharField(max_length=20, blank=True, default="")
    per_minute = models.PositiveIntegerField()
    burst = models.PositiveIntegerField()
    connect_seconds = models.PositiveIntegerField()
    answer_seconds = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    tokens = models.FloatField(default=0)
    tokens_at = models.DateTimeField()
    failures = models.PositiveIntegerField(default=0)
    trips = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True)
    answered = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    forged = models.PositiveIntegerField(default=0)
    last_fault = models.CharField(max_length=20, blank=True, default="")
    last_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "vendor", "name"], name="carrier_account_once"),
            models.CheckConstraint(
                condition=models.Q(per_minute__gte=1, burst__gte=1, connect_seconds__gte=1, answer_seconds__gte=1),
                name="carrier_account_limits",
            ),
        ]


class CarrierAsk(models.Model):
    """A question to a carrier, or a subscription, from the wish to the answer. The queue, and the memory of the manners (V3, V4)."""

    class Kind(models.TextChoices):
        """What is wanted."""

        QUERY = "query", _("查询")
        SUBSCRIBE = "subscribe", _("订阅")

    class State(models.TextChoices):
        """How far it is."""

        DUE = "due", _("排队中")
        SENDING = "sending", _("正在查询")
        ANSWERED = "answered", _("已答复")
        FAILED = "failed", _("未成功")
        ENDED = "ended", _("订阅已结束")

    account = models.ForeignKey(CarrierAccount, on_delete=models.CASCADE, related_name="asks", db_index=False)
    vendor = models.CharField(max_length=20)
    # Where it was asked from; who reaches the site sees the answer.
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    waybill = models.CharField(max_length=40)
    carrier = models.CharField(max_length=20, blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.DUE)
    due_at = models.DateTimeField()
    # Until when another worker leaves it alone.
    held_until = models.DateTimeField(null=True)
    tries = models.PositiveIntegerField(default=0)
    sent_at = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=20, blank=True, default="")
    said = models.CharField(max_length=200, blank=True, default="")
    fresh = models.PositiveIntegerField(default=0)
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["waybill", "kind", "account"], name="carrier_ask_open_once", condition=models.Q(state__in=("due", "sending"))
            )
        ]
        indexes = [
            models.Index(fields=["due_at"], name="carrier_ask_due", condition=models.Q(state__in=("due", "sending"))),
            models.Index(fields=["waybill", "vendor", "kind", "-sent_at"], name="carrier_ask_number"),
            models.Index(fields=["site", "-id"], name="carrier_ask_site"),
        ]


class CarrierTrace(models.Model):
    """A line of a carrier's trace: append-only, each once. ``text`` is the carrier's and may name people."""

    waybill = models.CharField(max_length=40)
    vendor = models.CharField(max_length=20)
    at = models.DateTimeField()
    code = models.CharField(max_length=12)
    vendor_code = models.CharField(max_length=20, blank=True, default="")
    place = models.CharField(max_length=80, blank=True, default="")
    text = EncryptedTextField(blank=True, default="")
    # What makes it the same line however often it is told.
    digest = models.CharField(max_length=32)
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["waybill", "vendor", "digest"], name="carrier_trace_once")]


class CarrierStanding(models.Model):
    """Where a number stands by its carriers' traces alone: worked out from them, kept for boxes of a thousand numbers."""

    waybill = models.CharField(max_length=40, unique=True)
    carrier = models.CharField(max_length=20, blank=True, default="")
    state = models.CharField(max_length=20)
    collected_at = models.DateTimeField(null=True)
    first_attempt_at = models.DateTimeField(null=True)
    signed_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    last_code = models.CharField(max_length=12, blank=True, default="")
    last_place = models.CharField(max_length=80, blank=True, default="")
    lines = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)


class CarrierCallback(models.Model):
    """A callback that was taken, by the hash of its body: the same again is counted, not stored (V4)."""

    account = models.ForeignKey(CarrierAccount, on_delete=models.CASCADE, related_name="callbacks", db_index=False)
    digest = models.CharField(max_length=64)
    received_at = models.DateTimeField()
    # Lines that were new, numbers it told of, how often the same body came again.
    fresh = models.PositiveIntegerField(default=0)
    numbers = models.PositiveIntegerField(default=0)
    repeated = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "digest"], name="carrier_callback_once")]
        indexes = [models.Index(fields=["received_at"], name="carrier_callback_age")]


class Box(models.Model):
    """Numbers somebody looks up together, in their order, and those that cannot be numbers. Kept for its owner for a few days."""

    owner_kind = models.CharField(max_length=12)
    owner_id = models.BigIntegerField()
    name = models.CharField(max_length=80, blank=True, default="")
    numbers: models.JSONField[Any, Any] = models.JSONField(default=list)
    invalid: models.JSONField[Any, Any] = models.JSONField(default=list)
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    # When the look-up was last written to the log of queries (R21).
    logged_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["owner_kind", "owner_id", "digest"], name="tracking_box_once")]
        indexes = [models.Index(fields=["owner_kind", "owner_id", "-made_at"], name="tracking_box_newest")]
