"""Rotations, and what kills them."""

from __future__ import annotations

import os
import signal
import subprocess
import threading

from support.home import PROGRAM, Home
from support.stub import Answer, Request, Stub

FAST = ("--settle", "0s")
# Where a first kill leaves a rotation: the request at which it comes, and whether AWS has acted on it.
STATES = {
    "intended": (2, False),
    "orphaned": (2, True),
    "created": (4, True),
    "switched": (6, False),
    "inactive": (6, True),
    "deactivated": (7, False),
    "deleted": (7, True),
}


def served(home: Home) -> tuple[str, str]:
    """The key that the vault serves, as an independent reader finds it."""
    entry = home.entries()["prod"]
    return entry["access_key_id"], entry["secret_access_key"]


def accepts(service: Stub, key: tuple[str, str]) -> bool:
    state = service.user_keys.get(key[0])
    return bool(state and state["active"] and service.keys[key[0]][0] == key[1])


def is_ended(home: Home) -> bool:
    return "rotation_phase" not in home.json("show", "prod")


def other(home: Home) -> str:
    """The id of the key that the vault keeps beside it during a rotation."""
    return home.json("show", "prod")["other_access_key_id"]


class Killer:
    """Kills the program at its nth request: before the service acts on it, or after that, before the answer."""

    def __init__(self, service: Stub, number: int, after: bool) -> None:
        self.service, self.number, self.after = service, number, after
        self.count = 0
        self.program: subprocess.Popen[bytes] | None = None
        self.started = threading.Event()
        service.always = self.act

    def act(self, request: Request) -> Answer | None:
        self.count += 1
        if self.count != self.number:
            return None
        answer = None
        if self.after:
            answer = self.service.check(request) or self.service.perform(request)
        assert self.started.wait(10) and self.program
        os.killpg(self.program.pid, signal.SIGKILL)
        self.program.wait(10)
        return answer or Answer(raw=b"")

    def run(self, home: Home, *options: str) -> bool:
        """Whether the program came as far as to be killed."""
        self.program = subprocess.Popen(
            [PROGRAM, "rotate", "prod", *FAST, *options],
            env=home.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.started.set()
        status = self.program.wait(60)
        self.service.always = None
        # The program of its own that it had started may still be there, in the same group.
        return status == -signal.SIGKILL


def stop_at(home: Home, service: Stub, state: str) -> None:
    assert Killer(service, *STATES[state]).run(home)
