"""Whatever locks the vault, and whatever its clients were at: no secret of before is in the agent afterwards."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable

import pytest

from support import frames
from support.frames import frame, u32
from support.home import CHEAPEST, Home
from support.keys import KeyMaker
from support.memory import places
from support.refusing import HIDDEN_MEMORY
from support.waiting import wait_until

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can look into the memory of the agent")


def another_vault(home: Home) -> None:
    home.ok("init", *CHEAPEST, "--no-recovery-code", "--vault", "other")
    os.replace(home.outside / "other", home.vault)
    assert home.helper().returncode != 0


def another_passphrase(home: Home) -> None:
    home.ok("passwd", "--new-passphrase-file", home.new_passphrase())
    home.helper()


CAUSES: dict[str, Callable[[Home], object]] = {
    "a lock": lambda home: home.ok("lock", passphrase=None),
    "a signal": lambda home: os.kill(home.agent(), signal.SIGUSR1),
    "its time": lambda home: None,
    "another passphrase": another_passphrase,
    "another vault": another_vault,
}


@pytest.mark.parametrize("cause", CAUSES)
def test_no_secret_of_before_a_lock_is_left(stocked: Home, keys: KeyMaker, cause: str) -> None:
    new = keys().secret.encode()
    searched = {"vault key": stocked.vault_key(), "secret": stocked.key.secret.encode(), "new secret": new}
    stocked.unlock(under=HIDDEN_MEMORY)
    vault = os.fsencode(stocked.vault)
    agent = stocked.agent()
    unlock = frame(frames.UNLOCK, vault, searched["vault key"], u32(60), u32(60), u32(0))
    changing, asking, reading = (frames.connect(stocked.socket) for _ in range(3))
    listing = frames.ask(stocked.socket, frames.LIST, vault, u32(0))
    assert listing is not None
    changing.sendall(frame(frames.BEGIN, vault, listing.fields[0], u32(0)))
    assert frames.read(changing) == (frames.DONE, [])
    changing.sendall(frame(frames.CHANGE, b"\1", b"", b"", new, b""))
    # An entry that is none: what came with it is kept all the same, or refused.
    frames.read(changing)
    changing.sendall(frame(frames.CHANGE, b"\1", b"", entry(stocked), new, b""))
    assert frames.read(changing) == (frames.DONE, [])
    asking.sendall(unlock[:-1])
    reading.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    reading.setblocking(False)
    try:
        while True:
            reading.send(frame(frames.CREDENTIALS, vault, b"prod", b"") * 100)
    except BlockingIOError:
        pass
    wait_until(lambda: {what for what, _ in places(agent, searched)} == set(searched))
    if cause == "its time":
        answer = frames.ask(stocked.socket, frames.UNLOCK, vault, searched["vault key"], u32(60), u32(1), u32(0))
        assert answer == (frames.DONE, [])
    CAUSES[cause](stocked)
    wait_until(lambda: places(agent, searched) == [])
    for connection in (changing, asking, reading):
        connection.close()


def entry(home: Home) -> bytes:
    """One as the agent lists it."""
    listing = frames.ask(home.socket, frames.LIST, os.fsencode(home.vault), u32(0))
    assert listing is not None
    return listing.fields[5]
