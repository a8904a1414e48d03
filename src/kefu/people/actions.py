"""Every write of people: sites, teams, staff, API tokens. Sign-in is in ``sign_in``."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial

from django.contrib.auth.hashers import Argon2PasswordHasher, get_hasher, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit, ids, outbox
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Conflict, Invalid
from kefu.people import access, rules
from kefu.people.events import StaffNoted
from kefu.people.models import ApiToken, SignInAttempt, Site, Staff, StaffSession, Team
from kefu.people.permissions import Permission, Role

TOKEN_USED_EVERY = timedelta(minutes=1)


def site_ref(site: Site) -> Ref:
    """How other records point at a site."""
    return Ref("site", site.pk, site.name)


def staff_ref(staff: Staff) -> Ref:
    """How other records point at a person."""
    return Ref("staff", staff.pk, f"{staff.name} {staff.staff_no}")


def create_site(
    *, actor: Actor, code: str, name: str, kind: str, handbook: str, now: datetime, parent: Site | None = None, city: str = ""
) -> Site:
    """Add a site below ``parent``; the code must be new. Only who reaches every site makes one below none."""
    access.require(actor, Permission.PEOPLE_EDIT)
    if parent is not None:
        access.require_site(actor, parent.pk)
    elif actor.sites is not None:
        raise Invalid(fields={"parent": _("请选择上级站点。")})
    if kind not in Site.Kind.values:
        raise Invalid(fields={"kind": _("请选择站点类型。")})
    if not code.strip() or not name.strip():
        raise Invalid(fields={"code": _("请填写站点编号和名称。")})
    try:
        with transaction.atomic():
            site = Site.objects.create(code=code.strip(), name=name.strip(), kind=kind, handbook=handbook, parent=parent, city=city)
            site.path = f"{parent.path if parent else '/'}{site.pk}/"
            site.save(update_fields=["path"])
            audit.record(
                actor, "site.created", site_ref(site), now=now, site_id=site.pk, data={"code": code, "kind": kind, "handbook": handbook}
            )
            transaction.on_commit(partial(access.forget_reach, site))
    except IntegrityError as error:
        raise Conflict(_("站点编号 %(site_code)s 已存在，请换一个。"), code="site_exists", site_code=code) from error
    return site


def create_team(*, actor: Actor, site: Site, name: str, now: datetime) -> Team:
    """Add a team to a site."""
    access.require(actor, Permission.PEOPLE_EDIT)
    access.require_site(actor, site.pk)
    try:
        with transaction.atomic():
            team = Team.objects.create(site=site, name=name.strip())
            audit.record(actor, "team.created", Ref("team", team.pk, team.name), now=now, site_id=site.pk)
    except IntegrityError as error:
        raise Conflict(_("该站点已有同名班组。"), code="team_exists") from error
    return team


@dataclass(frozen=True)
class NewStaff:
    """What is needed to take somebody on."""

    username: str
    staff_no: str
    name: str
    role: str
    site: Site
    password: str
    team: Team | None = None
    hired_on: date | None = None
    # The password is known to somebody else: the person must set another at the first sign-in.
    must_set_password: bool = False
    # The password stands in the documentation (a demo): there is nothing to protect, so its hash is cheap until the first sign-in.
    published_password: bool = False


class _Published(Argon2PasswordHasher):
    """Read like any other hash, and made anew at full cost at the next sign-in because its parameters are not those in force."""

    time_cost, memory_cost, parallelism = 1, 1024, 1


def check_password(password: str, staff: Staff | None = None) -> None:
    """Refuse a weak password, saying why."""
    try:
        validate_password(password, staff)
    except ValidationError as error:
        raise Invalid(fields={"password": " ".join(error.messages)}) from error


def create_staff(*, actor: Actor, new: NewStaff, now: datetime) -> Staff:
    """Take somebody on; sign-in name and 工号 must be new."""
    access.require(actor, Permission.PEOPLE_EDIT)
    access.require_site(actor, new.site.pk)
    if new.role not in set(Role) or (new.role == Role.ADMIN and not actor.may("*") and actor.role != Role.ADMIN):
        raise Invalid(fields={"role": _("请选择您有权授予的岗位。")})
    if new.team is not None and new.team.site_id != new.site.pk:
        raise Invalid(fields={"team": _("班组不属于该站点。")})
    check_password(new.password)
    staff = Staff(
        username=new.username.strip().lower(),
        staff_no=new.staff_no.strip(),
        name=new.name.strip(),
        role=new.role,
        site=new.site,
        team=new.team,
        hired_on=new.hired_on,
        must_set_password=new.must_set_password,
    )
    cheap = new.published_password and isinstance(get_hasher(), Argon2PasswordHasher)
    staff.password = make_password(new.password, hasher=_Published() if cheap else "default")
    try:
        with transaction.atomic():
            staff.save(force_insert=True)
            audit.record(actor, "staff.created", staff_ref(staff), now=now, site_id=new.site.pk, data={"role": new.role})
            outbox.emit(StaffNoted(staff_id=staff.pk, site_id=staff.site_id), now=now)
    except IntegrityError as error:
        raise Conflict(
            _("用户名或工号已存在：%(username)s / %(staff_no)s。"), code="staff_exists", username=new.username, staff_no=new.staff_no
        ) from error
    return staff


def set_active(*, actor: Actor, staff_id: int, active: bool, now: datetime) -> Staff:
    """Let somebody in again or shut them out; shutting out ends all their sessions at once."""
    staff = access.get_account(actor, staff_id)
    if staff.pk == actor.staff_id:
        raise Conflict(_("不能停用自己的账号，请由其他管理员操作。"), code="not_yourself")
    with transaction.atomic():
        Staff.objects.filter(pk=staff.pk).update(is_active=active)
        if not active:
            StaffSession.objects.filter(staff=staff, ended_at=None).update(ended_at=now)
        audit.record(actor, "staff.activated" if active else "staff.deactivated", staff_ref(staff), now=now, site_id=staff.site_id)
        outbox.emit(StaffNoted(staff_id=staff.pk, site_id=staff.site_id), now=now)
    staff.is_active = active
    return staff


@dataclass(frozen=True)
class PasswordReset:
    """What a reset did: ``ended`` sessions of the person."""

    staff: Staff
    ended: int


def reset_password(*, actor: Actor, staff_id: int, password: str, now: datetime, drop_totp: bool = False) -> PasswordReset:
    """Give somebody a new password: all their sessions end and the door is unlocked; with ``drop_totp`` the second factor goes too."""
    staff = access.get_account(actor, staff_id)
    check_password(password, staff)
    staff.set_password(password)
    staff.must_set_password = True
    fields = ["password", "must_set_password"]
    if drop_totp:
        staff.totp_secret, staff.totp_enabled_at, staff.totp_last_step = "", None, 0
        fields += ["totp_secret", "totp_enabled_at", "totp_last_step"]
    with transaction.atomic():
        staff.save(update_fields=fields)
        ended = StaffSession.objects.filter(staff=staff, ended_at=None).update(ended_at=now)
        _forget_tries(staff)
        audit.record(actor, "password.reset", staff_ref(staff), now=now, site_id=staff.site_id, data={"totp_dropped": drop_totp})
    return PasswordReset(staff, ended)


def unlock(*, actor: Actor, staff_id: int, now: datetime) -> int:
    """Forget the wrong tries that shut somebody out; returns how many there were."""
    staff = access.get_account(actor, staff_id)
    with transaction.atomic():
        forgotten = _forget_tries(staff)
        audit.record(actor, "staff.unlocked", staff_ref(staff), now=now, site_id=staff.site_id, data={"count": forgotten})
    return forgotten


def _forget_tries(staff: Staff) -> int:
    return SignInAttempt.objects.filter(username_key=rules.name_key(staff.username), succeeded=False).delete()[0]


def touch_token(*, actor: Actor, now: datetime) -> None:
    """Note that the integration's key was used, at most once a minute; no audit row, its writes have their own."""
    stale = Q(used_at=None) | Q(used_at__lte=now - TOKEN_USED_EVERY)
    ApiToken.objects.filter(stale, pk=actor.id).update(used_at=now)


