"""Fills a database as the product would have: people, sites and handbooks by its own actions, then cases in bulk.

For every kind of case one is opened by the product and kept as a mould: its row, its first entry and its clocks. The others are cast from
it with their own people, texts, waybills and moments, encrypted and cut into search tokens by the product's own functions.
"""

import json
import os
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from measuring import ground
from measuring.ground import Database, Stamp
from measuring.table import Progress
from measuring.words import Texts

AGENTS_PER_SITE = 20
SITES = 10
FACT_DAYS = 35
DAYS = 365
CLOCKS_PER_CASE = 3.5
"""Running clocks of an open case, on average over the moulds."""
_PASSWORD = "benchmark-horse-battery"
_CHANNELS = ("call", "chat", "form", "platform")
_KINDS = ("damage", "delay", "loss", "complaint", "attitude", "shortage")
# Behind every measurement: nothing of it comes due by itself while something else is measured.
YEAR = 365 * 86400
_CHUNK = 5000


@dataclass(frozen=True)
class Plan:
    """How much is made, and for which measurement.

    ``quiet`` clocks lie more than a year ahead, ``due`` of them exactly one year ahead and within an hour; the others lie around the present.
    """

    cases: int
    open_share: float = 0.285
    quiet: bool = False
    due: int = 0
    texts: bool = True

    @property
    def open_clocks(self) -> int:
        """How many are wanted to run."""
        return self.cases if not self.quiet else int(self.cases * CLOCKS_PER_CASE)


@dataclass
class Mould:
    """A case as the product opened it, and what came with it."""

    case: dict[str, Any]
    opened: dict[str, Any]
    clocks: list[dict[str, Any]]
    step: str
    step_clause: str
    step_status: str
    people: list[tuple[int, str, int | None]] = field(default_factory=list)
    customers: list[int] = field(default_factory=list)


def prepare(database: Database, plan: Plan, *, again: bool = False) -> Stamp:
    """The seeded database, made if there is none like it. Django is set up on it afterwards."""
    found = database.stamp()
    ground.start_django(database)
    if found is not None and found.cases == plan.cases and not again:
        _migrate()
        return found
    started = time.monotonic()
    database.create()
    os.nice(5)
    _migrate()
    moulds = _people_and_moulds()
    running = _cast(plan, moulds)
    if not plan.quiet:
        _day_facts()
    stamp = Stamp(plan.cases, running, round(time.monotonic() - started, 1), time.time(), ground.keys_mark())
    from django.db import connection

    connection.close()
    database.write_stamp(stamp)
    os.nice(-5) if os.geteuid() == 0 else None
    return stamp


def _migrate() -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def _people_and_moulds() -> list[Mould]:
    from kefu.handbook.actions import install_builtin
    from kefu.kernel.actor import Actor
    from kefu.people import actions as people

    _cheap_passwords()
    system, now = Actor.system("benchmark"), datetime.now(UTC)
    install_builtin(actor=system, now=datetime(2026, 1, 1, tzinfo=UTC))
    hub = people.create_site(actor=system, code="HUB", name="华东分拨", kind="hub", handbook="best", now=now, city="南京")
    progress = Progress("people", SITES * (AGENTS_PER_SITE + 1) + 1)
    _hire(system, hub, "manager", 1, now)
    moulds = []
    for number in range(1, SITES + 1):
        handbook = ("best", "zto")[number % 2]
        site = people.create_site(
            actor=system,
            code=f"S{number:02d}",
            name=f"网点{number:02d}",
            kind="station",
            handbook=handbook,
            parent=hub,
            now=now,
            city="南京",
        )
        team = people.create_team(actor=system, site=site, name="一组", now=now)
        _hire(system, site, "lead", 1, now, team)
        agents = _hire(system, site, "agent", AGENTS_PER_SITE, now, team)
        progress.add(AGENTS_PER_SITE + 1)
        customers = _customers(system, site.pk, now)
        for kind in _KINDS:
            mould = _mould(system, site.pk, kind, agents[0][0], now)
            mould.people, mould.customers = agents, customers
            moulds.append(mould)
    _clear_moulds()
    return moulds


