"""People: roles, reach, sign-in with lock-out and second factor (SEC2, SEC5)."""

from datetime import timedelta
from functools import partial

import pyotp
import pytest
from django.utils import translation

from kefu.conftest import NOW, PASSWORD
from kefu.kernel.errors import Conflict, Denied, Invalid, NotFound
from kefu.kernel.models import AuditEntry
from kefu.people import access, actions, queries, rules, sign_in
from kefu.people.errors import AdministratorsOnly, LockedOut, MissingPermission, WrongCode, WrongCredentials
from kefu.people.models import SignInAttempt, Site, Staff, StaffSession
from kefu.people.permissions import PERMISSION_TITLES, ROLE_PERMISSIONS, Permission, Role


def test_every_role_has_its_permissions_and_only_admin_makes_tokens():
    assert set(ROLE_PERMISSIONS) == set(Role)
    holders = {role for role, held in ROLE_PERMISSIONS.items() if Permission.TOKEN_EDIT in held}
    assert holders == {Role.ADMIN}
    assert ROLE_PERMISSIONS[Role.CUSTOMER] == frozenset()


def test_reach_by_role(ground, cast):
    own = frozenset({ground.station.pk})
    tree = frozenset({ground.hub.pk, ground.station.pk, ground.other_station.pk})
    assert cast.agent.sites == own
    assert cast.clerk.sites == own
    assert cast.lead.sites == own
    assert cast.inspector.sites == tree
    assert cast.manager.sites == tree
    assert cast.admin.sites is None
    assert cast.outsider.sites == frozenset({ground.other_station.pk})


def test_somebody_out_of_reach_is_not_found(ground, cast, hire):
    there = hire("agent", ground.other_station)
    with pytest.raises(NotFound):
        access.get_staff(cast.lead, there.pk)
    assert access.get_staff(cast.manager, there.pk) == there
    assert [row.pk for row in access.visible_staff(cast.agent)] == [cast.agent.id]


@pytest.mark.parametrize("part", ["agent", "lead", "inspector", "trainer", "clerk"])
def test_who_may_not_hire_changes_nothing(part, ground, cast):
    before = (Staff.objects.count(), AuditEntry.objects.count())
    new = actions.NewStaff("new", "9999", "新人", "agent", ground.station, PASSWORD)
    with pytest.raises(MissingPermission) as refused:
        actions.create_staff(actor=getattr(cast, part), new=new, now=NOW)
    assert refused.value.params == {"permission": "people.edit"}
    assert (Staff.objects.count(), AuditEntry.objects.count()) == before


def test_manager_cannot_make_an_admin_nor_hire_at_a_site_out_of_reach(ground, cast):
    with pytest.raises(Invalid):
        actions.create_staff(actor=cast.manager, new=actions.NewStaff("a", "1", "甲", "admin", ground.station, PASSWORD), now=NOW)
    with pytest.raises(NotFound):
        actions.create_staff(actor=cast.manager, new=actions.NewStaff("a", "1", "甲", "agent", ground.shop, PASSWORD), now=NOW)


def test_numbers_and_names_are_unique(ground, cast, hire):
    known = hire("agent")
    for new in (
        actions.NewStaff(known.username, "7777", "乙", "agent", ground.station, PASSWORD),
        actions.NewStaff("other", known.staff_no, "乙", "agent", ground.station, PASSWORD),
    ):
        with pytest.raises(Conflict):
            actions.create_staff(actor=cast.admin, new=new, now=NOW)
    with pytest.raises(Conflict):
        actions.create_site(actor=cast.admin, code="NS01", name="又一个", kind="station", handbook="best", now=NOW)
    assert Site.objects.count() == 4


@pytest.mark.parametrize("password", ["short", "password123", "1234567890"])
def test_weak_passwords_are_refused(password, ground, cast):
    with pytest.raises(Invalid) as refused:
        actions.create_staff(actor=cast.admin, new=actions.NewStaff("x", "1", "甲", "agent", ground.station, password), now=NOW)
    assert "password" in refused.value.fields


