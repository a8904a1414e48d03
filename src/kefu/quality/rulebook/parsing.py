"""What a handbook writes, read to a rule; every problem with the path to what is wrong and what to do (HB3).

detector:
  kind: rule
  let:
    complaint: {words: [投诉, 举报], side: customer}
    apology: {words: [抱歉, 对不起], after: complaint, within_lines: 3}
  when: complaint && !apology
"""

from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext_lazy as _
from pydantic import ValidationError

from kefu.handbook.messages import from_pydantic
from kefu.handbook.problems import Problem
from kefu.handbook.schema.condition import OPERATORS as COMPARISONS
from kefu.handbook.schema.condition import Condition
from kefu.kernel.errors import Message
from kefu.kernel.wording import listed
from kefu.quality.rulebook import expression, shape
from kefu.quality.rulebook.facts import RULE_FACTS
from kefu.quality.rulebook.operators import OPERATORS
from kefu.quality.rulebook.shape import Anchor, Shape

COMBINATIONS = ("all", "any", "some", "not", "sequence", "flow", "use", "fact")
RELATIONS = ("after", "before", "near", "same_line")
PLACING = ("side", "in", *RELATIONS, "anchor", "within_lines", "within_seconds", "at_least", "at_most")
NAMING = ("id", "title")
RANGES = ("first", "last", "lines", "first_seconds", "last_seconds")
MAX_CONDITIONS = 200
MAX_DEPTH = 12


def distinct(name: str) -> bool:
    """Whether a name may be given to a condition."""
    return 0 < len(name) <= 60 and all(char.isalnum() or char in "_-" for char in name) and not set(name) & set("且或非")


