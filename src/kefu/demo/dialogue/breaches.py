"""Planting breaches into a conversation that has none. Each way notes the utterance at which the breach is to be seen."""

import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kefu.demo.dialogue.bank import Scene, bank
from kefu.demo.dialogue.talk import Planted, Talk, Utter, converse

# Ways that need a conversation of bare manners to begin with; nothing else is planted beside them.
_ALONE = {"curt"}
# Ways that use the same place: one of a group is enough in one conversation.
_GROUPS = ({"opening"}, {"no_closing", "thanks", "unanswered", "curt"}, {"slow_first", "slow_later"}, {"no_apology", "thanks", "curt"})


def _texts(kind: Mapping[str, Any], scene: Scene) -> Sequence[str]:
    texts = kind["texts"]
    found = texts.get("any") or texts.get(scene.channel) or texts["shop" if scene.desk == "shop" else "express"]
    return [str(one) for one in found]


def possible(name: str, scene: Scene) -> bool:
    """Whether a kind of breach can happen in such a conversation."""
    kind = bank("breaches")[name]
    if scene.desk not in kind["items"] or scene.channel not in kind.get("channels", (scene.channel,)):
        return False
    if kind["how"] in ("no_apology",):
        return scene.complaint
    if kind["how"] == "identity":
        return scene.topic not in ("presales", "business")
    return not (kind["how"] == "cold" and scene.channel == "call")


def choose(scene: Scene, dice: random.Random, count: int) -> list[str]:
    """So many kinds of breaches that can stand together, drawn by their weights."""
    pool = {name: float(kind["weight"]) for name, kind in bank("breaches").items() if possible(name, scene)}
    chosen: list[str] = []
    while pool and len(chosen) < count:
        name = dice.choices(list(pool), weights=list(pool.values()))[0]
        how = bank("breaches")[name]["how"]
        chosen.append(name)
        if how in _ALONE:
            return [name]
        clash = {how, *_ALONE}.union(*(group for group in _GROUPS if how in group))
        pool = {
            other: weight for other, weight in pool.items() if other != name and bank("breaches")[other]["how"] not in clash - {"answer"}
        }
    return chosen


def conversation(scene: Scene, dice: random.Random, kinds: Sequence[str] = ()) -> Talk:
    """A conversation with these breaches planted, in a fixed order so that one does not undo another."""
    table = bank("breaches")
    talk = converse(scene, dice, curt=any(table[name]["how"] in _ALONE for name in kinds))
    order = list(_WAYS)
    for name in sorted(kinds, key=lambda name: order.index(table[name]["how"])):
        kind = table[name]
        found = _WAYS[kind["how"]](talk, dice, kind)
        if found is not None:
            also = tuple(kind.get("also", ()))
            talk.planted.append(Planted(name, tuple(kind["items"][scene.desk]), also, found, whole=kind["how"] in _ALONE))
    return talk


_Way = Callable[[Talk, random.Random, Mapping[str, Any]], Utter | None]


def _opening(talk: Talk, dice: random.Random, kind: Mapping[str, Any]) -> Utter | None:
    utter = talk.first("opening")
    if utter is not None:
        utter.text = talk.scene.say(dice, _texts(kind, talk.scene))
        talk.drop("auto_reply")
    return utter


def _identity(talk: Talk, dice: random.Random, kind: Mapping[str, Any]) -> Utter | None:
    utter = talk.first("identity")
    if utter is not None:
        utter.text = dice.choice(_texts(kind, talk.scene))
    return utter


def _no_apology(talk: Talk, dice: random.Random, kind: Mapping[str, Any]) -> Utter | None:  # noqa: ARG001 (one shape for all ways)
    """No word of apology or comfort anywhere: what has one is said barely."""
    curt = bank("curt")
    plain = {"apology": curt["taken"], "hold": curt["hold"], "hold_thanks": curt["hold_thanks"], "address_back": curt["address_back"]}
    plain |= {"find": curt["finds"], "plan": curt["plans"], "remind": curt["answers"], "answer": curt["answers"]}
    for utter in talk.said:
        if utter.side == "agent" and any(word in utter.text for word in curt["soothing"]):
            utter.text = talk.scene.say(dice, plain.get(utter.part, curt["answers"]))
    return talk.first("statement")


def _answer(talk: Talk, dice: random.Random, kind: Mapping[str, Any]) -> Utter | None:
    """The agent says it, on top of an answer or instead of one."""
    spots = talk.all("answer", "find", "plan")
    spots = [one for one in spots if not any(one is other.at for other in talk.planted)] or spots
    utter = dice.choice(spots)
    said = talk.scene.say(dice, _texts(kind, talk.scene))
    utter.text = said if utter.part == "answer" and dice.random() < 0.5 else f"{said}{utter.text}"
    return utter


def _hey(talk: Talk, dice: random.Random, kind: Mapping[str, Any]) -> Utter | None:
    before = talk.first("hold_answer", "statement")
    assert before is not None
    utter = Utter("agent", dice.choice(_texts(kind, talk.scene)), "hey")
    talk.after(before, utter, Utter("customer", "在的，你说。", "nod"))
    return utter


