"""Tables in Markdown, padded for the terminal too, and a progress bar."""

import sys
import time
import unicodedata
from collections.abc import Sequence


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def show(title: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table; the first column is words, the others are numbers."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(_width(row[at]) for row in [list(heads), *cells]) for at in range(len(heads))]

    def line(row: Sequence[str]) -> str:
        parts = [
            cell + " " * (width - _width(cell)) if at == 0 else " " * (width - _width(cell)) + cell
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return "| " + " | ".join(parts) + " |"

    print(f"\n{title}\n")
    print(line(heads))
    print("|" + "|".join("-" * (width + 2) if at == 0 else "-" * (width + 1) + ":" for at, width in enumerate(widths)) + "|")
    for row in cells:
        print(line(row))
    print(flush=True)


def ms(seconds: float | None) -> str:
    """Milliseconds with three figures."""
    if seconds is None:
        return "-"
    value = seconds * 1000
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


class Progress:
    """A bar on the terminal; a line every ten seconds where there is none."""

    def __init__(self, what: str, total: int) -> None:
        self.what, self.total, self.done = what, total, 0
        self.started = self._shown = time.monotonic()
        self._live = sys.stderr.isatty()

    def add(self, count: int) -> None:
        """So many more are done."""
        self.done += count
        now = time.monotonic()
        if now - self._shown < (0.2 if self._live else 10) and self.done < self.total:
            return
        self._shown = now
        share = self.done / self.total if self.total else 1.0
        rate = self.done / max(now - self.started, 0.001)
        bar = "█" * int(share * 30)
        text = f"{self.what} {bar:<30} {share:4.0%} {self.done:,}/{self.total:,} {rate:,.0f}/s"
        print(
            f"\r{text}" if self._live else text, end="\n" if not self._live or self.done >= self.total else "", file=sys.stderr, flush=True
        )
