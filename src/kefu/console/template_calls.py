"""How templates call macros, functions and the catalogue: cheaply, because a list does it thousands of times.

Jinja asks of every callable what it wants to be handed, and copies its whole context for those that want it inside a loop. Nearly all of
ours are macros and plain functions, which want nothing.
"""

from collections.abc import Iterable
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from django.utils import translation
from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.runtime import Context, Macro
from jinja2.utils import missing
from markupsafe import Markup, escape

from kefu.console import spoken

try:  # the compiled part of markupsafe gives plain text; without it text is wrapped
    from markupsafe import _escape_inner as _escaped  # type: ignore[attr-defined]
except ImportError:
    _escaped = escape
_WANTS = "jinja_pass_arg"


class QuickContext(Context):
    """A context that calls macros and plain functions without asking; all others as Jinja does."""

    def call(__self, __obj: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N805  names as in Jinja: kwargs may hold any other
        """Call what a template calls."""
        kind = type(__obj)
        if kind is Macro:
            if kwargs:
                kwargs.pop("_block_vars", None)
                kwargs.pop("_loop_vars", None)
            if kwargs or __obj.caller or __obj.catch_kwargs or __obj.catch_varargs:
                return __obj(*args, **kwargs)
            left = __obj._argument_count - len(args)
            if left < 0:
                return __obj(*args)
            return Markup(__obj._func(*args, *(missing,) * left))  # noqa: S704  a macro's output is escaped where it is made
        if (
            kind is BuiltinFunctionType
            or (kind is FunctionType and _WANTS not in __obj.__dict__)
            or (kind is MethodType and _WANTS not in getattr(__obj.__func__, "__dict__", ()))
        ):
            if kwargs:
                kwargs.pop("_block_vars", None)
                kwargs.pop("_loop_vars", None)
            return __obj(*args, **kwargs)
        return super().call(__obj, *args, **kwargs)


def gettext(message: str, /, **values: Any) -> Markup:
    """A sentence of a template in the reader's language, its values escaped."""
    return spoken.markup(message) % values if values else spoken.finished(message)


def ngettext(singular: str, plural: str, num: int, /, **values: Any) -> Markup:
    """A sentence with a number."""
    return Markup(translation.ngettext(singular, plural, num)) % {"num": num, **values}  # noqa: S704  our own catalogue


def pgettext(context: str, message: str, /, **values: Any) -> Markup:
    """A word that means different things in different places."""
    if not values:
        return spoken.in_context(context, message)
    return Markup(translation.pgettext(context, message)) % {"context": context, **values}  # noqa: S704  our own catalogue


def npgettext(context: str, singular: str, plural: str, num: int, /, **values: Any) -> Markup:
    """Both."""
    said = translation.npgettext(context, singular, plural, num)
    return Markup(said) % {"context": context, "num": num, **values}  # noqa: S704  our own catalogue


def options(choices: Iterable[tuple[object, object]], chosen: object = "") -> Markup:
    """The choices of a select, code and label, one of them chosen. Lists of two hundred people are common."""
    wanted = str(chosen)
    mark = {True: " selected", False: ""}
    lines = [f'<option value="{escape(code)}"{mark[str(code) == wanted]}>{escape(label)}</option>' for code, label in choices]
    return Markup("".join(lines))  # noqa: S704  escaped just here


def shown(value: Any) -> str:
    """A value as a page holds it: escaped unless it is markup. Text stays text and markup stays itself, nothing is wrapped again."""
    kind = type(value)
    if kind is Markup:
        return value  # type: ignore[no-any-return]
    if kind is str:
        return _escaped(value)
    if kind is int:
        return str(value)
    return escape(value)


class QuickGenerator(CodeGenerator):
    """Compiles output through ``shown``, which the environment holds."""

    def _output_child_pre(self, node: nodes.Expr, frame: Frame, finalize: CodeGenerator._FinalizeInfo) -> None:
        if frame.eval_ctx.volatile or not frame.eval_ctx.autoescape:
            super()._output_child_pre(node, frame, finalize)
            return
        self.write("environment.shown(")
        if finalize.src is not None:
            self.write(finalize.src)
