"""What `sealring status` says of the agent and of the vault's file."""

from __future__ import annotations

import ctypes
import os
import re
import socket
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from support import frames
from support.fake_agent import agent, listening
from support.frames import frame, u32, u64
from support.home import HELPER, Home, Run, report
from support.profiles import ADMIN


def kernel_call(number: int, *arguments: object) -> int:
    """The result of a system call; what it opened is closed."""
    result = int(ctypes.CDLL(None).syscall(number, *arguments))
    if result > 2 and number == 447:
        os.close(result)
    return result


def test_status_says_where_it_stands(stocked: Home) -> None:
    absent = stocked.json("status", passphrase=None)
    assert absent == {
        "vault": str(stocked.vault),
        "generation": stocked.generation(),
        "freshness": "current",
        "agent": "absent",
        "locked": True,
    }
    stocked.unlock("--for", "2h", "--idle", "30m")
    status = stocked.json("status", passphrase=None)
    assert (status["agent"], status["locked"], status["entries"]) == ("running", False, 1)
    assert (status["keys"], status["roles"]) == (1, 0)
    for name, seconds in (("locks_at", 7200), ("idle_locks_at", 1800)):
        left = datetime.fromisoformat(status[name].replace("Z", "+00:00")) - datetime.now(UTC)
        assert abs(left.total_seconds() - seconds) < 20
    told = status["hardening"]
    expected = {
        "core_dumps": "off",
        "dumpable": "no",
        "crash_handlers": "off",
        "new_privileges": "off",
        "hidden_memory": "memfd_secret",
        "seccomp": "on",
        "tracer": "none",
    }
    # What this kernel does not have is said, with its reason.
    version = kernel_call(444, None, 0, 1)
    expected["landlock"] = f"version {version}" if version > 0 else told["landlock"]
    if kernel_call(447, 0) < 0:
        expected["hidden_memory"] = told["hidden_memory"]
        assert told["hidden_memory"].startswith("no: ")
    assert version > 0 or told["landlock"].startswith("no: ")
    assert expected.items() <= told.items()
    # The kernel says so too; what the sandbox forbids is tried by SandboxTests.
    of_the_kernel = Path(f"/proc/{status['pid']}/status").read_text()
    assert "NoNewPrivs:\t1\n" in of_the_kernel and "Seccomp:\t2\n" in of_the_kernel
    stocked.ok("lock", passphrase=None)
    status = stocked.json("status", passphrase=None)
    assert (status["agent"], status["locked"]) == ("running", True)
    assert "locks_at" not in status and "entries" not in status


def test_status_is_three_lines_and_an_exit_status(stocked: Home) -> None:
    def told(status: int, *words: str) -> list[list[str]]:
        result = stocked("status", *words, passphrase=None, env={"TZ": "TST-3"})
        assert result.returncode == status, report(result)
        assert stocked("status", "--json", *words, passphrase=None).returncode == status
        return [re.split("  +", line) for line in result.stdout.decode().splitlines()]

    none = ["vault", "/none"], ["state", "no vault: run 'sealring init'"], ["agent", "none found"]
    assert told(3, "--vault", "/none") == [*none]
    assert told(2) == [["vault", str(stocked.vault)], ["state", "locked"], ["agent", "none found"]]
    stocked.unlock("--for", "9m", "--idle", "2m")
    lines = told(0)
    assert [line[0] for line in lines] == ["vault", "state", "agent"]
    clock = r"(\d{4}-\d\d-\d\d )?(\d\d:\d\d) TST"
    shown = re.fullmatch(rf"unlocked until {clock}; locks at {clock} without use", lines[1][1])
    assert shown, lines
    # In the zone of the user, and the two times as far apart as they are.
    ends = {(datetime.now(UTC) + timedelta(hours=3, minutes=9, seconds=late)).strftime("%H:%M") for late in (-30, 0)}
    assert shown[2] in ends, lines
    assert lines[2][1] == f"process {stocked.agent()}"
    stocked.ok("role", "add", "admin", "--role-arn", ADMIN, "--source", "prod", "--no-configure")
    verbose = told(0, "--verbose")
    assert dict(verbose)["entries"] == "1 key, 1 role"
    assert re.fullmatch(rf"in [89]m, at {clock}", dict(verbose)["locks"]), verbose
    assert verbose[:3] == lines and {"saves", "entries", "seccomp", "core dumps"} <= {line[0] for line in verbose}
    stocked.ok("lock", passphrase=None)
    assert told(1)[1] == ["state", "locked"]


