"""What the form of a claim says, as a draft; an amount nobody can read is one no rule takes (CASE6)."""

from collections.abc import Mapping
from decimal import Decimal

from kefu.claims.drafts import ClaimDraft
from kefu.claims.liability import WHOLE, Party, Share
from kefu.claims.losses import LossFacts
from kefu.claims.vocabulary import Cause, Claimant
from kefu.kernel.cells import BadCell, amount_of

FIELDS = (
    "loss", "fee", "value", "insured", "part", "value_destroyed", "shipper_part", "salvage", "excuse", "basis", "item", "cause", "courier",
    "claimant", "claimant_name", "claimant_phone", "authority", "channel", "account_name", "account",
)  # fmt: skip
MOST_SHARES = 6


def whole(text: str) -> int | None:
    """A key, or nothing when it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else None


def amount(text: str) -> Decimal | None:
    """An amount as people write it (¥1,200.50, 1200.5元); nothing for an empty field, ``NaN`` for what is none."""
    try:
        return amount_of(text)
    except BadCell:
        return Decimal("NaN")


def _or(text: str, otherwise: Decimal) -> Decimal:
    found = amount(text)
    return otherwise if found is None else found


def values(given: Mapping[str, str]) -> dict[str, str]:
    """What was typed, by field."""
    return {name: str(given.get(name, "")).replace("\0", "")[:1000] for name in FIELDS}


def draft(typed: Mapping[str, str]) -> ClaimDraft:
    """The draft the form speaks of."""
    facts = LossFacts(
        loss=typed["loss"],
        fee=_or(typed["fee"], Decimal(0)),
        value=amount(typed["value"]),
        insured=_or(typed["insured"], Decimal(0)),
        part=_or(typed["part"].rstrip("%％ "), WHOLE),
        value_destroyed=typed["value_destroyed"] == "1",
        shipper_part=_or(typed["shipper_part"].rstrip("%％ "), Decimal(0)),
        salvage=_or(typed["salvage"], Decimal(0)),
        excuse=typed["excuse"],
        basis=typed["basis"],
    )
    return ClaimDraft(
        facts=facts,
        item=typed["item"],
        cause=typed["cause"] or Cause.OTHER,
        courier=typed["courier"],
        claimant=typed["claimant"] or Claimant.SENDER,
        claimant_name=typed["claimant_name"],
        claimant_phone=typed["claimant_phone"],
        authority=typed["authority"],
        channel=typed["channel"],
        account_name=typed["account_name"],
        account=typed["account"],
    )


def typed_of(found: ClaimDraft) -> dict[str, str]:
    """A draft as the form shows it."""
    facts = found.facts
    return {
        "loss": facts.loss,
        "fee": str(facts.fee),
        "value": "" if facts.value is None else str(facts.value),
        "insured": str(facts.insured),
        "part": str(facts.part),
        "value_destroyed": "1" if facts.value_destroyed else "",
        "shipper_part": str(facts.shipper_part),
        "salvage": str(facts.salvage),
        "excuse": facts.excuse,
        "basis": facts.basis,
        "item": found.item,
        "cause": found.cause,
        "courier": found.courier,
        "claimant": found.claimant,
        "claimant_name": found.claimant_name,
        "claimant_phone": found.claimant_phone,
        "authority": found.authority,
        "channel": found.channel,
        "account_name": found.account_name,
        "account": found.account,
    }


def shares(given: Mapping[str, str]) -> list[Share]:
    """Lines of the liability form; a line without a party and without a figure is none."""
    found = []
    for place in range(MOST_SHARES):
        party, text = str(given.get(f"party{place}", "")), str(given.get(f"percent{place}", ""))
        if not party and not text.strip():
            continue
        percent = amount(text.rstrip("%％ "))
        site_id = whole(str(given.get(f"site{place}", ""))) if party == Party.SITE else None
        found.append(Share(party, Decimal("NaN") if percent is None else percent, site_id))
    return found
