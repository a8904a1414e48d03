"""Large encrypted files: any part can be read, nothing can be changed unseen (SEC1)."""

import io
from pathlib import Path

import pytest

from kefu.kernel import vault
from kefu.kernel.encryption import KeyMissing, add_key


def content(size: int) -> bytes:
    return bytes(number * 7 % 251 for number in range(1000)) * (size // 1000 + 1)


@pytest.mark.parametrize("size", [0, 1, vault.BLOCK - 1, vault.BLOCK, vault.BLOCK + 1, 3 * vault.BLOCK])
def test_any_part_can_be_read(tmp_path: Path, size: int) -> None:
    plain = content(size)[:size]
    kept = vault.seal(tmp_path / "one", io.BytesIO(plain))
    assert kept == vault.digest_of(io.BytesIO(plain))
    assert plain[:2000] not in (tmp_path / "one").read_bytes() or size < 2000
    with vault.opened(tmp_path / "one") as file:
        assert file.read() == plain
        for start in (0, size // 2, max(0, size - 3), vault.BLOCK - 2):
            file.seek(start)
            assert file.read(5) == plain[start : start + 5]


def test_a_block_taken_out_or_moved_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "one"
    vault.seal(path, io.BytesIO(content(3 * vault.BLOCK)[: 3 * vault.BLOCK]))
    whole = path.read_bytes()
    head = whole.index(b"\n") + 1
    size = (len(whole) - head) // 3
    first, second, third = (whole[head + k * size : head + (k + 1) * size] for k in range(3))
    for blocks in (first + second, second + first + third, first + second + third[:-1] + b"x"):
        path.write_bytes(whole[:head] + blocks)
        with pytest.raises(KeyMissing), vault.opened(path) as file:
            file.read()


def test_a_refusal_on_the_way_leaves_nothing(tmp_path: Path) -> None:
    def full(size: int) -> None:
        if size > vault.BLOCK:
            raise OSError(28, "full")

    with pytest.raises(OSError):
        vault.seal(tmp_path / "one", io.BytesIO(content(3 * vault.BLOCK)), taking=full)
    assert not list(tmp_path.iterdir())


def test_a_new_key(tmp_path: Path) -> None:
    plain = content(2 * vault.BLOCK)
    vault.seal(tmp_path / "one", io.BytesIO(plain))
    assert not vault.reseal(tmp_path / "one")
    add_key()
    assert vault.reseal(tmp_path / "one")
    assert not vault.reseal(tmp_path / "one")
    with vault.opened(tmp_path / "one") as file:
        assert file.read() == plain
