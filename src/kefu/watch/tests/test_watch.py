"""The live check and the alarms (QA9): what is said of a text, what goes out, who hears."""

from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps

from kefu.conftest import NOW, Cast, Ground
from kefu.kernel.actor import Ref
from kefu.kernel.errors import Conflict, Denied, Invalid, NotFound
from kefu.kernel.models import AuditEntry, OutboxEvent
from kefu.watch import actions, checking, queries, rules
from kefu.watch.actions import Said, Talk
from kefu.watch.models import Alarm, Confirmed, Mute
from kefu.watch.vocabulary import Measure

pytestmark = pytest.mark.usefixtures("handbooks")
ABUSE, ANGER, CALM = "你们脑残吧", "气死我了，你们就是骗子，我要投诉", "你好，请问什么时候到"


def check(cast: Cast, text: str, **more: Any) -> checking.Checked:
    return actions.check(actor=cast.agent, text=text, channel="chat", now=NOW, **more)


def test_a_hit_has_its_place_its_clause_and_a_better_phrase(cast: Cast) -> None:
    text = "您好，这个我不知道"
    found = check(cast, text)
    (one,) = [hit for hit in found.warnings if hit.item == "taboo"]
    assert text[one.start : one.end] == one.matched == "不知道"
    assert one.better
    assert ".items.taboo" in one.clause
    assert (found.measure, one.measure) == ("warn", "warn")
    assert found.clause.endswith("texts.live_check")
    assert check(cast, "您好，马上为您查询").measure == "off"
    assert check(cast, "   ").warnings == ()


def test_an_insult_is_held_and_notes_are_looked_at_for_insults_only(cast: Cast) -> None:
    assert check(cast, "你脑残吧").measure == "hold"
    assert check(cast, "客户问，我说不知道", note=True).measure == "off"
    assert check(cast, "你脑残吧", note=True).measure == "hold"


@pytest.mark.parametrize(
    ("item", "mode", "measure"),
    [
        ("insult", "auto", "hold"),
        ("insult", "review", "warn"),
        ("tact", "auto", "warn"),
        ("quiet", "auto", "off"),
        ("money", "auto", "block"),
    ],
)
def test_the_handbook_sets_what_follows_and_doubt_only_warns(item: str, mode: str, measure: str) -> None:
    settings = {"insult": "hold", "quiet": "off", "money": "block", "odd": "explode"}
    assert rules.measure_for(item, mode, settings, Measure.WARN) == measure
    assert rules.measure_for("odd", "auto", settings, Measure.WARN) == "warn"
    assert rules.strictest([Measure.WARN, Measure.BLOCK, Measure.HOLD]) == "block"


def everything() -> dict[str, int]:
    return {model._meta.label: model._default_manager.count() for model in apps.get_models()}


def test_nothing_typed_is_stored(cast: Cast) -> None:
    before = everything()
    check(cast, "你脑残吧，我不知道")
    assert everything() == before


def test_what_is_held_goes_out_with_a_reason_only_and_leaves_a_record(cast: Cast, ground: Ground) -> None:
    def send(reason: str = "", *, fails: bool = False) -> None:
        with actions.passing(
            actor=cast.agent, text="你脑残吧", channel="chat", subject=Ref("case", 7), site_id=ground.station.pk, now=NOW, reason=reason
        ):
            if fails:
                raise Conflict

    with pytest.raises(Invalid) as held:
        send()
    assert (held.value.reason, set(held.value.fields)) == ("text_held", {"text", "confirm"})
    with pytest.raises(Conflict):
        send("客户要求复述原话", fails=True)
    assert not Confirmed.objects.exists()
    send("客户要求复述原话")
    kept = Confirmed.objects.get()
    assert (kept.items, kept.reason, kept.subject_id, kept.staff_id) == (["insult"], "客户要求复述原话", 7, cast.agent.id)
    assert AuditEntry.objects.filter(action="watch.confirmed").count() == 1