def test_sign_in_and_wrong_password_look_alike_for_unknown_names(hire):
    staff = hire("agent")
    assert sign_in.check_credentials(username=staff.username.upper(), password=PASSWORD, ip="1.1.1.1", now=NOW).staff == staff
    for name in (staff.username, "nobody"):
        with pytest.raises(WrongCredentials):
            sign_in.check_credentials(username=name, password="wrong", ip="1.1.1.1", now=NOW)


def test_five_wrong_tries_lock_out_even_the_right_password_for_a_while(hire):
    staff = hire("agent")
    for _ in range(rules.MAX_WRONG_BY_NAME):
        with pytest.raises(WrongCredentials):
            sign_in.check_credentials(username=staff.username, password="wrong", ip="1.1.1.1", now=NOW)
    with pytest.raises(LockedOut):
        sign_in.check_credentials(username=staff.username, password=PASSWORD, ip="2.2.2.2", now=NOW)
    later = NOW + rules.WINDOW + timedelta(seconds=1)
    assert sign_in.check_credentials(username=staff.username, password=PASSWORD, ip="2.2.2.2", now=later).staff == staff


def test_many_names_from_one_address_lock_the_address(hire):
    staff = hire("agent")
    for number in range(rules.MAX_WRONG_BY_IP):
        with pytest.raises(WrongCredentials):
            sign_in.check_credentials(username=f"guess{number}", password="x", ip="6.6.6.6", now=NOW)
    with pytest.raises(LockedOut):
        sign_in.check_credentials(username=staff.username, password=PASSWORD, ip="6.6.6.6", now=NOW)
    assert sign_in.check_credentials(username=staff.username, password=PASSWORD, ip="7.7.7.7", now=NOW)


def test_second_factor_works_once_per_code(hire):
    staff = hire("agent")
    actor = access.actor_for(staff)
    secret = sign_in.begin_totp(actor=actor)
    code = pyotp.TOTP(secret).at(int(NOW.timestamp()))
    with pytest.raises(WrongCode):
        sign_in.enable_totp(actor=actor, secret=secret, code="000000" if code != "000000" else "111111", now=NOW)
    sign_in.enable_totp(actor=actor, secret=secret, code=code, now=NOW)
    staff.refresh_from_db()
    assert sign_in.check_credentials(username=staff.username, password=PASSWORD, ip="", now=NOW).needs_code
    later = NOW + timedelta(seconds=30)
    fresh = pyotp.TOTP(secret).at(int(later.timestamp()))
    sign_in.check_code(staff=staff, code=fresh, ip="", now=later)
    staff.refresh_from_db()
    with pytest.raises(WrongCode):
        sign_in.check_code(staff=staff, code=fresh, ip="", now=later)


def test_sessions_end_one_by_one_and_all_with_the_password(hire):
    staff, other = hire("agent"), hire("agent")
    actor = access.actor_for(staff)
    first = sign_in.start_session(staff=staff, session_key="k1", ip="", user_agent="Firefox", now=NOW)
    sign_in.start_session(staff=staff, session_key="k2", ip="", user_agent="Edge", now=NOW)
    theirs = sign_in.start_session(staff=other, session_key="k3", ip="", user_agent="Edge", now=NOW)
    with pytest.raises(NotFound):
        sign_in.end_session(actor=actor, session_id=theirs.pk, now=NOW)
    sign_in.end_session(actor=actor, session_id=first.pk, now=NOW)
    assert not sign_in.touch_session(session_key="k1", now=NOW)
    assert [row.user_agent for row in queries.sessions_of(actor)] == ["Edge"]
    sign_in.change_password(actor=actor, old=PASSWORD, new="another-good-phrase", now=NOW)
    assert not sign_in.touch_session(session_key="k2", now=NOW)
    assert sign_in.touch_session(session_key="k3", now=NOW)


def test_deactivating_ends_sessions_and_nobody_shuts_out_themselves(cast, hire):
    staff = hire("agent")
    sign_in.start_session(staff=staff, session_key="k", ip="", user_agent="", now=NOW)
    actions.set_active(actor=cast.manager, staff_id=staff.pk, active=False, now=NOW)
    assert not StaffSession.objects.filter(staff=staff, ended_at=None).exists()
    with pytest.raises(WrongCredentials):
        sign_in.check_credentials(username=staff.username, password=PASSWORD, ip="", now=NOW)
    with pytest.raises(Conflict):
        actions.set_active(actor=cast.manager, staff_id=cast.manager.id, active=False, now=NOW)


