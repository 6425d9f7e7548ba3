"""Which process a lock asks or ends where several might be the agent, and what an agent that is ending leaves."""

from __future__ import annotations

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from support.agents import APART, as_root, listening
from support.home import AGENT, CHEAPEST, PROGRAM, Home, report, runs


def test_a_lock_does_not_end_what_made_a_socket(stocked: Home) -> None:
    """The kernel names who called listen: systemd, where that made the socket."""
    code = (
        "import socket, sys, time; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen();"
        "print('ready', flush=True); time.sleep(600)"
    )
    stocked.socket.parent.mkdir(mode=0o700)
    manager = subprocess.Popen([sys.executable, "-I", "-c", code, stocked.socket], stdout=subprocess.PIPE)
    assert manager.stdout is not None and manager.stdout.readline() == b"ready\n"
    try:
        stocked.fails(69, "lock", says=f"nothing answers at the socket {stocked.socket}", passphrase=None)
        assert manager.poll() is None
    finally:
        manager.kill()
        manager.communicate()
        stocked.socket.unlink()


def test_a_number_that_was_written_down_ends_nobody(stocked: Home) -> None:
    """It may be one of another container that shares the directory."""
    bystander = subprocess.Popen(["/bin/sleep", "600"])
    stocked.socket.parent.mkdir(mode=0o700)
    with open(stocked.socket.parent / "agent.pid", "w") as file:
        file.write(str(bystander.pid))
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        stocked.fails(69, "unlock", says="could not be stopped")
        assert bystander.poll() is None
    bystander.kill()
    bystander.wait()
    stocked.unlock()


def test_agents_at_one_path_are_told_apart(unlocked: Home, registered: Callable[..., subprocess.Popen[bytes]]) -> None:
    """Two containers have the same path of a socket, and what answers there is one of the two."""
    agent, other = unlocked.agent(), registered("/elsewhere/vault", unlocked.socket)
    assert {one["pid"] for one in unlocked.json("status", passphrase=None)["agents"]} == {agent, other.pid}
    unlocked.ok("lock", passphrase=None)
    assert other.wait(10) == -signal.SIGTERM
    assert unlocked.helper().returncode == 77 and unlocked.agent() == agent


@as_root
def test_agents_that_cannot_be_seen_are_told_apart(
    stocked: Home, registered: Callable[..., subprocess.Popen[bytes]]
) -> None:
    for name in ("first", "second"):
        registered(f"/elsewhere/{name}", stocked.runtime / name)
    result = stocked.fails(69, "lock", says="in another container", passphrase=None, under=APART)
    assert b"/elsewhere/first" in result.stderr and b"/elsewhere/second" in result.stderr, report(result)


@as_root
def test_agents_with_one_number_register_both(stocked: Home) -> None:
    """Each container counts its processes from 1."""
    stocked.ok("init", *CHEAPEST, "--no-recovery-code", "--vault", "other")
    children = []
    for name, vault in (("first", stocked.vault), ("second", stocked.outside / "other")):
        env = stocked.env | {
            "SEALRING_VAULT": str(vault),
            "SEALRING_AGENT_SOCKET": str(stocked.runtime / name / "sock"),
        }
        child = subprocess.Popen([*APART, AGENT], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        children.append(child)
        assert child.stdout is not None and child.stdout.readline() == b"ready\n"
    assert sorted(path.name.split("-")[0] for path in (stocked.state / "agents").iterdir()) == ["1", "1"]
    assert len(stocked.json("status", passphrase=None)["agents"]) == 2
    stocked.ok("lock", "--stop", passphrase=None)
    for child in children:
        child.communicate(timeout=30)


def test_silent_agents_are_ended_together(unlocked: Home, registered: Callable[..., subprocess.Popen[bytes]]) -> None:
    with listening(unlocked.runtime / "silent" / "sock"):
        silent = [registered(f"/elsewhere/{number}", unlocked.runtime / "silent" / "sock") for number in range(20)]
        begin = time.monotonic()
        unlocked.ok("lock", passphrase=None)
        # In turn it was a second or two for each.
        assert time.monotonic() - begin < 15
    assert {child.wait(10) for child in silent} == {-signal.SIGTERM} and unlocked.helper().returncode == 77


def test_a_stopped_agent_with_a_full_queue_is_ended(unlocked: Home) -> None:
    agent = unlocked.agent()
    os.kill(agent, signal.SIGSTOP)
    connections = []
    for _ in range(600):
        connection = socket.socket(socket.AF_UNIX)
        connection.setblocking(False)
        connections.append(connection)
        try:
            connection.connect(str(unlocked.socket))
        except BlockingIOError:
            break
    result = unlocked.ok("lock", passphrase=None)
    assert b"and was stopped" in result.stderr and not runs(agent), report(result)
    for connection in connections:
        connection.close()


@pytest.fixture
def ending(stocked: Home) -> Iterator[None]:
    """A socket as an agent leaves it that is ending: the kernel takes a connection, and nobody answers."""
    with listening(stocked.socket) as listener:

        def end() -> None:
            listener.accept()[0].close()
            stocked.socket.unlink()
            listener.close()

        thread = threading.Thread(target=end)
        thread.start()
        yield
        thread.join()


@pytest.mark.usefixtures("ending")
def test_an_agent_that_is_ending_does_not_keep_an_unlock_from_starting_another(stocked: Home) -> None:
    stocked.unlock()
    assert stocked.helper().returncode == 0
    stocked.ok("lock", "--stop", passphrase=None)


@pytest.mark.usefixtures("ending")
def test_an_agent_that_is_ending_does_not_keep_another_from_its_socket(stocked: Home) -> None:
    env = stocked.env | {"SEALRING_VAULT": str(stocked.vault)}
    child = subprocess.Popen([AGENT], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"ready\n"
    assert stocked.agent() == child.pid
    stocked.ok("lock", "--stop", passphrase=None)
    child.communicate(timeout=30)


def test_an_unlock_while_the_agent_ends_starts_another(unlocked: Home) -> None:
    for _ in range(5):
        ending = subprocess.Popen(
            [PROGRAM, "lock", "--stop"], env=unlocked.env, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        unlocked.unlock()
        assert ending.wait(30) == 0
    unlocked.unlock()
