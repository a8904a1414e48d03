"""``kefu inspect``: judge stored conversations by the handbook in force at their time (QA2)."""

from collections.abc import Iterator
from datetime import datetime

import click
from django.apps import apps
from django.utils.translation import gettext as _

from kefu.commands.frame import Problem, command, operator
from kefu.commands.progress import progress
from kefu.commands.tally import Tally, tally
from kefu.conversations import queries as conversations
from kefu.kernel import moment
from kefu.kernel.actor import Actor
from kefu.people import queries as people
from kefu.quality import actions
from kefu.quality.actions import Outcome

_EVERYTHING = 1_000_000_000
_BATCH = 200


def _ids(actor: Actor, filters: conversations.Filters) -> Iterator[list[int]]:
    cursor: str | None = None
    while True:
        page = conversations.page(actor, filters, cursor=cursor, size=_BATCH)
        if page.rows:
            yield [row.pk for row in page.rows]
        cursor = page.next
        if cursor is None:
            return


def _waiting(site_id: int | None) -> int:
    """How many are not judged yet, nearly: for the progress bar."""
    held = apps.get_model("conversations", "Conversation")._default_manager.all()
    judged = apps.get_model("quality", "Inspection")._default_manager.filter(subject_kind="conversation", current=True)
    if site_id is not None:
        held, judged = held.filter(site_id=site_id), judged.filter(site_id=site_id)
    return max(held.count() - judged.count(), 0)


@command("inspect")
@click.option("--again", is_flag=True, help="重新质检已质检的会话 Judge anew what was judged")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), default=None, help="起始日 First day")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), default=None, help="截止日 Last day")
@click.option("--site", default="", help="站点编号 Code of a site")
@click.option("--limit", type=click.IntRange(1), default=_EVERYTHING, help="最多多少条 At most so many")
def inspect(again: bool, since: datetime | None, until: datetime | None, site: str, limit: int) -> Tally:
    """自动质检 Inspect conversations; what is judged stays as it is unless --again."""
    actor, now = operator(), moment.now()
    found = people.site_by_code(site) if site else None
    if site and found is None:
        raise Problem(_("没有编号为“%(site_code)s”的站点。"), site_code=site)
    site_id = found.pk if found else None
    if not (again or since or until):
        with progress(_("质检"), min(_waiting(site_id), limit)) as advance:
            return _told(actions.inspect_pending(actor=actor, now=now, limit=limit, progress=advance, site_id=site_id))
    filters = conversations.Filters(site_id=site_id, day_from=since.date() if since else None, day_to=until.date() if until else None)
    done = Outcome()
    count = conversations.count(actor, filters)
    with progress(_("质检"), None if count.capped else min(count.value, limit)) as advance:
        for ids in _ids(actor, filters):
            part = ids[: limit - done.read]
            if not part:
                break
            done = done.plus(actions.inspect(actor=actor, conversation_ids=part, now=now, again=again))
            advance(len(part))
    return _told(done)


def _told(done: Outcome) -> Tally:
    return tally(
        (_("读取"), done.read),
        (_("已质检"), done.inspected),
        (_("已存在"), done.already),
        (_("跳过"), done.skipped),
        (_("扣分项"), done.findings - done.reviews),
        (_("待复核"), done.reviews),
    )
