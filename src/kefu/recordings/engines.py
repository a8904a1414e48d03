"""Which engine this installation has, and the words that help it."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from kefu.handbook import queries as handbooks
from kefu.handbook.errors import NotInForce
from kefu.sound.engines.outside import Outside
from kefu.sound.engines.port import Hints

_USUAL = (
    "您好",
    "工号",
    "运单号",
    "快件",
    "签收",
    "派送",
    "网点",
    "转运中心",
    "理赔",
    "投诉",
    "请问有什么可以帮您",
    "感谢您的来电",
    "再见",
)
_MOST = 60


def configured() -> str:
    """Name of the engine; empty: there is none, recordings are measured and their words imported."""
    return str(settings.KEFU_SPEECH_ENGINE)


def outside() -> Outside:
    """The engine in a process of its own."""
    options = {"model": settings.KEFU_SPEECH_MODEL, "threads": settings.KEFU_SPEECH_THREADS, "family": settings.KEFU_SPEECH_FAMILY}
    return Outside(configured(), options, patience=float(settings.KEFU_SPEECH_PATIENCE), least=float(settings.KEFU_SPEECH_LEAST_SECONDS))


def hints(handbook: str, names: Sequence[str], when: datetime) -> Hints:
    """Names of the company and the words of the rule book in force: what an engine should not mishear."""
    try:
        book = handbooks.book_at(handbook, when)
    except NotInForce:
        return Hints((*names, *_USUAL))
    words = [word.term for lexicon in book.lexicons.values() for word in lexicon.words if 2 <= len(word.term) <= 8]
    return Hints(tuple(dict.fromkeys([*filter(None, names), *_USUAL, *words]))[:_MOST])
