"""A disk that fills up while a vault or a config is saved: small file systems in memory stand for it."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.home import Home, lines, report
from support.keys import KeyMaker

PAGE = 4096


def fill(path: Path) -> None:
    """Until the file system takes no more."""
    with path.open("ab", buffering=0) as filler:
        while True:
            filler.write(bytes(PAGE))


@contextmanager
def small_disk(at: Path, options: str) -> Iterator[None]:
    """Puts a file system of bounded size over a directory, with a copy of what was in it."""
    files = {path.name: path.read_bytes() for path in at.iterdir()}
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"mode=700,{options}", "tmpfs", at], capture_output=True)
    if os.geteuid() != 0 or mounted.returncode != 0:
        pytest.skip("a small disk needs the right to mount one")
    try:
        for name, content in files.items():
            file = at / name
            file.touch(mode=0o600)
            file.write_bytes(content)
        yield
    finally:
        subprocess.run(["umount", at], check=True)


def pages(home: Home) -> int:
    """What the vault alone takes; a save needs it twice."""
    return -(-home.vault.stat().st_size // PAGE)


@pytest.mark.parametrize("free", range(9))
def test_a_save_is_whole_or_not_at_all(stocked: Home, free: int) -> None:
    (stocked.data / "vault.prev").unlink(missing_ok=True)
    with small_disk(stocked.data, f"size={(pages(stocked) + free) * PAGE}"):
        before = stocked.vault.read_bytes()
        result = stocked("set", "prod", "--note", "on a full disk")
        if free < pages(stocked):
            assert result.returncode == 74, report(result)
            assert "no space left" in lines(result, "error")[0]
            assert "make room" in lines(result, "hint")[0]
            assert stocked.vault.read_bytes() == before
        else:
            assert result.returncode == 0, report(result)
            assert stocked.entries()["prod"]["note"] == "on a full disk"
        assert not list(stocked.data.glob(".*")), "no temporary is left"


def test_a_full_state_directory_keeps_nobody_from_the_keys(stocked: Home) -> None:
    state = stocked.outside / "state"
    stocked.env["SEALRING_STATE_DIR"] = str(state)
    state.mkdir()
    with small_disk(state, "nr_inodes=1"):
        assert "prod" in stocked.listed()
        assert stocked.answer("prod")["AccessKeyId"] == stocked.key.id
        # The agent has to have a place of its own to write to.
        stocked.fails(69, "unlock", says="no space left on device", hints="--no-agent")
    with small_disk(state, "size=64k"):
        stocked.listed()
        (state / "filler").write_bytes(bytes(PAGE))
        with pytest.raises(OSError, match="No space left"):
            fill(state / "filler")
        assert stocked.answer("prod")["AccessKeyId"] == stocked.key.id
        stocked.unlock()
        assert stocked.helper().returncode == 0
        stocked.ok("lock")
        assert stocked.helper().returncode != 0
        stocked.ok("lock", "--stop")


def test_a_disk_without_room_for_another_file(stocked: Home) -> None:
    count = len(list(stocked.data.iterdir()))
    with small_disk(stocked.data, f"nr_inodes={count + 1}"):
        before = stocked.snapshot()
        stocked.fails(74, "set", "prod", "--note", "x", says="no space left", hints="make room")
        assert stocked.snapshot() == before


def test_a_full_disk_keeps_the_source_of_an_import(stocked: Home, keys: KeyMaker) -> None:
    stocked.csv(keys(), "new.csv")
    with small_disk(stocked.data, f"size={(2 * pages(stocked) + 2) * PAGE}"):
        before = stocked.snapshot()
        stocked.fails(
            74, "import", "new.csv", "--name", "new", "--configure", "--delete-source", "--force", says="no space left"
        )
        assert stocked.snapshot() == before


def test_a_full_disk_leaves_the_config_alone(stocked: Home) -> None:
    stocked.write(stocked.config, "# my own\n" * 400)
    with small_disk(stocked.config.parent, f"size={PAGE}"):
        before = stocked.snapshot()
        stocked.fails(74, "configure", "prod", "--force", says="no space left", hints="make room")
        assert stocked.snapshot() == before


def test_a_full_disk_leaves_no_half_recovery_code(stocked: Home) -> None:
    folder = stocked.outside / "stick"
    folder.mkdir(mode=0o700)
    with small_disk(folder, f"size={PAGE}"):
        (folder / "filler").write_bytes(b"x" * PAGE)
        vault = stocked.vault.read_bytes()
        stocked.fails(74, "recovery-code", "new", "--recovery-code-file", folder / "code", says="no space left")
        assert not (folder / "code").exists()
        assert stocked.vault.read_bytes() == vault


@pytest.mark.parametrize("is_read_only", [False, True])
@pytest.mark.parametrize("has_agent", [False, True])
def test_a_state_directory_without_room_stops_neither_a_read_nor_a_save(
    stocked: Home,
    is_read_only: bool,
    has_agent: bool,
) -> None:
    """What it cannot do is to remember the save, and the command says so."""
    state = stocked.state / "vaults"
    with small_disk(state, f"size={2 * PAGE}"):
        if is_read_only:
            subprocess.run(["mount", "-o", "remount,ro", state], check=True)
        else:
            (state / "filler").write_bytes(b"x" * PAGE)
        if has_agent:
            stocked.unlock()
        assert lines(stocked.ok("list"), "warning") == []
        result = stocked.ok("set", "prod", "--note", "x")
        assert "may not notice an older copy of it" in lines(result, "warning")[0], report(result)
        assert stocked.listed()["prod"]["note"] == "x"
        # It knows no other directory than the one that it was started with.
        stocked.end_agent()
    # It is a successor of what is remembered, and is remembered again.
    assert lines(stocked.ok("set", "prod", "--note", "y"), "warning") == []