def _fillers(talk: Talk, dice: random.Random, kind: Mapping[str, Any]) -> Utter | None:  # noqa: ARG001
    first: Utter | None = None
    for utter in talk.all("taken", "apology", "find", "answer", "plan", "remind", "hold", "more_help"):
        if dice.random() < 0.85:
            sounds = [dice.choice(["啊", "哎呀", "呀", "啧", "哎呦"]) for _ in range(2)]
            body = utter.text.rstrip("。？！?!")
            utter.text = f"{sounds[0]}，{body}{'啊' if dice.random() < 0.7 else '呀'}。"
            if "，" in body[4:] and dice.random() < 0.6:
                head, tail = body[: 4 + body[4:].index("，")], body[4 + body[4:].index("，") + 1 :]
                utter.text = f"{sounds[0]}，{head}，{sounds[1]}，{tail}啊。"
            first = first or utter
    return first


def _stalling(talk: Talk, dice: random.Random, kind: Mapping[str, Any]) -> Utter | None:
    texts = list(_texts(kind, talk.scene))
    dice.shuffle(texts)
    spots = talk.all("find", "answer", "plan", "taken", "apology")[:3]
    for utter, said in zip(spots, texts, strict=False):
        utter.text = f"{said}{utter.text}"
    if len(spots) < 3:
        last = spots[-1]
        talk.after(last, Utter("customer", "那你问清楚。", "nod"), Utter("agent", texts[3], "answer"))
    return spots[0] if spots else None


def _cue(talk: Talk, dice: random.Random, kind: Mapping[str, Any]) -> Utter | None:
    spot = dice.choice(talk.all("answer", "find"))
    utter = Utter("customer", dice.choice(_texts(kind, talk.scene)), "cue")
    talk.after(spot, utter, Utter("agent", "好的，我重新为您核实一下。", "answer"))
    return utter


def _cold(talk: Talk, dice: random.Random, kind: Mapping[str, Any]) -> Utter | None:
    texts = _texts(kind, talk.scene)
    spots = talk.all("accept", "statement", "identity_answer", "waybill_answer", "nod")[:4]
    added = [Utter("agent", texts[place % len(texts)], "cold") for place in range(len(spots))]
    for spot, utter in zip(spots, added, strict=True):
        talk.after(spot, utter)
    if len(added) < 3:
        return None
    del dice
    return added[0]


def _no_closing(talk: Talk, dice: random.Random, kind: Mapping[str, Any]) -> Utter | None:  # noqa: ARG001
    talk.drop("more_help", "no_more", "closing", "bye", "remind")
    utter = [one for one in talk.said if one.side == "agent"][-1]
    talk.said = talk.said[: talk.place(utter) + 2]
    return utter


def _thanks(talk: Talk, dice: random.Random, kind: Mapping[str, Any]) -> Utter | None:
    """Thanks in the middle, and the agent goes on as if nothing had been said."""
    accept = talk.first("accept")
    assert accept is not None
    accept.text = dice.choice(_texts(kind, talk.scene))
    talk.drop("remind", "nod")
    notes = list(bank("curt")["answers"])
    dice.shuffle(notes)
    talk.after(accept, *(Utter(*row) for row in (
        ("agent", notes[0], "note"), ("customer", "嗯，知道了。", "nod"), ("agent", notes[1], "note"), ("customer", "好。", "nod"),
    )))  # fmt: skip
    end = talk.first("no_more")
    if end is not None:
        end.text = "没有了。"
    closing = talk.first("closing")
    if closing is not None:
        plain = bank("manners")["closing_plain"][talk.scene.desk]
        closing.text = talk.scene.say(dice, plain[talk.scene.channel])
    return accept


def _unanswered(talk: Talk, dice: random.Random, kind: Mapping[str, Any]) -> Utter | None:
    """A last question to which nobody says anything any more."""
    talk.drop("bye")
    return talk.add("customer", dice.choice(_texts(kind, talk.scene)), "left")


def _slow_first(talk: Talk, dice: random.Random, kind: Mapping[str, Any]) -> Utter | None:  # noqa: ARG001
    utter = talk.first("opening")
    if utter is not None:
        utter.pause = dice.uniform(200, 420) if talk.scene.desk == "shop" else dice.uniform(12, 80)
    return next((one for one in talk.said if one.side == "customer"), None)


def _slow_later(talk: Talk, dice: random.Random, kind: Mapping[str, Any]) -> Utter | None:  # noqa: ARG001
    spots = [one for one in talk.all("answer") if talk.said[talk.place(one) - 1].side == "customer"]
    if not spots:
        return None
    utter = dice.choice(spots)
    utter.pause = dice.uniform(200, 600)
    place = talk.place(utter) - 1
    while talk.said[place - 1].side == "customer":
        place -= 1
    return talk.said[place]


def _interruption(talk: Talk, dice: random.Random, kind: Mapping[str, Any]) -> Utter | None:  # noqa: ARG001
    spots = [one for one in talk.all("answer", "taken", "apology", "plan") if talk.said[talk.place(one) - 1].side == "customer"]
    spots = [one for one in spots if len(talk.said[talk.place(one) - 1].text) >= 9][:3]
    if len(spots) < 2:
        return None
    for utter in spots:
        utter.overlap = dice.uniform(1.0, 1.8)
    return spots[0]


def _curt(talk: Talk, dice: random.Random, kind: Mapping[str, Any]) -> Utter | None:  # noqa: ARG001
    return talk.first("taken", "apology")


_WAYS: dict[str, _Way] = {
    "curt": _curt,
    "no_apology": _no_apology,
    "opening": _opening,
    "identity": _identity,
    "fillers": _fillers,
    "stalling": _stalling,
    "answer": _answer,
    "hey": _hey,
    "cue": _cue,
    "cold": _cold,
    "thanks": _thanks,
    "no_closing": _no_closing,
    "unanswered": _unanswered,
    "slow_first": _slow_first,
    "slow_later": _slow_later,
    "interruption": _interruption,
}
