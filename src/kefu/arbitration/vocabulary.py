"""Words of arbitration as codes (O6)."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class State(models.TextChoices):
    """Where a filing stands."""

    FILED = "filed", _("已申报，待受理")
    REPLYING = "replying", _("已受理，等待对方举证")
    JUDGING = "judging", _("待裁决")
    AUDITING = "auditing", _("裁决待复核")
    DECIDED = "decided", _("已裁决，可申请复议")
    APPEALED = "appealed", _("复议中")
    REVIEWING = "reviewing", _("复议裁决待复核")
    FINAL = "final", _("已终局")
    REFUSED = "refused", _("不予受理")
    WITHDRAWN = "withdrawn", pgettext_lazy("arbitration", "已撤回")


class Step(models.TextChoices):
    """What may be done to a filing."""

    ACCEPT = "accept", _("受理")
    REFUSE = "refuse", _("不予受理")
    WITHDRAW = "withdraw", pgettext_lazy("arbitration", "撤回")
    REPLY = "reply", _("举证")
    FORWARD = "forward", _("逾期转总部")
    RULE = "rule", _("裁决")
    CONFIRM = "confirm", _("复核通过")
    SEND_BACK = "send_back", _("复核退回")
    APPEAL = "appeal", _("申请复议")
    FINISH = "finish", _("终局")


class Outcome(models.TextChoices):
    """What a verdict says."""

    ACCUSED = "accused", _("对方有责")
    SHARED = "shared", _("共同责任")
    APPLICANT = "applicant", _("申报方自责")
    NOBODY = "nobody", _("无责或不可抗力")


class Side(models.TextChoices):
    """Who handed in a statement or a piece of evidence."""

    APPLICANT = "applicant", _("申报方")
    ACCUSED = "accused", _("被申报方")
    DESK = "desk", _("仲裁台")


class MoveKind(models.TextChoices):
    """Why money moves. Compensation goes from the liable sites to the applicant, fines to headquarters (O6)."""

    COMPENSATION = "compensation", _("赔款")
    FINE = "fine", _("罚款")


class CountsFrom(models.TextChoices):
    """What a filing window counts from."""

    SIGNED = "signed", _("签收")
    ARRIVED = "arrived", _("到件或签收")
    LAST_SCAN = "last_scan", _("最后一次扫描")


# An earlier filing of the waybill in one of these does not bar another (O6).
MAY_FILE_AGAIN = (State.REFUSED,)
WAITING_FOR_DESK = (State.FILED, State.JUDGING, State.APPEALED)
WAITING_FOR_AUDIT = (State.AUDITING, State.REVIEWING)
ENDED = (State.FINAL, State.REFUSED, State.WITHDRAWN)
# The accused hear of it once it is taken up.
SEEN_BY_ACCUSED = tuple(one for one in State if one not in (State.FILED, State.REFUSED, State.WITHDRAWN))