def test_tokens_hold_no_more_than_their_maker_and_only_a_hash_is_kept(cast, ground):
    token, text = actions.create_token(actor=cast.admin, name="erp", permissions=["case.view"], site_ids=[ground.station.pk], now=NOW)
    assert text.split("_")[2] not in token.secret_hash
    found = queries.token_by_text(text, NOW)
    assert found == token
    actor = access.actor_for_token(found)
    assert actor.sites == frozenset({ground.station.pk})
    assert queries.token_by_text(text + "x", NOW) is None
    assert queries.token_by_text("kefu_nonsense", NOW) is None
    with pytest.raises(Denied):
        actions.create_token(actor=cast.manager, name="x", permissions=["case.view"], now=NOW)
    with pytest.raises(Invalid):
        actions.create_token(actor=cast.admin, name="x", permissions=["rule.the.world"], now=NOW)
    actions.revoke_token(actor=cast.admin, token_id=token.pk, now=NOW)
    assert queries.token_by_text(text, NOW) is None
    brief, text = actions.create_token(actor=cast.admin, name="brief", permissions=[], now=NOW, expires_at=NOW + timedelta(days=1))
    assert queries.token_by_text(text, NOW) == brief
    assert queries.token_by_text(text, NOW + timedelta(days=1)) is None


