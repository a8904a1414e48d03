"""What stands on cases at size: ledgers, the departments' inbox, claims, the month report and the 16:00 check (CASE6, CASE9, SHOP4, SHOP7).

A copy of the seeded cases gets three tasks a case, a claim for every fifth, and 200,000 orders waiting to be sent beside five times as many
that were. Pages are asked for whole, rendering included, one connection in one process. PostgreSQL only; `--cases 1000000` is the published table.
"""

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from datetime import time as clock
from typing import Any

from measuring import ground, seeding
from measuring.ground import Database
from measuring.seeding import Plan
from measuring.table import ms, show

PAGE_LIMIT, CHECK_LIMIT, REPORT_LIMIT = 0.15, 2.0, 1.0


def main() -> None:
    """Seed, ask, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=int(os.environ.get("KEFU_BENCH_CASES") or 50_000))
    parser.add_argument("--runs", type=int, default=25)
    wanted = parser.parse_args()
    if not ground.reachable(ground.SERVER):
        sys.exit(f"PostgreSQL does not answer at {ground.SERVER}. KEFU_BENCH_DATABASE_URL says where it is.")
    base = Database(ground.SERVER).renamed(f"_{wanted.cases // 1000}k")
    seeding.prepare(base, Plan(cases=wanted.cases))
    ground.close_all()
    database = base.renamed("_work")
    database.copy_of(base)
    ground.use(database)
    orders = wanted.cases // 5
    shop = _seed(orders)
    print(f"\n{ground.settings_of(database)}; {wanted.cases:,} cases, {3 * wanted.cases:,} tasks, {orders:,} orders to be sent")
    _pages(wanted.runs)
    _once(shop)


def _seed(orders: int) -> Any:
    from kefu.kernel.actor import Actor
    from kefu.people import actions as people
    from kefu.people.models import Site, Staff

    system, now = Actor.system("benchmark"), datetime.now(UTC)
    hub = Site.objects.get(code="HUB")
    shop = people.create_site(actor=system, code="SHOP", name="旗舰店", kind="shop", handbook="shop", parent=hub, now=now, city="杭州")
    _tasks(Staff.objects.filter(role="lead").order_by("pk").first(), now)
    _claims()
    _orders(shop.pk, orders, now)
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return shop


def _insert(model: Any, source: str, given: Mapping[str, str]) -> None:
    """Rows made by the server from ``source``; columns nobody gives take the field's default."""
    from django.db import connection

    columns, values = [], []
    for field in model._meta.concrete_fields:
        if field.primary_key:
            continue
        if field.attname in given:
            value = given[field.attname]
        elif field.null:
            continue
        else:
            default = field.get_db_prep_save(field.get_default() if field.has_default() else "", connection)
            value = "'" + str(getattr(default, "dumps", lambda one: one)(getattr(default, "obj", default))) + "'"
        columns.append(f'"{field.column}"')
        values.append(value)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) SELECT {', '.join(values)} FROM {source}")


def _tasks(member: Any, now: datetime) -> None:
    from kefu.cases.models import Member, Task

    Member.objects.create(site_id=member.site_id, department="warehouse", staff=member, since=now, added_by="benchmark")
    opened = "(c.id * 7 + n) % 40 = 0"
    given = {
        "case_id": "c.id",
        "site_id": "c.site_id",
        "department": "(ARRAY['warehouse', 'courier', 'finance'])[n]",
        "title": "'请核实并答复'",
        "state": f"CASE WHEN {opened} THEN 'open' ELSE 'done' END",
        "due_at": "c.opened_at + interval '1 day'",
        "asked_by": "'客服'",
        "asked_at": "c.opened_at",
        "done_by": "''",
        "done_at": f"CASE WHEN {opened} THEN NULL ELSE c.opened_at + interval '5 hours' END",
    }
    _insert(Task, "cases_case c, generate_series(1, 3) n", given)


def _claims() -> None:
    from kefu.claims.models import Claim, LiabilityShare, Payment

    paid = "c.id % 20 <> 0"
    given = {
        "case_id": "c.id",
        "site_id": "c.site_id",
        "waybill": "'77' || lpad(c.id::text, 12, '0')",
        "loss": "(ARRAY['delay', 'lost', 'damaged', 'short'])[1 + c.id % 4]",
        "harm": "'goods'",
        "cause": "(ARRAY['transit_loss', 'delivery_loss', 'packing', 'other'])[1 + (c.id / 5) % 4]",
        "courier": "lpad((c.id % 300)::text, 4, '0')",
        "carrier": "(ARRAY['best', 'zto', 'yto'])[1 + c.id % 3]",
        "reckoned": "50 + c.id % 900",
        "amount": "50 + c.id % 900",
        "state": f"CASE WHEN {paid} THEN 'paid' ELSE 'approving' END",
        "rung": f"CASE WHEN {paid} THEN '' ELSE 'lead' END",
        "made_by": "'客服'",
        "made_at": "c.opened_at",
        "paid_at": f"CASE WHEN {paid} THEN c.opened_at + interval '2 days' END",
        "updated_at": "c.opened_at",
        "channel": "'alipay'",
    }
    _insert(Claim, "cases_case c WHERE c.id % 5 = 0", given)
    given = {
        "claim_id": "c.id", "site_id": "c.site_id", "amount": "c.amount", "channel": "'alipay'", "state": "'paid'", "made_by": "'财务'",
        "made_at": "c.paid_at", "done_at": "c.paid_at", "serial": "'S' || c.id",
    }  # fmt: skip
    _insert(Payment, "claims_claim c WHERE c.paid_at IS NOT NULL", given)
    given = {"claim_id": "c.id", "place": "0", "party": "'S'", "site_id": "c.site_id", "percent": "100", "amount": "c.amount"}
    _insert(LiabilityShare, "claims_claim c", given)