def _cheap_passwords() -> None:
    """Nobody signs in with them; two hundred slow hashes would take half a minute."""
    from django.conf import settings
    from django.contrib.auth import hashers

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    hashers.get_hashers.cache_clear()


def _day_facts() -> None:
    """Figures of the last five weeks, worked out by the product."""
    from django.utils import timezone

    from kefu.people import queries as people
    from kefu.performance import facts

    sites = [site for site in people.sites_by_id() if site != 1]
    progress = Progress("day facts", FACT_DAYS * len(sites))
    today = timezone.localdate()
    for ago in range(FACT_DAYS):
        for site_id in sites:
            facts.refresh(site_id, today - timedelta(days=ago))
            progress.add(1)


def _hire(system: Any, site: Any, role: str, count: int, now: datetime, team: Any = None) -> list[tuple[int, str, int | None]]:
    from kefu.people import actions as people

    made = []
    for number in range(count):
        name = f"{role}-{site.code.lower()}-{number + 1}"
        new = people.NewStaff(
            username=name,
            staff_no=f"{site.code}{role[0]}{number + 1}",
            name=f"客服{site.code}{number + 1}",
            role=role,
            site=site,
            password=_PASSWORD,
            team=team,
        )
        staff = people.create_staff(actor=system, new=new, now=now)
        made.append((staff.pk, staff.name, team.pk if team else None))
    return made


def _customers(system: Any, site_id: int, now: datetime) -> list[int]:
    from kefu.customers import actions as customers

    drafts = [customers.CustomerDraft(f"138{site_id:03d}{number:05d}", name=f"张{number}") for number in range(200)]
    found = customers.find_or_create_many(actor=system, site_id=site_id, drafts=drafts, now=now)
    return [one for one in found.ids if one is not None]


def _mould(system: Any, site_id: int, kind: str, assignee: int, now: datetime) -> Mould:
    from kefu.cases import actions
    from kefu.cases.models import Entry
    from kefu.clocks.models import Clock

    request = actions.CaseRequest(site_id=site_id, kind=kind, channel="call", description="模子", assignee_id=assignee, waybill="MOULD1")
    case = actions.open_case(actor=system, request=request, now=now)
    book = actions.book_of(case)
    step = book.procedures[case.procedure].steps[0]
    return Mould(
        case=_values(case),
        opened=_values(Entry.objects.get(case=case)),
        clocks=[_values(clock) for clock in Clock.objects.filter(subject_kind="case", subject_id=case.pk).order_by("pk")],
        step=step.id,
        step_clause=str(book.ref(f"procedures.{case.procedure}.steps.{step.id}")),
        step_status=step.status,
    )


def _values(row: Any) -> dict[str, Any]:
    return {str(one.column): getattr(row, one.attname) for one in row._meta.concrete_fields}


def _clear_moulds() -> None:
    from kefu.cases.models import Case
    from kefu.clocks.models import Clock
    from kefu.kernel.models import AuditEntry, OutboxEvent

    Clock.objects.all().delete()
    Case.objects.all().delete()
    # What opening the moulds and taking people on left behind would be the worker's first work.
    OutboxEvent.objects.all().delete()
    AuditEntry.objects.all().delete()


def _cast(plan: Plan, moulds: list[Mould]) -> int:
    from django.db import connection, transaction

    from kefu.cases.models import Case, Entry
    from kefu.clocks.models import Alarm, Clock
    from kefu.kernel.models import SearchDocument
    from measuring import copying

    tables = [Case, Entry, Clock, Alarm, SearchDocument]
    foundry = Foundry(plan, moulds)
    progress = Progress("cases", plan.cases)
    documents = "kernel_searchdocument"
    with copying.without_indexes(tables, vector=plan.texts):
        for chunk in foundry.chunks():
            with transaction.atomic():
                copying.write_models(Case, chunk.cases)
                copying.write_models(Entry, chunk.entries)
                copying.write_models(Clock, chunk.clocks)
                copying.write_models(Alarm, chunk.alarms)
                if connection.vendor == "sqlite":
                    copying.write(documents, ["id", "kind", "object_id", "site_id"], [row[:4] for row in chunk.documents])
                    copying.write("kernel_search_fts", ["rowid", "tokens"], [(row[0], row[4]) for row in chunk.documents])
                else:
                    copying.write(documents, ["id", "kind", "object_id", "site_id", "vector"], chunk.documents)
            progress.add(len(chunk.cases))
        print("building indexes …", flush=True)
    copying.finish(tables)
    return foundry.running


