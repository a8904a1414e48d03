"""Accounts at carriers: address, key, pace. A key that was entered is never shown again."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from kefu.console.rendering import redirect, render
from kefu.console.routes import ConsoleRequest, page
from kefu.console.views.station import board
from kefu.kernel import moment
from kefu.kernel.errors import Invalid, KefuError
from kefu.lists.definition import whole
from kefu.lists.station.tracking import vendor_title
from kefu.people import queries as people
from kefu.people.permissions import Permission
from kefu.station.tracking import access, queries
from kefu.station.tracking.accounts import AccountDraft, add_account, change_account, switch_account
from kefu.station.tracking.callbacks import address_of
from kefu.station.tracking.carriers import carriers
from kefu.station.tracking.faults import advice

_TEXTS = ("vendor", "name", "base_url", "identity", "secret", "salt", "options")
_NO_ERRORS = dict.fromkeys((*_TEXTS, "site", "per_minute", "burst", "connect_seconds", "answer_seconds", "form"), "")
_NUMBERS = {"per_minute": 60, "burst": 10, "connect_seconds": 5, "answer_seconds": 15}


@page("station/tracking/accounts", "station-tracking-accounts", permission=Permission.CARRIER_EDIT, methods=("GET", "POST"))
def accounts(request: ConsoleRequest) -> HttpResponse:
    """The accounts in reach, and a new one."""
    values, errors = _values(request), _NO_ERRORS
    if request.method == "POST":
        try:
            row = add_account(actor=request.actor, draft=_draft(values), now=moment.now())
        except KefuError as error:
            errors = _errors(error)
        else:
            messages.success(request, _("已添加“%(name)s”。回调地址在它的页面上，请填到快递公司平台。") % {"name": row.name})
            return redirect(request, reverse("console:station-tracking-account", kwargs={"account_id": row.pk}))
    now = moment.now()
    context = {
        "tabs": board.tabs(request),
        "accounts": [_shown(row, now) for row in queries.accounts(request.actor)],
        "values": values,
        "errors": errors,
        **_choices(request),
    }
    return render(request, "station/tracking/accounts.jinja", context, status=422 if any(errors.values()) else 200)


@page("station/tracking/accounts/<int:account_id>", "station-tracking-account", permission=Permission.CARRIER_EDIT, methods=("GET", "POST"))
def account(request: ConsoleRequest, account_id: int) -> HttpResponse:
    """One account: its callback address, how it fares, and everything that can be changed."""
    row = access.account_for(request.actor, account_id)
    errors = _NO_ERRORS
    values = _values(request) if request.method == "POST" else _of(row)
    if request.method == "POST":
        draft = _draft(values | {"site": str(row.site_id), "vendor": row.vendor})
        try:
            version = whole(request.POST.get("version", "")) or 0
            change_account(actor=request.actor, account_id=account_id, draft=draft, version=version, now=moment.now())
        except KefuError as error:
            errors = _errors(error)
        else:
            messages.success(request, _("已保存。"))
            return redirect(request, reverse("console:station-tracking-account", kwargs={"account_id": account_id}))
    context = {
        "tabs": board.tabs(request),
        "account": _shown(row, moment.now()),
        "row": row,
        "site": people.sites_by_id()[row.site_id].name,
        "callback": address_of(row) if carriers().named(row.vendor).subscribes else "",
        "values": values,
        "errors": errors,
        **_choices(request),
    }
    return render(request, "station/tracking/account.jinja", context, status=422 if any(errors.values()) else 200)


@page("station/tracking/accounts/<int:account_id>/switch", "station-tracking-switch", permission=Permission.CARRIER_EDIT, methods=("POST",))
def switch(request: ConsoleRequest, account_id: int) -> HttpResponse:
    """Use an account again, or no longer."""
    on = request.POST.get("on") == "1"
    try:
        version = whole(request.POST.get("version", "")) or 0
        switch_account(actor=request.actor, account_id=account_id, on=on, version=version, now=moment.now())
        messages.success(request, _("已启用。") if on else _("已停用。"))
    except KefuError as error:
        messages.error(request, str(error))
    return redirect(request, reverse("console:station-tracking-account", kwargs={"account_id": account_id}))


def _shown(row: Any, now: Any) -> dict[str, Any]:
    """An account in a list: its state in words and tone."""
    if not row.is_active:
        state, tone = _("已停用"), "quiet"
    elif row.stopped_by:
        state, tone = _("已自动停止"), "bad"
    elif row.open_until is not None and row.open_until > now:
        state, tone = _("暂停呼叫"), "warn"
    else:
        state, tone = _("正常"), "good"
    why = str(advice(row.stopped_by or row.last_fault)) if row.stopped_by or row.last_fault else ""
    return {"row": row, "vendor": str(vendor_title(row.vendor)), "state": state, "tone": tone, "why": why}


def _choices(request: ConsoleRequest) -> dict[str, Any]:
    return {
        "vendors": [(one.vendor, str(one.title)) for one in carriers().adapters.values()],
        "sites": [(str(site.pk), site.name) for site in people.sites(request.actor)],
    }


def _values(request: ConsoleRequest) -> dict[str, str]:
    found = {name: request.POST.get(name, "").replace("\0", "").strip()[:2000] for name in (*_TEXTS, "site")}
    return found | {name: request.POST.get(name, "").strip()[:10] or str(usual) for name, usual in _NUMBERS.items()}


def _of(row: Any) -> dict[str, str]:
    options = "\n".join(f"{name}={value}" for name, value in row.options.items())
    texts = {"vendor": row.vendor, "name": row.name, "base_url": row.base_url, "identity": row.identity, "options": options}
    return texts | {"site": str(row.site_id), "secret": "", "salt": ""} | {name: str(getattr(row, name)) for name in _NUMBERS}


def _draft(values: dict[str, str]) -> AccountDraft:
    lines = (line.partition("=") for line in values["options"].splitlines() if line.strip())
    return AccountDraft(
        site_id=whole(values["site"]) or 0,
        vendor=values["vendor"],
        name=values["name"],
        base_url=values["base_url"],
        identity=values["identity"],
        secret=values["secret"],
        salt=values["salt"],
        options={name.strip(): value.strip() for name, _mark, value in lines},
        **{name: whole(values[name]) or 0 for name in _NUMBERS},
    )


def _errors(error: KefuError) -> dict[str, str]:
    if isinstance(error, Invalid) and error.fields:
        return _NO_ERRORS | {name: str(text) for name, text in error.fields.items()}
    return _NO_ERRORS | {"form": str(error)}
