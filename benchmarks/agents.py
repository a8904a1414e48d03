"""Many signed-in agents at work at once: lists, cases, notes, steps, searches, each with a live stream open.

Prints how long pages took, how late live events came, and how many were missed, counted by sequence number.
"""

import argparse
import asyncio
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from measuring import ground, seeding
from measuring.browsing import Connection, Ear, Form, forms, listen
from measuring.ground import Database
from measuring.seeding import Plan
from measuring.server import cpu_of, free_port, memory_of
from measuring.table import Progress, ms, show

MIX = {"list": 30, "case": 34, "note": 14, "step": 6, "search": 10, "desk": 6}
VIEWS = ("", "?view=mine", "?view=due", "?status=open", "?sort=due")
WORDS = ("破损", "催件", "签收", "延误", "仲裁", "外包装")
GRACE = 5.0
"""Seconds after the last action in which an event may still come before it counts as missed."""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=20, help="signed-in agents (200 for the published table)")
    parser.add_argument("--seconds", type=float, default=20, help="length of the run (300 for the published table)")
    parser.add_argument("--pace", type=float, default=6.0, help="seconds between two actions of one agent, in the mean")
    parser.add_argument("--workers", type=int, help="server processes; the default of `kefu up` when not given")
    parser.add_argument("--cases", type=int, help="on PostgreSQL with so many seeded cases instead of the demo centre on SQLite")
    parser.add_argument("--scale", type=float, default=0.1, help="size of the demo centre (1 for the published table)")
    parser.add_argument("--seed", type=int, default=11)
    return parser.parse_args()


