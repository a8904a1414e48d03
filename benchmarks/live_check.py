"""The check while agents type: how long a warning takes over HTTP with many typing at once, beside the check alone and the bare word pass.

The bare pass is one Aho-Corasick automaton over the same words, asked nothing else: what looking for words costs at least.
"""

import argparse
import asyncio
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from measuring.browsing import Connection
from measuring.server import serving
from measuring.table import ms, show

TEXTS = (
    "您好，请问您的运单号是多少，我马上帮您查一下物流信息",
    "非常抱歉给您带来不便，快件目前在派送途中，预计今天下午送到，送到前会给您打电话",
    "这个我不知道，您再等等吧",
    "不可能的，系统就是这样显示的，我也没办法",
    "我们已经联系网点核实，两小时内给您回电，感谢您的耐心等待",
    "你脑残吧，说了多少遍了",
    "保证明天一定送到，送不到我赔您",
)
_MAKE = """
import json, sys
from datetime import timedelta
from django.test import Client
from django.utils import timezone
from kefu.handbook.actions import install_builtin
from kefu.kernel.actor import Actor
from kefu.people import actions, sign_in
system, now = Actor.system("bench"), timezone.now()
install_builtin(actor=system, now=now - timedelta(days=1))
site = actions.create_site(actor=system, code="S1", name="一号网点", kind="station", handbook="best", now=now)
cookies = []
# Ten browsers a person: hashing a password takes longer than everything measured here.
for person in range(-(-int(sys.argv[1]) // 10)):
    new = actions.NewStaff(username=f"u{person}", staff_no=f"{person}", name="客服", role="agent", site=site, password="not-used-here-1")
    staff = actions.create_staff(actor=system, new=new, now=now)
    for _browser in range(10):
        client = Client()
        client.force_login(staff)
        sign_in.start_session(staff=staff, session_key=client.session.session_key, ip="", user_agent="", now=now)
        cookies.append(client.session.session_key)
print(json.dumps({"site": site.pk, "cookies": cookies}))
"""
_ALONE = """
import json, sys, time
from datetime import datetime, UTC
from ahocorasick_rs import AhoCorasick
from kefu.handbook import queries as handbooks
from kefu.quality.plain import plain
from kefu.watch import checking
texts, book = json.loads(sys.argv[1]), handbooks.book_at("best", datetime.now(UTC))
checker = checking.checker_of(book, "chat")
words = sorted({word.term for lexicon in book.lexicons.values() for word in lexicon.words})
automaton = AhoCorasick(words)
found = {"check": [], "words": []}
for turn in range(300):
    for text in texts:
        begun = time.perf_counter(); checker.check(text); found["check"].append(time.perf_counter() - begun)
        begun = time.perf_counter(); automaton.find_matches_as_indexes(text, overlapping=True); found["words"].append(time.perf_counter() - begun)
print(json.dumps(found))
"""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--agents", type=int, default=200, help="agents typing at once")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument(
        "--pause", type=float, default=4.0, help="seconds between two checks of one agent, in the mean: people type, pause, read"
    )
    parser.add_argument("--workers", type=int, default=2)
    return parser.parse_args()


def _python(environment: dict[str, str], code: str, *arguments: str) -> str:
    command = [sys.executable, "-c", f"import django; django.setup()\n{code}", *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


async def _agent(port: int, session: str, site: int, until: float, pause: float, dice: random.Random, taken: list[float]) -> int:
    token, wrong = "a" * 32, 0
    connection = Connection(port, {"sessionid": session, "csrftoken": token})
    await asyncio.sleep(dice.uniform(0, pause))
    while time.perf_counter() < until:
        form = {"text": dice.choice(TEXTS), "channel": "chat", "site": str(site), "csrfmiddlewaretoken": token}
        begun = time.perf_counter()
        answer = await connection.ask("/watch/check", form=form, part=True)
        taken.append(time.perf_counter() - begun)
        wrong += answer.status != 200
        await asyncio.sleep(dice.expovariate(1 / pause))
    connection.close()
    return wrong


async def _type(port: int, made: dict[str, object], wanted: argparse.Namespace) -> tuple[list[float], int]:
    taken: list[float] = []
    until = time.perf_counter() + wanted.seconds
    agents = [
        _agent(port, str(session), int(str(made["site"])), until, wanted.pause, random.Random(place), taken)
        for place, session in enumerate(list(made["cookies"]))  # type: ignore[call-overload]
    ]
    return taken, sum(await asyncio.gather(*agents))


def _line(name: str, taken: list[float]) -> list[str]:
    cuts = statistics.quantiles(taken, n=100)
    return [name, str(len(taken)), ms(cuts[49]), ms(cuts[94]), ms(cuts[98])]


def main() -> None:
    """Run and print."""
    wanted = _arguments()
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "KEFU_HOME": folder, "DJANGO_SETTINGS_MODULE": "kefu.config.settings"}
        environment.pop("KEFU_DATABASE_URL", None)
        os.environ["KEFU_HOME"] = folder
        (Path(folder) / "static").mkdir()
        _python(environment, "from django.core.management import call_command; call_command('migrate', verbosity=0)")
        made = json.loads(_python(environment, _MAKE, str(wanted.agents)))
        alone = json.loads(_python(environment, _ALONE, json.dumps(TEXTS)))
        with serving(sys.executable, "kefu.config.asgi:application", environment=environment, path="/sign-in", workers=wanted.workers) as (
            port,
            _pid,
        ):
            # Everybody's first look compiles the checker of a process; that is not what is measured.
            asyncio.run(_type(port, made, argparse.Namespace(seconds=3, pause=1.0)))
            taken, wrong = asyncio.run(_type(port, made, wanted))
    rows = [
        _line(f"over HTTP, {wanted.agents} agents, {wanted.workers} processes", taken),
        _line("the check alone", alone["check"]),
        _line("the bare word pass", alone["words"]),
    ]
    show("A text checked while it is typed", ["what", "checks", "p50", "p95", "p99"], rows)
    print(f"{len(taken) / wanted.seconds:.0f} checks a second; refused or failed: {wrong}")


if __name__ == "__main__":
    main()
