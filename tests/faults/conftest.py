"""Real processes on a database of their own: what is killed here is really killed."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kefu.config.parentage import VARIABLE
from kefu.kernel.tests.own_databases import OwnDatabases


@dataclass
class Installation:
    """A home and a database of their own, and the processes started on them."""

    home: Path
    url: str
    running: list[subprocess.Popen] = field(default_factory=list)

    @property
    def env(self) -> dict[str, str]:
        """Environment of its processes."""
        return {
            **os.environ,
            "KEFU_HOME": str(self.home),
            "KEFU_DATABASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": "kefu.config.settings",
            VARIABLE: str(os.getpid()),
        }

    def python(self, code: str, **env: str) -> str:
        """Run code to its end and give its output."""
        done = subprocess.run(
            [sys.executable, "-c", f"import django; django.setup()\n{code}"],
            env={**self.env, **env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout.strip()

    def start(self, *arguments: str) -> subprocess.Popen:
        """Start a process that goes on."""
        child = subprocess.Popen([sys.executable, *arguments], env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.running.append(child)
        return child


@pytest.fixture
def installation(tmp_path: Path, own_databases: OwnDatabases) -> Iterator[Installation]:
    """A migrated installation on the database under test."""
    yield from _lived(Installation(tmp_path, own_databases.migrated()), own_databases)


@pytest.fixture
def unmigrated(tmp_path: Path, own_databases: OwnDatabases) -> Iterator[Installation]:
    """An installation whose database is empty."""
    yield from _lived(Installation(tmp_path, own_databases.empty()), own_databases)


def _lived(made: Installation, own_databases: OwnDatabases) -> Iterator[Installation]:
    yield made
    for child in made.running:
        child.kill()
        child.wait(10)
    own_databases.drop(made.url)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(check: Callable[[], bool], seconds: float = 30.0) -> None:
    """Poll until the check holds; fail after the time is up."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if check():
            return
        time.sleep(0.05)
    pytest.fail("it did not happen in time")


def fetch(url: str, cookie: str = "") -> tuple[int, str, dict[str, str]]:
    """Status, body and headers (names in lower case) of a page; 0 while nobody listens."""
    request = urllib.request.Request(url, headers={"Cookie": cookie} if cookie else {})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode(), {name.lower(): value for name, value in answer.headers.items()}
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), {name.lower(): value for name, value in error.headers.items()}
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return 0, "", {}