class Parser:
    """Reads one rule; collects problems instead of stopping at the first."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.named: dict[str, Shape] = {}
        self._wanted: list[tuple[str, str]] = []
        self._count = 0

    def tell(self, path: str, code: str, message: Message, **params: Any) -> None:
        """Note a problem."""
        self.problems.append(Problem(path, code, message, params))

    def rule(self, raw: Mapping[str, Any]) -> shape.Rule | None:
        """The rule of a detector's parameters; ``None`` when something is wrong with it."""
        names = self._let(raw.get("let") or {})
        if (raw.get("when") is None) == (raw.get("require") is None):
            self.tell("", "rule_when", _("规则要写 when（出现就算）或 require（没有才算）其中之一。"))
        given = "require" if raw.get("require") is not None else "when"
        whole = self._either(raw.get(given), given, names) if raw.get(given) is not None else None
        applies = self._either(raw["applies_when"], "applies_when", names) if raw.get("applies_when") is not None else None
        self._references()
        if self.problems or whole is None:
            return None
        return shape.Rule(self.named, whole, given == "require", applies)

    def _let(self, raw: Any) -> list[str]:
        if not isinstance(raw, Mapping):
            self.tell("let", "rule_let", _("let 下面写“名字: 条件”，每行一个。"))
            return []
        names = [str(name) for name in raw]
        for name in names:
            if not distinct(name):
                self.tell(f"let.{name}", "rule_name", _("名字“%(name)s”只能用字母、汉字、数字、- 和 _，不含 且、或、非。"), name=name)
        for name, value in raw.items():
            found = self._either(value, f"let.{name}", names)
            if found is not None:
                self.named[str(name)] = found
        return names

    def _either(self, raw: Any, path: str, names: Collection[str]) -> Shape | None:
        """A condition, or a line of logic over names."""
        if isinstance(raw, str | int) and not isinstance(raw, bool):
            try:
                return _logic(expression.read(str(raw), names), path)
            except expression.Misread as error:
                self.tell(
                    path,
                    "rule_logic",
                    _("“%(line)s”第 %(column)s 个字处：%(why)s"),
                    line=str(raw)[:80],
                    column=error.at,
                    why=str(error.message) % error.params,
                )
                return None
        return self.condition(raw, path, 1)

    def condition(self, raw: Any, path: str, depth: int) -> Shape | None:
        """One condition of the tree."""
        self._count += 1
        if depth > MAX_DEPTH or self._count > MAX_CONDITIONS:
            self.tell(
                path,
                "rule_size",
                _("规则太大：最多 %(most)s 个条件、%(depth)s 层。请拆成几个评分项。"),
                most=MAX_CONDITIONS,
                depth=MAX_DEPTH,
            )
            return None
        if not isinstance(raw, Mapping):
            self.tell(path, "rule_condition", _("这里应是一个条件，例如 {words: [谢谢], side: agent}。"))
            return None
        heads = [str(key) for key in raw if key in OPERATORS or key in COMBINATIONS]
        if "fact" in raw:
            heads = ["fact"]
        if not heads:
            self._no_head(raw, path)
            return None
        if len(heads) > 1:
            message = _("一个条件只能有一个算子，这里有 %(given)s。要都成立请写 all: [ … ]，任一成立写 any: [ … ]。")
            self.tell(f"{path}.{heads[1]}", "rule_two_operators", message, given=listed(heads))
            return None
        found = self._headed(raw, heads[0], path, depth)
        if found is not None and found.name:
            if found.name in self.named:
                self.tell(f"{path}.id", "rule_name_twice", _("名字“%(name)s”用了两次，请换一个。"), name=found.name)
            self.named[found.name] = found
        return found

    def _no_head(self, raw: Mapping[str, Any], path: str) -> None:
        known = [*OPERATORS, *COMBINATIONS]
        strange = [str(key) for key in raw if key not in PLACING and key not in NAMING]
        if not strange:
            self.tell(path, "rule_no_operator", _("这个条件没有算子。可用：%(known)s。"), known=listed(known))
            return
        near = get_close_matches(strange[0], known, 1, 0.6)
        message = _("没有算子“%(name)s”，是不是 %(near)s？") if near else _("没有算子“%(name)s”。可用：%(known)s。")
        self.tell(
            f"{path}.{strange[0]}", "rule_operator_unknown", message, name=strange[0], near=near[0] if near else "", known=listed(known)
        )

    def _headed(self, raw: Mapping[str, Any], head: str, path: str, depth: int) -> Shape | None:
        if head in OPERATORS:
            return self._leaf(raw, head, path)
        if head == "fact":
            return self._fact(raw, path)
        name, title = self._naming(raw, path)
        allowed = {"some": ("at_least",), "sequence": ("within_lines", "within_seconds"), "flow": ("order",)}.get(head, ())
        for key in raw:
            if key not in (head, *allowed, *NAMING):
                message = _("“%(key)s”不能写在 %(head)s 上，请写进里面的条件。可写：%(known)s。")
                self.tell(f"{path}.{key}", "rule_key", message, key=str(key), head=head, known=listed([*allowed, *NAMING]))
                return None
        if head == "use":
            self._wanted.append((str(raw["use"]), f"{path}.use"))
            return shape.Named(str(raw["use"]), path, name, title)
        if head == "not":
            inner = self.condition(raw["not"], f"{path}.not", depth + 1)
            return shape.Negated(inner, path, name, title) if inner is not None else None
        if head == "flow":
            return self._flow(raw, path, depth, name, title)
        parts = self._parts(raw[head], f"{path}.{head}", depth)
        if parts is None:
            return None
        if head == "sequence":
            near = [self._number(raw, key, path, 0, 1_000_000) for key in ("within_lines", "within_seconds")]
            return shape.Sequence(parts, path, int(near[0]) if near[0] is not None else None, near[1], name, title)
        least = self._number(raw, "at_least", path, 1, len(parts)) if head == "some" else 1
        if head == "some" and "at_least" not in raw:
            self.tell(path, "rule_some", _("some 要写 at_least：至少几个成立。"))
        kinds: dict[str, Any] = {"kind": head}
        return shape.Combined(parts=parts, path=path, at_least=int(least or 1), name=name, title=title, **kinds)

    def _parts(self, raw: Any, path: str, depth: int) -> tuple[Shape, ...] | None:
        if not isinstance(raw, Sequence) or isinstance(raw, str) or not raw:
            self.tell(path, "rule_parts", _("这里应是条件的列表，每项前加“- ”，至少一项。"))
            return None
        found = [self.condition(one, f"{path}.{index}", depth + 1) for index, one in enumerate(raw)]
        kept = tuple(one for one in found if one is not None)
        return kept if len(kept) == len(found) else None

    def _naming(self, raw: Mapping[str, Any], path: str) -> tuple[str, str]:
        name, title = str(raw.get("id") or ""), str(raw.get("title") or "")[:80]
        if name and not distinct(name):
            self.tell(f"{path}.id", "rule_name", _("名字“%(name)s”只能用字母、汉字、数字、- 和 _，不含 且、或、非。"), name=name)
        return name, title

    def _flow(self, raw: Mapping[str, Any], path: str, depth: int, name: str, title: str) -> Shape | None:
        stages = raw["flow"]
        if not isinstance(stages, Sequence) or isinstance(stages, str) or len(stages) < 2:
            self.tell(f"{path}.flow", "rule_flow", _("flow 是环节的列表，至少两个，例如 - {stage: opening, words: [您好]}。"))
            return None
        out: list[shape.Stage] = []
        for index, one in enumerate(stages):
            place = f"{path}.flow.{index}"
            if not isinstance(one, Mapping) or not one.get("stage"):
                self.tell(place, "rule_stage", _("每个环节要有名字：stage: opening。"))
                continue
            inner = {key: value for key, value in one.items() if key not in ("stage", "title", "required")}
            found = self.condition(inner, place, depth + 1)
            if found is not None:
                out.append(shape.Stage(str(one["stage"]), str(one.get("title") or "")[:80], found, one.get("required", True) is not False))
        if raw.get("order", "strict") not in ("strict", "free"):
            self.tell(f"{path}.order", "rule_order", _("order 写 strict（按顺序）或 free（不论顺序）。"))
        return shape.Flow(tuple(out), path, raw.get("order", "strict") == "strict", name, title) if len(out) == len(stages) else None

    def _fact(self, raw: Mapping[str, Any], path: str) -> Shape | None:
        name, title = self._naming(raw, path)
        inner = {key: value for key, value in raw.items() if key not in NAMING}
        fact = str(raw["fact"])
        if fact not in RULE_FACTS and not fact.startswith(("sound.", "case.clock.")):
            near = get_close_matches(fact, list(RULE_FACTS), 1, 0.5)
            message = _("没有名为“%(name)s”的通话数据，是不是 %(near)s？") if near else _("没有名为“%(name)s”的通话数据。可用：%(known)s。")
            self.tell(f"{path}.fact", "rule_fact_unknown", message, name=fact, near=near[0] if near else "", known=listed(RULE_FACTS))
            return None
        try:
            return shape.Asked(Condition.model_validate(inner), path, name, title)
        except ValidationError as error:
            for one in error.errors(include_url=False):
                problem = from_pydantic(one)
                if problem.code == "condition_form":
                    self.tell(path, "rule_fact", _("通话数据后面跟一个比较：%(known)s。"), known=listed(COMPARISONS))
                else:
                    self.problems.append(Problem(f"{path}.{problem.path}", problem.code, problem.message, problem.params))
            return None

    def _leaf(self, raw: Mapping[str, Any], head: str, path: str) -> Shape | None:
        kind = OPERATORS[head]
        name, title = self._naming(raw, path)
        for key in raw:
            if key not in (head, *PLACING, *NAMING):
                message = _("条件“%(head)s”不认识“%(key)s”。它自己的参数写在 %(head)s: {…} 里，位置写 %(known)s。")
                self.tell(f"{path}.{key}", "rule_key", message, key=str(key), head=head, known=listed(PLACING))
                return None
        side = raw.get("side", "agent")
        if side not in ("agent", "customer", "both"):
            self.tell(f"{path}.side", "rule_side", _("side 写 agent（客服）、customer（客户）或 both（双方）。"))
            side = "agent"
        args = self._arguments(raw[head], head, f"{path}.{head}")
        if kind.scope == "whole":
            placed = [key for key in raw if key in PLACING and key != "side"]
            if placed:
                self.tell(f"{path}.{placed[0]}", "rule_whole", _("“%(head)s”说的是整段会话，不能加 %(key)s。"), head=head, key=placed[0])
                return None
        part, anchors = self._range(raw.get("in"), f"{path}.in"), self._anchors(raw, path)
        least = self._number(raw, "at_least", path, 0, 10_000)
        most = self._number(raw, "at_most", path, 0, 10_000)
        if least is None:
            least = 0 if most is not None else 1
        if most is not None and least > most:
            self.tell(f"{path}.at_most", "rule_counts", _("at_most 比 at_least 还小，永远不会成立。"))
        if least == 0 and most is None:
            self.tell(f"{path}.at_least", "rule_counts", _("at_least: 0 永远成立，请去掉它，或加 at_most。"))
        if args is None:
            return None
        return shape.Leaf(
            head, args, path, side, part, anchors, int(least), int(most) if most is not None else shape.UNLIMITED, name, title
        )

    def _arguments(self, raw: Any, head: str, path: str) -> Any:
        kind = OPERATORS[head]
        short = kind.arguments.SHORT
        if not isinstance(raw, Mapping):
            if not short:
                known = listed(kind.arguments.model_fields)
                self.tell(path, "rule_arguments", _("“%(head)s”要写成 %(head)s: {…}，可用：%(known)s。"), head=head, known=known)
                return None
            several = str(kind.arguments.model_fields[short].annotation).startswith("tuple")
            raw = {short: [raw] if several and (isinstance(raw, str | int | float) or raw is None) else raw}
        try:
            return kind.arguments.model_validate(dict(raw))
        except ValidationError as error:
            for one in error.errors(include_url=False):
                self._misfit(path, head, one)
            return None

    def _misfit(self, path: str, head: str, error: Any) -> None:
        code, ctx = str(error["type"]), error.get("ctx") or {}
        fields = OPERATORS[head].arguments.model_fields
        if code == "extra_forbidden":
            name = str(error["loc"][-1])
            near = get_close_matches(name, fields, 1, 0.6)
            message = _("“%(head)s”没有参数“%(name)s”，是不是 %(near)s？") if near else _("“%(head)s”没有参数“%(name)s”。可用：%(known)s。")
            where = ".".join([path, *map(str, error["loc"])])
            self.tell(where, "rule_argument", message, head=head, name=name, near=near[0] if near else "", known=listed(fields))
        elif code in _FORMS:
            where = f"{path}.logic" if code.startswith("rule_logic") else path
            self.tell(where, code, _FORMS[code], **{**ctx, "head": head})
        else:
            problem = from_pydantic(error)
            where = f"{path}.{problem.path}" if problem.path else path
            self.problems.append(Problem(where, problem.code, problem.message, problem.params))

    def _range(self, raw: Any, path: str) -> shape.Range | None:
        if raw is None:
            return None
        if not isinstance(raw, Mapping) or not raw or any(key not in RANGES for key in raw):
            message = _(
                "in 写范围：{first: 3} 前几句、{last: 3} 后几句、{lines: [2, 5]} 第几句到第几句、{first_seconds: 30}、{last_seconds: 30}。"
            )
            self.tell(path, "rule_range", message)
            return None
        lines = raw.get("lines")
        if lines is not None:
            right = (
                isinstance(lines, Sequence) and not isinstance(lines, str) and len(lines) == 2 and all(isinstance(n, int) for n in lines)
            )
            if not right or not 1 <= lines[0] <= lines[1]:
                self.tell(f"{path}.lines", "rule_range", _("lines 写两个数，从 1 数起，例如 [2, 5]。"))
                return None
        numbers = {key: self._number(raw, key, path, 1, 1_000_000) for key in RANGES if key != "lines"}
        first, last = numbers["first"], numbers["last"]
        return shape.Range(
            int(first) if first is not None else None,
            int(last) if last is not None else None,
            (lines[0], lines[1]) if lines is not None else None,
            numbers["first_seconds"],
            numbers["last_seconds"],
        )

    def _anchors(self, raw: Mapping[str, Any], path: str) -> tuple[Anchor, ...]:
        which = raw.get("anchor", "any")
        if which not in ("any", "first", "last", "each"):
            self.tell(f"{path}.anchor", "rule_anchor", _("anchor 写 any（任一处）、first（第一处）、last（最后一处）或 each（每一处）。"))
            which = "any"
        lines = self._number(raw, "within_lines", path, 0, 10_000)
        seconds = self._number(raw, "within_seconds", path, 0, 86_400)
        out: list[Anchor] = []
        for relation in RELATIONS:
            if relation in raw:
                self._wanted.append((str(raw[relation]), f"{path}.{relation}"))
                kinds: dict[str, Any] = {"relation": relation, "which": which}
                out.append(
                    Anchor(name=str(raw[relation]), within_lines=int(lines) if lines is not None else None, within_seconds=seconds, **kinds)
                )
        if not out:
            for key in ("anchor", "within_lines", "within_seconds"):
                if key in raw:
                    message = _("%(key)s 要和 after、before 或 near 一起写，说明离哪个条件多远。")
                    self.tell(f"{path}.{key}", "rule_anchor", message, key=key)
        if "near" in raw and lines is None and seconds is None:
            self.tell(f"{path}.near", "rule_anchor", _("near 要写 within_lines 或 within_seconds：多近才算。"))
        return tuple(out)

    def _number(self, raw: Mapping[str, Any], key: str, path: str, low: float, high: float) -> float | None:
        value = raw.get(key)
        if value is None:
            return None
        whole = "seconds" in key or isinstance(value, int)
        if isinstance(value, bool) or not isinstance(value, int | float) or not whole or not low <= value <= high:
            self.tell(
                f"{path}.{key}", "rule_number", _("%(key)s 应是 %(low)s 到 %(high)s 的数。"), key=key, low=f"{low:g}", high=f"{high:g}"
            )
            return None
        return value

    def _references(self) -> None:
        for name, path in self._wanted:
            if name not in self.named:
                known = listed(self.named) or "—"
                message = _("没有名为“%(name)s”的条件。先在 let 里写它，或给条件加 id。现有：%(known)s。")
                self.tell(path, "rule_name_unknown", message, name=name, known=known)
        if not self.problems and (circle := _circle(self.named)):
            self.tell(self.named[circle[0]].path, "rule_circle", _("条件互相引用成了一个圈：%(circle)s。"), circle=" → ".join(circle))


