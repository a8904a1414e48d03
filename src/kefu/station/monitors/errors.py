"""Refusals of the monitors."""

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Conflict, Invalid


class NoSuchSet(Invalid):
    """The set does not exist."""

    code = "no_such_set"
    message = _("没有这种对比差异，请从列表中选择。")


class SpanTooLong(Invalid):
    """A list looks at a month at most."""

    code = "span_too_long"
    message = _("一次最多查看 %(days)s 天，请缩短日期。")


class TooManyPicked(Invalid):
    """More rows than one step takes."""

    code = "too_many_picked"
    message = _("一次最多处理 %(most)s 件，请先用筛选缩小范围。")


class NothingPicked(Invalid):
    """No row was ticked."""

    code = "nothing_picked"
    message = _("请先勾选要处理的快件。")


class NoResult(Invalid):
    """A result must be one of the list; the one for everything else needs a note."""

    code = "no_result"
    message = _("请选择处理结果；选“其他”时请写备注。")


class NoteTooLong(Invalid):
    """A note has a most."""

    code = "note_too_long"
    message = _("备注最多 %(most)s 个字。")


class Settled(Conflict):
    """A scan has settled the difference meanwhile."""

    code = "difference_settled"
    message = _("此快件已不在差异中（扫描已补齐），不用再处理。")


class TakenBy(Conflict):
    """Somebody else has it in hand."""

    code = "difference_taken"
    message = _("已由 %(name)s 跟进。要接手请先与对方说好，再勾选“接手别人的”。")


class AlreadyReported(Conflict):
    """It is a problem parcel already."""

    code = "difference_reported"
    message = _("已转过问题件，请在问题件里跟进。")


class NobodyToUrge(Conflict):
    """There is no other site to write to."""

    code = "nobody_to_urge"
    message = _("扫描里没有上一站，无法催办。请先查快件跟踪，或转问题件。")
