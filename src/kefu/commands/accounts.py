"""``kefu users`` and ``kefu token``: people and integrations from the terminal, for the first and for the locked out (SEC5)."""

import secrets
from datetime import timedelta
from typing import Any

import click
from django.utils.translation import gettext as _

from kefu.commands.frame import Problem, command, operator
from kefu.commands.tally import Tally, tally
from kefu.kernel import moment
from kefu.people import actions, queries
from kefu.people.actions import NewStaff
from kefu.people.permissions import Permission, Role


@click.group()
def users() -> None:
    """人员账号 Accounts of staff."""


@click.group()
def token() -> None:
    """API 令牌 API tokens."""


def _site(code: str) -> Any:
    site = queries.site_by_code(code)
    if site is None:
        raise Problem(_("没有编号为“%(site_code)s”的站点。"), site_code=code)
    return site


def _person(staff_no: str) -> Any:
    staff = queries.staff_by_number(staff_no)
    if staff is None:
        raise Problem(_("没有工号为“%(staff_no)s”的人员。"), staff_no=staff_no)
    return staff


def _password(given: str | None) -> tuple[str, bool]:
    """The password and whether it was made up here."""
    return (given, False) if given else (secrets.token_urlsafe(12), True)


def _tell(password: str, made: bool) -> None:
    if made:
        click.echo(_("初始密码（只显示这一次）：%(password)s") % {"password": password})


@command("create")
@click.argument("username")
@click.option("--name", required=True, help="姓名 Name")
@click.option("--staff-no", required=True, help="工号 Staff number")
@click.option("--role", type=click.Choice([role.value for role in Role if role != Role.CUSTOMER]), required=True, help="岗位 Role")
@click.option("--site", required=True, help="站点编号 Code of the site")
@click.option("--password", envvar="KEFU_NEW_PASSWORD", default=None, help="密码；不填则生成 Password; made up when not given")
def create(username: str, name: str, staff_no: str, role: str, site: str, password: str | None) -> Tally:
    """新建人员 Take somebody on."""
    chosen, made = _password(password)
    new = NewStaff(username=username, staff_no=staff_no, name=name, role=role, site=_site(site), password=chosen)
    actions.create_staff(actor=operator(), new=new, now=moment.now())
    _tell(chosen, made)
    return tally((_("新建人员"), 1))


@command("reset-password")
@click.argument("staff_no")
@click.option("--password", envvar="KEFU_NEW_PASSWORD", default=None, help="密码；不填则生成 Password; made up when not given")
@click.option("--drop-totp", is_flag=True, help="同时关闭动态验证码 Turn the second factor off too")
def reset_password(staff_no: str, password: str | None, drop_totp: bool) -> Tally:
    """重置密码并结束其全部登录 Set a new password; all sessions of the person end and the door is unlocked."""
    chosen, made = _password(password)
    done = actions.reset_password(actor=operator(), staff_id=_person(staff_no).pk, password=chosen, drop_totp=drop_totp, now=moment.now())
    _tell(chosen, made)
    return tally((_("重置密码"), 1), (_("结束登录"), done.ended))


@command("unlock")
@click.argument("staff_no")
def unlock(staff_no: str) -> Tally:
    """解除登录锁定 Forget the wrong tries that shut somebody out."""
    return tally((_("清除错误尝试"), actions.unlock(actor=operator(), staff_id=_person(staff_no).pk, now=moment.now())))


@command("create")
@click.argument("name")
@click.option(
    "--permission",
    "permissions",
    multiple=True,
    required=True,
    type=click.Choice(sorted(one.value for one in Permission)),
    help="权限，可重复 Repeatable",
)
@click.option("--site", "sites", multiple=True, help="站点编号，可重复；不填为全部站点 Codes of sites; all when not given")
@click.option("--days", type=click.IntRange(1, 3650), default=None, help="有效天数 Days until it expires")
def create_token(name: str, permissions: tuple[str, ...], sites: tuple[str, ...], days: int | None) -> Tally:
    """新建 API 令牌；令牌只显示一次 Make a token for an integration; it is shown once."""
    now = moment.now()
    _row, text = actions.create_token(
        actor=operator(),
        name=name,
        permissions=permissions,
        site_ids=[_site(code).pk for code in sites] if sites else None,
        expires_at=now + timedelta(days=days) if days else None,
        now=now,
    )
    click.echo(text)
    return tally((_("新建令牌"), 1), (_("权限"), len(permissions)))


for _one in (create, reset_password, unlock):
    users.add_command(_one)
token.add_command(create_token)
