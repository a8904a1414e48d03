"""Accounts at carriers: who may, what is refused, and that a key never comes out."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.db import connection

from kefu.kernel.errors import Denied, Invalid, NotFound, Stale
from kefu.kernel.models import AuditEntry
from kefu.station.tracking.accounts import add_account, change_account, switch_account
from kefu.station.tracking.errors import AccountTaken
from kefu.station.tracking.models import CarrierAccount
from kefu.station.tracking.tests.conftest import Wire, draft

pytestmark = pytest.mark.django_db


def test_a_key_is_encrypted_and_in_no_log(account: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT identity, secret, salt FROM tracking_carrieraccount")
        stored = cursor.fetchone()
    assert not {"C", "KEY", "SALT"} & set(stored)
    assert "KEY" not in str(list(AuditEntry.objects.values_list("data", flat=True)))
    assert len(account.token) == 43


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("vendor", "nobody"),
        ("name", " "),
        ("name", "长" * 41),
        ("base_url", "ftp://x.example"),
        ("base_url", "https://user@x.example"),
        ("base_url", "https://x.example/?a=1"),
        ("base_url", "https://"),
        ("base_url", "https://x.example:99999"),
        ("identity", ""),
        ("secret", " "),
        ("options", {"strange": "1"}),
        ("per_minute", 0),
        ("burst", 1001),
        ("connect_seconds", 61),
        ("answer_seconds", 0),
    ],
)
def test_what_is_refused_names_its_field(cast: Any, ground: Any, wire: Wire, now: datetime, field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        add_account(actor=cast.admin, draft=draft(ground.station.pk, **{field: value}), now=now)
    assert field in refused.value.fields
    assert str(refused.value.fields[field])
    assert not CarrierAccount.objects.exists()


def test_only_who_may_and_only_in_reach(cast: Any, ground: Any, wire: Wire, account: Any, now: datetime) -> None:
    for who in (cast.agent, cast.clerk, cast.lead, cast.manager):
        with pytest.raises(Denied):
            add_account(actor=who, draft=draft(ground.station.pk), now=now)
    elsewhere = replace(cast.admin, sites=frozenset({ground.shop.pk}))
    for act in (
        lambda: add_account(actor=elsewhere, draft=draft(ground.station.pk, name="二"), now=now),
        lambda: switch_account(actor=elsewhere, account_id=account.pk, on=False, version=0, now=now),
    ):
        with pytest.raises(NotFound):
            act()


def test_one_name_of_a_vendor_at_a_site(cast: Any, ground: Any, account: Any, now: datetime) -> None:
    with pytest.raises(AccountTaken):
        add_account(actor=cast.admin, draft=draft(ground.station.pk), now=now)


def test_a_change_keeps_the_key_that_is_not_given(cast: Any, ground: Any, account: Any, now: datetime) -> None:
    changed = draft(ground.station.pk, name="新名", secret="", salt="", per_minute=5, options={"extra": "x"})
    change_account(actor=cast.admin, account_id=account.pk, draft=changed, version=0, now=now)
    row = CarrierAccount.objects.get()
    assert (row.name, row.secret, row.salt, row.per_minute, row.options) == ("新名", "KEY", "SALT", 5, {"extra": "x"})
    with pytest.raises(Stale):
        change_account(actor=cast.admin, account_id=account.pk, draft=changed, version=0, now=now)


def test_a_salt_is_made_where_none_was_given(cast: Any, ground: Any, wire: Wire, now: datetime) -> None:
    assert len(add_account(actor=cast.admin, draft=draft(ground.station.pk, salt=""), now=now).salt) == 16


def test_switching(cast: Any, account: Any, now: datetime) -> None:
    row = switch_account(actor=cast.admin, account_id=account.pk, on=False, version=0, now=now)
    assert not row.is_active
    with pytest.raises(Stale):
        switch_account(actor=cast.admin, account_id=account.pk, on=True, version=0, now=now)
