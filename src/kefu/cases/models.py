"""Tables of cases: the case, its timeline, tasks, links and attachments."""

from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kernel.encryption import EncryptedTextField

# Sorts behind every real deadline; keyset pages need a value in each row.
NO_DEADLINE = datetime(9999, 1, 1, tzinfo=UTC)


class Case(models.Model):
    """Something a customer, a site or a platform wants settled, on the procedure of the handbook in force when it was opened.

    ``step`` is the last step taken, empty before the first. ``data`` (JSON, encrypted) holds the answers of all steps by field id.
    """

    class Status(models.TextChoices):
        """Where the ball lies."""

        OPEN = "open", _("处理中")
        WAITING_CUSTOMER = "waiting_customer", _("等客户")
        WAITING_OTHER = "waiting_other", _("等他人")
        SOLVED = "solved", _("已解决")
        CLOSED = "closed", _("已结案")
        MERGED = "merged", _("已合并")

    # Foreign keys have no index of their own where one below begins with them: every index is written again with most changes of a case.
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    team = models.ForeignKey("people.Team", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    handbook = models.CharField(max_length=60)
    kind = models.CharField(max_length=60)
    procedure = models.CharField(max_length=60)
    step = models.CharField(max_length=60, blank=True)
    status = models.CharField(max_length=16, choices=Status.choices, default=Status.OPEN)
    # Denormalised "not closed and not merged", so that the work list is one index.
    is_open = models.BooleanField(default=True)
    level = models.CharField(max_length=30, blank=True)
    level_rank = models.PositiveSmallIntegerField(default=0)
    tier = models.CharField(max_length=30, blank=True)
    channel = models.CharField(max_length=12)
    title = models.CharField(max_length=120)
    description = EncryptedTextField(blank=True, default="")
    data = EncryptedTextField(blank=True, default="")
    waybill = models.CharField(max_length=40, blank=True)
    order_no = models.CharField(max_length=60, blank=True)
    customer = models.ForeignKey("customers.Customer", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    assignee = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    previous = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="repeats", db_index=False)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="merged_cases", db_index=False)
    urge_count = models.PositiveSmallIntegerField(default=0)
    repeat_count = models.PositiveSmallIntegerField(default=0)
    reopen_count = models.PositiveSmallIntegerField(default=0)
    next_due_at = models.DateTimeField(default=NO_DEADLINE)
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    solved_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    external_id = models.CharField(max_length=80, null=True)
    # The talk with the customer: ids of the last word of either side and of the customer's last, and who owes an answer since when.
    last_word = models.BigIntegerField(null=True)
    last_said = models.BigIntegerField(null=True)
    owed_since = models.DateTimeField(null=True)
    awaited_since = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["next_due_at", "id"], name="case_open_due", condition=models.Q(is_open=True)),
            models.Index(fields=["site", "next_due_at", "id"], name="case_site_open_due", condition=models.Q(is_open=True)),
            models.Index(fields=["assignee", "next_due_at", "id"], name="case_mine_due", condition=models.Q(is_open=True)),
            models.Index(fields=["-opened_at", "-id"], name="case_opened"),
            models.Index(fields=["site", "-opened_at", "-id"], name="case_site_opened"),
            models.Index(fields=["site", "kind", "-opened_at", "-id"], name="case_site_kind"),
            models.Index(fields=["site", "status", "-opened_at", "-id"], name="case_site_status"),
            models.Index(fields=["waybill"], name="case_waybill"),
            models.Index(fields=["site", "closed_at"], name="case_site_closed", condition=models.Q(closed_at__isnull=False)),
            models.Index(fields=["assignee", "-opened_at", "-id"], name="case_assignee", condition=models.Q(assignee__isnull=False)),
            models.Index(fields=["customer", "-id"], name="case_customer", condition=models.Q(customer__isnull=False)),
            models.Index(fields=["previous"], name="case_previous", condition=models.Q(previous__isnull=False)),
            models.Index(fields=["merged_into"], name="case_merged", condition=models.Q(merged_into__isnull=False)),
            models.Index(fields=["site", "owed_since", "id"], name="case_site_owed", condition=models.Q(owed_since__isnull=False)),
            # Two views each list counts on every page. Without these PostgreSQL reads all open cases of a site, or all of its cases.
            models.Index(
                fields=["site", "next_due_at", "id"], name="case_unassigned", condition=models.Q(is_open=True, assignee__isnull=True)
            ),
            models.Index(
                fields=["site", "next_due_at", "id"], name="case_waiting", condition=models.Q(is_open=True, status="waiting_customer")
            ),
        ]
        # Not ``unique=True``: on PostgreSQL that brings a second index, for LIKE, which nobody asks.
        constraints = [models.UniqueConstraint(fields=["site", "external_id"], name="case_external_once")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What people read out on the phone; follows from the key, so it is found by it."""
        return f"K{self.pk:07d}"


class Notice(models.Model):
    """A line in somebody's list: a clock of a case warned or broke, a case was given to them (CASE4 ladder)."""

    staff = models.ForeignKey("people.Staff", on_delete=models.CASCADE, related_name="+", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notices")
    # The task it is about, for who may see the task and not the case.
    task = models.ForeignKey("Task", null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    what = models.CharField(max_length=20)
    clause = models.CharField(max_length=160, blank=True)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["staff", "-id"], name="notice_unseen", condition=models.Q(seen_at=None))]
        constraints = [models.UniqueConstraint(fields=["staff", "case", "what", "clause", "at"], name="notice_once")]


class Attention(models.Model):
    """What somebody has to do with a case beside working it: followed, seen up to which entry, to be reminded of when (CASE8)."""

    staff = models.ForeignKey("people.Staff", on_delete=models.CASCADE, related_name="+", db_index=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="attention")
    followed_at = models.DateTimeField(null=True)
    seen_entry = models.BigIntegerField(default=0)
    wake_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "case"], name="attention_once")]
        indexes = [
            models.Index(fields=["wake_at"], name="attention_wake", condition=models.Q(wake_at__isnull=False)),
            models.Index(fields=["staff", "-case"], name="attention_followed", condition=models.Q(followed_at__isnull=False)),
        ]


