"""Tables of this room."""

from typing import Any

from django.db import models

from kefu.kernel.encryption import EncryptedTextField
from kefu.station.problems.vocabulary import OPEN_STATES, State, Told, Way


class Problem(models.Model):
    """A problem with a waybill that one site reports to another. ``clause`` is the type's clause of the handbook it was reported under."""

    waybill = models.CharField(max_length=40)
    kind = models.CharField(max_length=30)
    group = models.CharField(max_length=30)
    clause = models.CharField(max_length=160)
    reporter_site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    receiver_site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    description = EncryptedTextField(blank=True, default="")
    # Up to four numbers, one a line; and an account to pay to.
    phones = EncryptedTextField(blank=True, default="")
    account = EncryptedTextField(blank=True, default="")
    # 工号 of the courier it is pushed to.
    courier = models.CharField(max_length=20, blank=True, default="")
    # Where an intercepted parcel is to go; empty for any other problem.
    way = models.CharField(max_length=2, choices=Way.choices, blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    reported_by = models.CharField(max_length=80)
    reported_by_no = models.CharField(max_length=20, blank=True, default="")
    reported_at = models.DateTimeField()
    # When the receiver ought to have answered (none when the handbook does not say); once it has, nothing is due.
    answer_due_at = models.DateTimeField(null=True)
    # When the ageing limit of the type is reached, and the alarm it ends in.
    alarm_at = models.DateTimeField(null=True)
    alarm = models.CharField(max_length=10, blank=True, default="")
    last_at = models.DateTimeField()
    messages = models.PositiveIntegerField(default=0)
    # Lines the site has not seen.
    reporter_unread = models.PositiveIntegerField(default=0)
    receiver_unread = models.PositiveIntegerField(default=1)
    reporter_read_at = models.DateTimeField(null=True)
    receiver_read_at = models.DateTimeField(null=True)
    result = models.CharField(max_length=20, blank=True, default="")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True, default="")
    external_id = models.CharField(max_length=80, null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reporter_site", "external_id"], name="problem_external_once"),
            models.UniqueConstraint(
                fields=["waybill", "kind", "reporter_site"],
                condition=models.Q(state__in=[one.value for one in OPEN_STATES]),
                name="problem_open_once",
            ),
            models.CheckConstraint(condition=~models.Q(reporter_site=models.F("receiver_site")), name="problem_two_sites"),
            models.CheckConstraint(condition=~models.Q(state=State.DONE) | ~models.Q(result=""), name="problem_done_has_result"),
        ]
        indexes = [
            models.Index(fields=["receiver_site", "state", "-id"], name="problem_receiver"),
            models.Index(fields=["reporter_site", "state", "-id"], name="problem_reporter"),
            models.Index(fields=["waybill"], name="problem_waybill"),
            models.Index(fields=["state", "alarm_at"], name="problem_alarm"),
        ]


class Line(models.Model):
    """A line of the thread: what a site wrote, or what happened (``told`` with ``data``, put into words when read)."""

    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="lines", db_index=False)
    told = models.CharField(max_length=10, choices=Told.choices, default=Told.REPLY)
    site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    author = models.CharField(max_length=80)
    author_no = models.CharField(max_length=20, blank=True, default="")
    text = EncryptedTextField(blank=True, default="")
    data: models.JSONField[Any, Any] = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["problem", "id"], name="problem_line")]


class Picture(models.Model):
    """A picture of a problem, kept encrypted; ``line`` is none for those of the report itself."""

    problem = models.ForeignKey(Problem, on_delete=models.CASCADE, related_name="pictures")
    line = models.ForeignKey(Line, null=True, on_delete=models.CASCADE, related_name="pictures")
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=80)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["problem", "sha256"], name="problem_picture_once")]
