"""Writing the accounts at carriers. Secrets go in and never come out again."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kefu.kernel import audit
from kefu.kernel.actor import Actor, Ref
from kefu.kernel.claims import save_claimed
from kefu.kernel.errors import Invalid, Message, Stale
from kefu.kernel.wording import listed
from kefu.people import access as people
from kefu.people.access import require
from kefu.people.permissions import Permission
from kefu.station.tracking import access
from kefu.station.tracking.carriers import Carrier, carriers
from kefu.station.tracking.errors import AccountTaken
from kefu.station.tracking.models import CarrierAccount

_LIMITS = {"per_minute": (1, 6000), "burst": (1, 1000), "connect_seconds": (1, 60), "answer_seconds": (1, 120)}


@dataclass(frozen=True, slots=True)
class AccountDraft:
    """An account as it is entered. An empty secret or salt leaves the one that is there."""

    site_id: int
    vendor: str
    name: str
    base_url: str
    identity: str
    secret: str = ""
    salt: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    per_minute: int = 60
    burst: int = 10
    connect_seconds: int = 5
    answer_seconds: int = 15


def add_account(*, actor: Actor, draft: AccountDraft, now: datetime) -> CarrierAccount:
    """A new account; refused with the fields that cannot be."""
    require(actor, Permission.CARRIER_EDIT)
    people.require_site(actor, draft.site_id)
    adapter = _check(draft, fresh=True)
    values = _values(draft)
    row = CarrierAccount(
        site_id=draft.site_id,
        vendor=draft.vendor,
        secret=draft.secret.strip(),
        salt=_salt(draft, adapter),
        token=secrets.token_urlsafe(32),
        created_at=now,
        tokens=draft.burst,
        tokens_at=now,
        **values,
    )
    try:
        with transaction.atomic():
            row.save()
            _log(actor, row, "carrier.account_added", now)
    except IntegrityError as error:
        raise AccountTaken from error
    return row


def change_account(*, actor: Actor, account_id: int, draft: AccountDraft, version: int, now: datetime) -> CarrierAccount:
    """Change everything but site and vendor. An account that stopped by itself works again, its breaker closed."""
    require(actor, Permission.CARRIER_EDIT)
    row = access.account_for(actor, account_id)
    if row.version != version:
        raise Stale
    _check(draft, fresh=False)
    changes: dict[str, Any] = _values(draft) | {"stopped_by": "", "failures": 0, "trips": 0, "open_until": None}
    changes |= {name: value.strip() for name, value in (("secret", draft.secret), ("salt", draft.salt)) if value.strip()}
    try:
        with transaction.atomic():
            save_claimed(row, **changes)
            _log(actor, row, "carrier.account_changed", now)
    except IntegrityError as error:
        raise AccountTaken from error
    return row


def switch_account(*, actor: Actor, account_id: int, on: bool, version: int, now: datetime) -> CarrierAccount:
    """Stop using an account, or use it again."""
    require(actor, Permission.CARRIER_EDIT)
    row = access.account_for(actor, account_id)
    if row.version != version:
        raise Stale
    with transaction.atomic():
        save_claimed(row, is_active=on, stopped_by="", failures=0, trips=0, open_until=None)
        _log(actor, row, "carrier.account_on" if on else "carrier.account_off", now)
    return row


def _values(draft: AccountDraft) -> dict[str, Any]:
    return {
        "name": draft.name.strip(),
        "base_url": draft.base_url.strip().rstrip("/"),
        "identity": draft.identity.strip(),
        "options": {name: value.strip() for name, value in draft.options.items() if value.strip()},
        **{name: getattr(draft, name) for name in _LIMITS},
    }


def _salt(draft: AccountDraft, adapter: Carrier) -> str:
    """A vendor whose callbacks are signed apart gets a salt even when nobody thought of one: without it none could be checked."""
    return draft.salt.strip() or (secrets.token_hex(8) if adapter.subscribes else "")


def _check(draft: AccountDraft, *, fresh: bool) -> Carrier:
    wrong: dict[str, Message] = {}
    adapter = carriers().adapters.get(draft.vendor)
    if adapter is None:
        wrong["vendor"] = _("没有这种接口，请从列表中选择。")
    if not 1 <= len(draft.name.strip()) <= 40:
        wrong["name"] = _("请填写名称，最多 40 个字。")
    if not _is_address(draft.base_url.strip()):
        wrong["base_url"] = _("接口地址应以 https:// 或 http:// 开头，不含用户名、问号和空格。")
    if not draft.identity.strip():
        wrong["identity"] = _("请填写快递公司给的账号（客户号、appKey 等）。")
    if fresh and not draft.secret.strip():
        wrong["secret"] = _("请填写快递公司给的密钥。")
    if adapter is not None and (strange := sorted(set(draft.options) - set(adapter.options) - {"from_code"})):
        wrong["options"] = _("没有这些选项，请删去：%(names)s") % {"names": listed(strange)}
    for name, (least, most) in _LIMITS.items():
        if not least <= getattr(draft, name) <= most:
            wrong[name] = _("请填写范围内的整数。")
    if wrong or adapter is None:
        raise Invalid(fields=wrong)
    return adapter


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return (
            parts.scheme in ("http", "https")
            and bool(parts.hostname)
            and "@" not in parts.netloc
            and not parts.query
            and not parts.fragment
            and " " not in text
            and len(text) <= 200
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        return False


def _log(actor: Actor, row: CarrierAccount, action: str, now: datetime) -> None:
    data = {"vendor": row.vendor, "base_url": row.base_url, "per_minute": row.per_minute}
    audit.record(actor, action, Ref("carrier_account", row.pk, row.name), now=now, site_id=row.site_id, data=data)
