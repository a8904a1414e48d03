"""Tables of the ground floor: audit, outbox, counters, search documents, idempotency."""

from typing import Any

from django.db import models


class Counter(models.Model):
    """A named whole number moved by one process at a time; see ``sequences``."""

    name = models.CharField(max_length=60, primary_key=True)
    value = models.BigIntegerField(default=0)


class OutboxEvent(models.Model):
    """A fact that happened; ``seq`` is given after commit, in the order readers see."""

    seq = models.BigIntegerField(null=True, unique=True)
    type = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField(default=1)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    site_id = models.BigIntegerField(null=True)
    payload: models.JSONField[Any, Any] = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="outbox_unsealed", condition=models.Q(seq=None)),
            models.Index(fields=["subject_kind", "subject_id", "seq"], name="outbox_subject"),
        ]


class Consumer(models.Model):
    """How far a reader of the outbox has come."""

    name = models.CharField(max_length=80, primary_key=True)
    seq = models.BigIntegerField(default=0)


class FailedEvent(models.Model):
    """An event a reaction could not handle: kept, shown, tried again; never dropped silently."""

    consumer = models.CharField(max_length=80)
    event = models.ForeignKey(OutboxEvent, on_delete=models.CASCADE)
    error = models.TextField()
    tries = models.PositiveIntegerField(default=1)
    failed_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["consumer", "event"], name="failed_event_once")]


class AuditEntry(models.Model):
    """Who did what to which thing, when, with which data; append-only and chained by hash (SEC3).

    Names and texts are copied, so history outlives what it speaks of. Words are made at read time from ``action``.
    """

    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField()
    actor_name = models.CharField(max_length=80)
    actor_ip = models.CharField(max_length=45, blank=True)
    action = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    subject_text = models.CharField(max_length=120, blank=True)
    site_id = models.BigIntegerField(null=True)
    clause = models.CharField(max_length=160, blank=True)
    data: models.JSONField[Any, Any] = models.JSONField(default=dict)
    chain = models.BigIntegerField(null=True, unique=True)
    hash = models.CharField(max_length=64, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id", "id"], name="audit_subject"),
            models.Index(fields=["actor_kind", "actor_id", "id"], name="audit_actor"),
            models.Index(fields=["id"], name="audit_unsealed", condition=models.Q(chain=None)),
        ]


class SearchDocument(models.Model):
    """What search knows of one thing: its kind, its scope; newer rows have larger ids.

    The tokens live beside it per database (migration 0002): a ``tsvector`` column on PostgreSQL, an FTS5 table with the same
    row ids on SQLite. See ``search``.
    """

    kind = models.CharField(max_length=16)
    object_id = models.BigIntegerField()
    site_id = models.BigIntegerField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="search_document_once")]
        indexes = [
            models.Index(fields=["kind", "-id"], name="search_newest"),
            models.Index(fields=["kind", "site_id", "-id"], name="search_newest_of_site"),
        ]


class IdempotencyKey(models.Model):
    """The answer given to a request, so that the same request sent again gets the same answer (PLAT2)."""

    caller = models.CharField(max_length=40)
    key = models.CharField(max_length=100)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="idempotency_once")]


class ImportRun(models.Model):
    """One import of a file: where it stands, what it counted; resumes by its position (PLAT2)."""

    class State(models.TextChoices):
        """States of a run."""

        PREVIEWED = "previewed"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    kind = models.CharField(max_length=40)
    file_name = models.CharField(max_length=200)
    file_hash = models.CharField(max_length=64)
    options: models.JSONField[Any, Any] = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State.choices, default=State.RUNNING)
    position = models.BigIntegerField(default=0)
    read = models.BigIntegerField(default=0)
    stored = models.BigIntegerField(default=0)
    present = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    refused_file = models.CharField(max_length=300, blank=True)
    # Who ran it last, and the site that rows without one of their own go to.
    actor_kind = models.CharField(max_length=12, default="system")
    actor_id = models.BigIntegerField(default=0)
    actor_name = models.CharField(max_length=80)
    site_id = models.BigIntegerField(null=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "file_hash"], name="import_run_once")]
