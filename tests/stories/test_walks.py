"""Whatever is answered, in whatever order: no walk that the engine allows reaches an end the handbook forbids (CASE1, SHOP6)."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from tests.stories.conftest import Desk
from tests.stories.scripts import WAYBILL
from tests.stories.test_stories import BOOKS

from kefu.api.tests.conftest import Story
from kefu.cases import rules
from kefu.handbook import builtin
from kefu.handbook.loader import read
from kefu.handbook.posts import may_act_as
from kefu.handbook.schema import FormField, Handbook, Step

MOST_STEPS = 40
WALKS = 60
_VALUES: dict[str, tuple[Any, ...]] = {
    "text": ("已核实", "TB1臻选旗舰店作废"), "long_text": ("已核实并告知客户",), "number": (0, 1, 5), "money": ("0", "120.50"),
    "bool": (True, False), "phone": ("13800138000",), "waybill": (WAYBILL,), "attachment": ("照片.jpg",),
    "datetime": ("2026-11-23T12:00:00+08:00",),
}  # fmt: skip


def _answers(step: Step, dice: random.Random) -> dict[str, Any]:
    """Any answers, some of the optional ones left out."""
    return {one.id: _any(one, dice) for one in step.fields if one.required or dice.random() < 0.5}


def _any(one: FormField, dice: random.Random) -> Any:
    return dice.choice([choice.id for choice in one.choices]) if one.choices else dice.choice(_VALUES[one.type])


def _role(book: Handbook, step: Step) -> str:
    return next(role for role in ("agent", "lead", "manager", "clerk") if may_act_as(book, step.who, role))


def _walk(book: Handbook, key: str, dice: random.Random) -> tuple[list[Step], dict[str, Any]]:
    """Steps taken and answers given by somebody who tries any step of the procedure at any time."""
    procedure = book.procedures[key]
    lost = dice.choice([None, True, False])
    facts: dict[str, Any] = {"parcel.cod": dice.choice([None, True, False]), "parcel.presumed_lost": lost, "order.paid": None}
    taken: list[Step] = []
    for _try in range(MOST_STEPS * 4):
        current = taken[-1].id if taken else ""
        # Mostly a step the procedure offers, sometimes any at all.
        offered = rules.reachable(procedure, current)
        wanted = dice.choice(offered) if dice.random() < 0.8 else dice.choice([step.id for step in procedure.steps])
        step = procedure.step(wanted)
        assert step is not None
        cleaned, refusals = rules.check_step(book, key, current, wanted, answers=_answers(step, dice), facts=facts, role=_role(book, step))
        if refusals:
            continue
        assert wanted in offered
        facts |= {f"data.{name}": value for name, value in cleaned.items()}
        taken.append(step)
        if step.end or len(taken) == MOST_STEPS:
            break
    return taken, facts


def _ways() -> Iterator[tuple[Handbook, str]]:
    for name in BOOKS:
        book = read(builtin.text(name), file=name, bases=builtin.text).handbook
        assert book is not None
        yield from ((book, key) for key in book.procedures)


WAYS = [pytest.param(book, key, id=f"{book.handbook}-{key}") for book, key in _ways()]


@pytest.mark.parametrize(("book", "key"), WAYS)
def test_no_walk_reaches_a_forbidden_end(book: Handbook, key: str) -> None:
    ended = 0
    for number in range(WALKS):
        taken, facts = _walk(book, key, random.Random(f"{book.handbook} {key} {number}"))
        if not taken or not taken[-1].end:
            continue
        ended += 1
        way = [step.id for step in taken]
        events = {event for step in taken for event in step.events}
        told = any(book.kinds[kind].family in ("complaint", "enquiry") for kind in book.procedures[key].kinds)
        assert not told or "customer.informed" in events, way
        if key == "loss" and taken[-1].id == "close":
            assert facts.get("data.found") == "found" or facts.get("data.compensation") is not None or book.handbook == "shop", way
        if key == "refund" and "refund.done" in events:
            stopped = facts.get("data.trace_result") in ("intercepted", "returned", "lost")
            verified = facts["data.refund_kind"] == "difference" and facts["data.contacted"] is True
            voided = facts.get("data.warehouse_confirmed") is True and facts["data.contacted"] is True and "作废" in facts["data.notice"]
            assert stopped or verified or voided or book.handbook != "shop", way
        if key == "after_sales" and "refund.done" in events:
            assert "negotiate" in way, way
            assert way.index("negotiate") < min(way.index(one) for one in ("refund", "difference") if one in way), way
    assert ended, "no walk came to an end"


@pytest.mark.django_db
@pytest.mark.usefixtures("handbooks")
@pytest.mark.parametrize("name", BOOKS)
def test_a_closed_case_has_no_running_clock(name: str, desk: Callable[[str], Desk], story: Story) -> None:
    here = desk(name)
    for number, key in enumerate(here.book.procedures):
        dice = random.Random(f"{name} {number}")
        body = {"site": here.site, "kind": here.book.procedures[key].kinds[0], "channel": "call", "description": "试走"}
        case_id = here.callers["agent"].ok("POST", "/cases", {**body, "waybill": ""})["id"]
        _walked(here, key, case_id, dice, story)
        case = here.callers["agent"].ok("GET", f"/cases/{case_id}")
        running = [clock["key"] for clock in case["clocks"] if clock["state"] in ("running", "paused")]
        assert case["is_open"] or running == [], (key, running)


def _walked(here: Desk, key: str, case_id: int, dice: random.Random, story: Story) -> None:
    """A walk found by the engine, taken through the API with time between the steps."""
    procedure = here.book.procedures[key]
    current, facts = "", dict[str, Any]()
    for _try in range(MOST_STEPS * 2):
        step = procedure.step(dice.choice(rules.reachable(procedure, current)))
        assert step is not None
        answers = _answers(step, dice)
        cleaned, refusals = rules.check_step(here.book, key, current, step.id, answers=answers, facts=facts, role=here.who(step))
        if refusals:
            continue
        story.now += timedelta(minutes=20)
        here.callers[here.who(step)].ok("POST", f"/cases/{case_id}/steps", {"step": step.id, "answers": answers})
        facts |= {f"data.{name}": value for name, value in cleaned.items()}
        current = step.id
        if step.end:
            return
