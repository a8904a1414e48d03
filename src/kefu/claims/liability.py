"""Liability 责任承担: who bears how much of a sum, to exactly 100 % and to the fen (CASE6, CASE7). Pure; arbitration splits by it too."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from kefu.kernel.errors import Invalid, Message

FEN = Decimal("0.01")
WHOLE = Decimal(100)
MOST_SHARES = 12


class Party(TextChoices):
    """Who may bear a share: the codes of shops (O17), and a site of the network."""

    CARRIER = "A", pgettext_lazy("party", "第三方快递")
    OWN_DELIVERY = "B", pgettext_lazy("party", "自营配送")
    WAREHOUSE = "C", pgettext_lazy("party", "仓库")
    GOODS = "D", pgettext_lazy("party", "商品部")
    SYSTEM = "E", pgettext_lazy("party", "系统")
    CUSTOMER = "F", pgettext_lazy("party", "顾客")
    FINANCE = "G", pgettext_lazy("party", "财务")
    SERVICE = "H", pgettext_lazy("party", "客服")
    CANCELLED = "I", pgettext_lazy("party", "发货前取消")
    SITE = "S", pgettext_lazy("party", "网点或分拨")
    OTHER = "X", pgettext_lazy("party", "其他")


@dataclass(frozen=True, slots=True)
class Share:
    """A party's part in per cent, with at most two decimals; ``site_id`` names the site of ``Party.SITE`` and of no other."""

    party: str
    percent: Decimal
    site_id: int | None = None
    clause: str = ""

    @property
    def bearer(self) -> tuple[str, int | None]:
        """Who it is: nobody stands twice in a split."""
        return self.party, self.site_id


@dataclass(frozen=True, slots=True)
class Portion:
    """A share with its amount in yuan."""

    share: Share
    amount: Decimal


REASONS: dict[str, Message] = {
    "no_shares": _("请至少填写一方的责任。"),
    "many_shares": _("责任方过多，请合并到 12 方以内。"),
    "unknown_party": _("没有这个责任方，请从列表中选择。"),
    "no_liable_site": _("责任方是网点或分拨时，请选择具体站点。"),
    "party_with_site": _("只有责任方是网点或分拨时才能选站点。"),
    "twice": _("同一责任方出现了两次，请合并为一行。"),
    "bad_percent": _("责任比例须大于 0、不超过 100，最多两位小数。"),
    "not_whole": _("各方责任相加必须正好是 100%，请调整比例。"),
    "bad_sum": _("分摊的金额须大于或等于 0，最多两位小数。"),
}


def shares_problem(shares: Sequence[Share]) -> str | None:
    """Code of the first thing wrong with a split, a key of ``REASONS``; ``None`` when it may stand."""
    if not shares:
        return "no_shares"
    if len(shares) > MOST_SHARES:
        return "many_shares"
    wrong = next((code for share in shares if (code := _share_problem(share))), None)
    if wrong is not None:
        return wrong
    if len({share.bearer for share in shares}) != len(shares):
        return "twice"
    return None if sum(share.percent for share in shares) == WHOLE else "not_whole"


def _share_problem(share: Share) -> str | None:
    if share.party not in Party.values:
        return "unknown_party"
    if share.party == Party.SITE and share.site_id is None:
        return "no_liable_site"
    if share.party != Party.SITE and share.site_id is not None:
        return "party_with_site"
    return None if _is_percent(share.percent) else "bad_percent"


def _is_percent(value: Decimal) -> bool:
    return value.is_finite() and 0 < value <= WHOLE and value == value.quantize(FEN)


def checked(shares: Sequence[Share]) -> Sequence[Share]:
    """The split as it is; raises ``Invalid`` with code ``liability.<reason>`` when it may not stand."""
    wrong = shares_problem(shares)
    if wrong is not None:
        raise Invalid(REASONS[wrong], fields={"shares": REASONS[wrong]}, code=f"liability.{wrong}")
    return shares


def amounts(total: Decimal, percents: Iterable[Decimal]) -> list[Decimal]:
    """Amounts in yuan that add up to ``total`` to the fen: each its part rounded down, the fen left over to the largest remainders.

    Of equal remainders the earlier is served first. ``total`` is not negative and has whole fen; ``percents`` add up to 100.
    """
    exact = [total * percent / WHOLE for percent in percents]
    floors = [one.quantize(FEN, ROUND_FLOOR) for one in exact]
    left = int((total - sum(floors, Decimal(0))) / FEN)
    by_remainder = sorted(range(len(exact)), key=lambda place: (floors[place] - exact[place], place))
    served = set(by_remainder[:left])
    return [floor + FEN if place in served else floor for place, floor in enumerate(floors)]


def split(total: Decimal, shares: Sequence[Share]) -> list[Portion]:
    """The sum divided by the shares, in their order. Raises ``Invalid`` when the shares or the sum may not stand."""
    checked(shares)
    if not (total.is_finite() and total >= 0 and total == total.quantize(FEN)):
        raise Invalid(REASONS["bad_sum"], fields={"amount": REASONS["bad_sum"]}, code="liability.bad_sum")
    return [Portion(share, amount) for share, amount in zip(shares, amounts(total, [one.percent for one in shares]), strict=True)]


def by_party(portions: Iterable[Portion]) -> Mapping[str, Decimal]:
    """What each party bears in all, sites together."""
    found: dict[str, Decimal] = {}
    for one in portions:
        found[one.share.party] = found.get(one.share.party, Decimal(0)) + one.amount
    return found
