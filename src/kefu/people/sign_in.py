"""Signing in and out: lock-out, second factor, sessions (SEC5)."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import pyotp
from django.contrib.auth.hashers import check_password as check_hash
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit, prepared
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.errors import Invalid, NotFound
from kefu.people import rules
from kefu.people.access import get_account
from kefu.people.actions import check_password, staff_ref
from kefu.people.errors import LockedOut, WrongCode, WrongCredentials
from kefu.people.models import SignInAttempt, Staff, StaffSession

_SEEN_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class SignIn:
    """Somebody whose password was right; ``needs_code`` when a second factor is still due."""

    staff: Staff
    needs_code: bool


def _guard(username: str, ip: str, now: datetime) -> None:
    wrong = SignInAttempt.objects.filter(at__gt=now - rules.WINDOW, succeeded=False)
    by_name = wrong.filter(username_key=rules.name_key(username)).count()
    by_ip = wrong.filter(ip=ip).count() if ip else 0
    if minutes := rules.lock_minutes(by_name, by_ip):
        raise LockedOut(minutes=minutes)


def locked(staff: Staff, *, now: datetime) -> bool:
    """Whether wrong tries keep this person out now, from wherever they try."""
    wrong = SignInAttempt.objects.filter(at__gt=now - rules.WINDOW, succeeded=False, username_key=rules.name_key(staff.username))
    return bool(rules.lock_minutes(wrong.count(), 0))


def _note(username: str, ip: str, now: datetime, *, succeeded: bool) -> None:
    SignInAttempt.objects.create(username_key=rules.name_key(username), ip=ip, at=now, succeeded=succeeded)


def _refuse(username: str, ip: str, now: datetime, staff: Staff | None, reason: str) -> None:
    with transaction.atomic():
        _note(username, ip, now, succeeded=False)
        subject = staff_ref(staff) if staff else Ref("staff", 0)
        audit.record(Actor(kind="system", id=0, name="sign-in", ip=ip), "sign_in.refused", subject, now=now, data={"reason": reason})


def check_credentials(*, username: str, password: str, ip: str, now: datetime) -> SignIn:
    """Check name and password. Unknown names take as long as wrong passwords; tries are counted by name and address."""
    _guard(username, ip, now)
    staff = Staff.objects.select_related("site").filter(username=username.strip().lower()).first()
    if staff is None:
        make_password(password)
    if staff is None or not check_hash(password, staff.password, partial(_rehash, staff)) or not staff.is_active:
        _refuse(username, ip, now, staff, "password")
        raise WrongCredentials
    return SignIn(staff, needs_code=staff.totp_enabled_at is not None)


def _rehash(staff: Staff, password: str) -> None:
    """The password was right, but its hash was made with other costs than those in force."""
    staff.set_password(password)
    staff.save(update_fields=["password"])


def check_code(*, staff: Staff, code: str, ip: str, now: datetime) -> None:
    """Check the six digits; each works once, wrong ones count towards the lock-out."""
    _guard(staff.username, ip, now)
    step = rules.accepted_step(staff.totp_secret, code.strip(), now, staff.totp_last_step)
    claimed = step is not None and Staff.objects.filter(pk=staff.pk, totp_last_step__lt=step).update(totp_last_step=step) == 1
    if not claimed:
        _refuse(staff.username, ip, now, staff, "code")
        raise WrongCode


def start_session(*, staff: Staff, session_key: str, ip: str, user_agent: str, now: datetime) -> StaffSession:
    """Note a browser that has fully signed in."""
    with transaction.atomic():
        _note(staff.username, ip, now, succeeded=True)
        SignInAttempt.objects.filter(username_key=rules.name_key(staff.username), succeeded=False).delete()
        Staff.objects.filter(pk=staff.pk).update(last_login=now)
        session = StaffSession.objects.create(
            staff=staff, key_hash=_hash(session_key), ip=ip, user_agent=user_agent[:200], started_at=now, seen_at=now
        )
        audit.record(
            Actor(kind="staff", id=staff.pk, name=staff.name, ip=ip), "sign_in.done", staff_ref(staff), now=now, site_id=staff.site_id
        )
    return session


def _hash(session_key: str) -> str:
    return hashlib.sha256(session_key.encode()).hexdigest()


def touch_session(*, session_key: str, now: datetime) -> bool:
    """Whether this browser's session still stands; its last-seen time is written at most once a minute."""
    row = prepared.first(_standing, key_hash=_hash(session_key))
    if row is None:
        return False
    pk, seen_at = row
    if now - seen_at > _SEEN_EVERY:
        StaffSession.objects.filter(pk=pk).update(seen_at=now)
    return True


