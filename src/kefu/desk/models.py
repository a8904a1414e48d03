"""Tables of the desk."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kernel.encryption import EncryptedTextField


class Draft(models.Model):
    """What somebody is writing, kept while they type. ``revision`` counts the saves; ``fields`` is JSON."""

    staff = models.ForeignKey("people.Staff", on_delete=models.CASCADE, related_name="+", db_index=False)
    subject = models.CharField(max_length=120)
    text = EncryptedTextField(blank=True, default="")
    fields = EncryptedTextField(blank=True, default="")
    revision = models.PositiveIntegerField(default=1)
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["staff", "subject"], name="draft_once")]
        indexes = [models.Index(fields=["saved_at"], name="draft_saved")]


class Scope(models.TextChoices):
    """Who shares a thing of the desk."""

    OWN = "own", _("本人")
    TEAM = "team", _("本站点")
    ALL = "all", _("全部人员")


class Shared(models.Model):
    """Something kept for oneself, for the people of a site and the sites below it, or for everybody."""

    scope = models.CharField(max_length=4, choices=Scope.choices)
    staff = models.ForeignKey("people.Staff", null=True, on_delete=models.CASCADE, related_name="+")
    site = models.ForeignKey("people.Site", null=True, on_delete=models.PROTECT, related_name="+")
    made_by = models.CharField(max_length=80)
    changed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True

    @staticmethod
    def owner_fits(name: str) -> models.CheckConstraint:
        """Own things have a person, those of a team a site, those of all neither."""
        own = models.Q(scope="own", staff__isnull=False, site=None)
        team = models.Q(scope="team", staff=None, site__isnull=False)
        return models.CheckConstraint(condition=own | team | models.Q(scope="all", staff=None, site=None), name=name)


class Phrase(Shared):
    """A text ready to send, with ``{variables}``. ``category`` is a path (``签收/未收到``), ``sounds`` pinyin initials and spelling."""

    category = models.CharField(max_length=80, blank=True)
    title = models.CharField(max_length=40)
    text = models.TextField()
    shortcut = models.CharField(max_length=20, blank=True)
    sounds = models.CharField(max_length=300, blank=True)
    uses = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [Shared.owner_fits("phrase_owner_fits")]


class Macro(Shared):
    """Several actions on a case in one go, for the kinds and statuses it is meant for (empty: any)."""

    name = models.CharField(max_length=40)
    kinds: models.JSONField[Any, Any] = models.JSONField(default=list)
    statuses: models.JSONField[Any, Any] = models.JSONField(default=list)
    parts: models.JSONField[Any, Any] = models.JSONField(default=list)
    uses = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [Shared.owner_fits("macro_owner_fits")]


class SavedView(Shared):
    """A choice of a list's rows with its columns. ``list_key`` says which; ``values`` are texts its filter takes."""

    list_key = models.CharField(max_length=40)
    name = models.CharField(max_length=40)
    values: models.JSONField[Any, Any] = models.JSONField(default=dict)
    columns: models.JSONField[Any, Any] = models.JSONField(default=list)
    density = models.CharField(max_length=8, default="normal")
    position = models.PositiveSmallIntegerField(default=0)
    pinned = models.BooleanField(default=False)

    class Meta:
        constraints = [Shared.owner_fits("view_owner_fits")]


class HandoverNote(models.Model):
    """A short text for the next shift of a site, perhaps about a case; read by each person once."""

    site = models.ForeignKey("people.Site", on_delete=models.PROTECT, related_name="+", db_index=False)
    author = models.ForeignKey("people.Staff", on_delete=models.PROTECT, related_name="+", db_index=False)
    case = models.ForeignKey("cases.Case", null=True, on_delete=models.SET_NULL, related_name="+")
    text = EncryptedTextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["site", "-at"], name="handover_site")]


class HandoverAck(models.Model):
    """Somebody has taken note."""

    note = models.ForeignKey(HandoverNote, on_delete=models.CASCADE, related_name="acks", db_index=False)
    staff = models.ForeignKey("people.Staff", on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "staff"], name="handover_ack_once")]
