"""One process that asks for too much: the lock works, the honest get their answers, and nothing is left behind."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import time
from pathlib import Path

import pytest

from support import frames
from support.client import credentials, path
from support.flooding import CROWD, flood, floods, quickest
from support.frames import frame, u32
from support.home import Home, report, runs
from support.keys import KeyMaker
from support.memory import connections, held

KINDS = [
    "silence",
    "half a request",
    "a large half",
    "status",
    "lists",
    "credentials",
    "comparisons",
    "signed requests",
    "beginnings",
    "commits",
    "wrong keys",
    "forgetting",
    "deliveries",
    "waiting",
]


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_is_kept_from_the_lock(unlocked: Home, keys: KeyMaker, kind: str) -> None:
    """Neither from their credentials, nor from a change."""
    secret = unlocked.write("session.secret", keys().secret)
    unlocked.ok("add", "session", "--access-key-id", keys().id, "--secret-file", secret, passphrase=None)
    unlocked.ok("set", "session", "--serve", "session", passphrase=None)
    contents = floods(unlocked)
    assert list(contents) == KINDS
    agent = unlocked.agent()
    with flood(unlocked, contents[kind]):

        def honest() -> None:
            answer = credentials(unlocked)
            assert answer is not None and answer.kind == frames.JSON

        assert quickest(honest) < 0.5
        unlocked.ok("set", "prod", "--note", kind, passphrase=None)
        assert held(agent) < 12 << 10, "what clients hold is bounded"
        assert connections(agent) < 600

        def lock() -> None:
            answer = frames.ask(unlocked.socket, frames.LOCK)
            assert answer is not None and answer.kind == frames.DONE

        assert quickest(lock) < 0.5
        result = unlocked("lock", passphrase=None)
        assert result.returncode == 0 and b"did not respond" not in result.stderr, report(result)
        assert unlocked.helper().returncode == 77
        assert held(agent) < 12 << 10, "nothing is left of it"


def test_changes_that_are_only_begun_hold_nobody_up(unlocked: Home) -> None:
    listing = frames.ask(unlocked.socket, frames.LIST, path(unlocked), u32(0))
    assert listing is not None
    begun = []
    for _ in range(4):
        connection = frames.connect(unlocked.socket)
        connection.sendall(frame(frames.BEGIN, path(unlocked), listing.fields[0], u32(0)))
        answer = frames.read(connection)
        assert answer is not None and answer.kind == frames.DONE
        begun.append(connection)
    unlocked.ok("set", "prod", "--note", "x", passphrase=None)
    # The oldest of the process that had most went for it, and the others did not have to end first.
    assert frames.receive(begun[0], 4) is None
    for connection in begun[1:]:
        connection.sendall(frame(frames.COMMIT))
        answer = frames.read(connection)
        assert answer is not None and answer.fields[0] == u32(75)
    for connection in begun:
        connection.close()


def begin_for_ever(address: str, content: bytes) -> None:
    """Begins a change, and asks for the status again and again, so that it is not silent."""
    while True:
        try:
            with frames.connect(Path(address)) as connection:
                connection.sendall(content)
                assert frames.read(connection) is not None
                while True:
                    connection.sendall(frame(frames.STATUS))
                    assert frames.read(connection) is not None
                    time.sleep(0.5)
        except (OSError, AssertionError):
            time.sleep(0.1)


def test_processes_that_never_end_a_change_hold_nobody_up(unlocked: Home) -> None:
    listing = frames.ask(unlocked.socket, frames.LIST, path(unlocked), u32(0))
    assert listing is not None
    begin = frame(frames.BEGIN, path(unlocked), listing.fields[0], u32(0))
    hostile = [
        multiprocessing.Process(target=begin_for_ever, args=(str(unlocked.socket), begin), daemon=True)
        for _ in range(5)
    ]
    for process in hostile:
        process.start()
    try:
        time.sleep(0.5)
        unlocked.ok("set", "prod", "--note", "x", passphrase=None)
    finally:
        for process in hostile:
            process.kill()
            process.join(10)


def churn(address: str, content: bytes) -> None:
    """Has many clients wait for one session, and gives the lease up as soon as one has it."""
    waiting: list[socket.socket] = []
    while True:
        try:
            while len(waiting) < 400:
                connection = socket.socket(socket.AF_UNIX)
                connection.connect(address)
                connection.sendall(content)
                waiting.append(connection)
            for connection in waiting:
                connection.setblocking(False)
                try:
                    if len(connection.recv(1 << 16)) > 100:
                        raise ConnectionResetError
                except BlockingIOError:
                    continue
                except ConnectionResetError:
                    connection.close()
                    waiting.remove(connection)
                    break
        except OSError:
            time.sleep(0.01)


def test_clients_that_wait_and_give_up_hold_nobody_up(unlocked: Home, keys: KeyMaker) -> None:
    secret = unlocked.write("session.secret", keys().secret)
    unlocked.ok("add", "session", "--access-key-id", keys().id, "--secret-file", secret, passphrase=None)
    unlocked.ok("set", "session", "--serve", "session", passphrase=None)
    content = frame(frames.CREDENTIALS, path(unlocked), b"session", b"")
    process = multiprocessing.Process(target=churn, args=(str(unlocked.socket), content), daemon=True)
    process.start()
    try:
        time.sleep(1)

        def honest() -> None:
            answer = credentials(unlocked)
            assert answer is not None and answer.kind == frames.JSON

        assert quickest(honest) < 0.5
        assert quickest(lambda: frames.ask(unlocked.socket, frames.LOCK)) < 0.5
    finally:
        process.kill()
        process.join(10)


def test_the_holder_of_a_lease_is_not_displaced(unlocked: Home) -> None:
    unlocked.ok("set", "prod", "--serve", "session", passphrase=None)
    with frames.connect(unlocked.socket) as holder:
        holder.sendall(frame(frames.CREDENTIALS, path(unlocked), b"prod", b""))
        lease = frames.read(holder)
        assert lease is not None and lease.kind == frames.LEASE
        crowd = []
        for _ in range(CROWD):
            connection = frames.connect(unlocked.socket)
            connection.sendall(frame(frames.CREDENTIALS, path(unlocked), b"prod", b""))
            crowd.append(connection)
        # A delivery that says nothing is refused, but it is heard.
        holder.sendall(frame(frames.DELIVER, lease.fields[0], b""))
        answer = frames.read(holder)
        assert answer is not None and answer.kind == frames.ERROR and b"invalid reply" in answer.fields[1]
        for connection in crowd:
            connection.close()


def test_a_lock_ends_what_was_begun_before(unlocked: Home) -> None:
    """The connections that hold nothing go on."""
    vault = path(unlocked)
    listing = frames.ask(unlocked.socket, frames.LIST, vault, u32(0))
    assert listing is not None
    unlocked.ok("set", "prod", "--serve", "session", passphrase=None)
    listing = frames.ask(unlocked.socket, frames.LIST, vault, u32(0))
    assert listing is not None
    idle, begun, half, unread, leased, parked = (frames.connect(unlocked.socket) for _ in range(6))
    idle.sendall(frame(frames.STATUS))
    assert frames.read(idle) is not None
    begun.sendall(frame(frames.BEGIN, vault, listing.fields[0], u32(0)))
    assert frames.read(begun) == (frames.DONE, [])
    half.sendall(frame(frames.CREDENTIALS, vault, b"prod", b"123456")[:-1])
    unread.setblocking(False)
    sent = 0
    try:
        while sent < 1 << 24:
            sent += unread.send(frame(frames.LIST, vault, u32(0)) * 100)
    except BlockingIOError:
        pass
    unread.settimeout(5)
    leased.sendall(frame(frames.CREDENTIALS, vault, b"prod", b""))
    lease = frames.read(leased)
    assert lease is not None and lease.kind == frames.LEASE
    parked.sendall(frame(frames.CREDENTIALS, vault, b"prod", b""))
    assert frames.read(parked) == (frames.WAITING, [])
    unlocked.ok("lock", passphrase=None)
    assert ends(begun) and ends(half) and ends(unread, limit=4 << 20)
    answer = frames.read(parked)
    assert answer is not None and answer.fields[0] == u32(77) and ends(parked)
    unlocked.unlock()
    leased.sendall(frame(frames.DELIVER, lease.fields[0], b""))
    answer = frames.read(leased)
    assert answer is not None and answer.kind == frames.ERROR and b"too late" in answer.fields[1]
    idle.sendall(frame(frames.STATUS))
    assert frames.read(idle) is not None
    for connection in (idle, begun, half, unread, leased, parked):
        connection.close()


def ends(connection: socket.socket, limit: int = 0) -> bool:
    """Whether the agent has closed the connection, after what the system had taken for it."""
    got = 0
    try:
        while True:
            piece = connection.recv(1 << 16)
            if not piece:
                return True
            got += len(piece)
            assert got <= limit, "answers of before go on"
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("command", [("lock",), ("lock", "--stop")])
def test_an_agent_that_answers_nobody_is_ended_by_a_lock(unlocked: Home, command: tuple[str, ...]) -> None:
    agent = unlocked.agent()
    os.kill(agent, signal.SIGSTOP)
    status = unlocked.json("status", passphrase=None)
    assert status["locked"] is False, "it may hand keys out as soon as it goes on"
    assert (status["agent"], status["pid"]) == ("silent", agent)
    result = unlocked.ok(*command, passphrase=None)
    assert b"did not respond" in result.stderr, report(result)
    assert not runs(agent)
    assert unlocked.json("status", passphrase=None)["locked"] is True
    unlocked.unlock()
    assert unlocked.helper().returncode == 0