class Entry(models.Model):
    """One thing that happened to a case, in order. Codes and data; words are made at read time."""

    class Kind(models.TextChoices):
        """What happened."""

        OPENED = "opened"
        STEP = "step"
        NOTE = "note"
        FIELD = "field"
        ASSIGNED = "assigned"
        CLOCK = "clock"
        LEVEL = "level"
        URGED = "urged"
        LINKED = "linked"
        MERGED = "merged"
        UNMERGED = "unmerged"
        TASK = "task"
        ATTACHED = "attached"
        REOPENED = "reopened"
        REPLY = "reply"
        SAID = "said"
        MATTER = "matter"

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="entries", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=80)
    text = EncryptedTextField(blank=True, default="")
    data: models.JSONField[Any, Any] = models.JSONField(default=dict)
    clause = models.CharField(max_length=160, blank=True)

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="entry_case")]


class Member(models.Model):
    """Somebody who answers for a department of a site (CASE9); which departments there are, the handbook says."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    department = models.CharField(max_length=60)
    staff = models.ForeignKey("people.Staff", on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    added_by = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "department", "staff"], name="member_once")]


class Task(models.Model):
    """Work asked of another site, team or department, answered inside the case (CASE9).

    With a ``department`` (``clause`` names it) its clocks are those of the handbook (subject ``task``); ``due_at`` is the nearest of them.
    ``assignee`` is the member who took it. ``files`` are those of the case that were sent with the question and the answers.
    """

    class State(models.TextChoices):
        """States of a task."""

        OPEN = "open", _("待办")
        DONE = "done", _("已完成")
        RETURNED = "returned", _("已退回")
        CANCELLED = "cancelled", _("已取消")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="tasks", db_index=False)
    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+")
    team = models.ForeignKey("people.Team", null=True, on_delete=models.PROTECT, related_name="+")
    assignee = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    department = models.CharField(max_length=60, blank=True, default="", db_default="")
    clause = models.CharField(max_length=160, blank=True, default="", db_default="")
    title = models.CharField(max_length=200)
    question = EncryptedTextField(blank=True, default="")
    files: models.ManyToManyField[Any, Any] = models.ManyToManyField("Attachment", related_name="+")
    answer = EncryptedTextField(blank=True, default="")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    due_at = models.DateTimeField()
    asked_by = models.CharField(max_length=80)
    # Whom to tell; empty for what an integration or the product asked.
    asker = models.ForeignKey("people.Staff", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    done_by = models.CharField(max_length=80, blank=True)
    done_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["site", "due_at", "id"], name="task_site_due", condition=models.Q(state="open")),
            models.Index(fields=["case", "id"], name="task_case"),
            models.Index(fields=["department", "site", "due_at", "id"], name="task_asked", condition=models.Q(state="open")),
            models.Index(fields=["asker", "due_at", "id"], name="task_asker", condition=models.Q(state="open", asker__isnull=False)),
            models.Index(fields=["department", "site", "-done_at", "-id"], name="task_ended", condition=models.Q(done_at__isnull=False)),
        ]


class Word(models.Model):
    """Something said on a task: the question, a word between, the answer, the reason it was handed back (CASE9)."""

    class Kind(models.TextChoices):
        """What happened."""

        ASKED = "asked", _("提问")
        TAKEN = "taken", _("领取")
        SAID = "said", _("留言")
        ANSWERED = "answered", _("答复")
        RETURNED = "returned", _("退回")
        CANCELLED = "cancelled", _("取消")

    task = models.ForeignKey(Task, on_delete=models.CASCADE, related_name="words", db_index=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    by = models.CharField(max_length=80)
    by_department = models.BooleanField(default=False)
    text = EncryptedTextField(blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["task", "id"], name="word_task")]


class Link(models.Model):
    """Ties a case to another case, a conversation or anything else, by kind and id."""

    class Kind(models.TextChoices):
        """Kinds of ties."""

        RELATED = "related", _("相关")
        PARENT = "parent", _("上级工单")
        REPEAT = "repeat", _("重复投诉")
        CONVERSATION = "conversation", _("会话")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="links", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    target_kind = models.CharField(max_length=30)
    target_id = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "kind", "target_kind", "target_id"], name="case_link_once")]
        indexes = [models.Index(fields=["target_kind", "target_id"], name="case_link_target")]


class Attachment(models.Model):
    """A file of a case, kept encrypted under ``KEFU_HOME/files``; served only as a download."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="attachments", db_index=False)
    name = models.CharField(max_length=200)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=100)
    stored_as = models.CharField(max_length=80)
    added_by = models.CharField(max_length=80)
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "sha256", "name"], name="attachment_once")]
