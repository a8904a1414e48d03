"""Ids that must be unique, scores that must fit."""

from collections import Counter
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_lazy as _

from kefu.handbook.problems import Problem
from kefu.handbook.schema.book import Handbook
from kefu.handbook.schema.procedures import Procedure


def value_problems(handbook: Handbook) -> Iterator[Problem]:
    """Everything said twice, and scores out of bounds."""
    for key, card in handbook.scorecards.items():
        path = f"scorecards.{key}"
        yield from _twice(f"{path}.groups", (group.id for group in card.groups))
        yield from _twice(f"{path}.items", (item.id for item in card.items()))
        if card.pass_score > card.base_score:
            params = {"passing": f"{card.pass_score:f}", "base": f"{card.base_score:f}"}
            yield Problem(f"{path}.pass_score", "pass_score", _("及格分 %(passing)s 高于满分 %(base)s。"), params)
    for key, lexicon in handbook.lexicons.items():
        yield from _twice(f"lexicons.{key}.words", lexicon.terms())
    for key, script in handbook.scripts.items():
        yield from _twice(f"scripts.{key}.slots", (slot.id for slot in script.slots))
    for key, duties in handbook.duties.items():
        yield from _twice(f"duties.{key}.items", (duty.id for duty in duties.items))
    for key, ledger in handbook.ledgers.items():
        yield from _twice(f"ledgers.{key}.columns", (column.id for column in ledger.columns))
    for key, procedure in handbook.procedures.items():
        yield from _procedure(f"procedures.{key}", procedure)
    yield from _kinds(handbook)
    yield from _twice("tiers", (str(tier.priority) for tier in handbook.tiers.values()))
    yield from _twice("levels", (str(level.rank) for level in handbook.levels.values()))


def _twice(path: str, ids: Iterable[str]) -> Iterator[Problem]:
    listed = list(ids)
    for one, count in Counter(listed).items():
        if count > 1:
            place = f"{path}.{len(listed) - 1 - listed[::-1].index(one)}"
            yield Problem(place, "said_twice", _("“%(id)s”出现了 %(count)s 次，应只有一个。"), {"id": one, "count": count})


def _procedure(path: str, procedure: Procedure) -> Iterator[Problem]:
    yield from _twice(f"{path}.steps", (step.id for step in procedure.steps))
    yield from _twice(f"{path}.stages", (stage.id for stage in procedure.stages))
    fields = procedure.fields()
    for step in procedure.steps:
        here = f"{path}.steps.{step.id}"
        yield from _twice(f"{here}.fields", (field.id for field in step.fields))
        yield from _twice(f"{here}.guards", (guard.id for guard in step.guards))
        for field in step.fields:
            yield from _twice(f"{here}.fields.{field.id}.choices", (choice.id for choice in field.choices))
            same = fields[field.id]
            if (field.type, field.choices) != (same.type, same.choices):
                message = _("“%(id)s”在别的步骤里是另一种题，请换一个 id 或写成一样。")
                yield Problem(f"{here}.fields.{field.id}", "field_differs", message, {"id": field.id})


def _kinds(handbook: Handbook) -> Iterator[Problem]:
    served: dict[str, str] = {}
    for key, procedure in handbook.procedures.items():
        for index, kind in enumerate(procedure.kinds):
            if kind in served:
                message = _("工单类型“%(kind)s”已由流程“%(other)s”处理。")
                yield Problem(f"procedures.{key}.kinds.{index}", "kind_served", message, {"kind": kind, "other": served[kind]})
            served.setdefault(kind, key)
