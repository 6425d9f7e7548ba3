"""Programs that are replaced while an agent runs: it goes on, and can be asked and locked, by the new ones as well."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.home import AGENT, AWS, HELPER, PROGRAM, ROOT, Home, report

NAMES = [program.name for program in (PROGRAM, AGENT, HELPER, AWS)]


def put(folder: Path) -> None:
    """As install.sh does it: a new file in place of the old one."""
    folder.mkdir(exist_ok=True)
    for name in NAMES:
        shutil.copy(PROGRAM.with_name(name), folder / f"{name}.new")
        (folder / f"{name}.new").chmod(0o555)
        os.replace(folder / f"{name}.new", folder / name)


@pytest.fixture
def replaced(stocked: Home, tmp_path: Path) -> Iterator[Path]:
    """A folder of programs that were replaced after their agent had unlocked the vault."""
    folder = tmp_path / "bin"
    put(folder)
    stocked.ok("unlock", program=folder / "sealring")
    put(folder)
    yield folder
    stocked.ok("lock", "--stop", program=folder / "sealring", passphrase=None)


def test_a_running_agent_answers_the_new_programs(stocked: Home, replaced: Path) -> None:
    result = stocked("prod", program=replaced / HELPER.name, passphrase=None, shows_secret=True)
    assert result.returncode == 0 and stocked.key.secret.encode() in result.stdout, report(result)
    assert stocked("list", program=replaced / "sealring", passphrase=None).returncode == 0


def test_the_new_programs_lock_and_unlock_it(stocked: Home, replaced: Path) -> None:
    process = stocked.agent()
    stocked.ok("lock", program=replaced / "sealring", passphrase=None)
    assert stocked("prod", program=replaced / HELPER.name, passphrase=None).returncode == 77
    stocked.ok("unlock", program=replaced / "sealring")
    assert stocked.agent() == process
    assert stocked("prod", program=replaced / HELPER.name, passphrase=None, shows_secret=True).returncode == 0


def installed(prefix: Path) -> set[str]:
    return {str(path.relative_to(prefix)) for path in prefix.rglob("*") if not path.is_dir()}


def test_an_uninstallation_takes_its_own_files_and_no_other(stocked: Home, tmp_path: Path) -> None:
    prefix = tmp_path / "prefix"
    prefix.mkdir()
    put(prefix / "bin")
    for name in ("man/man1/sealring.1", "man/man1/sealring-list.1", "man/man5/sealring-vault.5"):
        (prefix / "share" / name).parent.mkdir(parents=True, exist_ok=True)
        (prefix / "share" / name).write_text("page")
    others = {"bin/other", "share/man/man1/sealringer.1", "share/man/man1/other.1"}
    for name in others:
        (prefix / name).write_text("somebody else's")
    before = stocked.vault.read_bytes()
    script = [ROOT / "Examples/install.sh", "--uninstall", "--prefix", prefix]
    result = subprocess.run(script, env=stocked.env, capture_output=True)
    assert result.returncode == 0 and b"removed 7 files" in result.stdout, report(result)
    assert installed(prefix) == others and stocked.vault.read_bytes() == before
    again = subprocess.run(script, env=stocked.env, capture_output=True)
    assert again.returncode == 1 and b"not installed in" in again.stderr, report(again)


def test_an_installation_says_at_once_that_it_cannot_be_done(stocked: Home, tmp_path: Path) -> None:
    script = [ROOT / "Examples/install.sh", "--scratch-path", tmp_path / "scratch", "--prefix"]
    (tmp_path / "file").write_text("")
    result = subprocess.run([*script, tmp_path / "file"], env=stocked.env, capture_output=True)
    assert result.returncode == 1 and b"cannot be written" in result.stderr, report(result)
    old = tmp_path / "old"
    old.mkdir()
    (old / "swift").write_text("#!/bin/sh\necho 'Swift version 6.1.2 (swift-6.1.2-RELEASE)'\n")
    (old / "swift").chmod(0o755)
    environment = {**stocked.env, "PATH": f"{old}:{stocked.env['PATH']}"}
    result = subprocess.run([*script, tmp_path / "prefix"], env=environment, capture_output=True)
    assert result.returncode == 1 and b"this is Swift 6.1" in result.stderr and b"6.2" in result.stderr, report(result)
    assert not (tmp_path / "prefix").exists()
