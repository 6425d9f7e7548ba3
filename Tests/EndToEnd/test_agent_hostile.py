"""Clients that break the rules: the agent lives, stays small, and serves the honest ones meanwhile."""

from __future__ import annotations

import array
import os
import random
import socket
import time
from collections.abc import Iterator

import pytest

from support import frames
from support.client import credentials, is_well, memory, path
from support.frames import frame, u32
from support.home import Home, report
from support.malformed import MALFORMED, VALID
from support.users import AS_NOBODY
from support.waiting import wait_until


@pytest.fixture
def unlocked(stocked: Home) -> Iterator[Home]:
    stocked.unlock()
    yield stocked
    is_well(stocked)


def sends(home: Home, content: bytes, closes: bool = True) -> frames.Frame | None:
    """The agent's answer; None when it closed the connection without one."""
    with frames.connect(home.socket) as connection:
        try:
            connection.sendall(content)
            if closes:
                connection.shutdown(socket.SHUT_WR)
            return frames.read(connection)
        except (ConnectionResetError, BrokenPipeError):
            return None


def test_there_are_enough_of_them() -> None:
    assert len(MALFORMED) >= 150


def test_what_is_no_request_ends_the_connection(unlocked: Home) -> None:
    before = memory(unlocked)
    for what, content in MALFORMED:
        content = content.replace(u32(4) + b"PATH", u32(len(path(unlocked))) + path(unlocked))
        if b"PATH" not in content and content[5:6] and path(unlocked) in content:
            content = u32(len(content) - 4) + content[4:]
        answer = sends(unlocked, content)
        # A name that cannot be is told like one that is not there.
        assert answer is None or answer.kind == frames.ERROR, f"{what}: {answer}"
    is_well(unlocked)
    assert memory(unlocked) - before < 4096


def test_a_refusal_has_three_fields_and_its_reason_is_asked_for(unlocked: Home) -> None:
    """Clients of earlier versions take exactly three."""
    with frames.connect(unlocked.socket) as connection:
        connection.sendall(frame(frames.DESCRIBE, b"/another/vault", b"prod"))
        refusal = frames.read(connection)
        assert refusal is not None and refusal.kind == frames.ERROR and len(refusal.fields) == 3
        connection.sendall(frame(frames.WHY))
        assert frames.read(connection) == frames.Frame(frames.REASON, [b"\5\0", path(unlocked)])
        connection.sendall(frame(frames.STATUS))
        assert frames.read(connection) is not None
        connection.sendall(frame(frames.WHY))
        assert frames.read(connection) == frames.Frame(frames.REASON, [b"\0\0"])


