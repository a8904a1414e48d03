"""How far the build is: a bar on a terminal, a line per stage elsewhere; and how long each kind of work took."""

import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

T = TypeVar("T")


class Report:
    """Says on stderr what is being done and adds up the seconds of each kind of work."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self.worked: dict[str, float] = defaultdict(float)
        self._quiet = quiet
        self._console = Console(stderr=True)

    def say(self, text: str) -> None:
        """One line."""
        if not self._quiet:
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Add the time of the block to a kind of work."""
        begun, worked = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.seconds[name] += time.perf_counter() - begun
            self.worked[name] += time.process_time() - worked

    def along(self, title: str, rows: Iterable[T], total: int) -> Iterator[T]:
        """The rows again, with a bar moving along; without a terminal a line now and then."""
        if self._quiet or not sys.stderr.isatty():
            yield from self._lines(title, rows, total)
            return
        columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f}%"), TimeElapsedColumn())
        with Progress(*columns, console=self._console) as bar:
            task = bar.add_task(title, total=total)
            for row in rows:
                yield row
                bar.advance(task)

    def _lines(self, title: str, rows: Iterable[T], total: int) -> Iterator[T]:
        each = max(1, total // 6)
        for place, row in enumerate(rows, start=1):
            yield row
            if place % each == 0 or place == total:
                self.say(f"{title} {place}/{total}")

    def summary(self) -> str:
        """Kinds of work with their seconds, longest first, and the seconds of one core that they took."""
        rows = sorted(self.seconds.items(), key=lambda item: -item[1])
        return " · ".join(f"{name} {value:.1f}s ({self.worked[name]:.1f})" for name, value in rows)
