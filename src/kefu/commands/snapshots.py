"""The database as a file and back: SQLite by its online backup, PostgreSQL by its own tools, or portable rows (PLAT4)."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Final

from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

from kefu.commands import portable
from kefu.commands.frame import Problem

SQLITE: Final = "database.sqlite3"
POSTGRES: Final = "database.pgdump"
PORTABLE: Final = "database.jsonl"
# Tables that tell whether somebody works here already.
_LIVED_IN = ("people.Site", "people.Staff", "cases.Case", "conversations.Conversation", "parcels.Parcel")


def save(folder: Path, *, as_rows: bool = False) -> Path:
    """The database as one file in the folder, consistent whoever writes meanwhile."""
    if as_rows:
        return portable.save(folder / PORTABLE)
    if connection.vendor == "sqlite":
        return _save_sqlite(folder / SQLITE)
    return _save_postgres(folder / POSTGRES) or portable.save(folder / PORTABLE)


def restore(file: Path) -> None:
    """Put the database of the file in place of what is there, and bring it to this version."""
    if file.name == PORTABLE:
        call_command("migrate", verbosity=0, interactive=False)
        portable.restore(file)
        return
    wanted = "sqlite" if file.name == SQLITE else "postgresql"
    if connection.vendor != wanted:
        raise Problem(
            _("此备份来自 %(made)s，当前数据库是 %(here)s。请在原处用 kefu backup --portable 重新备份。"),
            made=wanted,
            here=connection.vendor,
        )
    if wanted == "sqlite":
        _restore_sqlite(file)
    else:
        _restore_postgres(file)
    connection.close()
    call_command("migrate", verbosity=0, interactive=False)


def is_empty() -> bool:
    """Whether nobody works in this database yet: no sites, staff, cases, conversations, parcels."""
    tables = set(connection.introspection.table_names())
    models = [apps.get_model(label) for label in _LIVED_IN]
    return not any(model._meta.db_table in tables and model._default_manager.exists() for model in models)


def migrations() -> list[list[str]]:
    """Migrations the database has seen."""
    return sorted([app, name] for app, name in MigrationRecorder(connection).applied_migrations())


def unknown_migrations(seen: list[list[str]]) -> list[str]:
    """Those this version of the product does not know: the backup is of a newer one."""
    known = MigrationLoader(None).disk_migrations or {}
    return [f"{app}.{name}" for app, name in seen if (app, name) not in known]


def _raw() -> sqlite3.Connection:
    connection.ensure_connection()
    raw = connection.connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def _save_sqlite(file: Path) -> Path:
    target = sqlite3.connect(file)
    try:
        _raw().backup(target)
        target.execute("PRAGMA journal_mode=DELETE")
    finally:
        target.close()
    return file


def _restore_sqlite(file: Path) -> None:
    source = sqlite3.connect(file)
    try:
        if source.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise Problem(_("备份中的数据库已损坏，没有恢复任何内容。"))
        source.backup(_raw())
    finally:
        source.close()


def _place() -> tuple[list[str], dict[str, str]]:
    """Options and environment that lead PostgreSQL's tools to the database; the password stays off the command line."""
    given = connection.settings_dict
    options = [f"--dbname={given['NAME']}"]
    for name, option in (("HOST", "host"), ("PORT", "port"), ("USER", "username")):
        if given.get(name):
            options.append(f"--{option}={given[name]}")
    return options, {**os.environ, "PGPASSWORD": str(given.get("PASSWORD") or ""), "PGCONNECT_TIMEOUT": "10"}


def _save_postgres(file: Path) -> Path | None:
    """With ``pg_dump``; ``None`` where it is missing or older than the server."""
    tool = shutil.which("pg_dump")
    if tool is None:
        return None
    options, environment = _place()
    done = subprocess.run(
        [tool, "--format=custom", "--no-owner", "--no-privileges", f"--file={file}", *options],
        env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode == 0:
        return file
    file.unlink(missing_ok=True)
    return None


def _restore_postgres(file: Path) -> None:
    """In one transaction: everything there is goes, the backup comes. ``pg_restore --clean`` cannot drop the parts of a divided table."""
    reader, writer = shutil.which("pg_restore"), shutil.which("psql")
    if reader is None or writer is None:
        raise Problem(_("找不到 pg_restore 或 psql，请安装 PostgreSQL 客户端工具。"))
    options, environment = _place()
    connection.close()
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen([reader, "--no-owner", "--no-privileges", "--file=-", str(file)], stdout=subprocess.PIPE, stderr=said) as script,
        subprocess.Popen(
            [writer, "--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", *options],
            env=environment, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=said,
        ) as database,
    ):  # fmt: skip
        assert script.stdout is not None and database.stdin is not None  # noqa: PT018  (both are pipes)
        try:
            database.stdin.write(b"DROP SCHEMA public CASCADE; CREATE SCHEMA public;\n")
            shutil.copyfileobj(script.stdout, database.stdin)
            # A script that broke off must not be committed as far as it came.
            database.stdin.write(b"" if script.wait() == 0 else b"SELECT broken_off;\n")
            database.stdin.close()
        except BrokenPipeError:
            script.kill()
            with suppress(BrokenPipeError):
                database.stdin.close()
        if database.wait() != 0:
            said.seek(0)
            why = said.read().decode(errors="replace").strip()[-500:]
            raise Problem(_("恢复 PostgreSQL 失败，没有恢复任何内容：%(why)s"), why=why)
