"""``kefu recordings``: take recordings from a folder, work on them, remove what is over (CONV4)."""

import threading
from pathlib import Path

import click
from django.conf import settings
from django.utils.translation import gettext as _

from kefu.cases import queries as cases
from kefu.commands.frame import Problem, command, operator
from kefu.commands.progress import progress
from kefu.commands.tally import Tally, tally
from kefu.kernel import moment
from kefu.people import queries as people
from kefu.recordings import intake, keeping, work

_PAUSE = 2.0


@click.group()
def recordings() -> None:
    """通话录音 Recordings of calls."""


@command("watch")
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--once", is_flag=True, help="只看一遍 Look once, without waiting for files to rest")
def watch(folder: Path | None, once: bool) -> Tally:
    """从文件夹收取录音 Take sound files with their JSON from a folder, until stopped."""
    where = folder or intake.folder()
    if where is None or not where.is_dir():
        raise Problem(_("没有要监视的文件夹：请写明文件夹，或设置 KEFU_RECORDINGS_INBOX。"))
    total = intake.Looked()
    stop = threading.Event()
    try:
        while True:
            found = intake.look(now=moment.now(), inbox=where, at_once=once)
            for reason in found.reasons:
                click.echo(reason, err=True)
            total.taken, total.present = total.taken + found.taken, total.present + found.present
            total.refused, total.waiting = total.refused + found.refused, found.waiting
            if once or stop.wait(_PAUSE):
                break
    except KeyboardInterrupt:
        stop.set()
    counts = ((_("入库"), total.taken), (_("已存在"), total.present), (_("拒收"), total.refused), (_("等待"), total.waiting))
    return tally(*counts, refused=total.refused > 0)


@command("process")
@click.option("--site", default="", help="站点编号 Code of a site")
@click.option("--limit", type=click.IntRange(1), default=1_000_000, help="最多多少步 At most so many stages")
def process(site: str, limit: int) -> Tally:
    """分析和转写待处理的录音 Measure and transcribe what waits; several may run at once."""
    found = people.site_by_code(site) if site else None
    if site and found is None:
        raise Problem(_("没有编号为“%(site_code)s”的站点。"), site_code=site)
    done = work.Worked()
    with progress(_("分析录音"), None) as advance:
        while done.total < limit:
            part = work.run_due(now=moment.now(), limit=1, site_id=found.pk if found else None)
            if not part.total:
                break
            done = work.Worked(done.measured + part.measured, done.transcribed + part.transcribed, done.failed + part.failed)
            advance(1)
    if not settings.KEFU_SPEECH_ENGINE:
        click.echo(_("没有配置转写引擎（KEFU_SPEECH_ENGINE），只做了分析。"), err=True)
    return tally((_("分析"), done.measured), (_("转写"), done.transcribed), (_("失败"), done.failed), refused=done.failed > 0)


@command("retention")
@click.option("--limit", type=click.IntRange(1), default=100_000, help="最多多少条 At most so many")
def retention(limit: int) -> Tally:
    """删除保存期已过的录音 Remove recordings whose time is over; held ones stay."""
    done = keeping.clear(actor=operator(), tied=cases.conversations_with_case, now=moment.now(), limit=limit)
    return tally((_("已删除"), done.removed), (_("因工单延长"), done.extended), (_("正在留存"), done.held))


recordings.add_command(watch)
recordings.add_command(process)
recordings.add_command(retention)