def test_staff_page_costs_the_same_at_two_sizes(cast, hire, django_assert_num_queries):
    for _ in range(3):
        hire("agent")
    with django_assert_num_queries(1):
        small = queries.staff_page(cast.manager).rows
    for _ in range(12):
        hire("agent")
    with django_assert_num_queries(1):
        large = queries.staff_page(cast.manager).rows
    assert len(large) == len(small) + 12
    pages, cursor, seen = 0, None, []
    while True:
        page = queries.staff_page(cast.manager, cursor=cursor, size=7)
        seen += [row.staff_no for row in page.rows]
        pages, cursor = pages + 1, page.next
        if cursor is None:
            break
    assert seen == sorted(row.staff_no for row in large)
    assert pages == -(-len(large) // 7)


def test_every_permission_has_words_and_a_refusal_says_them(cast):
    assert set(PERMISSION_TITLES) == set(Permission)
    with pytest.raises(MissingPermission) as refused:
        access.require(cast.agent, Permission.TOKEN_EDIT)
    assert str(refused.value) == "您的岗位没有“管理接口密钥”权限，请联系组长或管理员。"
    with translation.override("en"):
        titles = {str(title) for title in PERMISSION_TITLES.values()}
        assert "Manage API keys" in str(refused.value)
    assert len(titles) == len(Permission)
    assert all(title.isascii() for title in titles)


def _new_site(actor, parent, code="NEW1"):
    return actions.create_site(actor=actor, code=code, name="新网点", kind="station", handbook="best", now=NOW, parent=parent)


def test_a_site_is_made_only_below_one_in_reach(ground, cast):
    before = (Site.objects.count(), AuditEntry.objects.count())
    with pytest.raises(NotFound):
        _new_site(cast.manager, ground.shop)
    with pytest.raises(Invalid) as refused:
        _new_site(cast.manager, None)
    assert set(refused.value.fields) == {"parent"}
    assert (Site.objects.count(), AuditEntry.objects.count()) == before
    assert _new_site(cast.manager, ground.hub).path.startswith(ground.hub.path)
    assert _new_site(cast.admin, None, "NEW2").parent is None


def test_who_reaches_the_hub_reaches_a_new_site_at_once(ground, cast, hire, django_capture_on_commit_callbacks):
    manager, outsider = hire("manager", ground.hub), hire("agent", ground.other_station)
    assert access.actor_for(manager).sites == cast.manager.sites
    access.actor_for(outsider)
    with django_capture_on_commit_callbacks(execute=True):
        made = _new_site(cast.manager, ground.other_station)
    assert access.actor_for(manager).sites == cast.manager.sites | {made.pk}
    assert access.actor_for(outsider).sites == {ground.other_station.pk}


def _locked_out(staff):
    for _try in range(rules.MAX_WRONG_BY_NAME):
        with pytest.raises(WrongCredentials):
            sign_in.check_credentials(username=staff.username, password="wrong", ip="", now=NOW)
    with pytest.raises(LockedOut):
        sign_in.check_credentials(username=staff.username, password=PASSWORD, ip="", now=NOW)


def test_a_reset_password_ends_sessions_unlocks_and_is_audited(ground, cast, hire):
    staff = hire("agent")
    Staff.objects.filter(pk=staff.pk).update(totp_secret="S", totp_enabled_at=NOW)
    sign_in.start_session(staff=staff, session_key="k", ip="", user_agent="", now=NOW)
    _locked_out(staff)
    done = actions.reset_password(actor=cast.manager, staff_id=staff.pk, password="another-Long-1", now=NOW)
    assert done.ended == 1
    assert sign_in.check_credentials(username=staff.username, password="another-Long-1", ip="", now=NOW).needs_code
    actions.reset_password(actor=cast.manager, staff_id=staff.pk, password="another-Long-2", now=NOW, drop_totp=True)
    assert not sign_in.check_credentials(username=staff.username, password="another-Long-2", ip="", now=NOW).needs_code
    row = AuditEntry.objects.filter(action="password.reset").order_by("pk").last()
    assert (row.actor_id, row.subject_id, row.site_id, row.data) == (cast.manager.id, staff.pk, staff.site_id, {"totp_dropped": True})


def test_unlocking_forgets_wrong_tries_of_this_person_only(cast, hire):
    staff, other = hire("agent"), hire("agent")
    _locked_out(staff)
    _locked_out(other)
    assert actions.unlock(actor=cast.manager, staff_id=staff.pk, now=NOW) == rules.MAX_WRONG_BY_NAME
    assert sign_in.check_credentials(username=staff.username, password=PASSWORD, ip="", now=NOW).staff == staff
    with pytest.raises(LockedOut):
        sign_in.check_credentials(username=other.username, password=PASSWORD, ip="", now=NOW)
    assert AuditEntry.objects.get(action="staff.unlocked").subject_id == staff.pk


@pytest.mark.parametrize(("part", "refusal"), [("agent", MissingPermission), ("lead", MissingPermission), ("elsewhere", NotFound)])
@pytest.mark.parametrize("act", ["reset", "unlock"])
def test_who_may_not_reset_or_unlock_changes_nothing(act, part, refusal, ground, cast, hire):
    actor = access.actor_for(hire("manager", ground.shop)) if part == "elsewhere" else getattr(cast, part)
    staff = hire("agent")
    _locked_out(staff)
    before = (Staff.objects.get(pk=staff.pk).password, SignInAttempt.objects.count(), AuditEntry.objects.count())
    change = partial(actions.reset_password, password="another-Long-1") if act == "reset" else actions.unlock
    with pytest.raises(refusal):
        change(actor=actor, staff_id=staff.pk, now=NOW)
    assert (Staff.objects.get(pk=staff.pk).password, SignInAttempt.objects.count(), AuditEntry.objects.count()) == before


@pytest.mark.parametrize(
    "change",
    [
        partial(actions.reset_password, password="another-Long-1"), actions.unlock, sign_in.reset_totp,
        partial(actions.set_active, active=False),
    ],
)  # fmt: skip
def test_an_administrator_is_changed_by_administrators_only(change, cast, hire):
    staff = hire("admin")
    with pytest.raises(AdministratorsOnly):
        change(actor=cast.manager, staff_id=staff.pk, now=NOW)
    assert Staff.objects.get(pk=staff.pk).is_active
    change(actor=cast.admin, staff_id=staff.pk, now=NOW)


def test_use_of_a_key_is_noted_at_most_once_a_minute(cast):
    token, _secret = actions.create_token(actor=cast.admin, name="ERP", permissions=["case.view"], now=NOW)
    actor = access.actor_for_token(token)
    for seconds, noted in ((0, 0), (59, 0), (60, 60)):
        actions.touch_token(actor=actor, now=NOW + timedelta(seconds=seconds))
        token.refresh_from_db()
        assert token.used_at == NOW + timedelta(seconds=noted)
