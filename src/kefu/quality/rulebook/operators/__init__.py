"""Operators that rules may use, by their names. Importing this package registers them all."""

from kefu.quality.rulebook.operators import hearing, likeness, saying, timing, whole
from kefu.quality.rulebook.operators.base import OPERATORS, Arguments, Operator

__all__ = ["OPERATORS", "Arguments", "Operator", "hearing", "likeness", "saying", "timing", "whole"]
