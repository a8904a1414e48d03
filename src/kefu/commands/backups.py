"""``kefu backup`` and ``kefu restore``: the whole centre in one file and back, keys and attachments included (PLAT4)."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import click
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext as _

from kefu import __version__
from kefu.commands import archive, snapshots
from kefu.commands.frame import REFUSED, Problem, command, operator
from kefu.commands.progress import progress
from kefu.commands.tally import Tally, tally
from kefu.kernel import audit, moment
from kefu.kernel.actor import Ref
from kefu.kernel.encryption import keyring

# What of ``KEFU_HOME`` belongs to the data. Heads of the audit chain are copied first: the file must not know more than the database.
HEADS: Final = "audit-heads.log"
KEYS: Final = ("keys.json", "secret.key")
FILES: Final = ("files", "imports", "recordings")
_MEGABYTE = 1024 * 1024


def _home() -> Path:
    return Path(settings.KEFU_HOME)


@contextmanager
def _workroom() -> Iterator[Path]:
    """A folder of our own beside the data, so that files are moved and not copied; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=".backup-", dir=_home()) as folder:
        yield Path(folder)


@command("backup")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--portable", is_flag=True, help="任何数据库都能恢复的格式 Rows any database can take in")
@click.option("--replace", is_flag=True, help="覆盖已有文件 Write over an existing file")
def backup(path: Path, portable: bool, replace: bool) -> Tally:
    """备份整个中心到一个文件 Database, keys and attachments in one file; the centre keeps running."""
    if path.exists() and not replace:
        raise Problem(_("文件 %(name)s 已存在，加 --replace 覆盖。"), name=path.name)
    with _workroom() as room:
        size, files = _write(path.absolute(), room, portable)
    click.echo(_("备份含有加密密钥，请妥善保管：%(name)s") % {"name": str(path)}, err=True)
    return tally((_("附件"), files), (_("大小"), f"{size / _MEGABYTE:.1f} MB"))


def _write(path: Path, room: Path, portable: bool) -> tuple[int, int]:
    now = moment.now()
    audit.record(operator(), "backup.made", Ref("backup", 0, path.name), now=now, data={"portable": portable})
    audit.seal_all()
    keyring()
    heads = room / HEADS
    shutil.copyfile(_home() / HEADS, heads) if (_home() / HEADS).exists() else heads.touch()
    seen = snapshots.migrations()
    database = snapshots.save(room, as_rows=portable)
    attached = sorted(file for name in FILES for file in (_home() / name).rglob("*") if file.is_file() and file.suffix != ".tmp")
    writer = archive.Writer(path)
    try:
        writer.add(f"home/{HEADS}", heads)
        writer.add(database.name, database)
        for name in KEYS:
            if (_home() / name).exists():
                writer.add(f"home/{name}", _home() / name)
        with progress(_("写入附件"), len(attached)) as advance:
            for file in attached:
                writer.add(f"home/{file.relative_to(_home()).as_posix()}", file)
                advance(1)
        about = {"kefu": __version__, "made_at": now.isoformat(), "database": database.name, "migrations": seen, "files": len(attached)}
        return writer.finish(about), len(attached)
    except BaseException:
        writer.abandon()
        raise


@command("restore")
@click.argument("path", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--replace", is_flag=True, help="替换现有数据，旧数据移到一旁 Put it in place of what is there, which is moved aside")
def restore(path: Path, replace: bool) -> Tally:
    """从备份恢复 Restore a backup; stop the server first. Nothing is touched before every part has been verified."""
    if not path.is_file():
        raise Problem(_("找不到文件：%(name)s。"), name=path.name)
    with _workroom() as room:
        found = archive.unpack(path, room / "new")
        unknown = snapshots.unknown_migrations(found.about["migrations"])
        if unknown:
            raise Problem(_("备份来自更新的版本 %(version)s，请先升级再恢复。"), version=found.about["kefu"])
        empty = snapshots.is_empty()
        if not (empty or replace):
            raise Problem(_("这里已有数据，没有恢复任何内容。确要替换请加 --replace，旧数据会移到一旁。"))
        aside = _home() / f"replaced-{moment.now():%Y%m%d-%H%M%S}"
        if not empty:
            aside.mkdir(mode=0o700)
            snapshots.save(aside)
        _put(found, aside)
    keyring.cache_clear()
    audit.record(operator(), "backup.restored", Ref("backup", 0, path.name), now=moment.now(), data={"made_at": found.about["made_at"]})
    verdict = audit.verify()
    if aside.exists() and {one.name for one in aside.iterdir()} <= {"secret.key"}:
        shutil.rmtree(aside)  # an empty centre's own signing key: nobody was signed in with it
    if aside.exists():
        click.echo(_("旧数据在 %(folder)s，确认无误后可删除。") % {"folder": str(aside)}, err=True)
    made = datetime.fromisoformat(found.about["made_at"]).astimezone()
    counts: tuple[tuple[str, Any], ...] = (
        (_("备份时间"), f"{made:%Y-%m-%d %H:%M}"),
        (_("附件"), found.about["files"]),
        (_("审计记录"), verdict.checked),
        (_("断点"), len(verdict.breaks)),
    )
    return Tally(counts, REFUSED if verdict.breaks else 0)


def _put(found: archive.Unpacked, aside: Path) -> None:
    """Files first, then the database; if that fails the files go back."""
    moved: list[tuple[Path, Path]] = []
    placed: list[Path] = []
    try:
        for name in (HEADS, *KEYS, *FILES):
            if (_home() / name).exists():
                aside.mkdir(mode=0o700, exist_ok=True)
                (_home() / name).rename(aside / name)
                moved.append((aside / name, _home() / name))
            if (source := found.file(f"home/{name}")).exists():
                source.rename(_home() / name)
                placed.append(_home() / name)
        keyring.cache_clear()
        snapshots.restore(found.file(found.about["database"]))
    except BaseException:
        for target in placed:
            shutil.rmtree(target) if target.is_dir() else target.unlink()
        for source, target in moved:
            source.rename(target)
        keyring.cache_clear()
        connection.close()
        raise