@dataclass
class Chunk:
    """Rows of one transaction."""

    cases: list[list[Any]] = field(default_factory=list)
    entries: list[list[Any]] = field(default_factory=list)
    clocks: list[list[Any]] = field(default_factory=list)
    alarms: list[list[Any]] = field(default_factory=list)
    documents: list[list[Any]] = field(default_factory=list)


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(seconds))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


class Foundry:
    """Casts cases from moulds."""

    def __init__(self, plan: Plan, moulds: list[Mould]) -> None:
        from django.db import connection
        from django.db.models import Max

        from kefu.kernel.encryption import keyring
        from kefu.kernel.models import SearchDocument

        self._plan, self._moulds = plan, moulds
        self._random, self._texts = random.Random(20261122), Texts(7)
        self._now = int(time.time())
        self._lite = connection.vendor == "sqlite"
        self._seal = keyring().encrypt
        self._entry_id = self._clock_id = 0
        self.running = 0
        self._due_left = plan.due
        # Customers are in the search index already.
        self._document_id = SearchDocument.objects.aggregate(last=Max("pk"))["last"] or 0
        self._shapes = {id(mould): [_Shape.of(clock) for clock in mould.clocks] for mould in moulds}

    def chunks(self) -> Iterator[Chunk]:
        """All cases, oldest first."""
        chunk = Chunk()
        for number in range(1, self._plan.cases + 1):
            self._case(chunk, number)
            if len(chunk.cases) == _CHUNK:
                yield chunk
                chunk = Chunk()
        if chunk.cases:
            yield chunk

    def _case(self, chunk: Chunk, number: int) -> None:
        plan, chance = self._plan, self._random.random
        mould = self._moulds[int(chance() * len(self._moulds))]
        opened = self._now - DAYS * 86400 + DAYS * 86400 * number / plan.cases
        is_open = chance() < self._open_chance(number)
        staff_id, staff_name, team_id = mould.people[int(chance() * len(mould.people))]
        unassigned = is_open and chance() < 0.1
        waybill = f"YT77{number:011d}" if chance() < 0.9 else ""
        order_no = f"D2026{number:09d}" if chance() < 0.3 else ""
        title, description, note = self._texts.title(number), self._texts.description(), self._texts.note()
        answers = _json({"caller_name": "张先生", "waybill": waybill, "statement": description[:40], "demand": note})
        nearest = self._clocks(chunk, mould, number, opened, is_open=is_open)
        stepped, noted = opened + 600 + chance() * 7200, opened + 9000 + chance() * 80000
        closed = None if is_open else min(noted + chance() * 400000, self._now - 60)
        status = "closed" if not is_open else ("open", "open", "open", "waiting_customer", "waiting_other")[int(chance() * 5)]
        changes = {
            "id": number,
            "status": status,
            "is_open": is_open,
            "step": mould.step,
            "channel": _CHANNELS[number % 4],
            "title": title,
            "description": self._seal(description),
            "data": self._seal(answers),
            "waybill": waybill,
            "order_no": order_no,
            "team_id": team_id,
            "customer_id": mould.customers[number % len(mould.customers)],
            "assignee_id": None if unassigned else staff_id,
            "next_due_at": nearest,
            "opened_by": staff_name,
            "opened_at": _moment(opened),
            "updated_at": _moment(closed or min(noted, self._now)),
            "solved_at": _moment(closed) if closed else None,
            "closed_at": _moment(closed) if closed else None,
            "version": 1,
        }
        chunk.cases.append(list({**mould.case, **changes}.values()))
        person = ["staff", staff_id, staff_name]
        self._entry(chunk, number, "opened", opened, person, "", _json(mould.opened["data"]), mould.opened["clause"])
        data = _json({"step": mould.step, "status": mould.step_status})
        self._entry(chunk, number, "step", stepped, person, self._seal(answers), data, mould.step_clause)
        self._entry(chunk, number, "note", noted, person, self._seal(note), "{}", "")
        if plan.texts:
            self._document(chunk, number, mould.case["site_id"], f"{title}\n{description}\n{note}\n{waybill} {order_no} K{number:07d}")

    def _open_chance(self, number: int) -> float:
        """Most open cases are young, some are old."""
        share = self._plan.open_share
        if share >= 1:
            return 1.0
        young = number > self._plan.cases * 0.6
        return share * 0.9 / 0.4 if young else share * 0.1 / 0.6

    def _entry(self, chunk: Chunk, case: int, kind: str, at: float, person: list[Any], text: str, data: str, clause: str) -> None:
        self._entry_id += 1
        chunk.entries.append([self._entry_id, case, kind, _moment(min(at, self._now)), *person, text, data, clause])

    def _document(self, chunk: Chunk, number: int, site_id: int, text: str) -> None:
        from kefu.kernel.chinese import bigrams
        from kefu.kernel.search import _vector

        tokens = ["kindcase", *bigrams(text)]
        chunk.documents.append([self._document_id + number, "case", number, site_id, " ".join(tokens) if self._lite else _vector(tokens)])

    def _clocks(self, chunk: Chunk, mould: Mould, number: int, opened: float, *, is_open: bool) -> str:
        """Clocks of one case; gives its nearest deadline. Closed cases keep two met ones."""
        nearest = None
        for shape in self._shapes[id(mould)] if is_open else self._shapes[id(mould)][:2]:
            self._clock_id += 1
            if is_open:
                first = self._first_firing()
                self.running += 1
                past = first < self._now
                due = first + shape.due - shape.first
                nearest = due if nearest is None else min(nearest, due)
                chunk.clocks.append(shape.row(self._clock_id, number, first - shape.first, ended=False))
                chunk.alarms.append([self._clock_id, None, shape.moments] if past else [self._clock_id, _moment(first), 0])
            else:
                chunk.clocks.append(shape.row(self._clock_id, number, opened, ended=True))
        return _moment(nearest) if nearest else "9999-01-01 00:00:00"

    def _first_firing(self) -> float:
        chance = self._random.random()
        if not self._plan.quiet:
            return self._now + (chance * 29.5 - 1.5) * 86400
        left = self._plan.open_clocks - self.running
        if self._due_left and self._random.random() * max(left, 1) < self._due_left:
            self._due_left -= 1
            return self._now + YEAR + chance * 3600
        return self._now + 2 * YEAR + chance * YEAR


@dataclass(frozen=True)
class _Shape:
    """A clock of a mould, in seconds from its start: when it first does something, warns and is due; and how often it does something."""

    values: dict[str, Any]
    first: float
    due: float
    warn: float | None
    moments: int

    @classmethod
    def of(cls, clock: dict[str, Any]) -> "_Shape":
        start = clock["started_at"]
        values = {name: _json(value) if isinstance(value, list) else value for name, value in clock.items()}
        warn = (clock["warn_at"] - start).total_seconds() if clock["warn_at"] else None
        due = (clock["due_at"] - start).total_seconds()
        moments = 1 + (warn is not None) + sum(1 for rung in clock["ladder"] if rung[0])
        return cls(values, due if warn is None else warn, due, warn, moments)

    def row(self, pk: int, case: int, start: float, *, ended: bool) -> list[Any]:
        return list(
            {
                **self.values,
                "id": pk,
                "subject_id": case,
                "state": "met" if ended else "running",
                "started_at": _moment(start),
                "due_at": _moment(start + self.due),
                "warn_at": None if self.warn is None else _moment(start + self.warn),
                "met_at": _moment(start + min(self.first, self.due) * 0.6) if ended else None,
            }.values()
        )
