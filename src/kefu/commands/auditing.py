"""``kefu audit``: is the trail whole, and what happened last (SEC3)."""

import json

import click
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kefu.commands.frame import REFUSED, command
from kefu.commands.progress import progress
from kefu.commands.tally import Tally, tally
from kefu.kernel import audit as trail
from kefu.kernel.models import AuditEntry

_WHY = {
    "missing": gettext_lazy("缺少记录"),
    "changed": gettext_lazy("内容被改动"),
    "head_differs": gettext_lazy("与数据库外保存的链头不符"),
    "cut_off": gettext_lazy("末尾被截去"),
}


@click.group()
def audit() -> None:
    """审计记录 Audit trail."""


@command("verify")
def verify() -> Tally:
    """逐条核对审计链 Walk the whole chain; exit code 1 when it breaks anywhere."""
    trail.seal_all()
    with progress(_("核对审计链"), AuditEntry.objects.exclude(chain=None).count()) as advance:
        verdict = trail.verify(advance)
    for one in verdict.breaks[:100]:
        click.echo(f"{one.chain}: {_WHY.get(one.reason, one.reason)} [{one.reason}]", err=True)
    click.echo(_("链头 %(head)s") % {"head": verdict.head})
    return Tally(((_("核对"), verdict.checked), (_("断点"), len(verdict.breaks))), REFUSED if verdict.breaks else 0)


@command("tail")
@click.option("-n", "--lines", type=click.IntRange(1, 10_000), default=20, help="条数 How many")
@click.option("--action", default="", help="只看此操作 Only this action, for example case.opened")
def tail(lines: int, action: str) -> Tally:
    """最近的审计记录 The newest entries, oldest of them first."""
    rows = AuditEntry.objects.filter(action=action) if action else AuditEntry.objects.all()
    found = list(rows.order_by("-pk")[:lines])
    for row in reversed(found):
        at = timezone.localtime(row.at).strftime("%Y-%m-%d %H:%M:%S")
        data = json.dumps(row.data, ensure_ascii=False, separators=(",", ":"))
        click.echo(f"{at}  {row.action:<24} {row.actor_name:<16} {row.subject_kind}:{row.subject_id} {row.subject_text}  {data}")
    return tally((_("显示"), len(found)))


audit.add_command(verify)
audit.add_command(tail)
