"""The port to whatever sends messages: what this room asks of it, as plain values. The adapters are the integrations' business."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message: ``key`` is the same for every try, so that a service can refuse to send it twice; ``at`` in ISO format."""

    key: str
    channel: str
    address: str
    text: str
    at: str


class NotSent(Exception):
    """It did not go out. ``reason`` is a ``Reason``; ``again``: another try may help; ``detail``: the service's word, nothing personal."""

    def __init__(self, reason: str, *, again: bool, detail: str = "") -> None:
        self.reason, self.again, self.detail = reason, again, detail[:200]
        super().__init__(reason)


class Sender(Protocol):
    """Sends messages of a channel. ``demo`` ones reach nobody, and say so."""

    @property
    def demo(self) -> bool:
        """Whether it reaches nobody."""
        ...

    def send(self, message: Outgoing) -> str:
        """The service's number of the message; raises ``NotSent``."""
        ...


def senders() -> Mapping[str, Sender]:
    """Senders of the channels this installation has, by channel; what the composition root names in ``KEFU_NOTICE_SENDERS``."""
    return _found(settings.KEFU_NOTICE_SENDERS)


@lru_cache(maxsize=4)
def _found(name: str) -> Mapping[str, Sender]:
    return cast("Mapping[str, Sender]", import_string(name)())
