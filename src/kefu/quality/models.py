"""Tables of inspections and their findings."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _


class SubjectKind(models.TextChoices):
    """What is inspected."""

    CONVERSATION = "conversation", _("会话")
    CASE = "case", _("工单")


class Inspection(models.Model):
    """One conversation or case judged by one scorecard of one handbook version (QA2, HB2).

    ``states`` has one letter per item in the card's order (see ``results.LETTERS``), so whole cards can be grouped and counted in the
    database; ``results`` holds why an item was not judged. ``current``: the newest judgement of its subject, the one figures count.
    """

    subject_kind = models.CharField(max_length=12, choices=SubjectKind.choices)
    subject_id = models.BigIntegerField()
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    staff = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(max_length=8)
    at = models.DateTimeField()
    day = models.DateField()
    handbook = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    scorecard = models.CharField(max_length=60)
    score = models.DecimalField(max_digits=7, decimal_places=2)
    passed = models.BooleanField()
    fatal = models.BooleanField(default=False)
    points = models.DecimalField(max_digits=9, decimal_places=2)
    money = models.DecimalField(max_digits=10, decimal_places=2)
    finding_count = models.PositiveIntegerField(default=0)
    review_count = models.PositiveIntegerField(default=0)
    states = models.CharField(max_length=200)
    results: models.JSONField[Any, Any] = models.JSONField(default=dict)
    cut = models.BooleanField(default=False)
    current = models.BooleanField(default=True)
    engine = models.CharField(max_length=20)
    inspected_at = models.DateTimeField()
    # What the machine said, kept from the first ruling of a person on; null while nobody has ruled (QA6: both side by side).
    auto_score = models.DecimalField(max_digits=7, decimal_places=2, null=True)
    auto_points = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    auto_money = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    auto_states = models.CharField(max_length=200, blank=True)
    # Counts rulings, for conditional updates (``version`` is the handbook's).
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "handbook", "version", "scorecard"], name="inspection_once")
        ]
        indexes = [
            models.Index(fields=["site", "-at", "-id"], name="inspection_site"),
            models.Index(fields=["site", "day"], name="inspection_site_day"),
            models.Index(fields=["staff", "day"], name="inspection_staff", condition=~models.Q(staff=None)),
            models.Index(fields=["-at", "-id"], name="inspection_newest"),
        ]


class Finding(models.Model):
    """One hit with its evidence (QA5). Nothing here is a penalty: that is decided after the appeal window (QA8).

    ``item`` is the clause reference (``best@3#scorecards.service.items.taboo``), ``item_key`` its last part. ``line``, ``start``, ``end``
    point into the original text of the conversation; ``line`` is null when the finding speaks of the whole. ``matched`` is short, masked.
    """

    class Mode(models.TextChoices):
        """Whether it counts by itself."""

        AUTO = "auto", _("自动判定")
        REVIEW = "review", _("待复核")
        HAND = "hand", _("人工判定")

    class State(models.TextChoices):
        """What people have done with it."""

        OPEN = "open", _("未处理")
        ACKNOWLEDGED = "acknowledged", _("已知悉")
        CONFIRMED = "confirmed", _("复核成立")
        DISMISSED = "dismissed", _("复核不成立")

    inspection = models.ForeignKey(Inspection, on_delete=models.CASCADE, related_name="findings")
    subject_kind = models.CharField(max_length=12, choices=SubjectKind.choices)
    subject_id = models.BigIntegerField()
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    staff = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # When the conversation began, and its local day.
    at = models.DateTimeField()
    day = models.DateField()
    item = models.CharField(max_length=200)
    item_key = models.CharField(max_length=60)
    detector = models.CharField(max_length=40)
    code = models.CharField(max_length=40)
    mode = models.CharField(max_length=6, choices=Mode.choices)
    line = models.PositiveIntegerField(null=True)
    start = models.PositiveIntegerField(default=0)
    end = models.PositiveIntegerField(default=0)
    matched = models.CharField(max_length=80, blank=True)
    # Of the item, on its first automatic finding only: sums over findings are sums over conversations.
    points = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    money = models.DecimalField(max_digits=9, decimal_places=2, default=0)
    confidence = models.FloatField()
    detail: models.JSONField[Any, Any] = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    # As of its inspection: history stays, figures and lists show what is current.
    current = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["site", "-at", "-id"], name="finding_site"),
            models.Index(fields=["site", "day"], name="finding_site_day"),
            models.Index(fields=["staff", "-at", "-id"], name="finding_staff", condition=~models.Q(staff=None)),
            models.Index(fields=["item_key", "-at", "-id"], name="finding_item"),
            models.Index(fields=["-at", "-id"], name="finding_newest"),
        ]


class Ruling(models.Model):
    """One item of one judged subject decided by a person, over what the machine said (QA6, QA7).

    It stands beside the inspection's row, not below it: inspecting again under the same version replaces that row and applies the
    standing rulings to the new one. ``line``, ``start``, ``end``: where the person saw a breach the machine did not see.
    """

    class Verdict(models.TextChoices):
        """What the item is."""

        BREACHED = "breached", _("违规")
        PASSED = "passed", _("合格")
        NOT_APPLICABLE = "not_applicable", _("不适用")

    class Source(models.TextChoices):
        """On which occasion."""

        REVIEW = "review", _("人工评分")
        APPEAL = "appeal", _("申诉复核")
        FINAL = "final", _("终审")

    subject_kind = models.CharField(max_length=12, choices=SubjectKind.choices)
    subject_id = models.BigIntegerField()
    handbook = models.CharField(max_length=60)
    version = models.PositiveIntegerField()
    scorecard = models.CharField(max_length=60)
    item_key = models.CharField(max_length=60)
    verdict = models.CharField(max_length=14, choices=Verdict.choices)
    reason = models.CharField(max_length=1000, blank=True)
    source = models.CharField(max_length=6, choices=Source.choices)
    staff = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    standing = models.BooleanField(default=True)
    line = models.PositiveIntegerField(null=True)
    start = models.PositiveIntegerField(default=0)
    end = models.PositiveIntegerField(default=0)
    matched = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "handbook", "version", "scorecard", "item_key"],
                condition=models.Q(standing=True),
                name="ruling_standing",
            )
        ]
        indexes = [models.Index(fields=["subject_kind", "subject_id", "handbook", "version", "scorecard"], name="ruling_subject")]
