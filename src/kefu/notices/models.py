"""Tables of this room."""

from django.db import models

from kefu.kernel.encryption import EncryptedTextField
from kefu.notices.vocabulary import Channel, Reason, State


class Preference(models.Model):
    """The way a customer chose to be told, with how and when they agreed; ``opted_out``: they do not want to be told at all."""

    customer = models.OneToOneField("customers.Customer", on_delete=models.CASCADE, related_name="+", primary_key=True)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    opted_out = models.BooleanField(default=False)
    # How they said so: "电话中同意", a form, the platform's setting.
    consent = models.CharField(max_length=200)
    set_by = models.CharField(max_length=80)
    set_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)


class Notice(models.Model):
    """One thing a customer is told because of one entry of a case; ``clause`` is the template's, ``text`` what they read.

    ``case_id`` and ``entry_id`` point upward, so they are plain numbers. ``due_at`` is when it may be sent, or tried again.
    """

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    customer = models.ForeignKey("customers.Customer", on_delete=models.PROTECT, related_name="+")
    case_id = models.BigIntegerField()
    entry_id = models.BigIntegerField()
    template = models.CharField(max_length=60)
    clause = models.CharField(max_length=160)
    channel = models.CharField(max_length=10, choices=Channel.choices)
    state = models.CharField(max_length=10, choices=State.choices)
    reason = models.CharField(max_length=20, choices=Reason.choices, blank=True, default="")
    # What the sending service said, without personal data.
    detail = models.CharField(max_length=200, blank=True, default="")
    text = EncryptedTextField()
    tries = models.PositiveSmallIntegerField(default=0)
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    # Who told the customer by hand; empty when a channel sent it.
    told_by = models.CharField(max_length=80, blank=True, default="")
    # The service's own number of the message, or the file it was written to.
    receipt = models.CharField(max_length=120, blank=True, default="")
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        # Never twice for one step.
        constraints = [models.UniqueConstraint(fields=["case_id", "entry_id"], name="customer_notice_once")]
        indexes = [
            models.Index(fields=["due_at", "id"], name="customer_notice_due", condition=models.Q(state="queued")),
            models.Index(fields=["site", "-id"], name="customer_notice_site"),
            models.Index(fields=["site", "state", "-id"], name="customer_notice_state"),
        ]
