"""A machine that is switched off in the middle of an unlock: nothing runs, and what was in memory is gone."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from support.home import PROGRAM, Home, report, runs
from support.waiting import wait_until


def comes(path: Path) -> None:
    end = time.monotonic() + 20
    while not path.exists():
        assert time.monotonic() < end, f"{path} does not come"
        time.sleep(0.01)


@pytest.mark.parametrize("place", ["runtime directory", "home"])
def test_a_restart_in_the_middle_of_an_unlock_loses_nothing(stocked: Home, place: str) -> None:
    """The runtime directory is gone afterwards; a socket in the home stays as a file that nobody listens on."""
    if place == "home":
        del stocked.env["XDG_RUNTIME_DIR"]
    before = stocked.vault.read_bytes()
    begun = stocked.outside / "begun"
    unlocking = subprocess.Popen(
        [PROGRAM, "unlock"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=stocked.env | {"SEALRING_PASSPHRASE_COMMAND": f"touch {begun}; exec sleep 60"},
        start_new_session=True,
    )
    comes(begun)
    # The agent runs, and waits for a key that never comes.
    assert stocked.json("status")["agent"] == "running"
    agent = stocked.agent()
    os.kill(agent, signal.SIGKILL)
    wait_until(lambda: not runs(agent))
    os.killpg(unlocking.pid, signal.SIGKILL)
    unlocking.wait(20)
    if place == "runtime directory":
        for path in stocked.runtime.iterdir():
            shutil.rmtree(path)
    assert stocked.json("status")["locked"] is True
    assert stocked.vault.read_bytes() == before
    assert stocked.helper().returncode != 0
    stocked.unlock()
    try:
        answer = stocked.helper()
        assert answer.returncode == 0, report(answer)
        stocked.ok("set", "prod", "--note", "x")
    finally:
        stocked.ok("lock", "--stop")
