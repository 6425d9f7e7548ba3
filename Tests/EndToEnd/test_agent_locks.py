"""What locks the vault, and what a client is told of a locked one."""

from __future__ import annotations

import os
import shutil
import signal
import time

import pytest

from support.agents import answers, is_locked
from support.home import CHEAPEST, Home, report


def test_a_locked_vault_fails_at_once_with_the_cure(unlocked: Home) -> None:
    answers(unlocked)
    unlocked.ok("lock", passphrase=None)
    start = time.monotonic()
    is_locked(unlocked)
    assert time.monotonic() - start < 1


def test_no_agent_is_a_locked_vault(stocked: Home) -> None:
    is_locked(stocked)


def test_a_wrong_passphrase_unlocks_nothing(stocked: Home) -> None:
    stocked.fails(77, "unlock", passphrase=stocked.new_passphrase(), says="wrong passphrase")
    is_locked(stocked)


def test_a_changed_passphrase_locks(unlocked: Home) -> None:
    new = unlocked.new_passphrase()
    unlocked.ok("passwd", "--new-passphrase-file", new)
    assert unlocked.helper().returncode != 0
    is_locked(unlocked)
    unlocked.unlock(passphrase=new)
    answers(unlocked)


def test_a_file_of_before_the_new_passphrase_locks(unlocked: Home) -> None:
    older = unlocked.vault.read_bytes()
    new = unlocked.new_passphrase()
    unlocked.ok("passwd", "--new-passphrase-file", new)
    unlocked.unlock(passphrase=new)
    unlocked.vault.write_bytes(older)
    assert unlocked.helper().returncode != 0
    is_locked(unlocked)


def test_another_vault_in_its_place_locks(unlocked: Home) -> None:
    unlocked.ok("init", *CHEAPEST, "--no-recovery-code", "--vault", "other")
    shutil.copy(unlocked.outside / "other", unlocked.vault)
    assert unlocked.helper().returncode != 0
    is_locked(unlocked)


@pytest.mark.parametrize("harm", ["flip", "cut", "empty", "remove", "directory", "open"])
def test_a_file_that_turns_bad_is_told_and_heals(unlocked: Home, harm: str) -> None:
    good = unlocked.vault.read_bytes()
    unlocked.vault.unlink()
    if harm == "directory":
        unlocked.vault.mkdir()
    elif harm != "remove":
        bad = {
            "flip": good[:9000] + bytes([good[9000] ^ 1]) + good[9001:],
            "cut": good[:5000],
            "empty": b"",
            "open": good,
        }[harm]
        if harm == "flip":
            # A flip behind the header is not looked for as long as the header is the same.
            bad = good[:40] + bytes([good[40] ^ 1]) + good[41:]
        unlocked.vault.write_bytes(bad)
        unlocked.vault.chmod(0o622 if harm == "open" else 0o600)
    result = unlocked.helper()
    expected = {"remove": 66, "open": 77}.get(harm, 65)
    assert result.returncode == expected and result.stdout == b"", report(result)
    assert result.stderr.startswith(b"sealring: ") and result.stderr.count(b"\n") == 1, report(result)
    if harm == "directory":
        unlocked.vault.rmdir()
    elif harm != "remove":
        unlocked.vault.unlink()
    unlocked.vault.write_bytes(good)
    unlocked.vault.chmod(0o600)
    answers(unlocked)


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGHUP, signal.SIGTERM])
def test_a_signal_locks(unlocked: Home, number: signal.Signals) -> None:
    os.kill(unlocked.agent(), number)
    time.sleep(0.2)
    is_locked(unlocked)
