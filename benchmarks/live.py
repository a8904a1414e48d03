"""The live stream: many pages open, people writing; how late each hears of it, and whether one is missed.

Delivery is from the moment the writer's commit returned to the moment the page has read the number. Beside it, in the same run, stands what
fan-out over Server-Sent Events costs at best: the same messages from a bare asyncio server that asks nothing and knows nobody.
"""

import argparse
import asyncio
import json
import os
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_MAKE = """
import json, sys
from datetime import timedelta
from django.test import Client
from django.utils import timezone
from kefu.cases import actions as cases
from kefu.cases.actions import CaseRequest
from kefu.handbook.actions import install_builtin
from kefu.kernel import outbox
from kefu.kernel.actor import Actor
from kefu.people import access, actions, sign_in
people, sites = int(sys.argv[1]), int(sys.argv[2])
system, now = Actor.system("bench"), timezone.now()
install_builtin(actor=system, now=now - timedelta(days=1))
found = {"cookies": [], "cases": []}
for number in range(sites):
    site = actions.create_site(actor=system, code=f"S{number}", name=f"网点{number}", kind="station", handbook="best", now=now)
    for person in range(people // sites):
        new = actions.NewStaff(username=f"u{number}-{person}", staff_no=f"{number}-{person}", name="客服", role="agent", site=site, password="not-used-here-1")
        staff = actions.create_staff(actor=system, new=new, now=now)
        client = Client()
        client.force_login(staff)
        sign_in.start_session(staff=staff, session_key=client.session.session_key, ip="", user_agent="", now=now)
        found["cookies"].append([site.pk, "sessionid=" + client.session.session_key])
    actor = access.actor_for(staff)
    for _case in range(5):
        case = cases.open_case(actor=actor, request=CaseRequest(site.pk, "delay", "call", f"第{_case}件没有更新"), now=now)
        found["cases"].append([site.pk, actor.id, case.pk])
while outbox.seal():
    pass
found["head"] = outbox.head()
print(json.dumps(found))
"""
_WRITE = """
import json, random, sys, time
from django.utils import timezone
from kefu.cases import upkeep
from kefu.people import access, queries
made, seconds, rate, seed = json.loads(sys.argv[1]), float(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4])
choice = random.Random(seed)
actors = {staff: access.actor_for(queries.staff_for_session(staff)) for _site, staff, _case in made}
until, due = time.time() + seconds, time.time()
while time.time() < until:
    site, staff, case = choice.choice(made)
    entry = upkeep.add_note(actor=actors[staff], case_id=case, text="已联系网点，等回复", now=timezone.now())
    print(site, case, entry.pk, time.time(), flush=True)
    due += choice.expovariate(rate)
    time.sleep(max(0.0, due - time.time()))
"""
_NUMBERS = """
import json
from kefu.kernel.models import OutboxEvent
rows = OutboxEvent.objects.filter(type="case.changed", seq__gt=int(__import__("sys").argv[1])).order_by("seq")
print(json.dumps([[row.seq, row.site_id, row.subject_id] for row in rows]))
"""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", type=int, default=200)
    parser.add_argument("--sites", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--writers", type=int, default=2, help="processes that write")
    parser.add_argument("--rate", type=float, default=15, help="notes a second of each writer")
    return parser.parse_args()


class Env:
    """A home and a database of its own."""

    def __init__(self, home: Path, url: str) -> None:
        self.env = {**os.environ, "KEFU_HOME": str(home), "KEFU_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "kefu.config.settings"}

    def python(self, code: str, *arguments: str) -> str:
        """Run code to its end and give what it printed."""
        command = [sys.executable, "-c", f"import django; django.setup()\n{code}", *arguments]
        return subprocess.run(command, env=self.env, check=True, capture_output=True, text=True).stdout

    def start(self, code: str, *arguments: str) -> subprocess.Popen[str]:
        """Run code beside this process."""
        command = [sys.executable, "-c", f"import django; django.setup()\n{code}", *arguments]
        return subprocess.Popen(command, env=self.env, stdout=subprocess.PIPE, text=True)


def _port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _usage(pid: int) -> tuple[float, float]:
    """Processor seconds and resident megabytes of a process and its children."""
    seconds = size = 0.0
    tree = [pid, *map(int, subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False).stdout.split())]
    for one in tree:
        fields = Path(f"/proc/{one}/stat").read_text().rsplit(") ", 1)[1].split()
        seconds += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
        size += int(fields[21]) * resource.getpagesize() / 1e6
    return seconds, size


class Streams:
    """Pages that are open: what each has heard, and when."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.heard: list[dict[int, float]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self.ready = 0

    async def open(self, cookie: str, since: int) -> None:
        """One more page."""
        mine: dict[int, float] = {}
        self.heard.append(mine)
        self._tasks.append(asyncio.create_task(self._listen(mine, cookie, since)))

    async def _listen(self, mine: dict[int, float], cookie: str, since: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"GET /live?since={since} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode())
        while line := await reader.readline():
            if line.startswith(b"event: hello"):
                self.ready += 1
            if line.startswith(b'data: {"changes"'):
                at = time.time()
                for change in json.loads(line[6:])["changes"]:
                    mine.setdefault(change["seq"], at)

    async def close(self) -> None:
        """Close all."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _run(wanted: argparse.Namespace, env: Env, made: dict[str, Any], port: int) -> tuple[list[dict[int, float]], list[list[str]]]:
    streams = Streams(port)
    opened = time.time()
    for _site, cookie in made["cookies"]:
        await streams.open(cookie, made["head"])
    while streams.ready < len(made["cookies"]) and time.time() < opened + 60:
        await asyncio.sleep(0.05)
    print(f"{streams.ready} streams open after {time.time() - opened:.1f} s")
    cases = json.dumps(made["cases"])
    writers = [env.start(_WRITE, cases, str(wanted.seconds), str(wanted.rate), str(n)) for n in range(wanted.writers)]
    written = await asyncio.gather(*(asyncio.to_thread(one.communicate) for one in writers))
    await asyncio.sleep(3)
    await streams.close()
    return streams.heard, [line.split() for out, _error in written for line in (out or "").splitlines()]


@contextmanager
def _bare(port: int) -> Iterator[None]:
    """A server that writes one event of our size to every connection at each line it is sent, and does nothing else."""
    code = f"""
import asyncio, time
writers = set()
async def served(reader, writer):
    first = await reader.readline()
    while (await reader.readline()).strip(): pass
    if b"/tell" in first:
        piece = b'id: 1\\ndata: {{"changes":[{{"seq":' + first.split(b"=")[1].split()[0] + b',"kind":"case","id":17}}]}}\\n\\n'
        for one in writers: one.write(piece)
        writer.write(b"HTTP/1.1 204 No Content\\r\\n\\r\\n"); writer.close(); return
    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Type: text/event-stream\\r\\n\\r\\nevent: hello\\ndata: {{}}\\n\\n"); writers.add(writer)
    await reader.read(); writers.discard(writer)
async def main():
    async with await asyncio.start_server(served, "127.0.0.1", {port}, backlog=1000) as server: await server.serve_forever()
asyncio.run(main())
"""
    child = subprocess.Popen([sys.executable, "-c", code])
    time.sleep(1)
    try:
        yield
    finally:
        child.kill()
        child.wait()


async def _limit(count: int, messages: int, every: float) -> list[float]:
    port = _port()
    with _bare(port):
        streams = Streams(port)
        for _one in range(count):
            await streams.open("", 0)
        while streams.ready < count:
            await asyncio.sleep(0.05)
        sent: dict[int, float] = {}
        for number in range(1, messages + 1):
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            sent[number] = time.time()
            writer.write(f"GET /tell?n={number} HTTP/1.1\r\n\r\n".encode())
            await writer.drain()
            await asyncio.sleep(every)
            writer.close()
        await asyncio.sleep(1)
        await streams.close()
    return [heard[number] - sent[number] for heard in streams.heard for number in heard]


def _row(name: str, delays: list[float], missed: object, cpu: str, memory: str) -> None:
    cuts = statistics.quantiles(delays, n=100) if len(delays) > 1 else [float("nan")] * 99
    points = "  ".join(f"{value * 1000:8.0f}" for value in (cuts[49], cuts[94], cuts[98], max(delays, default=float("nan"))))
    print(f"{name:<44}{len(delays):>9}{points}  {missed!s:>7}  {cpu:>8}  {memory:>7}")


def main() -> None:
    """Measure and print."""
    wanted = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        home, port = Path(folder), _port()
        url = os.environ.get("KEFU_BENCH_LIVE_URL") or f"sqlite:///{home / 'kefu.sqlite3'}"
        env = Env(home, url)
        env.python("from django.core.management import call_command; call_command('migrate', verbosity=0)")
        made = json.loads(env.python(_MAKE, str(wanted.streams), str(wanted.sites)))
        command = [
            sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(port), "--no-ws", "--log-level", "warning",
            "--workers-kill-timeout", "10", "--backlog", "4096", "--backpressure", "4096", "kefu.config.asgi:application",
        ]  # fmt: skip
        server = subprocess.Popen(command, env=env.env)
        worker = subprocess.Popen([sys.executable, "-m", "kefu.config.cli", "worker"], env=env.env)
        try:
            for _try in range(200):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            time.sleep(2)
            cpu_before, began = _usage(server.pid)[0], time.time()
            heard, written = asyncio.run(_run(wanted, env, made, port))
            spent, memory = _usage(server.pid)
            load = (spent - cpu_before) / (time.time() - began)
            numbers = json.loads(env.python(_NUMBERS, str(made["head"])))
        finally:
            for child in (server, worker):
                child.send_signal(signal.SIGTERM)
                child.wait(20)
    _report(wanted, made, heard, written, numbers, f"{load:.0%}", f"{memory:.0f} MB")


def _report(
    wanted: argparse.Namespace,
    made: dict[str, Any],
    heard: list[dict[int, float]],
    written: list[list[str]],
    numbers: list[Any],
    cpu: str,
    memory: str,
) -> None:
    # The n-th event of a case is its n-th note: one person writes a case at a time only within a writer, so notes are matched by their ids.
    notes: dict[int, list[tuple[int, float]]] = {}
    for _site, case, entry, at in written:
        notes.setdefault(int(case), []).append((int(entry), float(at)))
    moments: dict[int, float] = {}
    places: dict[int, int] = {}
    for seq, _site, case in numbers:
        mine = sorted(notes.get(case, []))
        place = places[case] = places.get(case, -1) + 1
        if place < len(mine):
            moments[seq] = mine[place][1]
    delays, missed, strange = [], 0, 0
    by_site: dict[int, set[int]] = {}
    for seq, site, _case in numbers:
        by_site.setdefault(site, set()).add(seq)
    for (site, _cookie), mine in zip(made["cookies"], heard, strict=True):
        missed += len(by_site.get(site, set()) - mine.keys())
        strange += len(mine.keys() - by_site.get(site, set()))
        delays += [max(0.0, at - moments[seq]) for seq, at in mine.items() if seq in moments]
    print(f"{len(numbers)} events in {wanted.seconds:.0f} s by {wanted.writers} writers; heard from another site: {strange}")
    print(f"{'':<44}{'told':>9}{'p50 ms':>8}{'p95 ms':>10}{'p99 ms':>10}{'max ms':>10}  {'missed':>7}  {'CPU':>8}  {'memory':>7}")
    _row(f"{wanted.streams} streams of {wanted.sites} sites", delays, missed, cpu, memory)
    bare = asyncio.run(_limit(wanted.streams // wanted.sites, 100, 0.03))
    _row(f"bare asyncio, {wanted.streams // wanted.sites} connections each message", bare, "-", "-", "-")


if __name__ == "__main__":
    main()
