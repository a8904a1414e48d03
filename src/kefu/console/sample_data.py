"""Sample data as the console sees it: whether it is there, and its removal. The floor above says what it is (``config.sample_data``)."""

from typing import Protocol


class SampleData(Protocol):
    """Something that fills an empty product, and can be taken away again."""

    def present(self) -> bool:
        """Whether the product holds it, and nothing else."""
        ...

    def remove(self) -> None:
        """Take it away; afterwards the product is empty and nobody can sign in."""
        ...


_offered: list[SampleData] = []


def offered(data: SampleData) -> None:
    """Say what the sample data are."""
    _offered[:] = [data]


def present() -> bool:
    """Whether there are sample data to remove."""
    return any(data.present() for data in _offered)


def remove() -> None:
    """Remove them."""
    for data in _offered:
        data.remove()
