"""``kefu handbook``: check, read, compare, try and put in force the handbooks the centre runs on (HB1–HB4)."""

from datetime import datetime, timedelta
from pathlib import Path

import click
from django.db import DatabaseError
from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from kefu.commands.frame import REFUSED, Problem, command, operator
from kefu.commands.progress import progress
from kefu.commands.tally import Tally, tally
from kefu.handbook import actions, builtin, diff, loader, queries
from kefu.handbook.loader import Reading
from kefu.handbook.schema import Handbook
from kefu.kernel import moment
from kefu.kernel.wording import listed
from kefu.quality.preview import preview as try_out

_SAMPLES = 20


@click.group()
def handbook() -> None:
    """手册 Handbooks."""


def _read(path: Path) -> Reading:
    """Read a file against the handbooks in force; against the built-in ones where there is no database."""
    raw = path.read_bytes()
    try:
        return queries.read_text(raw, when=moment.now(), file=str(path))
    except DatabaseError:
        return loader.read(raw, file=str(path), bases=builtin.text)


def _say(found: Reading) -> None:
    for problem in found.problems:
        click.echo(str(problem), err=True)


def _book(name: str) -> Handbook:
    """``best``, ``best@3``, or a file."""
    if "@" in name:
        return queries.book(name)
    path = Path(name)
    if not path.is_file():
        return queries.book_at(name, moment.now())
    found = _read(path)
    if found.handbook is None or not found.ok:
        _say(found)
        raise Problem(_("手册 %(name)s 有 %(count)s 处问题。"), name=name, count=len(found.problems))
    return found.handbook


@command("check")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
def check(paths: tuple[Path, ...]) -> Tally:
    """检查手册文件 Every problem with file:line:column; exit code 1 when there is one."""
    clauses = problems = 0
    for path in paths:
        found = _read(path)
        _say(found)
        problems += len(found.problems)
        clauses += sum(1 for _clause in found.handbook.clauses()) if found.handbook else 0
    counts = ((_("手册"), len(paths)), (pgettext("list", "条款"), clauses), (_("问题"), problems))
    return Tally(counts, REFUSED if problems else 0)


@command("show")
@click.argument("name")
@click.argument("clause", required=False, default="")
def show(name: str, clause: str) -> Tally:
    """阅读手册 The contents of a handbook (best, best@3 or a file), or one clause of it."""
    book = _book(name)
    english = (get_language() or "").startswith("en")
    if clause:
        page = queries.page(book, clause)
        if page is None:
            raise Problem(_("手册 %(name)s 没有条款 %(clause)s。"), name=name, clause=clause)
        click.echo(f"{page.title_en if english and page.title_en else page.title}  [{page.id}]  {page.source}")
        for row in page.rows:
            click.echo(f"  {row.label}：{listed(row.lines, '；')}")
        return tally((pgettext("list", "条款"), 1), (_("行"), len(page.rows)))
    count = 0
    for section in queries.toc(book):
        click.echo(f"{section.title}  [{section.id}]")
        for entry in section.entries:
            click.echo(f"{'    ' if entry.level else '  '}{entry.title_en if english and entry.title_en else entry.title}  [{entry.id}]")
            count += 1
    return tally((_("手册"), f"{book.handbook}@{book.version}"), (pgettext("list", "条款"), count))


@command("diff")
@click.argument("old")
@click.argument("new")
def compare(old: str, new: str) -> Tally:
    """比较两个版本 What differs between two versions or files, clause by clause."""
    changes = diff.changes(_book(old), _book(new))
    marks = {"added": "+", "removed": "-", "changed": "~"}
    for change in changes:
        click.echo(f"{marks[change.kind]} {change.clause}  {change.title}")
        for field in change.fields:
            click.echo(f"    {field.field}：{field.old or '—'} → {field.new or '—'}")
    counted = {kind: sum(change.kind == kind for change in changes) for kind in marks}
    return tally(
        (_("新增"), counted["added"]),
        (_("删除"), counted["removed"]),
        (pgettext("done", "修改"), counted["changed"]),
    )


@command("preview")
@click.argument("name")
@click.option("--days", type=click.IntRange(1, 3660), default=30, help="最近多少天的会话 Conversations of the last so many days")
@click.option("--limit", type=click.IntRange(1), default=5000, help="最多多少条 At most so many")
def preview(name: str, days: int, limit: int) -> Tally:
    """试行手册 Judge past conversations by a draft (a file or best@3) and by what is in force; nothing is written."""
    until = moment.now()
    book = _book(name)
    with progress(_("试行"), limit) as advance:
        found = try_out(actor=operator(), draft=book, since=until - timedelta(days=days), until=until, limit=limit, progress=advance)
    for item, change in sorted(found.items.items()):
        if (change.breached_before, change.review_before) != (change.breached_after, change.review_after):
            click.echo(
                _("%(item)s：扣分 %(before)s → %(after)s，待复核 %(review_before)s → %(review_after)s")
                % {
                    "item": item,
                    "before": change.breached_before,
                    "after": change.breached_after,
                    "review_before": change.review_before,
                    "review_after": change.review_after,
                }
            )
    for sample in found.samples[:_SAMPLES]:
        click.echo(f"  #{sample.conversation_id} {sample.item}: {sample.before} → {sample.after}")
    if found.more:
        click.echo(_("会话更多，只看了最近的 %(limit)s 条。") % {"limit": limit}, err=True)
    return tally((_("会话"), found.read), (_("结果不同"), found.changed))


@command("install")
def install() -> Tally:
    """安装内置手册 Bring in the built-in handbooks or their new editions; running it again changes nothing."""
    done = actions.install_builtin(actor=operator(), now=moment.now())
    for one in done:
        click.echo(f"{one.key}@{one.number}: {one.outcome}")
    counted = {name: sum(one.outcome == name for one in done) for name in ("installed", "updated", "offered", "unchanged")}
    words = {
        "installed": _("安装"),
        "updated": _("更新"),
        "offered": _("存为草稿"),
        "unchanged": _("未变"),
    }
    return tally(*((words[name], count) for name, count in counted.items()))


@command("force")
@click.argument("path", type=click.Path(path_type=Path))
@click.option(
    "--from", "start", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]), default=None, help="生效时间，默认现在 From when; now"
)
@click.option("--note", default="", help="说明 Why")
def force(path: Path, start: datetime | None, note: str) -> Tally:
    """让手册文件生效 Store a file as a new version and let it apply; past decisions keep theirs."""
    actor, now = operator(), moment.now()
    found = _read(path)
    if not found.ok:
        _say(found)
        return Tally(((_("生效"), 0), (_("问题"), len(found.problems))), REFUSED)
    saved = actions.save_draft(actor=actor, text=path.read_bytes(), note=note, now=now)
    row = actions.put_in_force(actor=actor, version_id=saved.id, from_=timezone.make_aware(start) if start else None, now=now)
    click.echo(
        _("%(name)s 自 %(start)s 生效") % {"name": str(row), "start": timezone.localtime(row.effective_from).isoformat(timespec="minutes")}
    )
    return tally((_("生效"), 1), (_("问题"), 0))


for _one in (check, show, compare, preview, install, force):
    handbook.add_command(_one)
