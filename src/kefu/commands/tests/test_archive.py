"""An archive that is not exactly what was written is refused before anything is touched (PLAT4)."""

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from kefu.commands import archive
from kefu.commands.frame import Problem


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    path, source = tmp_path / "whole.tar.gz", tmp_path / "keys.json"
    source.write_text('{"current": "k1"}')
    writer = archive.Writer(path)
    writer.add("home/keys.json", source)
    writer.add("database.jsonl", source)
    writer.finish({"kefu": "1"})
    return path


def _again(whole: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    """The archive packed anew after a change, with sums that fit the new bytes."""
    with tarfile.open(whole) as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar}  # type: ignore[union-attr]
    change(members)
    path = whole.with_name("changed.tar.gz")
    with tarfile.open(path, "w:gz") as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def test_what_was_written_is_laid_out(whole: Path, tmp_path: Path) -> None:
    found = archive.unpack(whole, tmp_path / "out")
    assert found.file("home/keys.json").read_text() == '{"current": "k1"}'
    assert found.file("home/keys.json").stat().st_mode & 0o077 == 0
    assert found.about["kefu"] == "1"
    assert not list(tmp_path.glob(".*part"))


def _set(name: str, content: bytes) -> Callable[[dict[str, bytes]], None]:
    return lambda members: members.update({name: content})


@pytest.mark.parametrize(
    "change",
    [
        _set("home/keys.json", b'{"current": "k2"}'),
        _set("home/extra", b"x"),
        _set("../outside", b"x"),
        _set("/outside", b"x"),
        _set(archive.MANIFEST, b"{"),
        _set(archive.MANIFEST, json.dumps({"format": 99, "members": {}}).encode()),
        lambda members: members.pop("database.jsonl"),
        lambda members: members.pop(archive.MANIFEST),
    ],
)
def test_a_changed_archive_is_refused(whole: Path, tmp_path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    with pytest.raises(Problem, match="没有恢复任何内容"):
        archive.unpack(_again(whole, change), tmp_path / "out")
    assert not (tmp_path / "outside").exists()


@pytest.mark.parametrize("content", [b"", b"no archive", b"\x1f\x8b\x08\x00"])
def test_something_else_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.tar.gz"
    path.write_bytes(content)
    with pytest.raises(Problem):
        archive.unpack(path, tmp_path / "out")


def test_an_abandoned_archive_leaves_nothing(tmp_path: Path) -> None:
    archive.Writer(tmp_path / "a.tar.gz").abandon()
    assert list(tmp_path.iterdir()) == []