def test_status_says_what_is_wrong_with_the_file(stocked: Home) -> None:
    stocked.helper()
    assert b"last failures" in stocked.ok("status").stdout
    result = stocked.unlock("--for", "2h", "--idle", "3h")
    assert b"unlocked for up to 2h; --idle 3h has no effect\n" in result.stderr, report(result)
    # What a locked vault refused is cured now.
    assert b"last failures" not in stocked.ok("status").stdout
    assert [one.get("cured") for one in stocked.json("status")["refusals"]] == [True]
    # And they stay cured when it is locked again, unlike what comes then.
    stocked.ok("lock")
    assert b"last failures" not in stocked.ok("status").stdout
    assert [one.get("cured") for one in stocked.json("status")["refusals"]] == [True]
    stocked.helper("other")
    assert stocked.ok("status").stdout.count(b"the vault is locked") == 1
    assert [one.get("cured") for one in stocked.json("status")["refusals"]] == [None, True]
    stocked.unlock("--for", "2h", "--idle", "3h")
    # The longer of the two times never comes.
    shown = stocked.json("status")
    assert shown["idle_locks_at"] == shown["locks_at"]
    content = stocked.vault.read_bytes()
    stocked.vault.unlink()
    shown = stocked.json("status")
    assert (shown["locked"], shown["problem"]) == (False, f"no vault file at {stocked.vault}")
    assert "put the file back" in shown["hint"]
    assert f"no vault file at {stocked.vault}".encode() in stocked.ok("status").stdout
    stocked.ok("lock")
    assert "problem" not in stocked.json("status"), "there may never have been one"
    stocked.write(stocked.vault, content[:-1])
    shown = stocked.json("status")
    assert shown["locked"] and f"the vault {stocked.vault} is damaged: " in shown["problem"]
    assert shown["hint"]
    assert re.search(r"problem +the vault .* is damaged: ", stocked.ok("status").stdout.decode())


@pytest.mark.parametrize(
    "told, version, shown",
    [(b"version=0.0.9\nseccomp=on", "0.0.9", b"of version 0.0.9"), (b"seccomp=on", None, b"of an earlier version")],
)
def test_an_agent_of_another_version_is_named_with_what_to_do(
    stocked: Home, told: bytes, version: str | None, shown: bytes
) -> None:
    soon = u64(int(time.time()) + 600)
    answer = frame(frames.STATE, u32(7), os.fsencode(stocked.vault), b"\0", u64(1), soon, soon, u32(1), told)
    with agent(stocked, answer):
        status = stocked.json("status", passphrase=None)
        text = stocked("status", passphrase=None)
    assert status.get("agent_version") == version and status["hardening"] == {"seccomp": "on"}
    assert shown in text.stdout and b"sealring lock --stop" in text.stderr, report(text)


def test_an_agent_of_the_same_version_says_so_and_needs_nothing(unlocked: Home) -> None:
    status = unlocked.json("status", passphrase=None)
    assert status["agent_version"] == unlocked.json("version", passphrase=None)["version"]
    text = unlocked("status", passphrase=None)
    assert b"version" not in text.stdout and text.stderr == b"", report(text)


def test_an_agent_that_is_ending_counts_as_gone(stocked: Home) -> None:
    """The kernel takes connections for it until it is gone, and nobody answers them."""

    def told(*words: str, **options: Any) -> Run:
        gone = stocked.socket.with_name("gone")

        def converse(connection: socket.socket) -> None:
            frames.read(connection)
            if stocked.socket.exists():
                stocked.socket.rename(gone)

        with listening(stocked, converse):
            result = stocked(*words, **options)
            assert not stocked.socket.exists()
            gone.rename(stocked.socket)
        return result

    result = told("prod", program=HELPER, passphrase=None)
    assert result.returncode == 77 and b"the vault is locked: run 'sealring unlock'" in result.stderr, report(result)
    result = told("list")
    assert result.returncode == 0 and b"prod" in result.stdout and not result.stderr, report(result)
    result = told("status", passphrase=None)
    assert result.returncode == 2 and b"none found" in result.stdout, report(result)
    result = told("lock", passphrase=None)
    assert result.returncode == 0 and result.stderr == b"sealring: no agent found\n", report(result)


def test_a_lock_that_credential_process_met_is_cured_by_an_unlock(stocked: Home) -> None:
    """Both programs that AWS clients start write down why they had no credentials."""
    assert stocked("credential-process", "prod", passphrase=None).returncode == 77
    assert b"the vault is locked" in stocked("status", passphrase=None).stdout
    stocked.unlock()
    assert b"the vault is locked" not in stocked("status", passphrase=None).stdout
