"""Tables of this room. Files are kept at least as long as the handbook says (R27): nothing here is deleted but by ``disposing``."""

from django.db import models

from kefu.kernel.encryption import EncryptedTextField
from kefu.regulator.vocabulary import AnswerState, Party, State, Verdict


class Appeal(models.Model):
    """An appeal the authority passed on. ``number`` is the authority's; ``clause`` that of its kind on the day it was filed."""

    number = models.CharField(max_length=40, unique=True)
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    # The case its clocks run on, and the complaint that led here.
    case = models.ForeignKey("cases.Case", on_delete=models.PROTECT, related_name="+")
    complaint = models.ForeignKey("cases.Case", null=True, on_delete=models.PROTECT, related_name="+")
    waybill = models.CharField(max_length=40)
    kind = models.CharField(max_length=30)
    clause = models.CharField(max_length=160)
    appellant = EncryptedTextField()
    phone = EncryptedTextField(blank=True, default="")
    party = models.CharField(max_length=10, choices=Party.choices)
    statement = EncryptedTextField()
    demand = EncryptedTextField(blank=True, default="")
    posted_on = models.DateField(null=True)
    complained_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    opinion = EncryptedTextField(blank=True, default="")
    opinion_at = models.DateTimeField(null=True)
    feedback = EncryptedTextField(blank=True, default="")
    feedback_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=10, choices=Verdict.choices, blank=True, default="")
    verdict_reason = EncryptedTextField(blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVED)
    filed_by = models.CharField(max_length=80)
    filed_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(state="closed") ^ models.Q(verdict=""), name="appeal_closed_with_verdict")]
        indexes = [
            models.Index(fields=["site", "-received_at", "-id"], name="appeal_site"),
            models.Index(fields=["state", "-id"], name="appeal_state"),
            models.Index(fields=["waybill"], name="appeal_waybill"),
        ]


class Answer(models.Model):
    """A version of our answer to the authority. It goes out once a manager, not its writer, approved it."""

    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="answers", db_index=False)
    number = models.PositiveSmallIntegerField()
    text = EncryptedTextField()
    state = models.CharField(max_length=10, choices=AnswerState.choices, default=AnswerState.WAITING)
    written_by = models.CharField(max_length=80)
    written_by_id = models.BigIntegerField(null=True)
    written_at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    note = EncryptedTextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["appeal", "number"], name="appeal_answer_version"),
            models.UniqueConstraint(fields=["appeal"], condition=models.Q(state="waiting"), name="appeal_answer_waits_once"),
            models.UniqueConstraint(fields=["appeal"], condition=models.Q(state="approved"), name="appeal_answer_goes_once"),
        ]


class AnswerFile(models.Model):
    """A file handed in with an answer, kept encrypted."""

    answer = models.ForeignKey(Answer, on_delete=models.PROTECT, related_name="files")
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=80)
