"""Databases that a test gives to real processes: empty, or a copy of one that was migrated once (migrating takes seconds)."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import dj_database_url
import psycopg

SERVER = os.environ.get("KEFU_TEST_DATABASE_URL", "")


def server_connection() -> psycopg.Connection:
    """A connection to the server's own database, where others are made and dropped."""
    parts = dj_database_url.parse(SERVER)
    return psycopg.connect(
        host=parts.get("HOST"),
        port=parts.get("PORT") or 5432,
        user=parts.get("USER"),
        password=parts.get("PASSWORD"),
        dbname="postgres",
        autocommit=True,
    )


@dataclass
class OwnDatabases:
    """Makes databases of the kind the suite runs on and drops them at the end. ``folder`` takes the files of SQLite."""

    folder: Path
    _templates: dict[bool, str] = field(default_factory=dict)
    _made: list[str] = field(default_factory=list)

    def empty(self, *, file: bool = False) -> str:
        """Address of a database without tables; with ``file`` one of SQLite whatever the suite runs on."""
        name = f"kefu_own_{uuid4().hex[:12]}"
        if file or not SERVER:
            return f"sqlite:///{self.folder / name}.sqlite3"
        with server_connection() as server:
            server.execute(f'CREATE DATABASE "{name}"')
        self._made.append(name)
        return f"{SERVER.rsplit('/', 1)[0]}/{name}"

    def migrated(self, *, file: bool = False) -> str:
        """Address of a database with all tables, nobody and nothing in them."""
        if file not in self._templates:
            self._templates[file] = self._template(file=file)
        template = self._templates[file]
        if template.startswith("sqlite"):
            url = self.empty(file=True)
            shutil.copyfile(template.removeprefix("sqlite:///"), url.removeprefix("sqlite:///"))
            return url
        name = f"kefu_own_{uuid4().hex[:12]}"
        with server_connection() as server:
            server.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template.rsplit("/", 1)[1]}"')
        self._made.append(name)
        return f"{SERVER.rsplit('/', 1)[0]}/{name}"

    def drop(self, url: str) -> None:
        """Take one away, whoever is still connected."""
        if url.startswith("sqlite"):
            return
        name = url.rsplit("/", 1)[1]
        with server_connection() as server:
            server.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self._made.remove(name)

    def drop_all(self) -> None:
        """Take away what is left."""
        for name in list(self._made):
            self.drop(f"/{name}")

    def _template(self, *, file: bool) -> str:
        url, home = self.empty(file=file), self.folder / f"home{uuid4().hex[:6]}"
        environment = {
            **os.environ,
            "KEFU_HOME": str(home),
            "KEFU_DATABASE_URL": url,
            "DJANGO_SETTINGS_MODULE": "kefu.config.settings",
        }
        home.mkdir(parents=True)
        command = [sys.executable, "-m", "django", "migrate", "--skip-checks", "-v0"]
        subprocess.run(command, env=environment, check=True, timeout=300, stdin=subprocess.DEVNULL)
        return url