@dataclass
class Timed:
    """What one kind of action took."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    failures: list[str] = field(default_factory=list)


@dataclass
class Agent:
    """One browser: its cookie, its connection, what it heard."""

    staff_id: int
    cookies: dict[str, str]
    connection: Connection
    ear: Ear


def main() -> None:
    """Prepare the database, run the centre as ``kefu up`` does, and let the agents work."""
    wanted = _arguments()
    if wanted.cases:
        seeded = Database(ground.SERVER).renamed(f"_{wanted.cases // 1000}k")
        seeding.prepare(seeded, Plan(cases=wanted.cases), again=False)
        from django.db import connection

        connection.close()
        work = seeded.renamed("_run")
        work.copy_of(seeded)
        ground.use(work)
    else:
        work = _demo(wanted.scale)
        ground.start_django(work)
        from django.core.management import call_command

        call_command("migrate", verbosity=0, interactive=False)
    sessions = _sessions(wanted.agents)
    from django.db import connection

    connection.close()
    port = free_port()
    command = [sys.executable, "-m", "kefu.config.cli", "up", "--port", str(port)]
    command += ["--workers", str(wanted.workers)] if wanted.workers else []
    with (Path(os.environ["KEFU_HOME"]) / "server.log").open("ab") as log:
        child = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
        try:
            _wait(port, child)
            result = asyncio.run(_work(wanted, port, sessions, child.pid))
        finally:
            child.send_signal(signal.SIGTERM)
            try:
                child.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(child.pid, signal.SIGKILL)
    _report(wanted, work, *result)


def _demo(scale: float) -> Database:
    """The demo centre on SQLite, built once for each size."""
    home = ground.HOME / f"demo_{scale:g}"
    ground.HOME = home
    database = Database(f"sqlite:///{home / 'kefu.sqlite3'}")
    mark = home / "built"
    if not mark.exists():
        home.mkdir(parents=True, exist_ok=True)
        environment = {**os.environ, "KEFU_HOME": str(home), "KEFU_DATABASE_URL": database.url}
        subprocess.run(
            [sys.executable, "-m", "kefu.config.cli", "demo", "--build-only", "--scale", str(scale)], env=environment, check=True
        )
        mark.touch()
    return database


def _sessions(count: int) -> list[tuple[int, str]]:
    """Signed-in browsers of the people who work cases, several each when there are fewer people."""
    from measuring.operations import session_of

    from kefu.people.models import Staff

    people = list(Staff.objects.filter(role__in=("agent", "lead"), is_active=True).order_by("pk"))
    now = datetime.now(UTC)
    return [(people[at % len(people)].pk, session_of(people[at % len(people)], now)) for at in range(count)]


def _wait(port: int, child: "subprocess.Popen[bytes]") -> None:
    for _try in range(300):
        if child.poll() is not None:
            raise SystemExit(f"the centre ended with {child.returncode}; see server.log")
        try:
            asyncio.run(Connection(port, {}).ask("/api/v1/health"))
            return
        except (OSError, EOFError, TimeoutError):
            time.sleep(0.2)
    raise SystemExit("the centre did not answer")


async def _work(
    wanted: argparse.Namespace, port: int, sessions: list[tuple[int, str]], pid: int
) -> tuple[dict[str, Timed], list[Agent], tuple[float, float], float, int]:
    agents = []
    for staff_id, key in sessions:
        cookies = {"sessionid": key}
        agents.append(Agent(staff_id, cookies, Connection(port, cookies), Ear(0)))
    taken: dict[str, Timed] = defaultdict(Timed)
    streams = []
    for agent in agents:
        agent.ear.since = await _number_of_page(agent)
        streams.append(asyncio.create_task(listen(port, agent.cookies, agent.ear)))
    await asyncio.sleep(3)
    bar = Progress("agents at work", int(wanted.agents * wanted.seconds / wanted.pace * 1.3))
    cpu, began = cpu_of_group(pid), time.time()
    until = time.monotonic() + wanted.seconds
    await asyncio.gather(*(_agent(agent, number, wanted, until, taken, bar) for number, agent in enumerate(agents)))
    ended, spent, memory = time.time(), cpu_of_group(pid) - cpu, memory_of(pid)
    await asyncio.sleep(GRACE)
    for stream in streams:
        stream.cancel()
    await asyncio.gather(*streams, return_exceptions=True)
    return taken, agents, (began, ended), spent, memory


def cpu_of_group(pid: int) -> float:
    """Processor seconds of the centre: the parent, server processes, their children, the worker."""
    children = [int(folder.name) for folder in Path("/proc").glob("[0-9]*") if (folder / "stat").exists() and _parent(folder) == pid]
    return cpu_of(pid) + sum(cpu_of(child) - _own(child) for child in children)


def _parent(folder: Path) -> int:
    try:
        return int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except (OSError, IndexError, ValueError):
        return 0


def _own(pid: int) -> float:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
    except (OSError, IndexError, ValueError):
        return 0.0


async def _number_of_page(agent: Agent) -> int:
    """The sequence number the page was made at, behind which its stream begins."""
    page = await agent.connection.ask("/cases")
    found = re.search(r'data-live-since="(\d+)"', page.text)
    if found is None:
        raise SystemExit(f"no stream on the page ({page.status}): {page.text[:200]}")
    return int(found[1])


async def _agent(agent: Agent, number: int, wanted: argparse.Namespace, until: float, taken: dict[str, Timed], bar: Progress) -> None:
    chance = random.Random(wanted.seed * 1000 + number)
    await asyncio.sleep(chance.random() * wanted.pace)
    cases: list[str] = []
    while time.monotonic() < until:
        kind = chance.choices(list(MIX), list(MIX.values()))[0]
        if kind in ("case", "note", "step") and not cases:
            kind = "list"
        started = time.perf_counter()
        try:
            await _act(agent, kind, chance, cases, taken)
        except (OSError, EOFError, TimeoutError) as error:
            taken[kind].failures.append(f"{type(error).__name__}: {error}")
        bar.add(1)
        # An agent reads while the next page is asked for at the wanted pace, however long this one took.
        await asyncio.sleep(max(0.0, chance.expovariate(1 / wanted.pace) - (time.perf_counter() - started)))


async def _act(agent: Agent, kind: str, chance: random.Random, cases: list[str], taken: dict[str, Timed]) -> None:
    if kind == "list":
        text = await _timed(agent, "list", "/cases" + chance.choice(VIEWS), taken)
        cases[:] = sorted(set(re.findall(r'href="(/cases/\d+)"', text))) or cases
    elif kind == "search":
        await _timed(agent, "search", f"/search?q={quote(chance.choice(WORDS))}", taken)
    elif kind == "desk":
        await _timed(agent, "desk", "/desk", taken)
    else:
        text = await _timed(agent, "case", chance.choice(cases), taken)
        if kind != "case":
            found = [form for form in forms(text) if _fits(form, kind)]
            if found:
                form = found[0]
                answered = (
                    {**form.values, **form.open}
                    if kind == "step"
                    else {**form.values, "text": f"第 {chance.randrange(999)} 次跟进，已联系网点核实。"}
                )
                await _timed(agent, kind, form.action, taken, form=answered)


def _fits(form: Form, kind: str) -> bool:
    if kind == "note":
        return form.action.endswith("/note")
    return form.action.endswith("/step")


async def _timed(agent: Agent, kind: str, path: str, taken: dict[str, Timed], form: dict[str, str] | None = None) -> str:
    started = time.perf_counter()
    answer = await agent.connection.ask(path, form=form)
    spent = time.perf_counter() - started
    if answer.status in (409, 422) and form is not None:
        taken[kind].refused += 1
    if answer.status >= 400 and answer.status not in (409, 422):
        taken[kind].failures.append(f"{answer.status} {path}")
    else:
        taken[kind].seconds.append(spent)
    return answer.text


def _report(
    wanted: argparse.Namespace,
    work: Database,
    taken: dict[str, Timed],
    agents: list[Agent],
    span: tuple[float, float],
    cpu: float,
    memory: int,
) -> None:
    print(f"\n{ground.settings_of(work)}; {wanted.agents} agents, {wanted.seconds:.0f} s, one action each {wanted.pace:g} s")
    rows = [_row(kind, one) for kind, one in sorted(taken.items())]
    everything = Timed([spent for one in taken.values() for spent in one.seconds], sum(one.refused for one in taken.values()))
    everything.failures = [text for one in taken.values() for text in one.failures]
    show("Pages", ("", "answers", "p50 ms", "p95 ms", "p99 ms", "refused", "errors"), [*rows, _row("all", everything)])
    for text, count in Counter(everything.failures).most_common(5):
        print(f"  {count} × {text}")
    written, late, missed = _delivery(agents, span)
    seconds = span[1] - span[0]
    show(
        "Live",
        ("", "streams", "events", "deliveries", "p50 ms", "p95 ms", "worst ms", "missed", "breaks", "resets"),
        [
            (
                "from the write to the page", len(agents), written, len(late), ms(_at(late, 50)), ms(_at(late, 95)), ms(max(late, default=None)), missed,
                sum(len(one.ear.lost) for one in agents), sum(one.ear.resets for one in agents),
            )
        ],
    )  # fmt: skip
    print(f"the centre used {cpu / seconds:.2f} cores and {memory} MB; load {os.getloadavg()[0]:.1f}")


def _row(name: str, one: Timed) -> tuple[Any, ...]:
    return (
        name,
        len(one.seconds),
        ms(_at(one.seconds, 50)),
        ms(_at(one.seconds, 95)),
        ms(_at(one.seconds, 99)),
        one.refused,
        len(one.failures),
    )


def _at(values: list[float], percent: int) -> float | None:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1] if len(values) > 1 else None


def _delivery(agents: list[Agent], span: tuple[float, float]) -> tuple[int, list[float], int]:
    """Events written, seconds each took to each page that may hear of it, and how many a page should have heard of and did not.

    A page hears of a thing once for several changes in a row, with the number of the last; so a change has arrived with the first
    message about its thing that carries its number or a later one.
    """
    from kefu.kernel.models import OutboxEvent
    from kefu.live.hearing import MANY, Ears, changes
    from kefu.people import access
    from kefu.people.models import Staff

    until = datetime.fromtimestamp(span[1], UTC)
    rows = list(OutboxEvent.objects.filter(seq__gt=min(one.ear.since for one in agents), at__lte=until).order_by("seq"))
    ears = {staff.pk: Ears.of(access.actor_for(staff)) for staff in Staff.objects.filter(pk__in={one.staff_id for one in agents})}
    told = [(change, row.at.timestamp()) for row in rows for change in changes(row.seq, row.type, (row.subject_kind, row.subject_id), row.site_id, row.payload)]  # fmt: skip
    late, missed = [], 0
    for agent in agents:
        heard: dict[tuple[str, int], list[tuple[int, float]]] = defaultdict(list)
        for one in agent.ear.heard:
            heard[one.kind, one.id].append((one.seq, one.at))
        for change, at in told:
            if change.seq <= agent.ear.since or not ears[agent.staff_id].hear(change):
                continue
            came = [
                moment for key in ((change.kind, change.id), (change.kind, MANY)) for seq, moment in heard.get(key, ()) if seq >= change.seq
            ]
            if came:
                late.append(min(came) - at)
            else:
                missed += 1
    return len(rows), late, missed


if __name__ == "__main__":
    main()
