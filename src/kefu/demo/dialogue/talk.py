"""One conversation as it should be: a list of utterances with their parts named, so that breaches can be planted in them afterwards."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from kefu.demo.dialogue.bank import Scene, bank

Side: TypeAlias = Literal["agent", "customer", "system"]


@dataclass(slots=True, eq=False)
class Utter:
    """Something said. ``part`` is its place in the grammar; ``pause`` the seconds before it beyond the usual, ``overlap`` into the last."""

    side: Side
    text: str
    part: str
    pause: float = 0.0
    overlap: float = 0.0


@dataclass(slots=True)
class Planted:
    """A breach in a conversation: its kind, the items it breaks, items that may be named as well, and where it is to be seen."""

    kind: str
    items: tuple[str, ...]
    also: tuple[str, ...]
    at: Utter
    whole: bool = False
    """It lies in the whole conversation, not in one line of it."""


@dataclass(slots=True)
class Talk:
    """A conversation under construction."""

    scene: Scene
    said: list[Utter] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)

    def add(self, side: Side, text: str, part: str) -> Utter:
        """Say something at the end."""
        utter = Utter(side, text, part)
        self.said.append(utter)
        return utter

    def all(self, *parts: str) -> list[Utter]:
        """Utterances of some parts, in order."""
        return [one for one in self.said if one.part in parts]

    def first(self, *parts: str) -> Utter | None:
        """The first utterance of one of the parts."""
        return next(iter(self.all(*parts)), None)

    def place(self, utter: Utter) -> int:
        """Where an utterance stands."""
        return next(index for index, one in enumerate(self.said) if one is utter)

    def drop(self, *parts: str) -> None:
        """Take parts out."""
        self.said = [one for one in self.said if one.part not in parts]

    def after(self, utter: Utter, *more: Utter) -> None:
        """Put utterances in behind one."""
        place = self.place(utter) + 1
        self.said[place:place] = more


def _keyed(phrases: Any, *keys: str) -> Sequence[str]:
    """Phrases that may differ by desk or channel."""
    for key in keys:
        if isinstance(phrases, Mapping) and key in phrases:
            phrases = phrases[key]
    assert isinstance(phrases, list), keys
    return phrases


class Speaker:
    """Chooses phrases for one scene; ``curt`` from the list without courtesy where there is one."""

    def __init__(self, scene: Scene, dice: random.Random, *, curt: bool = False) -> None:
        self.scene, self.dice, self.curt = scene, dice, curt

    def manner(self, name: str) -> str:
        """A phrase of the manners."""
        source = bank("curt") if self.curt and name in bank("curt") else bank("manners")
        scene = self.scene
        return scene.say(self.dice, _keyed(source[name], scene.desk, scene.channel))

    def matter(self, name: str) -> str:
        """A phrase of the scene's topic."""
        curt = {"finds": "finds", "plans": "plans"}.get(name) if self.curt else None
        return self.scene.say(self.dice, bank("curt")[curt] if curt else self.scene.matter[name])

    def chance(self, share: float) -> bool:
        """Whether something happens."""
        return self.dice.random() < share


def _asks(speaker: Speaker, count: int) -> list[tuple[str, str]]:
    """Different questions with their answers: the topic's first, common ones after."""
    scene, dice = speaker.scene, speaker.dice
    own = list(scene.matter["asks"])
    common = list(bank("manners")["common_shop" if scene.desk == "shop" else "common_express"])
    dice.shuffle(own)
    dice.shuffle(common)
    chosen = [*own, *common][:count]
    answers: Sequence[str] = bank("curt")["answers"]
    return [(scene.say(dice, [one["q"]]), scene.say(dice, answers if speaker.curt else one["a"])) for one in chosen]


def converse(scene: Scene, dice: random.Random, *, curt: bool = False) -> Talk:
    """The whole conversation without any breach (apart from its bareness, when ``curt``)."""
    talk, speaker = Talk(scene), Speaker(scene, dice, curt=curt)
    _greet(talk, speaker)
    _identify(talk, speaker)
    _find(talk, speaker)
    for question, answer in _asks(speaker, dice.choices([0, 1, 2, 3, 4, 5, 7], weights=[6, 20, 26, 22, 13, 8, 5])[0]):
        talk.add("customer", question, "ask")
        talk.add("agent", answer, "answer")
        if speaker.chance(0.35):
            talk.add("customer", speaker.manner("remind_answer"), "nod")
    talk.add("agent", speaker.matter("plans"), "plan")
    talk.add("customer", speaker.matter("accepts"), "accept")
    if speaker.chance(0.4) and not curt:
        talk.add("agent", speaker.manner("remind"), "remind")
        talk.add("customer", speaker.manner("remind_answer"), "nod")
    _part(talk, speaker)
    return talk


def _greet(talk: Talk, speaker: Speaker) -> None:
    scene = talk.scene
    if scene.channel == "chat":
        if speaker.chance(0.6):
            talk.add("customer", speaker.manner("hello"), "hello")
            if speaker.chance(0.5):
                talk.add("system", speaker.manner("auto_reply"), "auto_reply")
        else:
            talk.add("customer", speaker.matter("opens"), "statement")
    talk.add("agent", speaker.manner("opening"), "opening")
    if talk.first("statement") is None:
        talk.add("customer", speaker.matter("opens"), "statement")
    if speaker.chance(0.6):
        talk.add("customer", speaker.matter("more"), "statement")
    talk.add(
        "agent", speaker.manner("apology" if scene.complaint and not speaker.curt else "taken"), "apology" if scene.complaint else "taken"
    )


def _identify(talk: Talk, speaker: Speaker) -> None:
    if talk.scene.topic in ("presales", "business"):
        if talk.scene.channel == "call":
            talk.add("agent", speaker.manner("identity"), "identity")
            talk.add("customer", speaker.manner("identity_answer"), "identity_answer")
        return
    talk.add("agent", speaker.manner("identity"), "identity")
    talk.add("customer", speaker.manner("identity_answer"), "identity_answer")
    if talk.scene.desk != "shop" and speaker.chance(0.7):
        talk.add("agent", speaker.manner("waybill_ask"), "waybill_ask")
        talk.add("customer", speaker.manner("waybill_answer"), "waybill_answer")
        if speaker.chance(0.5):
            talk.add("agent", speaker.manner("address_back"), "address_back")


def _find(talk: Talk, speaker: Speaker) -> None:
    if talk.scene.topic != "presales" and speaker.chance(0.65):
        talk.add("agent", speaker.manner("hold"), "hold")
        talk.add("customer", speaker.manner("hold_answer"), "hold_answer")
        thanks = talk.add("agent", speaker.manner("hold_thanks"), "hold_thanks")
        thanks.pause = speaker.dice.uniform(12, 45)
    talk.add("agent", speaker.matter("finds"), "find")


def _part(talk: Talk, speaker: Speaker) -> None:
    talk.add("agent", speaker.manner("more_help"), "more_help")
    thanked = speaker.chance(0.75) and not speaker.curt
    talk.add("customer", speaker.manner("no_more" if thanked else "no_more_plain"), "no_more")
    closing = "closing" if thanked or speaker.curt else "closing_plain"
    talk.add("agent", speaker.manner(closing), "closing")
    if talk.scene.channel == "call" and speaker.chance(0.6):
        talk.add("customer", speaker.manner("bye"), "bye")
