"""The last line of every command: what was counted, and whether all went well."""

from dataclasses import dataclass

from kefu.kernel.errors import Message


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts with their words, in order; ``exit_code`` is not 0 when something was refused."""

    counts: tuple[tuple[Message, object], ...]
    exit_code: int = 0

    def __str__(self) -> str:
        """``读取 498 · 入库 498``: word and number, parted by dots."""
        return " · ".join(f"{word} {value:,}" if isinstance(value, int) else f"{word} {value}" for word, value in self.counts)


def tally(*counts: tuple[Message, object], refused: bool = False) -> Tally:
    """Counts of a command; ``refused`` when part of it was not done."""
    return Tally(counts, 1 if refused else 0)
