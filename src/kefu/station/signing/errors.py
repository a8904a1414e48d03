"""Refusals of signing."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Invalid
from kefu.station.signing.reasons import REASONS, Problem


class SignRefused(Invalid):
    """A sign-off that is not taken; ``code`` is that of the gravest problem, ``fields`` hold all of them in words."""

    code = "sign_refused"

    def __init__(self, found: Sequence[Problem]) -> None:
        super().__init__(found[0].words, fields={one.field or "waybill": one.words for one in reversed(found)}, code=found[0].code)
        self.refusals = list(found)


class StageRefused(Conflict):
    """The sign-off is in a stage that does not allow this."""

    code = "stage_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(REASONS[reason], code=reason)


class TooManyProofs(Conflict):
    """A sign-off holds so many pictures."""

    code = "too_many_proofs"
    message = _("一次签收最多保存 %(most)s 张图片。")
