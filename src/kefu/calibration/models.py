"""Tables of this room."""

from django.db import models

from kefu.calibration.vocabulary import State
from kefu.kernel.encryption import EncryptedTextField


class Session(models.Model):
    """Several inspectors mark the same conversations, nobody seeing the others' marks until scoring is closed."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    title = models.CharField(max_length=80)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    leader = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    due_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    revealed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # Over all items, as reckoned when the marks were shown; by item beside it.
    alpha = models.FloatField(null=True)
    kappa = models.FloatField(null=True)
    agreed = models.FloatField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["site", "-opened_at", "-id"], name="calibration_site")]


class Member(models.Model):
    """An inspector of a session; ``done_at`` when they handed in all their marks, which is once."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="members")
    staff = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "staff"], name="calibration_member_once")]


class Talk(models.Model):
    """A conversation of a session with the card it is marked by."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="talks")
    conversation_id = models.BigIntegerField()
    handbook = models.CharField(max_length=60)
    version_judged = models.PositiveIntegerField()
    scorecard = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "conversation_id"], name="calibration_talk_once")]


class Mark(models.Model):
    """What one inspector says of one item of one conversation. Without one they said nothing of it."""

    talk = models.ForeignKey(Talk, on_delete=models.CASCADE, related_name="marks")
    staff = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+")
    item_key = models.CharField(max_length=60)
    verdict = models.CharField(max_length=14)
    reason = EncryptedTextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["talk", "staff", "item_key"], name="calibration_mark_once")]


class Agreed(models.Model):
    """What the session agreed on for one item of one conversation, and what was said about it."""

    talk = models.ForeignKey(Talk, on_delete=models.CASCADE, related_name="agreements")
    item_key = models.CharField(max_length=60)
    verdict = models.CharField(max_length=14, blank=True, default="")
    note = EncryptedTextField(blank=True, default="")
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["talk", "item_key"], name="calibration_agreed_once")]


class ItemAgreement(models.Model):
    """Agreement on one item over the session, reckoned when the marks were shown."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="items")
    item_key = models.CharField(max_length=60)
    clause = models.CharField(max_length=200)
    alpha = models.FloatField(null=True)
    kappa = models.FloatField(null=True)
    agreed = models.FloatField(null=True)
    unlike = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["session", "item_key"], name="calibration_item_once")]