def _standing(*, key_hash: str) -> QuerySet[StaffSession, tuple[int, datetime]]:
    return StaffSession.objects.filter(key_hash=key_hash, ended_at=None).order_by("pk").values_list("pk", "seen_at")[:1]


def standing(session_keys: Iterable[str]) -> set[str]:
    """Those of these sessions that nobody has ended; a look that does not count as use."""
    by_hash = {_hash(key): key for key in session_keys}
    rows = StaffSession.objects.filter(key_hash__in=list(by_hash), ended_at=None, staff__is_active=True)
    return {by_hash[found] for found in rows.values_list("key_hash", flat=True)}


def end_session(*, actor: Actor, session_id: int, now: datetime) -> None:
    """End one of one's own sessions."""
    with transaction.atomic():
        if not StaffSession.objects.filter(pk=session_id, staff_id=actor.own_id, ended_at=None).update(ended_at=now):
            raise NotFound
        audit.record(actor, "session.ended", Ref("session", session_id), now=now)


def end_session_of(*, session_key: str, now: datetime) -> None:
    """Sign out: end the session of this browser, if there is one."""
    StaffSession.objects.filter(key_hash=_hash(session_key), ended_at=None).update(ended_at=now)


def begin_totp(*, actor: Actor) -> str:
    """A fresh secret for the authenticator app; nothing is stored until a code made from it is confirmed."""
    if actor.staff_id is None:
        raise NotFound
    return pyotp.random_base32()


def totp_uri(*, staff: Staff, secret: str) -> str:
    """Address the authenticator app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=staff.username, issuer_name="Kefu 客服")


def enable_totp(*, actor: Actor, secret: str, code: str, now: datetime) -> None:
    """Turn the second factor on, once a code proves the app holds the secret."""
    step = rules.accepted_step(secret, code.strip(), now, 0)
    if step is None:
        raise WrongCode
    staff = Staff.objects.get(pk=actor.own_id)
    staff.totp_secret, staff.totp_enabled_at, staff.totp_last_step = secret, now, step
    with transaction.atomic():
        staff.save(update_fields=["totp_secret", "totp_enabled_at", "totp_last_step"])
        audit.record(actor, "totp.enabled", staff_ref(staff), now=now)


def change_password(*, actor: Actor, old: str, new: str, now: datetime) -> None:
    """Change one's own password; all other sessions end."""
    staff = Staff.objects.get(pk=actor.own_id)
    if not check_hash(old, staff.password):
        raise WrongCredentials
    if new == old:
        raise Invalid(fields={"new": _("新密码不能与当前密码相同。")})
    check_password(new, staff)
    staff.set_password(new)
    staff.must_set_password = False
    with transaction.atomic():
        staff.save(update_fields=["password", "must_set_password"])
        StaffSession.objects.filter(staff=staff, ended_at=None).update(ended_at=now)
        audit.record(actor, "password.changed", staff_ref(staff), now=now)


def set_language(*, actor: Actor, language: str) -> None:
    """Remember the language somebody reads in."""
    Staff.objects.filter(pk=actor.own_id).update(language=language)


def reset_totp(*, actor: Actor, staff_id: int, now: datetime) -> None:
    """Take the second factor off somebody who lost their phone; all their sessions end."""
    staff = get_account(actor, staff_id)
    with transaction.atomic():
        Staff.objects.filter(pk=staff.pk).update(totp_secret="", totp_enabled_at=None, totp_last_step=0)
        StaffSession.objects.filter(staff=staff, ended_at=None).update(ended_at=now)
        audit.record(actor, "totp.reset", staff_ref(staff), now=now, site_id=staff.site_id)