def create_token(
    *,
    actor: Actor,
    name: str,
    permissions: Sequence[str],
    now: datetime,
    site_ids: Sequence[int] | None = None,
    expires_at: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make a key for an integration; the secret is returned once and never stored. It cannot hold more than its maker."""
    access.require(actor, Permission.TOKEN_EDIT)
    unknown = [code for code in permissions if code not in set(Permission) or not actor.may(code)]
    if unknown:
        raise Invalid(fields={"permissions": _("包含未知或您没有的权限。")}, unknown=", ".join(unknown))
    reach = list(site_ids) if site_ids is not None else (None if actor.sites is None else sorted(actor.sites))
    if reach is not None and any(not actor.reaches(site) for site in reach):
        raise Invalid(fields={"sites": _("包含您无权访问的站点。")})
    prefix, secret = ids.token(8), ids.token(40)
    with transaction.atomic():
        token = ApiToken.objects.create(
            name=name.strip(),
            prefix=prefix,
            secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
            permissions=list(permissions),
            site_ids=reach,
            created_by=actor.name,
            created_at=now,
            expires_at=expires_at,
        )
        audit.record(actor, "token.created", Ref("token", token.pk, name), now=now, data={"permissions": list(permissions)})
    return token, f"kefu_{prefix}_{secret}"


def revoke_token(*, actor: Actor, token_id: int, now: datetime) -> None:
    """End a key; the next request with it is refused."""
    access.require(actor, Permission.TOKEN_EDIT)
    with transaction.atomic():
        if ApiToken.objects.filter(pk=token_id, revoked_at=None).update(revoked_at=now):
            audit.record(actor, "token.revoked", Ref("token", token_id), now=now)
