"""``kefu bench``: how right the rules are, what a draft would change, rules of other houses (QA10)."""

from datetime import timedelta
from pathlib import Path

import click
from django.utils import timezone
from django.utils.translation import gettext as _

from kefu.bench import actions, queries, scores, work
from kefu.commands.frame import Problem, command, operator
from kefu.commands.progress import progress
from kefu.commands.tally import Tally, tally
from kefu.handbook import queries as handbooks
from kefu.handbook.pieces import written
from kefu.handbook.schema import Handbook
from kefu.kernel import moment
from kefu.quality.rulebook import aliyun


@click.group("bench")
def bench() -> None:
    """规则试验台 The rule bench: scores, trials of drafts, imports"""


@command("scores")
@click.option("--item", default="", help="只看一个评分项 One item only")
@click.option(
    "--draft", type=click.Path(exists=True, dir_okay=False, path_type=Path), default=None, help="对照的草稿文件 A draft to compare"
)
def score(item: str, draft: Path | None) -> Tally:
    """各评分项的精确率和召回率 Precision and recall of every item beside people's labels."""
    book = _book(draft) if draft is not None else None
    found = scores.scores(operator(), scores.Wanted(item=item), book)
    for row in found.rows:
        one = row.confusion
        parts = (_share(one.precision), _share(one.recall), one.hit_right, one.hit_wrong, one.missed, one.passed_right)
        click.echo("\t".join([row.item, row.version, *map(str, parts)]))
    return tally((_("标注"), found.labels), (_("会话和工单"), found.subjects), (_("评分项"), len({row.item for row in found.rows})))


@command("try")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--days", type=click.IntRange(1, 186), default=30, help="过去多少天 Days back")
@click.option("--no-wait", is_flag=True, help="只登记，由工作进程去做 Leave it to the workers")
def try_(file: Path, days: int, no_wait: bool) -> Tally:
    """用草稿重判过去的会话，什么都不改 What a draft would change; nothing is written but the result."""
    actor, now = operator(), moment.now()
    text = file.read_text(encoding="utf-8-sig")
    trial = actions.begin(actor=actor, text=text, title=file.name, since=now - timedelta(days=days), until=now, now=now)
    if no_wait:
        return tally((_("试行编号"), trial.pk), (_("会话"), trial.total))
    with progress(_("试行"), trial.total) as advance:
        work.work_on(trial, now=timezone.now(), progress=advance)
    found = queries.standing(actor, trial.pk)
    for one in found.items:
        click.echo(f"{one.item}\t+{one.more}\t-{one.fewer}\t~{one.other}\t{one.money}")
    return tally(
        (_("试行编号"), trial.pk),
        (_("读取"), found.read),
        (_("会变"), found.changed),
        (_("金额变化"), int(found.money_after - found.money_before)),
    )


@command("resume")
@click.argument("trial_id", type=int)
def resume(trial_id: int) -> Tally:
    """接着做一次试行 Go on with a trial; several may do so at once."""
    actor = operator()
    standing = queries.standing(actor, trial_id)
    with progress(_("试行"), standing.trial.total - standing.done) as advance:
        work.work_on(standing.trial, now=timezone.now(), progress=advance)
    found = queries.standing(actor, trial_id)
    return tally((_("读取"), found.read), (_("会变"), found.changed))


@command("import-rule")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_rule(file: Path) -> Tally:
    """阿里云规则转成本系统的规则，印出 YAML Rules of Aliyun as YAML on stdout; what cannot be taken goes to stderr."""
    found = aliyun.read(file.read_text(encoding="utf-8-sig"))
    for one in found:
        click.echo(f"# {one.title}\n{written({'detector': one.detector})}")
        for refused in one.refused:
            click.echo(f"{one.title} {refused.where}: {refused.text}", err=True)
    return tally((_("规则"), len(found)), (_("未导入的部分"), sum(len(one.refused) for one in found)))


def _book(file: Path) -> Handbook:
    reading = handbooks.read_text(file.read_text(encoding="utf-8-sig"), when=moment.now(), file=file.name)
    if reading.handbook is None or reading.problems:
        raise Problem(str(reading.problems[0]) if reading.problems else _("草稿读不出。"))
    return reading.handbook


def _share(value: float | None) -> str:
    return "—" if value is None else f"{100 * value:.0f}%"


for _command in (score, try_, resume, import_rule):
    bench.add_command(_command)
