"""Ways through a procedure: every step is reached, every step leads to an end, every clock is stopped, nobody is left untold."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from kefu.handbook.check.walking import walk
from kefu.handbook.problems import Problem
from kefu.handbook.schema.book import Handbook
from kefu.handbook.schema.procedures import Procedure, Step
from kefu.handbook.schema.timing import Clock
from kefu.handbook.schema.vocabulary import Event
from kefu.kernel.wording import listed_later

# Families of cases that nobody may close without telling the customer (R20, R22).
_TOLD = ("enquiry", "complaint")


def procedure_problems(handbook: Handbook) -> Iterator[Problem]:
    """Problems of all procedures."""
    for key, procedure in handbook.procedures.items():
        path = f"procedures.{key}"
        broken = list(_unknown_steps(path, procedure))
        yield from broken
        yield from _ends(path, procedure)
        if broken:
            continue
        yield from _reach(path, procedure)
        if any(kind in handbook.kinds and handbook.kinds[kind].family in _TOLD for kind in procedure.kinds):
            yield from _untold(path, procedure)
        for clock_key, clock in handbook.clocks.items():
            if not clock.applies.kinds or set(clock.applies.kinds) & set(procedure.kinds):
                yield from _clock(path, procedure, clock_key, clock)


def _unknown_steps(path: str, procedure: Procedure) -> Iterator[Problem]:
    known = {step.id for step in procedure.steps}
    if procedure.start not in known:
        yield Problem(f"{path}.start", "step_unknown", _("没有步骤“%(step)s”。"), {"step": procedure.start})
    for step in procedure.steps:
        for index, way in enumerate(step.next):
            if way.to not in known:
                yield Problem(f"{path}.steps.{step.id}.next.{index}.to", "step_unknown", _("没有步骤“%(step)s”。"), {"step": way.to})


def _ends(path: str, procedure: Procedure) -> Iterator[Problem]:
    if not any(step.end for step in procedure.steps):
        yield Problem(path, "no_end", _("流程没有结束步骤（end: true）。"))
    for step in procedure.steps:
        if not step.end and not step.next:
            message = _("步骤“%(step)s”没有下一步，也不是结束步骤。")
            yield Problem(f"{path}.steps.{step.id}", "dead_end", message, {"step": step.title})


def _reach(path: str, procedure: Procedure) -> Iterator[Problem]:
    reached = walk(procedure, [procedure.start])
    ends = {step.id for step in procedure.steps if step.end}
    for step in procedure.steps:
        if step.id not in reached:
            yield Problem(f"{path}.steps.{step.id}", "unreachable", _("步骤“%(step)s”永远走不到。"), {"step": step.title})
        elif ends and not step.end and step.next and not ends & set(walk(procedure, [step.id])):
            yield Problem(f"{path}.steps.{step.id}", "no_way_out", _("从步骤“%(step)s”走不到结束。"), {"step": step.title})


def _untold(path: str, procedure: Procedure) -> Iterator[Problem]:
    """An end that is reached without the customer having been told."""
    telling = [step.id for step in procedure.steps if Event.CUSTOMER_INFORMED in step.events]
    before = walk(procedure, [procedure.start], telling)
    for step in procedure.steps:
        if step.end and step.id in before:
            message = _("这条路不告知客户就结束了：%(way)s。请让其中一步发出 customer.informed。")
            yield Problem(f"{path}.steps.{step.id}", "end_untold", message, {"way": " → ".join(_way(before, step.id))})


def _meets(step: Step, clock: Clock) -> bool:
    return any(event in clock.meets_on for event in step.events)


def _clock(path: str, procedure: Procedure, key: str, clock: Clock) -> Iterator[Problem]:
    """A clock must be stopped on every way to an end; closing the case stops what the law sets."""
    if clock.kind == "law":
        yield from _law(path, procedure, clock)
        return
    stops = [step.id for step in procedure.steps if _meets(step, clock)]
    openers = [step for step in procedure.steps if any(event in clock.starts_on for event in step.events) and not _meets(step, clock)]
    starts = [[step.id] if step.end else [way.to for way in step.next] for step in openers]
    if "case.opened" in clock.starts_on:
        starts.insert(0, [procedure.start])
    for first in starts:
        before = walk(procedure, first, stops)
        end = next((step.id for step in procedure.steps if step.end and step.id in before), None)
        if end is None:
            continue
        message = _("时限“%(clock)s”在这条路上没有停止：%(way)s。请让其中一步发出 %(events)s。")
        params = {"clock": clock.title, "way": " → ".join(_way(before, end)), "events": listed_later(clock.meets_on)}
        yield Problem(f"{path}.steps.{end}", "clock_never_met", message, {**params, "key": key})
        return


def _law(path: str, procedure: Procedure, clock: Clock) -> Iterator[Problem]:
    """What the law wants done must be a step: closing stops its clock, but nobody may be left without a way to do it in time."""
    begun = "case.opened" in clock.starts_on or any(set(step.emits) & set(clock.starts_on) for step in procedure.steps)
    if begun and "case.closed" not in clock.meets_on and not any(_meets(step, clock) for step in procedure.steps):
        message = _("法定时限“%(clock)s”在这个流程里没有一步能完成，不能去掉。请让其中一步发出 %(events)s。")
        yield Problem(path, "law_unmet", message, {"clock": clock.title, "events": listed_later(clock.meets_on)})


def _way(before: dict[str, str], end: str) -> list[str]:
    way = [end]
    while before[way[0]] != way[0]:
        way.insert(0, before[way[0]])
    return way
