"""What every command has: a language, one clear line for an error, and a right exit code (PLAT2)."""

import getpass
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import wraps
from typing import Any, Final, NoReturn, TypeVar

import click
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.utils import translation
from django.utils.translation import gettext as _

from kefu.commands.tally import Tally
from kefu.kernel.actor import Actor
from kefu.kernel.errors import Invalid, KefuError, Message

DONE: Final = 0
REFUSED: Final = 1
USAGE: Final = 2
DATABASE_AWAY: Final = 3
UNFORESEEN: Final = 4
_NOT_AWAY = ("no such table", "no such column", "does not exist", "syntax error")
F = TypeVar("F", bound=Callable[..., Any])


class Problem(click.ClickException):
    """Something the user can mend: one line on stderr, exit code 1 unless told otherwise."""

    def __init__(self, message: Message, *, code: int = REFUSED, **params: Any) -> None:
        super().__init__(str(message) % params if params else str(message))
        setattr(self, "exit_code", code)  # noqa: B010 (click declares it on the class)

    def show(self, file: Any = None) -> None:  # noqa: ARG002
        """On stderr, without click's English prefix."""
        click.echo(_("错误：%(message)s") % {"message": self.message}, err=True)


def operator() -> Actor:
    """The product acting for whoever sits at the terminal."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        name = str(os.getuid())
    return Actor.system(f"cli {name}"[:80])


def language(chosen: str | None) -> str:
    """Django's code of the language: ``--lang``, else ``KEFU_LANGUAGE``, else Chinese."""
    wanted = (chosen or os.environ.get("KEFU_LANGUAGE") or "zh").lower()
    return "en" if wanted.startswith("en") else "zh-hans"


def speaking(chosen: str | None) -> AbstractContextManager[Any]:
    """The block speaks the chosen language."""
    return translation.override(language(chosen))


def command(name: str) -> Callable[[Callable[..., Tally]], click.Command]:
    """Make a click command of a function that returns its counts; they become the last line on stdout."""

    def make(function: Callable[..., Tally]) -> click.Command:
        @click.option("--lang", type=click.Choice(["zh", "en"]), default=None, help="语言 Language of messages")
        @wraps(function)
        def run(lang: str | None, **arguments: Any) -> None:
            with speaking(lang):
                tally = _guarded(lambda: function(**arguments))
                click.echo(str(tally))
            if tally.exit_code:
                raise click.exceptions.Exit(tally.exit_code)

        return click.command(name, context_settings={"help_option_names": ["-h", "--help"]})(run)

    return make


def _guarded(work: Callable[[], Tally]) -> Tally:
    try:
        return work()
    except (click.ClickException, click.exceptions.Exit, click.Abort):
        raise
    except KefuError as error:
        _stop_if_debugging()
        raise Problem(told(error)) from error
    except (OperationalError, InterfaceError) as error:
        _stop_if_debugging()
        if any(mark in str(error).lower() for mark in _NOT_AWAY):
            raise Problem(_("数据库尚未建立或版本不符，请先运行 kefu up 或 python -m django migrate。"), code=DATABASE_AWAY) from error
        raise Problem(_("数据库无法连接：%(why)s。请检查 KEFU_DATABASE_URL。"), code=DATABASE_AWAY, why=_first_line(error)) from error
    except OSError as error:
        _stop_if_debugging()
        raise Problem(_("文件无法读写：%(why)s"), why=f"{error.strerror or error} {error.filename or ''}".strip()) from error
    except Exception as error:
        _stop_if_debugging()
        _unforeseen(error)


def _unforeseen(error: Exception) -> NoReturn:
    why = f"{type(error).__name__}: {_first_line(error)}"
    raise Problem(_("未预料的错误：%(why)s。设置 KEFU_DEBUG=True 可查看详情。"), code=UNFORESEEN, why=why) from error


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [""])[0]


def _stop_if_debugging() -> None:
    if settings.DEBUG:
        raise  # noqa: PLE0704 (inside the handler that calls it)


def told(error: KefuError) -> str:
    """The refusal with what is wrong in each field."""
    fields = error.fields if isinstance(error, Invalid) else {}
    return " ".join([str(error), *(f"{name}: {text}" for name, text in fields.items())])