def test_what_is_blocked_never_goes_out(cast: Cast, ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    from kefu.handbook import queries as handbooks
    from kefu.watch import terms

    book = handbooks.book_at("best", NOW)
    strict = checking.Checker(book, "chat", note=False)
    strict.terms = terms.CheckTerms({"taboo": "block"}, Measure.WARN, strict.terms.clause)
    monkeypatch.setattr(checking, "_checker", lambda *_: strict)
    sent = []
    with pytest.raises(Invalid) as blocked, actions.passing(
        actor=cast.agent, text="不知道", channel="chat", subject=Ref("case", 7), site_id=ground.station.pk, now=NOW, reason="就要这么说"
    ):  # fmt: skip
        sent.append(1)
    assert (blocked.value.reason, sent) == ("text_blocked", [])


def talk(cast: Cast, ground: Ground, ref: str = "t1") -> Talk:
    return Talk(ground.station.pk, cast.agent.id, ref=ref)


def hear(cast: Cast, on: Talk, text: str, side: str = "customer", at: Any = NOW) -> list[Alarm]:
    return actions.hear(actor=cast.system, talk=on, lines=[Said(side, text)], now=at)


def test_abuse_and_anger_alarm_the_lead_and_calm_words_nobody(cast: Cast, ground: Ground) -> None:
    assert hear(cast, talk(cast, ground), CALM) == []
    (one,) = hear(cast, talk(cast, ground), ANGER)
    (two,) = hear(cast, talk(cast, ground), ABUSE)
    (three,) = hear(cast, talk(cast, ground), ABUSE, side="agent")
    assert [one.kind, two.kind, three.kind] == ["anger", "abuse", "agent"]
    assert OutboxEvent.objects.filter(type="watch.alarm", site_id=ground.station.pk).count() == 3
    assert queries.waiting(cast.lead) == 3
    assert queries.page(cast.lead, queries.Wanted(kind="anger")).rows[0].clause.endswith("texts.live_alarm")
    assert ANGER not in {row.matched for row in queries.page(cast.lead, queries.Wanted()).rows}


def test_more_of_the_same_is_counted_not_raised(cast: Cast, ground: Ground) -> None:
    (first,) = hear(cast, talk(cast, ground), ABUSE)
    assert hear(cast, talk(cast, ground), ABUSE, at=NOW + timedelta(minutes=9)) == []
    first.refresh_from_db()
    assert first.more == 1
    assert hear(cast, talk(cast, ground), ABUSE, at=NOW + timedelta(minutes=10)) != []
    for place in range(4):
        assert hear(cast, talk(cast, ground, f"x{place}"), ABUSE, at=NOW + timedelta(minutes=11))
    assert hear(cast, talk(cast, ground, "seventh"), ABUSE, at=NOW + timedelta(minutes=12)) == []
    assert hear(cast, talk(cast, ground, "later"), ABUSE, at=NOW + timedelta(minutes=80)) != []


def test_muted_is_kept_but_tells_nobody_until_its_time(cast: Cast, ground: Ground) -> None:
    (first,) = hear(cast, talk(cast, ground), ABUSE)
    with pytest.raises(Invalid):
        actions.mute(actor=cast.lead, alarm_id=first.pk, about="case", minutes=60, now=NOW)
    actions.mute(actor=cast.lead, alarm_id=first.pk, about="staff", minutes=60, now=NOW)
    before = OutboxEvent.objects.count()
    assert hear(cast, talk(cast, ground, "t2"), ABUSE, at=NOW + timedelta(minutes=30)) == []
    assert Alarm.objects.get(talk="t2").state == "muted"
    assert OutboxEvent.objects.count() == before
    assert hear(cast, talk(cast, ground, "t3"), ABUSE, at=NOW + timedelta(minutes=61)) != []
    assert Mute.objects.count() == 1


def test_an_alarm_is_seen_once_by_somebody_in_reach(cast: Cast, ground: Ground) -> None:
    (one,) = hear(cast, talk(cast, ground), ABUSE)
    for actor in (cast.agent, cast.outsider, cast.customer, cast.inspector):
        with pytest.raises(NotFound):
            actions.see(actor=actor, alarm_id=one.pk, now=NOW)
    actions.see(actor=cast.lead, alarm_id=one.pk, now=NOW)
    with pytest.raises(Conflict):
        actions.see(actor=cast.lead, alarm_id=one.pk, now=NOW)
    assert queries.waiting(cast.lead) == 0


def test_lines_are_pushed_for_sites_and_people_in_reach(cast: Cast, ground: Ground) -> None:
    said = [Said("customer", ABUSE)]
    with pytest.raises(Denied):
        actions.push_lines(actor=cast.agent, talk=talk(cast, ground), lines=said, now=NOW)
    for wrong in (Talk(ground.shop.pk, ref="x"), Talk(ground.station.pk, cast.outsider.id, ref="x")):
        with pytest.raises(NotFound):
            actions.push_lines(actor=cast.inspector, talk=wrong, lines=said, now=NOW)
    assert not Alarm.objects.exists()
    assert actions.push_lines(actor=cast.inspector, talk=talk(cast, ground), lines=said, now=NOW)