def test_every_cut_of_every_request(unlocked: Home) -> None:
    for kind, fields in VALID.items():
        if kind == frames.UNLOCK:
            continue
        filled = [path(unlocked) if field == b"" and at == 0 else field for at, field in enumerate(fields)]
        whole = frame(kind, *filled)
        for cut in sorted({*range(1, min(len(whole), 12)), len(whole) // 2, len(whole) - 1}):
            if cut < len(whole):
                assert sends(unlocked, whole[:cut]) is None
    is_well(unlocked)


def test_random_bytes(unlocked: Home) -> None:
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    whole = frame(frames.CREDENTIALS, path(unlocked), b"prod", b"")
    for _ in range(300):
        content = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        # One in which a length grew waits for bytes that never come.
        answer = sends(unlocked, bytes(content))
        assert answer is None or answer.kind in (frames.ERROR, frames.JSON, frames.DONE, frames.STATE)
        if answer is not None and answer.kind == frames.DONE:
            unlocked.unlock()
    is_well(unlocked)


def test_the_largest_request_is_read_and_refused(unlocked: Home) -> None:
    room = frames.LIMIT - 2 - 8 - len(path(unlocked))
    answer = sends(unlocked, frame(frames.CREDENTIALS, path(unlocked), b"x" * room, b""))
    assert answer is None or answer.kind == frames.ERROR


def test_a_request_byte_by_byte_is_answered(unlocked: Home) -> None:
    whole = frame(frames.CREDENTIALS, path(unlocked), b"prod", b"")
    with frames.connect(unlocked.socket) as connection:
        for byte in whole:
            connection.sendall(bytes([byte]))
        answer = frames.read(connection)
    assert answer is not None and answer.kind == frames.JSON


def test_requests_in_a_row_are_answered_in_a_row(unlocked: Home) -> None:
    whole = frame(frames.CREDENTIALS, path(unlocked), b"prod", b"")
    with frames.connect(unlocked.socket) as connection:
        connection.sendall(whole * 50 + whole[:7])
        answers = [frames.read(connection) for _ in range(50)]
        assert all(answer is not None and answer.kind == frames.JSON for answer in answers)


def test_a_byte_a_second_is_too_slow(unlocked: Home) -> None:
    whole = frame(frames.CREDENTIALS, path(unlocked), b"prod", b"")
    with frames.connect(unlocked.socket, 20) as connection:
        start = time.monotonic()
        try:
            for byte in whole:
                connection.sendall(bytes([byte]))
                is_well(unlocked)
                time.sleep(1)
        except (BrokenPipeError, ConnectionResetError):
            pass
        assert time.monotonic() - start < 9


def test_half_closed_connections_are_answered(unlocked: Home) -> None:
    answer = sends(unlocked, frame(frames.CREDENTIALS, path(unlocked), b"prod", b""))
    assert answer is not None and answer.kind == frames.JSON


def test_descriptors_that_are_passed_go_nowhere(unlocked: Home) -> None:
    agent = unlocked.agent()
    before = len(os.listdir(f"/proc/{agent}/fd")) if os.geteuid() == 0 else 0
    for _ in range(50):
        read, write = os.pipe()
        with frames.connect(unlocked.socket) as connection:
            rights = array.array("i", [write])
            connection.sendmsg([frame(frames.STATUS)], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])
            os.close(write)
            answer = frames.read(connection)
            assert answer is not None and answer.kind == frames.STATE
            assert os.read(read, 1) == b"", "the agent holds the other end"
        os.close(read)
    if os.geteuid() == 0:
        # The last connections may not be closed yet.
        wait_until(lambda: len(os.listdir(f"/proc/{agent}/fd")) <= before + 1)


def test_a_client_that_vanishes_during_a_lock(unlocked: Home) -> None:
    for _ in range(20):
        with frames.connect(unlocked.socket) as connection:
            connection.sendall(frame(frames.LOCK))
        with frames.connect(unlocked.socket) as connection:
            connection.sendall(frame(frames.CREDENTIALS, path(unlocked), b"prod", b"") * 3)
    answer = credentials(unlocked)
    assert answer is not None and answer.kind == frames.ERROR and answer.fields[0] == u32(77)
    unlocked.unlock()


def test_a_wrong_key_unlocks_nothing_and_leaves_the_vault_as_it_is(unlocked: Home) -> None:
    for key in (bytes(32), os.urandom(32)):
        answer = frames.ask(unlocked.socket, frames.UNLOCK, path(unlocked), key, u32(60), u32(60), u32(0))
        assert answer is not None and answer.kind == frames.ERROR


NOTE = b"\x0e\0" + (60_000).to_bytes(2, "little") + b"n" * 60_000


@pytest.mark.parametrize("fields", [(b"", b"", b"k" * 60_000, b""), (b"", NOTE, b"", b"")], ids=["secrets", "entries"])
def test_changes_that_never_end(unlocked: Home, fields: tuple[bytes, ...]) -> None:
    """What they hold is bounded, and goes with them."""
    before = memory(unlocked, "VmLck")
    listing = frames.ask(unlocked.socket, frames.LIST, path(unlocked), u32(0))
    assert listing is not None
    connections = [frames.connect(unlocked.socket) for _ in range(8)]
    kinds = []
    for connection in connections:
        connection.sendall(frame(frames.BEGIN, path(unlocked), listing.fields[0], u32(0)))
        answer = frames.read(connection)
        assert answer is not None
        kinds.append(answer.kind)
    assert kinds.count(frames.DONE) == 4 and kinds.count(frames.ERROR) == 4
    big = frame(frames.CHANGE, b"\1", *fields)
    answers = []
    for _ in range(80):
        connections[0].sendall(big)
        answer = frames.read(connections[0])
        if answer is None:
            break
        answers.append(answer.kind)
        if answer.kind == frames.ERROR:
            break
    assert answers[-1] == frames.ERROR, "a command's changes have an end"
    is_well(unlocked)
    for connection in connections:
        connection.close()
    time.sleep(0.2)
    assert memory(unlocked, "VmLck") - before < 1024
    unlocked.ok("set", "prod", "--note", "x", passphrase=None)


def test_another_user_gets_nothing(nobodys: Home) -> None:
    """Their agent does not answer root, and the socket is closed to all others."""
    program = nobodys.root.parent / "bin" / "sealring"
    assert nobodys("unlock", program=program, under=AS_NOBODY).returncode == 0
    assert nobodys.socket.stat().st_mode & 0o7777 == 0o600
    assert nobodys.socket.parent.stat().st_mode & 0o7777 == 0o700
    with frames.connect(nobodys.socket) as connection:
        try:
            connection.sendall(frame(frames.CREDENTIALS, path(nobodys), b"prod", b""))
            assert frames.read(connection) is None
        except (ConnectionResetError, BrokenPipeError):
            pass
    helper = nobodys.root.parent / "bin" / "sealring-credential-process"
    result = nobodys("prod", program=helper, under=AS_NOBODY, passphrase=None, shows_secret=True)
    assert result.returncode == 0, report(result)
