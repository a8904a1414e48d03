"""Tables of conversations and their transcripts, and of customers in hand."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kernel.encryption import EncryptedTextField


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
            models.Index(fields=["waybill"], name="conversation_waybill"),
        ]


class Transcript(models.Model):
    """Everything said in one conversation: one compressed, encrypted row (ADR 0004)."""

    conversation = models.OneToOneField(Conversation, on_delete=models.CASCADE, primary_key=True, related_name="transcript")
    codec = models.CharField(max_length=8)
    body = models.BinaryField()


class Reception(models.Model):
    """A customer on the phone or in a chat with one agent, from the ring to the record (接待, CONV1).

    A later recording or transcript of the same talk is ``conversation``; what it led to is ``about`` (a case, by kind and id).
    """

    class State(models.TextChoices):
        """Where the talk stands."""

        RINGING = "ringing", _("来电")
        TALKING = "talking", _("接待中")
        WRAP_UP = "wrap_up", _("整理中")
        ENDED = "ended", _("已完成")

    source = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120)
    channel = models.CharField(max_length=8, choices=Conversation.Channel.choices)
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    staff = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    # The version the prompts came from, ``best@3``.
    handbook = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State.choices)
    number = EncryptedTextField(blank=True, default="")
    number_index = models.CharField(max_length=22, blank=True, default="")
    waybill = models.CharField(max_length=40, blank=True, default="")
    caller_name = EncryptedTextField(blank=True, default="")
    customer = models.ForeignKey("customers.Customer", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # Branch of the guide that was chosen, and the kind of case it stands for.
    branch = models.CharField(max_length=60, blank=True, default="")
    kind = models.CharField(max_length=60, blank=True, default="")
    # Moments that were passed: id and when, ISO.
    passed: models.JSONField[Any, Any] = models.JSONField(default=dict)
    disposition = models.CharField(max_length=130, blank=True, default="")
    remark = EncryptedTextField(blank=True, default="")
    about_kind = models.CharField(max_length=30, blank=True, default="")
    about_id = models.BigIntegerField(null=True)
    conversation = models.ForeignKey(Conversation, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    started_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    talk_ended_at = models.DateTimeField(null=True)
    wrap_due_at = models.DateTimeField(null=True)
    wrap_warn_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    # Put aside because another came in between.
    parked_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="reception_once"),
            # Whoever answers has one customer in front of them; the others wait, parked.
            models.UniqueConstraint(
                fields=["staff"], name="reception_one_in_front", condition=models.Q(ended_at=None) & models.Q(parked_at=None)
            ),
        ]
        indexes = [
            models.Index(fields=["staff"], name="reception_mine", condition=models.Q(ended_at=None)),
            models.Index(fields=["site", "started_at"], name="reception_in_hand", condition=models.Q(ended_at=None)),
            models.Index(fields=["staff", "-started_at", "-id"], name="reception_staff"),
            models.Index(fields=["site", "-started_at", "-id"], name="reception_site"),
            models.Index(fields=["number_index", "-id"], name="reception_number"),
            models.Index(fields=["waybill", "-id"], name="reception_waybill"),
            models.Index(fields=["about_kind", "about_id"], name="reception_about", condition=~models.Q(about_id=None)),
        ]

    def __str__(self) -> str:
        return f"R{self.pk:07d}"
