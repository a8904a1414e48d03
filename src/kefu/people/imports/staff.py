"""Staff from tables (CSV, TSV, Excel), a row each (docs/people.md).

Everybody gets a password of their own. It is written to a file that is handed out once, and is good for one thing only: setting another.
A phone number has no use in the product, so a column of phones is not read.
"""

import csv
import io
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.kernel import ids, imports
from kefu.kernel.actor import Actor
from kefu.kernel.cells import REASONS as CELL_REASONS
from kefu.kernel.cells import BadCell, code_of, text_of
from kefu.kernel.errors import Conflict, Invalid, Message
from kefu.kernel.imports import Fault, Item, Outcome, Source, safe_cell
from kefu.kernel.models import ImportRun
from kefu.kernel.tabular import Cell, Column, cells_of, map_columns, read_table
from kefu.people import access, actions
from kefu.people.actions import NewStaff
from kefu.people.models import Site, Staff, Team
from kefu.people.permissions import ROLE_TITLES, Permission, Role

_NAMES: tuple[tuple[str, Message, str], ...] = (
    ("staff_no", gettext_lazy("工号"), "工号 员工号 员工编号 客服工号 坐席工号 staff_no"),
    ("name", gettext_lazy("姓名"), "姓名 员工姓名 名字 name"),
    ("site", gettext_lazy("站点"), "站点 站点编号 网点 网点编号 店铺 部门 site"),
    ("team", gettext_lazy("班组"), "班组 组别 小组 team"),
    ("role", gettext_lazy("岗位"), "岗位 角色 职务 职位 role"),
    ("username", gettext_lazy("登录用户名"), "用户名 登录用户名 账号 登录名 username"),
)
COLUMNS = tuple(Column(field, title, tuple(names.split()), field in ("staff_no", "name")) for field, title, names in _NAMES)
REASONS: dict[str, Message] = {
    **CELL_REASONS,
    "no_number": gettext_lazy("没有工号。"),
    "no_name": gettext_lazy("没有姓名。"),
    "too_long": gettext_lazy("工号最多 20 个字，姓名、用户名和班组最多 60 个字。"),
    "unknown_role": gettext_lazy("没有这种岗位，请用：客服、组长、质检员、培训师、操作员、经理、管理员。"),
    "role_not_yours": gettext_lazy("您不能授予这个岗位。"),
    "unknown_site": gettext_lazy("没有这个站点，请填写站点编号或名称，或先建立站点。"),
    "number_taken": gettext_lazy("这个工号已经是另一个人的。"),
    "username_taken": gettext_lazy("这个登录用户名已被别人使用。"),
}
_ROLE_WORDS = {
    **{role.value: role for role in Role},
    **dict.fromkeys(("客服", "坐席", "座席", "客服专员"), Role.AGENT),
    **dict.fromkeys(("客服组长", "组长", "班长", "主管"), Role.LEAD),
    **dict.fromkeys(("质检", "质检员"), Role.INSPECTOR),
    **dict.fromkeys(("培训", "培训师"), Role.TRAINER),
    **dict.fromkeys(("操作员", "网点操作员", "仓管"), Role.CLERK),
    **dict.fromkeys(("经理", "站点经理"), Role.MANAGER),
    "管理员": Role.ADMIN,
}
# Hashing a password takes a twentieth of a second on purpose; a batch stays a short transaction.
_BATCH = 20
_PASSWORD_LENGTH = 12


@dataclass(frozen=True, slots=True)
class StaffDraft:
    """A row read; ``role`` is ``None`` for a post there is not."""

    staff_no: str
    name: str
    site: str
    team: str
    role: Role | None
    username: str

    @property
    def role_title(self) -> str:
        """Name of the post, empty for one there is not."""
        return str(ROLE_TITLES[self.role]) if self.role else ""


@dataclass(frozen=True)
class _Reader:
    """What rows are checked against."""

    actor: Actor
    sites: Mapping[str, Site]
    default: Site | None

    def site(self, draft: StaffDraft) -> Site | None:
        """The row's site by code or name, else the one chosen for rows that name none."""
        return self.sites.get(draft.site.casefold()) if draft.site else self.default

    def reason(self, draft: StaffDraft) -> str | None:
        """Why the row cannot be taken, without looking at who is there already."""
        if not draft.staff_no or not draft.name:
            return "no_name" if draft.staff_no else "no_number"
        if len(draft.staff_no) > 20 or max(len(draft.name), len(draft.username), len(draft.team)) > 60:
            return "too_long"
        if draft.role is None or draft.role == Role.CUSTOMER:
            return "unknown_role"
        if draft.role == Role.ADMIN and not self.actor.may("*") and self.actor.role != Role.ADMIN:
            return "role_not_yours"
        return None if self.site(draft) else "unknown_site"


def _draft(row: Mapping[str, Cell]) -> StaffDraft:
    number = code_of(row.get("staff_no"))
    words = {name: text_of(row.get(name)).strip() for name in ("name", "site", "team", "role", "username")}
    role = _ROLE_WORDS.get(words["role"].casefold()) if words["role"] else Role.AGENT
    title = next((one for one, said in ROLE_TITLES.items() if str(said) == words["role"]), None)
    return StaffDraft(number, words["name"], words["site"], words["team"], role or title, (words["username"] or number).lower())


