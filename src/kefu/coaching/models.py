"""Tables of coaching."""

from django.db import models

from kefu.coaching.vocabulary import ClipState, NoteState
from kefu.kernel.encryption import EncryptedTextField


class Note(models.Model):
    """What a lead or trainer tells an agent about a finding, a conversation or their work as a whole, and what was agreed."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    staff = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    author = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    # What it is about; a finding by its place, since its row is replaced when its card is judged again.
    conversation_id = models.BigIntegerField(null=True)
    line = models.PositiveIntegerField(null=True)
    item_key = models.CharField(max_length=60, blank=True, default="")
    text = EncryptedTextField()
    next_step = models.CharField(max_length=300, blank=True, default="")
    due_on = models.DateField(null=True)
    state = models.CharField(max_length=8, choices=NoteState.choices, default=NoteState.OPEN)
    at = models.DateTimeField()
    answer = EncryptedTextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=80, blank=True, default="")
    done_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["site", "-id"], name="coaching_site"),
            models.Index(fields=["staff", "-id"], name="coaching_staff"),
        ]


class Clip(models.Model):
    """A passage of a conversation worth listening to: lines ``first`` to ``last``, both included, shown masked."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    conversation_id = models.BigIntegerField()
    first = models.PositiveIntegerField()
    last = models.PositiveIntegerField()
    title = models.CharField(max_length=80)
    why = models.CharField(max_length=500)
    item_key = models.CharField(max_length=60, blank=True, default="")
    tag = models.CharField(max_length=40, blank=True, default="")
    state = models.CharField(max_length=10, choices=ClipState.choices, default=ClipState.NOMINATED)
    nominated_by = models.CharField(max_length=80)
    nominated_by_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()
    decided_by = models.CharField(max_length=80, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation_id", "first", "last"], name="clip_once"),
            models.CheckConstraint(condition=models.Q(first__lte=models.F("last")), name="clip_in_order"),
        ]
        indexes = [models.Index(fields=["site", "state", "-id"], name="clip_site")]
