"""A save in which a system call fails, or that is killed: old or new, never neither, and never a false success.

SEALRING_ALL_FAULTS=1 runs every fault of every call, which takes some minutes; else a sample is run. With -rP pytest
shows how many were injected.
"""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from support.faults import CODES, Fault, all_faults, inject, note, sample, temporaries
from support.home import PROGRAM, Home, Run, lines, report
from support.straces import Call, strace

ORDINARY = 110
_numbers = itertools.count()


def new_note() -> str:
    return f"note {next(_numbers)}"


def save(text: str) -> tuple[str, ...]:
    return ("set", "prod", "--note", text)


def check(home: Home, fault: Fault, before: bytes, old: str | None, new: str, result: Run) -> None:
    """What must be true after any fault whatever."""
    what = f"{fault}\n{report(result)}"
    after = home.vault.read_bytes()
    found = note(home, home.vault)
    assert found in (old, new), what
    if result.returncode == 0:
        assert found == new, f"a false success: {what}"
    elif "KILL" in fault.action:
        assert result.returncode in (-signal.SIGKILL, *CODES), what
    elif result.returncode in CODES:
        saved = "is saved" in "".join(lines(result, "error"))
        assert (found == new) == saved, what
        assert len(lines(result, "error")) == 1, what
    else:
        # Only where the system gives no memory to the language's runtime does the program end in another way.
        assert fault.call in ("mmap", "mprotect", "munmap"), what
    if found == old:
        assert after == before, what
    # Only where it cannot be removed does a temporary stay, until the next save.
    if "KILL" not in fault.action and fault.call != "unlinkat" and result.returncode in (0, *CODES):
        assert temporaries(home) == [], what


def run(home: Home, faults: list[Fault]) -> int:
    home.ok(*save("first"))
    old, reached = "first", 0
    for fault in faults:
        before, new = home.vault.read_bytes(), new_note()
        result, was_reached = inject(home, fault, save(new))
        reached += was_reached
        check(home, fault, before, old, new, result)
        old = note(home, home.vault) or ""
        if temporaries(home):
            old = new_note()
            result = home.ok(*save(old))
            assert temporaries(home) == [], f"{fault}: the next save sweeps\n{report(result)}"
    print(f"{reached} of {len(faults)} faults were injected")
    return reached


@pytest.fixture
def faults(stocked: Home) -> list[Fault]:
    # Twice, so that all files are there as in any later save.
    stocked.ok(*save("warming up"))
    return all_faults(stocked, save("counted"))


def test_a_failing_call_leaves_the_old_vault_or_the_new(stocked: Home, faults: list[Fault]) -> None:
    errors = [fault for fault in faults if "KILL" not in fault.action]
    assert len(errors) >= 300
    chosen = sample(errors, ORDINARY, seed=1)
    assert run(stocked, chosen) >= len(chosen) * 0.9, "faults are injected"


def test_a_kill_at_any_call_leaves_the_old_vault_or_the_new(stocked: Home, faults: list[Fault]) -> None:
    kills = [fault for fault in faults if "KILL" in fault.action]
    assert len(kills) >= 100
    chosen = sample(kills, ORDINARY // 2, seed=2)
    assert run(stocked, chosen) >= len(chosen) * 0.9, "kills are injected"


def test_no_false_success_when_the_directory_does_not_sync(stocked: Home, faults: list[Fault]) -> None:
    """The vault is in place then, and the program says what it does not know."""
    last = 0
    for fault in faults:
        if fault.call == "fsync" and fault.action == "error=EIO":
            before = stocked.generation()
            result, _ = inject(stocked, fault, save(new_note()))
            if f"sealring: error: {stocked.vault} is saved" in result.stderr.decode():
                assert result.returncode == 74, report(result)
                assert stocked.generation() == before + 1
                last += 1
    assert last == 1


def random_kills() -> Iterator[float]:
    chance = random.Random(3)
    for _ in range(200 if os.environ.get("SEALRING_ALL_FAULTS") == "1" else 40):
        yield chance.random()


def test_a_kill_at_any_moment_leaves_the_old_vault_or_the_new(stocked: Home) -> None:
    start = time.monotonic()
    stocked.ok(*save("first"))
    usual = time.monotonic() - start
    old = "first"
    for moment in random_kills():
        new = new_note()
        process = subprocess.Popen(
            [PROGRAM, *save(new)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=stocked.env | {"SEALRING_PASSPHRASE_FILE": str(stocked.passphrase_file)},
        )
        # Most of the time goes into the key: the end of the run is where the save is.
        time.sleep(usual * (0.6 + 0.5 * moment))
        process.kill()
        code = process.wait(20)
        found = note(stocked, stocked.vault)
        assert found in (old, new)
        assert found == new or code != 0
        old = found or ""
    stocked.ok(*save("last"))
    assert temporaries(stocked) == []
    assert note(stocked, stocked.data / "vault.prev") == old


# What is read back, and what is kept of the file before.


def calls_on(trace: list[Call], part: str) -> list[tuple[int, Call]]:
    """The calls on descriptors of files whose name contains `part`, each with its number among those of its name."""
    seen: Counter[str] = Counter()
    open_as: set[str] = set()
    found = []
    for call in trace:
        seen[call.name] += 1
        if call.name == "openat" and not call.result.startswith("-"):
            open_as.discard(call.result)
            if part in call.arguments:
                open_as.add(call.result)
        elif call.arguments.partition(",")[0] in open_as:
            found.append((seen[call.name], call))
            if call.name == "close":
                open_as.discard(call.arguments)
    return found


def test_a_disk_that_lies_about_a_write_is_not_believed(vault: Home) -> None:
    """The image that the agent made is read back as one that is made here."""
    vault.ok(*save("warming up"))
    result, trace = strace(vault, *save("counted"))
    assert result.returncode == 0, report(result)
    number, write = next((number, call) for number, call in calls_on(trace, ".vault.new-") if call.name == "write")
    before = vault.snapshot()
    lie = f"inject=write:retval={int(write.result)}:when={number}"
    result, _ = strace(vault, *save("lost"), options=["-e", lie])
    assert result.returncode == 65 and b"did not return what was written" in result.stderr, report(result)
    assert vault.snapshot() == before
    vault.ok(*save("written"))


def test_a_copy_of_the_file_before_is_whole_and_on_the_disk_or_not_there(stocked: Home) -> None:
    """Where the file system has no links, `vault.prev` is a copy."""
    no_links = ["-e", "inject=linkat:error=EPERM"]
    stocked.ok(*save("first"))
    old = stocked.vault.read_bytes()
    result, trace = strace(stocked, *save("second"), options=no_links)
    assert result.returncode == 0, report(result)
    assert (stocked.data / "vault.prev").read_bytes() == old
    copy = calls_on(trace, "vault.prev")
    synced = next(number for number, call in copy if call.name == "fsync")
    wrote = next(number for number, call in copy if call.name == "write")
    for fault in (f"fsync:error=EIO:when={synced}", f"write:error=ENOSPC:when={wrote}"):
        before = stocked.vault.read_bytes()
        result, _ = strace(stocked, *save("third"), options=[*no_links, "-e", f"inject={fault}"])
        assert result.returncode == 74, report(result)
        assert stocked.vault.read_bytes() == before
        assert not (stocked.data / "vault.prev").exists(), fault