_FORMS: dict[str, Message] = {
    "rule_words_form": _("words 写 any（任一）、all（全部）、none（不能有），或 list 加 logic（如 1&&2）；至少要有一个要找的词。"),
    "rule_words_logic": _("list 和 logic 要一起写：list: [退款, 运费]，logic: 1&&2。"),
    "rule_logic": _("logic 第 %(column)s 个字处：%(why)s"),
    "rule_logic_empty": _("logic 在一个词都没有时也成立，请写出必须出现的词。要查“没说”，用 not 或 require。"),
    "rule_one_of": _("“%(head)s”要写 %(names)s 之一。"),
}


def _logic(found: expression.Logic, path: str) -> Shape:
    if isinstance(found, expression.Name):
        return shape.Named(found.name, path)
    if isinstance(found, expression.Not):
        return shape.Negated(_logic(found.inner, path), path)
    parts = tuple(_logic(part, path) for part in found.parts)
    return shape.Combined("all" if found.joint == "and" else "any", parts, path)


def _uses(one: Shape) -> list[str]:
    own = [one.target] if isinstance(one, shape.Named) else [anchor.name for anchor in one.anchors] if isinstance(one, shape.Leaf) else []
    return [*own, *(name for part in shape.parts_of(one) for name in _uses(part))]


def _circle(named: Mapping[str, Shape]) -> list[str]:
    """Names that lead back to themselves; empty when none does."""
    done: set[str] = set()

    def walk(name: str, above: tuple[str, ...]) -> list[str]:
        if name in above:
            return [*above[above.index(name) :], name]
        if name in done:
            return []
        for inner in _uses(named[name]):
            if found := walk(inner, (*above, name)):
                return found
        done.add(name)
        return []

    return next((found for name in named if (found := walk(name, ()))), [])


def read(raw: Mapping[str, Any]) -> tuple[shape.Rule | None, list[Problem]]:
    """The rule of a detector's parameters, and what is wrong with it; paths begin at the detector."""
    parser = Parser()
    found = parser.rule(raw)
    return found, parser.problems


def shapes(rule: shape.Rule) -> list[Shape]:
    """Every condition of a rule."""
    out: list[Shape] = []
    waiting = [*rule.named.values(), rule.condition, *([rule.applies] if rule.applies is not None else [])]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if id(one) not in seen:
            seen.add(id(one))
            out.append(one)
            waiting.extend(shape.parts_of(one))
    return out
