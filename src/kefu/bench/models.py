"""Tables of the rule bench."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

WHOLE = -1
"""Line of a label that speaks of the whole."""


class Label(models.Model):
    """What a person found of one item in one conversation or case. ``line`` is ``WHOLE`` or the line's index."""

    class Kind(models.TextChoices):
        """What is labelled."""

        CONVERSATION = "conversation", _("会话")
        CASE = "case", _("工单")

    class Source(models.TextChoices):
        """On which occasion."""

        REVIEW = "review", _("人工评分")
        APPEAL = "appeal", _("申诉复核")
        CALIBRATION = "calibration", _("校准")
        HAND = "hand", _("手工标注")

    subject_kind = models.CharField(max_length=12, choices=Kind.choices)
    subject_id = models.BigIntegerField()
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    staff = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # When the conversation began.
    at = models.DateTimeField()
    item_key = models.CharField(max_length=60)
    line = models.IntegerField(default=WHOLE)
    breached = models.BooleanField()
    source = models.CharField(max_length=12, choices=Source.choices)
    by_kind = models.CharField(max_length=12)
    by_id = models.BigIntegerField()
    by_name = models.CharField(max_length=80)
    labelled_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "item_key", "line", "source", "by_kind", "by_id"], name="bench_label_once"
            )
        ]
        indexes = [
            models.Index(fields=["item_key", "-at", "-id"], name="bench_label_item"),
            models.Index(fields=["-at", "-id"], name="bench_label_newest"),
        ]


class Trial(models.Model):
    """A draft tried over the conversations of a span, in somebody's name (QA10). ``text`` is the draft as it was when the trial began."""

    class State(models.TextChoices):
        """States of a trial."""

        RUNNING = "running", _("进行中")
        DONE = "done", _("已完成")
        STOPPED = "stopped", _("已停止")
        FAILED = "failed", _("已中止")

    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=80)
    site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    handbook = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    text = models.TextField()
    since = models.DateTimeField()
    until = models.DateTimeField()
    total = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    failure = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="bench_trial_running", condition=Q(state="running")),
            models.Index(fields=["actor_kind", "actor_id", "-id"], name="bench_trial_actor"),
        ]


class Chunk(models.Model):
    """Conversations from one id to another, worked through at once by whoever holds the lease."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="chunks", db_index=False)
    number = models.PositiveIntegerField()
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    size = models.PositiveIntegerField()
    done = models.BooleanField(default=False)
    lease = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True)
    read = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trial", "number"], name="bench_chunk_once")]
        indexes = [models.Index(fields=["trial", "number"], name="bench_chunk_waiting", condition=Q(done=False))]


class Change(models.Model):
    """One item of one conversation that would come out otherwise. Letters of ``quality.results`` and ``-`` for an item that is not there.

    ``line``, ``matched``: the first place that shows the new verdict (of the old one, when it falls away), short and masked.
    """

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="changes", db_index=False)
    conversation_id = models.BigIntegerField()
    at = models.DateTimeField()
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    staff = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    item_key = models.CharField(max_length=60)
    before = models.CharField(max_length=1)
    after = models.CharField(max_length=1)
    points = models.DecimalField(max_digits=8, decimal_places=2)
    money = models.DecimalField(max_digits=9, decimal_places=2)
    line = models.PositiveIntegerField(null=True)
    matched = models.CharField(max_length=80, blank=True)
    sentence = models.CharField(max_length=160, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["trial", "item_key", "id"], name="bench_change_item"),
            models.Index(fields=["trial", "staff"], name="bench_change_staff"),
        ]


class Total(models.Model):
    """Sums of an agent over one chunk, before and after."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="totals", db_index=False)
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    staff = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    conversations = models.PositiveIntegerField()
    points_before = models.DecimalField(max_digits=12, decimal_places=2)
    points_after = models.DecimalField(max_digits=12, decimal_places=2)
    money_before = models.DecimalField(max_digits=13, decimal_places=2)
    money_after = models.DecimalField(max_digits=13, decimal_places=2)

    class Meta:
        indexes = [models.Index(fields=["trial", "staff"], name="bench_total_staff")]
