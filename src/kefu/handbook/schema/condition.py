"""The small language of conditions: shape only. ``kefu.handbook.conditions`` evaluates and words them."""

from typing import Any, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kefu.handbook.schema.base import Model

Plain: TypeAlias = str | int | float | bool

OPERATORS = ("is", "is_not", "in", "at_least", "at_most", "more_than", "less_than", "set", "matches")
_ATTRIBUTES = {"is": "is_", "in": "in_"}


class Condition(Model):
    """Either ``all``/``any``/``not`` of conditions, or one ``fact`` with one operator.

    A fact that is missing (unknown, or an empty answer) holds only for ``set: false``.
    """

    all: tuple["Condition", ...] | None = Field(default=None, min_length=1)
    any: tuple["Condition", ...] | None = Field(default=None, min_length=1)
    not_: "Condition | None" = Field(default=None, alias="not")
    fact: str | None = None
    is_: Plain | None = Field(default=None, alias="is")
    is_not: Plain | None = None
    in_: tuple[Plain, ...] | None = Field(default=None, alias="in", min_length=1)
    at_least: float | None = None
    at_most: float | None = None
    more_than: float | None = None
    less_than: float | None = None
    set: bool | None = None
    matches: str | None = None

    @model_validator(mode="after")
    def _one_form(self) -> "Condition":
        forms = [name for name in ("all", "any", "not_", "fact") if getattr(self, name) is not None]
        operators = [name for name in OPERATORS if self.value_of(name) is not None]
        if len(forms) != 1 or len(operators) != (1 if forms == ["fact"] else 0):
            raise PydanticCustomError("condition_form", "condition_form")
        return self

    def value_of(self, operator: str) -> Any:
        """What stands after the operator, ``None`` when it is not used."""
        return getattr(self, _ATTRIBUTES.get(operator, operator))

    @property
    def operator(self) -> str:
        """The operator of a single question, empty for combinations."""
        return next((name for name in OPERATORS if self.value_of(name) is not None), "")

    def leaves(self) -> "list[Condition]":
        """All single questions in it."""
        return [leaf for _path, leaf in self.leaves_at("")]

    def leaves_at(self, path: str) -> "list[tuple[str, Condition]]":
        """All single questions in it, with their paths below the given one."""
        if self.fact is not None:
            return [(path, self)]
        inner = [(f"{path}.{name}.{index}", one) for name in ("all", "any") for index, one in enumerate(getattr(self, name) or ())]
        if self.not_ is not None:
            inner.append((f"{path}.not", self.not_))
        return [leaf for where, condition in inner for leaf in condition.leaves_at(where)]
