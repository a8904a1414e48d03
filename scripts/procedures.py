"""Write docs/procedures.md: every procedure of the built-in handbooks as a drawing and a table, from the handbooks themselves.

python scripts/procedures.py          write the page
python scripts/procedures.py check    fail when the page is not what the handbooks say
"""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kefu.config.settings")

import django

django.setup()

from django.utils import translation  # noqa: E402

from kefu.handbook import builtin  # noqa: E402
from kefu.handbook.check.references import procedure_facts  # noqa: E402
from kefu.handbook.conditions import render  # noqa: E402
from kefu.handbook.loader import read  # noqa: E402
from kefu.handbook.posts import titles_of  # noqa: E402
from kefu.handbook.reader.words import duration_words, event_words  # noqa: E402
from kefu.handbook.schema import Handbook, Procedure, Step  # noqa: E402

PAGE = Path(__file__).parents[1] / "docs" / "procedures.md"
_HEAD = """# 流程图册

本页由 `python scripts/procedures.py` 从手册生成，请改手册，不要改本页。每个流程：图、步骤表、时限。图中方角是步骤，圆角是结束。

手册里写在一个流程中的，这里也在一个流程中：

| 业务 | 在哪里 | 为什么 |
|---|---|---|
| 退货退款、换货、补发、维修、补差价 | `shop` 的 `after_sales`，由“协商结果”分支 | S 四(四)6 是一条：协商 → 退换货 → 退差价 |
| 未发货仅退款、已发货仅退款、已发货退差价 | `shop` 的 `refund`，由“退款类型”分支 | S 四(五)5、6；仓库已发出时要转到另一支 |
| 疑难件、无物流信息、顾客查询 | `shop` 的 `parcel_watch`，由“问题”分支 | S 四(五)2、3 与四(四)7、10 后半段相同 |
| 破损、短少 | `best`、`zto` 的 `damage` | 手册就是“投诉破损/短少”一个流程 |
| 投诉六步、咨询四步 | `callcenter` 的 `complaint`、`consult` | C 的原文 |

"""


def page() -> str:
    """The whole page."""
    with translation.override("zh-hans"):
        return _HEAD + "\n".join(line for key in builtin.KEYS if key not in builtin.BASES for line in _book(key))


def _book(key: str) -> Iterator[str]:
    book = read(builtin.text(key) or "", file=key, bases=builtin.text).handbook
    if book is None:
        raise SystemExit(f"{key} cannot be read")
    yield f"## {book.title} `{key}`\n"
    for name, procedure in book.procedures.items():
        origin = book.origin(f"procedures.{name}")
        if origin != key:
            yield f"### {procedure.title} `procedures.{name}`\n\n同 `{origin}`，适用：{_kinds(book, procedure)}。\n"
            if origin not in builtin.BASES or key != "best":
                continue
        yield from _procedure(book, name, procedure)


def _kinds(book: Handbook, procedure: Procedure) -> str:
    return "、".join(book.kinds[kind].title for kind in procedure.kinds if kind in book.kinds)


def _procedure(book: Handbook, name: str, procedure: Procedure) -> Iterator[str]:
    if book.origin(f"procedures.{name}") == book.handbook:
        yield f"### {procedure.title} `procedures.{name}`\n"
        yield f"适用：{_kinds(book, procedure)}。来源：{procedure.source}。\n"
    yield "```mermaid\nflowchart LR"
    facts = procedure_facts(procedure)
    for step in procedure.steps:
        shape = f'(["{step.title}"])' if step.end else f'["{step.title}"]'
        yield f"  {step.id}{shape}"
    for step in procedure.steps:
        for way in step.next:
            words = way.title or (render(way.when, facts) if way.when else "")
            yield f'  {step.id} -->|"{words}"| {way.to}' if words else f"  {step.id} --> {way.to}"
    yield "```\n\n| 步骤 | 谁 | 填写（*必填，†系统判定） | 不满足就不能进行 | 发出事件 | 来源 |\n|---|---|---|---|---|---|"
    yield from (_row(book, step) for step in procedure.steps)
    yield ""
    events = {"case.opened", *(event for step in procedure.steps for event in step.events)}
    clocks = dict(clock for kind in procedure.kinds for clock in book.clocks_for(kind).items())
    for key, clock in clocks.items():
        if not events.isdisjoint(clock.starts_on):
            met = "、".join(event_words(event) for event in clock.meets_on)
            yield f"- 时限 `clocks.{key}` {clock.title}：{duration_words(clock.target)}，{met}为止（{clock.source}）"
    yield ""


def _row(book: Handbook, step: Step) -> str:
    fields = "、".join(f"{one.label}{'*' if one.required else ''}{'†' if one.computed else ''}" for one in step.fields)
    guards = "<br>".join(guard.message for guard in step.guards)
    events = "、".join(event_words(event) for event in step.events)
    return f"| {step.title} `{step.id}` | {titles_of(book, step.who)} | {fields} | {guards} | {events} | {step.source} |".replace("  ", " ")


def main() -> None:
    """Write or check."""
    text = page()
    if sys.argv[1:] != ["check"]:
        PAGE.write_text(text, encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != text:
        raise SystemExit("docs/procedures.md is not what the handbooks say: run python scripts/procedures.py")


if __name__ == "__main__":
    main()
