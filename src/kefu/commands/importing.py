"""``kefu import``: any kind of file of ``kefu.intake``; previews, resumes, keeps what it refused (PLAT2)."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import click
from django.utils.translation import gettext as _

from kefu.commands.frame import REFUSED, Problem, command, operator
from kefu.commands.progress import progress
from kefu.commands.tally import Tally
from kefu.conversations.imports.runs import detect_format
from kefu.intake import catalogue
from kefu.intake.catalogue import Given, IntakeKind
from kefu.kernel import imports, moment
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid
from kefu.kernel.imports import Preview, Source
from kefu.kernel.tabular import check_file
from kefu.kernel.wording import listed
from kefu.people import queries as people

FORMATS: Final = ("auto", *(kind.key for kind in catalogue.KINDS))
# Larger files are read once only: their progress has no end in sight.
_COUNTED_BYTES = 32 * 1024**2


# What a file shows itself to be by how it begins, whatever its columns.
_BY_CONTENT: Final = {"jddc": "jddc", "jsonl": "conversations"}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What was asked for on the command line."""

    actor: Actor
    path: Path
    now: datetime
    site: str
    day: date | None

    def opened(self, kind: IntakeKind) -> Source[Any]:
        """The file as one of this kind."""
        site_id = self.site_id(kind=kind.site_kind)
        if site_id is None and kind.needs_site:
            raise Problem(_("请用 --site 指定这些记录属于哪个站点。"))
        return kind.open(Given(self.actor, self.path, self.now, site_id, self.day))

    def site_id(self, *, kind: str = "") -> int | None:
        """The named site; without a name the only one there is, or the first of the kind."""
        known = [site for site in people.sites_by_id().values() if site.is_active]
        if self.site:
            found = next((one for one in known if one.code == self.site), None)
            if found is None:
                raise Problem(_("没有编号为“%(site_code)s”的站点，现有：%(known)s。"), site_code=self.site, known=_codes(known))
            return int(found.pk)
        if not known:
            raise Problem(_("还没有站点，请先用 kefu sites create 建立站点，或运行 kefu demo。"))
        chosen = known[0] if len(known) == 1 else next((one for one in known if kind and one.kind == kind), None)
        if chosen is not None:
            click.echo(_("未指定站点，归入 %(name)s（%(site_code)s）。") % {"name": chosen.name, "site_code": chosen.code}, err=True)
        return int(chosen.pk) if chosen else None


def _codes(sites: list[Any]) -> str:
    return listed(sorted(site.code for site in sites)) or "—"


def _seen(wanted: _Wanted) -> tuple[str, Source[Any]]:
    """The kind the file's own content tells, and the file opened as one."""
    found = detect_format(wanted.path)
    if found in _BY_CONTENT:
        kind = catalogue.named(_BY_CONTENT[found])
        return kind.key, wanted.opened(kind)
    first: Invalid | None = None
    for kind in catalogue.KINDS:
        if not kind.guessed:
            continue
        try:
            source = wanted.opened(kind)
        except Invalid as error:
            first = first or error
            continue
        if source.columns:
            return kind.key, source
    raise first or Problem(_("认不出文件内容，请用 --format 指定格式。"))


@command("import")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(FORMATS), default="auto", help="格式 Format; told by the content when not given")
@click.option("--site", default="", help="站点编号，文件未写站点时使用 Code of the site for rows that name none")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), default=None, help="日期，文件没有时间时使用 Day of conversations without times")
@click.option("--preview", "look", is_flag=True, help="只预览，不入库 Show how the file is understood, store nothing")
def import_(path: Path, form: str, site: str, day: datetime | None, look: bool) -> Tally:
    """导入会话、运单、扫描或客户 Import a file; run again, it goes on where it stopped and stores nothing twice."""
    check_file(path)
    wanted = _Wanted(operator(), path, moment.now(), site, day.date() if day else None)
    name, source = _seen(wanted) if form == "auto" else (form, wanted.opened(catalogue.named(form)))
    if look:
        return _shown(name, imports.preview(source))
    total = sum(1 for _record in source.records()) if path.stat().st_size <= _COUNTED_BYTES else None
    with progress(_("导入 %(name)s") % {"name": path.name}, total) as advance:
        row = imports.run(actor=wanted.actor, source=source, now=wanted.now, progress=advance)
    if row.refused:
        click.echo(_("被拒绝的记录及原因：%(file)s") % {"file": row.refused_file}, err=True)
    counts = (
        (_("读取"), row.read),
        (_("入库"), row.stored),
        (_("已存在"), row.present),
        (_("拒绝"), row.refused),
    )
    return Tally(counts, REFUSED if row.refused else 0)


def _shown(name: str, found: Preview[Any]) -> Tally:
    click.echo(_("格式：%(format)s") % {"format": name})
    for field, heading in found.columns.items():
        click.echo(f"  {heading} → {field}")
    if found.unknown:
        click.echo(_("未使用的列：%(names)s") % {"names": listed(found.unknown)})
    for row in found.rows[:5]:
        click.echo("  " + " | ".join(cell[:40] for cell in row))
    for problem in found.problems[:20]:
        click.echo(_("第 %(row)s 行：%(message)s") % {"row": problem.row, "message": problem.message}, err=True)
    bad = found.read - found.good
    if not found.complete:
        click.echo(_("只看了文件开头的 %(count)s 条。") % {"count": found.read})
    return Tally(
        ((_("读取"), found.read), (_("可入库"), found.good), (_("将拒绝"), bad)),
        REFUSED if bad else 0,
    )
