"""What goes wrong with a carrier, as stable codes with what to do about it, whatever words the carrier has for it (V3, V4)."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from kefu.kernel.errors import Message


@dataclass(frozen=True, slots=True)
class FaultKind:
    """``again``: worth another try by itself. ``theirs``: the vendor's service fails, which counts for the circuit breaker."""

    advice: Message
    again: bool = False
    theirs: bool = False
    stops_account: bool = False


FAULTS: dict[str, FaultKind] = {
    "bad_signature": FaultKind(_("快递公司拒绝了签名：请核对接口账号的密钥，改正后重新启用。"), stops_account=True),
    "bad_account": FaultKind(_("接口账号无效、过期或没有权限：请到快递公司平台续期或核对账号，改正后重新启用。"), stops_account=True),
    "bad_number": FaultKind(_("快递公司不认这个单号：请核对单号，或改选快递公司后再查。")),
    "bad_request": FaultKind(_("快递公司说请求有误：请核对接口账号的设置，并把这条记录交给管理员。")),
    "unknown_carrier": FaultKind(_("快递公司平台认不出承运公司：请改选快递公司后再查。")),
    "phone_needed": FaultKind(_("这家快递公司要收件人或寄件人电话后四位才给轨迹：请先录单补全电话。")),
    "no_result": FaultKind(_("快递公司还没有轨迹：可能尚未揽收，请过段时间再查。")),
    "locked": FaultKind(_("查询过于频繁，单号被快递公司锁定：系统会在规定间隔后自动再查，请勿重复查询。"), again=True),
    "busy": FaultKind(_("快递公司接口繁忙，系统会自动再试。"), again=True, theirs=True),
    "vendor_down": FaultKind(_("快递公司接口出错，系统会自动再试。"), again=True, theirs=True),
    "timeout": FaultKind(_("快递公司接口没有按时回答，系统会自动再试。"), again=True, theirs=True),
    "unreachable": FaultKind(_("连不上快递公司接口：系统会自动再试；一直如此请检查网络和接口地址。"), again=True, theirs=True),
    "not_json": FaultKind(_("快递公司接口返回的是网页而不是数据，系统会自动再试；一直如此请检查接口地址。"), again=True, theirs=True),
    "unreadable": FaultKind(_("快递公司的回答看不懂，系统会自动再试；一直如此请联系管理员。"), again=True, theirs=True),
    "too_large": FaultKind(_("快递公司的回答过大，没有读取；请联系管理员。"), theirs=True),
    "already_subscribed": FaultKind(_("这个单号已经订阅过，等快递公司推送即可。")),
    "month_full": FaultKind(_("这个单号本月订阅次数已用完，下月才能再订阅；现在可以直接查询。")),
    "forged": FaultKind(_("推送的签名不对，没有采用。")),
    "replayed": FaultKind(_("推送的时间过旧，没有采用。")),
    "gave_up": FaultKind(_("多次尝试都没有成功：请稍后重新查询。")),
}


class CarrierFault(Exception):
    """A carrier's refusal or failure: a code of ``FAULTS``, and what the carrier said, in its own words."""

    def __init__(self, code: str, said: str = "") -> None:
        self.code, self.said = code, said[:200]
        super().__init__(code)

    @property
    def kind(self) -> FaultKind:
        """What follows from it."""
        return FAULTS[self.code]


def advice(code: str) -> Message:
    """What to do about a fault, in the reader's language."""
    return FAULTS[code].advice if code in FAULTS else ""