def open_staff(*, actor: Actor, path: Path, now: datetime, site_id: int | None = None) -> Source[StaffDraft]:
    """A table of people, to preview or run; ``site_id`` takes those whose row names no site."""
    access.require(actor, Permission.PEOPLE_EDIT)
    if site_id is not None:
        access.require_site(actor, site_id)
    table = read_table(path)
    places = map_columns(table.headings, COLUMNS)
    reachable = list(access.visible_sites(actor).filter(is_active=True))
    names = {key.casefold(): site for site in reachable for key in (site.name, site.code)}
    reader = _Reader(actor, names, next((site for site in reachable if site.pk == site_id), None))

    def records() -> Iterator[Item[StaffDraft] | Fault]:
        for row in table.rows():
            lines = [(row.number, [text_of(cell) for cell in row.cells])]
            try:
                yield Item(_draft(cells_of(row, places)), lines)
            except BadCell as bad:
                yield Fault(bad.reason, lines)

    return Source(
        "staff",
        path,
        records,
        lambda batch, run_id: _store(reader, batch, run_id, now),
        REASONS,
        headings=table.headings,
        columns=places,
        check=lambda draft: reader.reason(draft) or _taken(draft, _known([draft])),
        options={"site_id": site_id},
    )


def _known(drafts: Sequence[StaffDraft]) -> list[Staff]:
    numbers, usernames = [draft.staff_no for draft in drafts], [draft.username for draft in drafts]
    return list(Staff.objects.filter(staff_no__in=numbers)) + list(Staff.objects.filter(username__in=usernames))


def _taken(draft: StaffDraft, known: Sequence[Staff]) -> str | None:
    """Whether number or sign-in name are another person's."""
    if any(one.staff_no == draft.staff_no and one.name != draft.name for one in known):
        return "number_taken"
    return "username_taken" if any(one.username == draft.username and one.staff_no != draft.staff_no for one in known) else None


def _store(reader: _Reader, batch: Sequence[StaffDraft], run_id: int, now: datetime) -> Outcome:
    known = _known(batch)
    refused: list[tuple[int, str]] = []
    handed: list[tuple[Staff, str]] = []
    present = 0
    for place, draft in enumerate(batch):
        reason = reader.reason(draft) or _taken(draft, known)
        if reason is not None:
            refused.append((place, reason))
        elif any(one.staff_no == draft.staff_no for one in known):
            present += 1
        else:
            try:
                handed.append(_hired(reader, draft, now))
            except (Conflict, Invalid):
                refused.append((place, "username_taken"))
                continue
            known.append(handed[-1][0])
    _hand_out(run_id, handed)
    return Outcome(len(handed), present, refused)


def _hired(reader: _Reader, draft: StaffDraft, now: datetime) -> tuple[Staff, str]:
    site = reader.site(draft)
    assert site is not None
    assert draft.role is not None
    password = ids.token(_PASSWORD_LENGTH)
    new = NewStaff(
        username=draft.username,
        staff_no=draft.staff_no,
        name=draft.name,
        role=draft.role.value,
        site=site,
        password=password,
        team=_team(reader.actor, site, draft.team, now),
        must_set_password=True,
    )
    return actions.create_staff(actor=reader.actor, new=new, now=now), password


def _team(actor: Actor, site: Site, name: str, now: datetime) -> Team | None:
    if not name:
        return None
    found = Team.objects.filter(site=site, name=name).first()
    return found or actions.create_team(actor=actor, site=site, name=name, now=now)


def handed_path(run_id: int) -> Path:
    """File of the passwords a run gave; its owner alone may read it, and it goes when it has been handed out."""
    return Path(settings.KEFU_HOME) / "imports" / f"{run_id}-passwords.csv"


def _hand_out(run_id: int, handed: Sequence[tuple[Staff, str]]) -> None:
    """Append before the batch is committed: a batch taken back leaves lines of nobody, never somebody without a password."""
    if not handed:
        return
    path = handed_path(run_id)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    fresh = not path.exists()
    text = io.StringIO()
    writer = csv.writer(text)
    if fresh:
        text.write("\ufeff")
        writer.writerow([_("工号"), _("姓名"), _("站点"), _("登录用户名"), _("初始密码")])
    writer.writerows([map(safe_cell, (one.staff_no, one.name, one.site.name, one.username, password)) for one, password in handed])
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as file:
        file.write(text.getvalue().encode())


def run_import(
    *, actor: Actor, path: Path, now: datetime, site_id: int | None = None, progress: Callable[[int], None] = lambda _: None
) -> ImportRun:
    """Import a table of people, or go on where a run of it stopped; people who are there already are left as they are."""
    source = open_staff(actor=actor, path=path, now=now, site_id=site_id)
    return imports.run(actor=actor, source=source, now=now, progress=progress, batch=_BATCH)
