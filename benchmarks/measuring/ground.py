"""The databases the measurements stand on: made, stamped with what was put into them, and found again by a later run."""

import json
import os
import shutil
import sqlite3
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

SEED = 8
"""Raised when the seeded rows change shape; older databases are then made anew."""
KEEP_DAYS = 14
HOME = Path(os.environ.get("KEFU_BENCH_HOME") or Path(__file__).resolve().parents[2] / ".kefu" / "bench")
SERVER = os.environ.get("KEFU_BENCH_DATABASE_URL") or "postgres://postgres@127.0.0.1:5432/kefu_bench"


@dataclass(frozen=True)
class Stamp:
    """What a seeded database holds."""

    cases: int
    open_clocks: int
    seconds: float
    at: float
    keys: str
    seed: int = SEED


@dataclass(frozen=True)
class Database:
    """One database by its address."""

    url: str

    @property
    def sqlite(self) -> bool:
        """Whether it is a file."""
        return self.url.startswith("sqlite:")

    @property
    def name(self) -> str:
        """Name on the server, or path of the file."""
        return self.url.removeprefix("sqlite:///") if self.sqlite else urlsplit(self.url).path.lstrip("/")

    def renamed(self, suffix: str) -> "Database":
        """A neighbour of it."""
        if self.sqlite:
            path = Path(self.name)
            return Database(f"sqlite:///{path.with_name(path.stem + suffix + path.suffix)}")
        parts = urlsplit(self.url)
        return Database(urlunsplit(parts._replace(path=parts.path + suffix)))

    def stamp(self) -> Stamp | None:
        """What it was seeded with; ``None`` when it is not there or too old to be used."""
        text = self._read_stamp()
        if not text:
            return None
        try:
            found = Stamp(**json.loads(text))
        except (TypeError, ValueError):
            return None
        fresh = found.seed == SEED and found.keys == keys_mark() and time.time() - found.at < KEEP_DAYS * 86400
        return found if fresh else None

    def _read_stamp(self) -> str:
        if self.sqlite:
            mark = Path(self.name + ".json")
            return mark.read_text() if mark.exists() and Path(self.name).exists() else ""
        with maintenance(self.url) as cursor:
            cursor.execute("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s", [self.name])
            row = cursor.fetchone()
            return (row[0] or "") if row else ""

    def write_stamp(self, stamp: Stamp) -> None:
        """Note what it was seeded with."""
        text = json.dumps(asdict(stamp))
        if self.sqlite:
            Path(self.name + ".json").write_text(text)
            return
        with maintenance(self.url) as cursor:
            cursor.execute(f"COMMENT ON DATABASE \"{self.name}\" IS '{text}'")

    def create(self) -> None:
        """Make it empty, in place of what there was."""
        self.drop()
        if self.sqlite:
            Path(self.name).parent.mkdir(parents=True, exist_ok=True)
            return
        with maintenance(self.url) as cursor:
            cursor.execute(f"CREATE DATABASE \"{self.name}\" TEMPLATE template0 ENCODING 'UTF8'")
            cursor.execute(f'ALTER DATABASE "{self.name}" SET random_page_cost = 1.1')
            cursor.execute(f"ALTER DATABASE \"{self.name}\" SET work_mem = '32MB'")
            cursor.execute(f'ALTER DATABASE "{self.name}" SET jit = off')

    def copy_of(self, other: "Database") -> None:
        """Make it a copy of another one nobody is connected to."""
        self.drop()
        if self.sqlite:
            source = sqlite3.connect(other.name)
            source.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            source.close()
            shutil.copyfile(other.name, self.name)
            return
        with maintenance(self.url) as cursor:
            cursor.execute(f'CREATE DATABASE "{self.name}" TEMPLATE "{other.name}"')
            cursor.execute(f'ALTER DATABASE "{self.name}" SET random_page_cost = 1.1')
            cursor.execute(f"ALTER DATABASE \"{self.name}\" SET work_mem = '32MB'")
            cursor.execute(f'ALTER DATABASE "{self.name}" SET jit = off')
        # The copy's dirty pages are written now, not in the middle of a measurement.
        with maintenance(self.url) as cursor:
            cursor.execute("CHECKPOINT")

    def drop(self) -> None:
        """Remove it."""
        if self.sqlite:
            for end in ("", "-wal", "-shm", ".json"):
                Path(self.name + end).unlink(missing_ok=True)
            return
        with maintenance(self.url) as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{self.name}" WITH (FORCE)')


class maintenance:  # noqa: N801
    """A cursor on the server's own database, outside any transaction."""

    def __init__(self, url: str) -> None:
        self._url = urlunsplit(urlsplit(url)._replace(path="/postgres"))

    def __enter__(self) -> Any:
        import psycopg

        self._connection = psycopg.connect(self._url, autocommit=True)
        return self._connection.cursor()

    def __exit__(self, *_: object) -> None:
        self._connection.close()


def reachable(url: str) -> bool:
    """Whether the PostgreSQL server answers."""
    import psycopg

    try:
        with maintenance(url):
            return True
    except psycopg.Error:
        return False


def keys_mark() -> str:
    """Tells one keyring from another: rows encrypted with a lost key are of no use."""
    import hashlib

    path = HOME / "keys.json"
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16] if path.exists() else ""


def start_django(database: Database) -> None:
    """Set the product up on the database, with a home of its own."""
    HOME.mkdir(parents=True, exist_ok=True)
    os.environ["KEFU_HOME"] = str(HOME)
    os.environ["KEFU_DATABASE_URL"] = database.url
    os.environ["KEFU_LOG_LEVEL"] = "ERROR"
    os.environ["DJANGO_SETTINGS_MODULE"] = "kefu.config.settings"
    import django

    django.setup()


def use(database: Database) -> None:
    """Point an already set up product at another database; for runs that measure several."""
    from django.conf import settings
    from django.core.cache import cache
    from django.db import connections

    os.environ["KEFU_DATABASE_URL"] = database.url
    from kefu.config.settings import _database

    connections["default"].close()
    del connections["default"]
    settings.DATABASES["default"] = _database()
    connections.settings = connections.configure_settings(settings.DATABASES)
    cache.clear()
    from kefu.handbook import queries

    queries.forget_books()


def close_all() -> None:
    """Let go of the database, so that it can be copied."""
    from django.db import connections

    connections.close_all()


def settings_of(database: Database) -> str:
    """Settings of the server that matter, in one line."""
    if database.sqlite:
        return f"SQLite {sqlite3.sqlite_version}, WAL, synchronous=NORMAL"
    import psycopg

    with psycopg.connect(database.url) as connection:
        names = ("server_version", "shared_buffers", "work_mem", "random_page_cost", "jit", "synchronous_commit", "fsync")
        found = [f"{name} {connection.execute(f'SHOW {name}').fetchone()[0]}" for name in names]
    return "PostgreSQL " + ", ".join(found).removeprefix("server_version ")
