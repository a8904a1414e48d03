"""Ids that must be unique, scores that must fit."""

from collections import Counter
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_lazy as _

from kefu.handbook.problems import Problem
from kefu.handbook.schema.book import Handbook
from kefu.handbook.schema.ledgers import LEDGER_REGISTERS, Ledger
from kefu.handbook.schema.procedures import Procedure
from kefu.kernel.wording import listed_later


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
        yield from _ledger(f"ledgers.{key}", ledger)
    for key, procedure in handbook.procedures.items():
        yield from _procedure(f"procedures.{key}", procedure)
    yield from _kinds(handbook)
    yield from _twice("tiers", (str(tier.priority) for tier in handbook.tiers.values()))
    yield from _twice("levels", (str(level.rank) for level in handbook.levels.values()))


def _ledger(path: str, ledger: Ledger) -> Iterator[Problem]:
    """Columns show what their register has, are changed only where a change has a meaning, and narrow by what it knows."""
    register = LEDGER_REGISTERS[ledger.over]
    yield from _twice(f"{path}.columns", (column.id for column in ledger.columns))
    for column in ledger.columns:
        here = f"{path}.columns.{column.id}"
        known = register.fields.get(column.field)
        if column.kept and column.shows:
            yield Problem(f"{here}.shows", "ledger_kept_shows", _("自行填写的栏目不能同时显示系统内容，请去掉 shows 或 kept。"))
        elif column.kept and not column.edit:
            yield Problem(f"{here}.edit", "ledger_kept_edit", _("自行填写的栏目要写明由谁填写（edit）。"))
        elif not column.kept and known is None:
            choices = listed_later(register.fields)
            yield Problem(here, "ledger_field", _("没有内容“%(name)s”，可用的有：%(known)s；自行填写的栏目请写 kept: true。"), {
                "name": column.field, "known": choices,
            })  # fmt: skip
        elif known is not None and not column.kept and column.edit and not known.editable:
            yield Problem(f"{here}.edit", "ledger_not_editable", _("此栏目由业务办理产生，不能在台账里修改，请去掉 edit。"))
        elif not column.kept and column.type != "text":
            yield Problem(f"{here}.type", "ledger_type", _("显示系统内容的栏目不用写 type。"))
    for name, values in ledger.only.items():
        offered = register.only.get(name, ())
        if wrong := [value for value in values if value not in offered]:
            params = {"name": name, "given": listed_later(wrong), "known": listed_later(offered)}
            yield Problem(f"{path}.only.{name}", "ledger_only", _("“%(name)s”不能限定为 %(given)s，可用的有：%(known)s。"), params)
    if ledger.kinds and ledger.over != "open_cases":
        yield Problem(f"{path}.kinds", "ledger_kinds", _("只有工单台账可以按工单类型限定。"))


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
