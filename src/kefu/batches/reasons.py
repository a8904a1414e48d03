"""Why a case was not handled, kept as source sentences with their values and worded when read, in the reader's language."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from django.conf import settings
from django.utils.translation import gettext, override

from kefu.kernel.errors import Invalid, KefuError, Message

Why: TypeAlias = list[list[Any]]
_MOST = 20
_LONGEST = 500


def _source(message: Message) -> str:
    """The sentence as it stands in the source, which is its key in every catalogue."""
    with override(settings.LANGUAGE_CODE):
        return str(message)[:_LONGEST]


def _plain(value: Any) -> Any:
    return value if isinstance(value, bool | int | float) or value is None else str(value)[:_LONGEST]


def of(error: KefuError) -> Why:
    """The reasons in an error, one line each: of a refused step every refusal, of a form what is wrong with its fields."""
    refusals = getattr(error, "refusals", ())
    if refusals:
        return [[_source(one.message), {}] for one in refusals[:_MOST]]
    if isinstance(error, Invalid) and error.fields and error.message is Invalid.message:
        return [[_source(message), {}] for message in list(error.fields.values())[:_MOST]]
    return [[_source(error.message), {name: _plain(value) for name, value in error.params.items()}]]


def words(why: Sequence[Sequence[Any]]) -> list[str]:
    """The reasons in the language in force."""
    return [gettext(sentence) % values if values else gettext(sentence) for sentence, values in why if sentence]
