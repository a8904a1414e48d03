"""A few talks of the thirty days as agents led them on the screen: begun, said, recorded; and two that are still in hand at the end."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from kefu.conversations import receptions
from kefu.conversations.receptions import Incoming, Known
from kefu.demo import planted
from kefu.demo.ground import Ground
from kefu.demo.planted import Said

# One talk in so many of the stations: enough for lists and pop-ups to be alive, and a second of building in all.
_EVERY = 24
_OUTCOMES = (
    ("enquiry", "enquiry.answered", "问什么时候能送到，已告知预计派送时间"),
    ("delay", "delay.urged", "三天没有更新，已联系分拨催派"),
    ("damage", "damage.evidence", "外箱破损，等客户补照片"),
    ("loss", "loss.searching", "查不到去向，正在找"),
)
_OPEN = (("agent03", "13911112222", 26, True), ("agent04", "13766668888", 3, False))


def lead(ground: Ground, talks: Sequence[Said]) -> int:
    """Talks of this half day led on the screen, before their recordings are stored; how many."""
    count = 0
    for talk in talks:
        story = talk.story
        if story.number % _EVERY or story.scene.desk == "shop" or story.scene.channel not in ("call", "chat"):
            continue
        actor = ground.actors[story.agent.username]
        branch, outcome, remark = _OUTCOMES[story.number // _EVERY % len(_OUTCOMES)]
        incoming = Incoming(story.scene.customer.phone, story.scene.channel, planted.SOURCE, story.external_id)
        row = receptions.start(actor=actor, incoming=incoming, now=story.at)
        receptions.choose(actor=actor, reception_id=row.pk, branch=branch, now=story.at + timedelta(seconds=50))
        receptions.end_talk(actor=actor, reception_id=row.pk, now=story.at + timedelta(minutes=4))
        wrapped = story.at + timedelta(minutes=4, seconds=35)
        receptions.finish(actor=actor, reception_id=row.pk, disposition=outcome, remark=remark, now=wrapped)
        count += 1
    return count


def leave_open(ground: Ground, now: datetime) -> int:
    """What a lead sees on opening the page: somebody talks, somebody forgot the record. How many talks."""
    for name, number, since, over in _OPEN:
        actor, begun = ground.actors[name], now - timedelta(minutes=since)
        incoming = Incoming(number, "call", planted.SOURCE, f"OPEN-{name}")
        row = receptions.start(actor=actor, incoming=incoming, now=begun)
        receptions.identify(actor=actor, reception_id=row.pk, known=Known(name="何先生" if over else "吴女士"), now=begun)
        if over:
            receptions.end_talk(actor=actor, reception_id=row.pk, now=begun + timedelta(minutes=6))
    return len(_OPEN)
