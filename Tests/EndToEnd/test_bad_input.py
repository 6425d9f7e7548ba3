"""Vaults, files and machines that are not as they should be: a message, a cure, an exit code, nothing changed."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from support.home import CHEAPEST, PATIENCE, Home
from support.keys import KeyMaker

# A command that reads, one that writes the vault, one that would write the config too, and delete a file.
COMMANDS = {
    "list": ("list",),
    "set": ("set", "prod", "--note", "x"),
    "import": ("import", "new.csv", "--name", "new", "--configure", "--delete-source", "--force"),
}


@pytest.fixture(params=COMMANDS)
def command(request: pytest.FixtureRequest, stocked: Home, keys: KeyMaker) -> tuple[str, ...]:
    stocked.csv(keys(), "new.csv")
    stocked.write(stocked.config, "[profile dev]\nregion = x\n")
    return COMMANDS[request.param]


def refuses(home: Home, code: int, command: tuple[str, ...], **options: Any) -> None:
    before = home.snapshot()
    home.fails(code, *command, **options)
    assert home.snapshot() == before


def test_a_wrong_passphrase(stocked: Home, command: tuple[str, ...]) -> None:
    refuses(stocked, 77, command, says="wrong passphrase", hints="check ", passphrase=stocked.new_passphrase())


@pytest.mark.parametrize(
    "words, says, cure",
    [
        (("lst",), "unknown command 'lst': did you mean 'list'?", "--help"),
        (("frobnicate",), "unknown command 'frobnicate'", "--help"),
        (("unlock", "--for", "-1h"), "invalid duration '-1h'", ""),
        (("unlock", "--for=-1h"), "invalid duration '-1h'", ""),
        (("unlock", "--for", "8"), "invalid duration '8': use a unit, such as 15m, 1h or 8h", ""),
        (("unlock", "--for", "8d"), "duration '8d' is out of range: use 1m to 7d", ""),
        (("set", "prod", "--expose-for", "1m"), "duration '1m' is out of range: use 15m to 12h", ""),
        (("rotate", "prod", "--all"), "give a name or --all, not both", ""),
        (("import", "x.csv", "--configure", "--no-configure"), "--no-configure", ""),
    ],
)
def test_a_slip_in_a_command(bare: Home, words: tuple[str, ...], says: str, cure: str) -> None:
    bare.fails(64, *words, says=says, hints=cure)


@pytest.mark.parametrize(
    "at, what",
    [
        (0, "damaged"),
        (8, ""),
        (40, "damaged"),
        (3000, "damaged"),
        (8191, "damaged"),
        (9000, "damaged"),
        (-1, "damaged"),
    ],
)
def test_a_flipped_bit(stocked: Home, command: tuple[str, ...], at: int, what: str) -> None:
    sealed = bytearray(stocked.vault.read_bytes())
    sealed[at] ^= 0x10
    stocked.vault.write_bytes(sealed)
    refuses(stocked, 65, command, says=what, hints="")


@pytest.mark.parametrize("length", [0, 1, 127, 8191, 8192, 24000])
def test_a_cut_file(stocked: Home, length: int) -> None:
    os.truncate(stocked.vault, length)
    refuses(stocked, 65, ("list",), says="damaged", hints="vault.prev")


def test_a_longer_file(stocked: Home) -> None:
    with stocked.vault.open("ab") as file:
        file.write(b"\0")
    refuses(stocked, 65, ("list",), says="damaged")


def test_no_vault(bare: Home) -> None:
    bare.fails(66, "list", says="no vault", hints="sealring init")
    assert not bare.data.exists()


def test_a_vault_that_is_there_is_not_made_anew(stocked: Home) -> None:
    refuses(stocked, 73, ("init", *CHEAPEST, "--no-recovery-code"), says=str(stocked.vault), hints="move it away")


@pytest.mark.parametrize("kind, code", [("directory", 65), ("fifo", 65), ("link", 77), ("socket", 65), ("device", 65)])
def test_something_else_in_the_vaults_place(stocked: Home, command: tuple[str, ...], kind: str, code: int) -> None:
    put(kind, stocked.vault)
    refuses(stocked, code, command, says=str(stocked.vault))


@pytest.mark.parametrize("kind, code", [("directory", 65), ("fifo", 65), ("device", 65), ("missing", 66)])
def test_something_else_in_the_place_of_a_csv(stocked: Home, kind: str, code: int) -> None:
    file = stocked.write("download.csv", "")
    put(kind, file)
    refuses(stocked, code, ("import", "download.csv", "--name", "x", "--no-configure"), says="download.csv")


@pytest.mark.parametrize("kind, code", [("directory", 65), ("fifo", 65), ("missing", 66), ("link", 77)])
def test_something_else_in_the_place_of_a_passphrase_file(stocked: Home, kind: str, code: int) -> None:
    file = stocked.write("other", stocked.passphrase)
    put(kind, file)
    refuses(stocked, code, ("list",), says="other", passphrase=file)


def put(kind: str, path: Path) -> None:
    target = path.with_name("moved")
    path.rename(target)
    if kind == "directory":
        path.mkdir()
    elif kind == "fifo":
        os.mkfifo(path, 0o600)
    elif kind == "link":
        path.symlink_to(target.name)
    elif kind == "device":
        try:
            os.mknod(path, 0o600 | 0o020000, os.makedev(1, 5))
        except PermissionError:
            pytest.skip("devices are made by root only")
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as end:
            end.bind(str(path))


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_vault_that_others_may_write(stocked: Home, command: tuple[str, ...], mode: int) -> None:
    stocked.vault.chmod(mode)
    refuses(stocked, 77, command, says="others may write", hints="chmod")


def test_a_vault_that_others_may_read_is_closed_with_a_word(stocked: Home) -> None:
    stocked.vault.chmod(0o644)
    result = stocked.ok("list")
    assert b"sealring: warning: other users could read the vault" in result.stderr
    assert stocked.vault.stat().st_mode & 0o7777 == 0o600


def test_a_directory_that_others_may_write(stocked: Home) -> None:
    stocked.data.chmod(0o777)
    refuses(stocked, 77, COMMANDS["set"], says="others may write", hints="chmod")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_passphrase_file_that_others_may_open(stocked: Home, mode: int) -> None:
    stocked.passphrase_file.chmod(mode)
    refuses(stocked, 77, ("list",), says="others may", hints="chmod")


@pytest.mark.parametrize("content", [b"", b"\n", b"\r\n", b"x" * 1025])
def test_a_passphrase_of_no_length(stocked: Home, content: bytes) -> None:
    file = stocked.write("odd", content)
    refuses(stocked, 65, ("list",), says="", passphrase=file)


@contextmanager
def held(lock: Path) -> Iterator[None]:
    with lock.open("r+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def test_a_lock_that_somebody_holds(stocked: Home) -> None:
    with held(stocked.data / "vault.lock"):
        refuses(stocked, 75, COMMANDS["set"], says="another process", hints="try again")
        stocked.ok("list")


def test_a_lock_that_is_released_in_time(stocked: Home) -> None:
    holder = subprocess.Popen(["flock", stocked.data / "vault.lock", "sleep", "2"])
    stocked.ok(*COMMANDS["set"])
    assert holder.wait(PATIENCE) == 0


def test_not_enough_memory_for_argon2id(stocked: Home, command: tuple[str, ...]) -> None:
    """All fits into this much but a part of the 64 MiB that Argon2id takes."""
    limit = address_space(stocked) - (40 << 20)
    refuses(stocked, 71, command, says="not enough memory", hints="", under=("prlimit", f"--as={limit}"))


def address_space(home: Home) -> int:
    """The least address space in which the vault is opened, to four MiB."""
    low, high = 0, 4096
    while high - low > 4 and "least" not in _measured:
        middle = (low + high) // 2
        works = home("list", under=("prlimit", f"--as={middle << 20}")).returncode == 0
        low, high = (low, middle) if works else (middle, high)
    return _measured.setdefault("least", high << 20)


_measured: dict[str, int] = {}


def test_memory_that_cannot_be_locked(stocked: Home) -> None:
    under = (
        "setpriv",
        "--bounding-set=-ipc_lock,-sys_resource",
        "--inh-caps=-ipc_lock,-sys_resource",
        "prlimit",
        "--memlock=4096:4096",
    )
    if os.geteuid() != 0:
        under = under[3:]
    refuses(stocked, 71, ("list",), says="(of 4 KiB allowed)", hints="ulimit -l", under=under)


@pytest.mark.parametrize("variable, value", [("HOME", ""), ("HOME", "relative")])
def test_no_home(stocked: Home, variable: str, value: str) -> None:
    stocked.fails(66, "list", says="HOME", env={variable: value})


def test_a_directory_that_is_no_directory(stocked: Home) -> None:
    stocked.fails(74, "init", "--vault", "/dev/null/vault", *CHEAPEST, "--no-recovery-code", says="/dev/null")
