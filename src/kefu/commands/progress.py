"""How far a command has come: a bar on a terminal, else a line for each tenth. Always on stderr, so that stdout stays clean."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

Advance: TypeAlias = Callable[[int], None]
# Steps of the plain form when nobody knows the total.
_STEP = 10_000


@contextmanager
def progress(title: str, total: int | None) -> Iterator[Advance]:
    """Yields what to call with the number of things done."""
    if sys.stderr.isatty():
        with _bar() as bar:
            task = bar.add_task(title, total=total)
            yield lambda done: bar.advance(task, done)
    else:
        yield _Lines(title, total)


def _bar() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)


class _Lines:
    """A line for each tenth of the total."""

    def __init__(self, title: str, total: int | None) -> None:
        self._title = title
        self._total = total
        self._done = 0
        self._told = 0

    def __call__(self, done: int) -> None:
        self._done += done
        step = max(self._total // 10, 1) if self._total else _STEP
        if self._done // step > self._told:
            self._told = self._done // step
            share = f"{min(self._done * 100 // self._total, 100)}% " if self._total else ""
            click.echo(f"{self._title} {share}{self._done:,}", err=True)
