"""Pure decisions about customers and their contacts."""

from dataclasses import dataclass

from kefu.kernel.masking import last4, mask_account, mask_email, mask_phone, phone_key

# Tiers every handbook may name; a site's own handbook may add more.
TIERS = ("vip", "important", "ordinary")
REASON_LENGTH = 4
_LONGEST = {"phone": 40, "wechat": 60, "email": 200, "platform_id": 120}


@dataclass(frozen=True, slots=True)
class ContactKey:
    """A way to reach somebody as it is compared: ``key`` is the same however the value was written."""

    kind: str
    value: str
    key: str
    last4: str


def contact_key(kind: str, value: str) -> ContactKey | None:
    """Read a contact; ``None`` when the value is none of its kind."""
    value = value.replace("\0", "").strip()
    if not value or len(value) > _LONGEST.get(kind, 0):
        return None
    if kind == "phone":
        key = phone_key(value)
        return None if key is None else ContactKey(kind, value, key, last4(value) or "")
    if kind == "email":
        return ContactKey(kind, value, value.lower(), "") if "@" in value[1:-1] else None
    return ContactKey(kind, value, value, "")


def masked_contact(kind: str, value: str) -> str:
    """The value as somebody without need may see it (R48, R49)."""
    if kind == "phone":
        return mask_phone(value)
    return mask_email(value) if kind == "email" else mask_account(value)
