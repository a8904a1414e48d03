"""Claims in words: the lines of a reckoning with their figures, rungs, papers (CASE6)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from kefu.claims.vocabulary import Excuse
from kefu.console import times
from kefu.console.views import cases_words
from kefu.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the reckoning as people read it."""

    words: str
    amount: str
    clause: str
    clause_url: str


def _percent(text: str) -> str:
    return f"{Decimal(text).normalize():f}%"


def _words(key: str, figures: Mapping[str, str]) -> str:
    yuan = {name: times.money(figures[name]) for name in ("insured", "value", "real", "fee", "cap", "salvage") if name in figures}
    part = {"part": _percent(figures["part"])} if "part" in figures else {}
    values: dict[str, Any] = {**figures, **yuan, **part}
    if key == "excused":
        return _("免责：%(why)s，不予赔偿") % {"why": dict(Excuse.choices).get(figures.get("excuse", ""), "")}
    said = {
        "fee": _("免除本次服务费用"),
        "insured": _("保价金额 %(insured)s × 损失 %(part)s"),
        "real_value": _("保价高于实际价值 %(value)s，最多赔实际损失 %(real)s"),
        "real_loss": _("实际价值 %(value)s × 损失 %(part)s"),
        "no_cap": _("按民事法律，不设运费倍数上限"),
        "cap": _("合同约定最多 %(multiple)s 倍运费：%(multiple)s × %(fee)s = %(cap)s"),
        "shipper": _("寄件人自担 %(part)s"),
        "salvage": _("残余物归客户，扣残值 %(salvage)s"),
    }
    return said[key] % values if key in said else key


def lines(rows: Sequence[Any], actor: Actor) -> list[Said]:
    """Stored lines, or fresh ones, in words with their clauses."""
    found = []
    for key, clause, figures, amount in rows:
        title = cases_words.clause_title(clause) if clause else ""
        url = cases_words.clause_url(clause, actor) if clause else ""
        found.append(Said(_words(key, figures), times.money(amount), title, url))
    return found