def _orders(site: int, count: int, now: datetime) -> None:
    from django.utils import timezone

    from kefu.orders.models import Order, Shop

    shop = Shop.objects.create(site_id=site, platform="taobao", name="旗舰店", created_at=now)
    # The check looks at 16:00 to 16:00 of the days before; all that wait were paid inside of it, the hardest day there is.
    cut = datetime.combine(timezone.localdate(now) - timedelta(days=1), clock(16), timezone.get_default_timezone())
    given = {
        "site_id": str(site),
        "shop_id": str(shop.pk),
        "platform": "'taobao'",
        "number": "'T' || lpad(n::text, 12, '0')",
        "state": f"CASE WHEN n <= {count} THEN 'paid' ELSE 'finished' END",
        "placed_at": f"timestamptz '{cut.isoformat()}' - n * interval '0.2 second'",
        "paid_at": f"timestamptz '{cut.isoformat()}' - n * interval '0.2 second'",
        "total": "20 + n % 300",
        "paid": "20 + n % 300",
        "goods": "'连衣裙'",
        "changed_at": f"timestamptz '{cut.isoformat()}'",
    }
    _insert(Order, f"generate_series(1, {6 * count}) n", given)


def _pages(runs: int) -> None:
    from django.test import Client
    from measuring.operations import session_of

    from kefu.cases.models import Member
    from kefu.people.models import Staff

    def browser(staff: Any) -> Callable[[str], Any]:
        client = Client(HTTP_HOST="localhost")
        client.cookies["sessionid"] = session_of(staff, datetime.now(UTC))
        return client.get

    manager = browser(Staff.objects.get(role="manager"))
    lead = Member.objects.get().staff
    member = browser(lead)
    asked = [
        *((f"ledger {key}, all sites", manager, f"/ledgers/best/{key}") for key in ("open_today", "payments", "liability")),
        ("ledger payments, of one day", manager, "/ledgers/best/payments?today=1"),
        ("ledger open_today, one site", member, f"/ledgers/{lead.site.handbook}/open_today"),
        ("inbox of a department", member, "/tasks"),
        ("claims, all sites", manager, "/claims"),
        ("shop, waiting to be sent", manager, "/shop/orders"),
    ]
    rows = [_row(name, get, path, runs) for name, get, path in asked]
    show("Pages, rendering included", ("page", "p50 ms", "p95 ms", f"within {ms(PAGE_LIMIT)}"), rows)


def _row(name: str, get: Callable[[str], Any], path: str, runs: int) -> tuple[str, ...]:
    took = []
    get(path)
    for _run in range(runs):
        began = time.perf_counter()
        answer = get(path)
        took.append(time.perf_counter() - began)
        if answer.status_code != 200:
            return (f"{name}: {path} answered {answer.status_code}", "-", "-", "NO")
    worst = statistics.quantiles(took, n=20)[-1]
    return name, ms(statistics.median(took)), ms(worst), "yes" if worst <= PAGE_LIMIT else "NO"


def _once(shop: Any) -> None:
    from django.db import transaction
    from django.db.models import Count
    from django.db.models.functions import TruncMonth
    from django.utils import timezone

    from kefu.claims.figures import BY, paid_by
    from kefu.claims.models import Claim
    from kefu.people import access
    from kefu.people.models import Staff
    from kefu.shop import limits, unsent

    now = datetime.now(UTC)
    rows = []
    manager = access.actor_for(Staff.objects.get(role="manager"))
    months = Claim.objects.filter(paid_at__isnull=False).values_list(TruncMonth("paid_at")).annotate(many=Count("pk"))
    month = max(months, key=lambda one: one[1])[0].date()
    for by in BY:
        took, found = _timed(lambda by=by: paid_by(manager, month, by))
        rows.append((f"month report by {by}", f"{sum(one.claims for one in found):,}", ms(took), "yes" if took <= REPORT_LIMIT else "NO"))
    cut = limits.unsent_cut(limits.book_of(shop.pk, now))
    assert cut is not None
    with transaction.atomic():
        began = time.perf_counter()
        count = unsent.check_site(site_id=shop.pk, day=timezone.localdate(now), cut=cut, now=now)
        took = time.perf_counter() - began
    rows.append(("16:00 check", f"{count:,}", ms(took), "yes" if took <= CHECK_LIMIT else "NO"))
    show("Once a day, once a month", ("what", "rows", "ms", "within"), rows)


def _timed(do: Callable[[], Any]) -> tuple[float, Any]:
    """Median of three."""
    took, found = [], None
    for _run in range(3):
        began = time.perf_counter()
        found = do()
        took.append(time.perf_counter() - began)
    return statistics.median(took), found


if __name__ == "__main__":
    main()
