"""Tables of conversations and their transcripts."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class Conversation(models.Model):
    """A call, chat, e-mail thread or form, whatever the channel (CONV3). What was said is in ``Transcript``."""

    class Channel(models.TextChoices):
        """Ways a customer reaches the centre."""

        CALL = "call", _("电话")
        CHAT = "chat", _("在线聊天")
        EMAIL = "email", _("邮件")
        FORM = "form", _("表单")

    source = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120)
    channel = models.CharField(max_length=8, choices=Channel.choices)
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="conversations", db_index=False)
    staff = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="conversations", db_index=False)
    # 工号 as the source gave it, also when nobody here has it.
    staff_no = models.CharField(max_length=20, blank=True, default="")
    customer = models.ForeignKey("customers.Customer", null=True, on_delete=models.PROTECT, related_name="conversations", db_index=False)
    waybill = models.CharField(max_length=40, blank=True, default="")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    line_count = models.PositiveIntegerField(default=0)
    agent_lines = models.PositiveIntegerField(default=0)
    customer_lines = models.PositiveIntegerField(default=0)
    disposition = models.CharField(max_length=40, blank=True, default="")
    language = models.CharField(max_length=10, default="zh")
    # Name of the sound file in the store of recordings; empty: there is none.
    recording = models.CharField(max_length=200, blank=True, default="")
    # What the text does not say: ``ended_by``, ``transferred_in``, ``transferred_out``.
    facts: models.JSONField[Any, Any] = models.JSONField(default=dict)
    # Keyed hash of what was said: tells "the same again" from "another one under this id".
    fingerprint = models.CharField(max_length=22)
    run = models.ForeignKey("kernel.ImportRun", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="conversation_once"),
            models.CheckConstraint(condition=~models.Q(source="") & ~models.Q(external_id=""), name="conversation_has_id"),
        ]
        indexes = [
            models.Index(fields=["site", "-started_at", "-id"], name="conversation_site"),
            models.Index(fields=["staff", "-started_at", "-id"], name="conversation_staff", condition=~models.Q(staff=None)),
            models.Index(fields=["-started_at", "-id"], name="conversation_newest"),
            models.Index(fields=["customer", "-started_at"], name="conversation_customer", condition=~models.Q(customer=None)),
            models.Index(fields=["waybill"], name="conversation_waybill", condition=~models.Q(waybill="")),
        ]


class Transcript(models.Model):
    """Everything said in one conversation: one compressed, encrypted row (ADR 0004)."""

    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, primary_key=True, related_name="transcript")
    codec = models.CharField(max_length=8)
    body = models.BinaryField()
