"""Connections without number, and some that nobody reads: the agent stays small, and serves the honest ones meanwhile."""

from __future__ import annotations

import contextlib
import multiprocessing
import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import frames
from support.client import is_well, memory, path
from support.frames import frame, u32
from support.home import Home
from support.malformed import MALFORMED


@pytest.fixture
def unlocked(stocked: Home) -> Iterator[Home]:
    stocked.unlock()
    yield stocked
    is_well(stocked)


def test_a_client_that_never_reads(unlocked: Home) -> None:
    """Its answers wait for it, one at a time; the others do not."""
    before = memory(unlocked)
    whole = frame(frames.LIST, path(unlocked), u32(0))
    connections = []
    for _ in range(20):
        connection = frames.connect(unlocked.socket)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        connection.setblocking(False)
        connections.append(connection)
        try:
            for _ in range(2000):
                connection.send(whole)
        except BlockingIOError:
            pass
    is_well(unlocked)
    assert memory(unlocked) - before < 16 << 10
    for connection in connections:
        connection.close()


def test_ten_thousand_connections(unlocked: Home) -> None:
    before = memory(unlocked)
    for number in range(10_000):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(unlocked.socket))
        if number % 3 == 0:
            connection.send(b"\x10")
        connection.close()
        if number % 2500 == 0:
            is_well(unlocked)
    is_well(unlocked)
    assert memory(unlocked) - before < 4096


def test_more_connections_than_the_agent_takes(unlocked: Home) -> None:
    """Those that are silent make room; an honest one and a lock come through."""
    silent = [frames.connect(unlocked.socket) for _ in range(900)]
    for connection in silent[::2]:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.send(u32(60_000) + b"\1\4" + bytes(1000))
    is_well(unlocked)
    assert memory(unlocked, "VmLck") < 16 << 10
    start = time.monotonic()
    answer = frames.ask(unlocked.socket, frames.LOCK)
    assert answer is not None and answer.kind == frames.DONE and time.monotonic() - start < 1
    for connection in silent:
        connection.close()
    unlocked.unlock()


def flood(address: Path, contents: list[bytes], number: int) -> None:
    """Until it is killed, in a process of its own: threads would slow the honest client down themselves."""
    chance = random.Random(number)
    while True:
        try:
            with frames.connect(address, 1) as connection:
                connection.sendall(chance.choice(contents))
        except (OSError, AssertionError):
            pass


def test_honest_clients_are_served_during_a_flood(unlocked: Home) -> None:
    contents = [content for _, content in MALFORMED[:60]]
    hostile = [
        multiprocessing.Process(target=flood, args=(unlocked.socket, contents, number), daemon=True)
        for number in range(3)
    ]
    for process in hostile:
        process.start()
    try:
        deadline = time.monotonic() + 3
        while time.monotonic() < deadline:
            is_well(unlocked)
    finally:
        for process in hostile:
            process.kill()
            process.join(10)
