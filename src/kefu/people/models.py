"""Tables of sites, teams, staff, their sessions and API tokens."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from kefu.kernel.encryption import EncryptedTextField
from kefu.people.permissions import ROLE_TITLES, Role


class Site(models.Model):
    """A place with people: a hub, an express station below it, an online shop, or headquarters."""

    class Kind(models.TextChoices):
        """Kinds of site."""

        HEADQUARTERS = "hq", _("总部")
        HUB = "hub", _("分拨中心")
        STATION = "station", _("网点")
        SHOP = "shop", _("店铺")

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    # Ids from the root down to this site, "/1/4/": one prefix test gives the subtree.
    path = models.CharField(max_length=200, db_index=True, default="/")
    handbook = models.CharField(max_length=40)
    city = models.CharField(max_length=40, blank=True)
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """People of one site who share work and a lead."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="team_name_once")]

    def __str__(self) -> str:
        return self.name


class StaffManager(BaseUserManager["Staff"]):
    """Finds staff by their sign-in name."""


class Staff(AbstractBaseUser):
    """A person who works here, with a 工号, one role and one site."""

    username = models.CharField(max_length=60, unique=True)
    staff_no = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=60)
    role = models.CharField(max_length=12, choices=[(role.value, ROLE_TITLES[role]) for role in Role])
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="staff")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="members")
    language = models.CharField(max_length=10, default="zh-hans")
    is_active = models.BooleanField(default=True)
    # Somebody else chose the password: nothing is open to them until they have set their own (SEC5).
    must_set_password = models.BooleanField(default=False, db_default=False)
    hired_on = models.DateField(null=True, blank=True)
    totp_secret = EncryptedTextField(blank=True, default="")
    totp_enabled_at = models.DateTimeField(null=True, blank=True)
    # Last accepted time step: a code works once.
    totp_last_step = models.BigIntegerField(default=0)
    version = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = StaffManager()

    class Meta:
        indexes = [models.Index(fields=["site", "role"], name="staff_site_role")]

    def __str__(self) -> str:
        return f"{self.name} {self.staff_no}"


class SignInAttempt(models.Model):
    """One try to sign in; lock-out is counted from these rows (SEC5)."""

    username_key = models.CharField(max_length=64)
    ip = models.CharField(max_length=45, blank=True)
    at = models.DateTimeField()
    succeeded = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["username_key", "at"], name="attempt_name"), models.Index(fields=["ip", "at"], name="attempt_ip")]


class StaffSession(models.Model):
    """A signed-in browser; its owner sees it in a list and can end it (SEC5)."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="sessions")
    key_hash = models.CharField(max_length=64, unique=True)
    ip = models.CharField(max_length=45, blank=True)
    user_agent = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["staff", "-seen_at"], name="session_staff")]


class ApiToken(models.Model):
    """A key for one integration, with its own permissions and sites. Only a hash is kept (PLAT2)."""

    name = models.CharField(max_length=60)
    prefix = models.CharField(max_length=12, unique=True)
    secret_hash = models.CharField(max_length=64)
    permissions: models.JSONField[Any, Any] = models.JSONField(default=list)
    # Ids of the sites in reach; null: all.
    site_ids: models.JSONField[Any, Any] = models.JSONField(null=True)
    created_by = models.CharField(max_length=80)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
