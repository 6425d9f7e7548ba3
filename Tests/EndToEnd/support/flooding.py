"""Processes that flood the agent."""

from __future__ import annotations

import multiprocessing
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.synchronize import Event as EventType

from support import frames
from support.client import path
from support.frames import frame, u32
from support.home import Home

CROWD = 540


def bombard(address: str, content: bytes, ready: EventType) -> None:
    """Opens more connections than the agent takes, sends as much as they take, and reads nothing; a connection
    that is closed is opened again."""
    waiting = selectors.DefaultSelector()

    def open_one() -> None:
        connection = socket.socket(socket.AF_UNIX)
        connection.setblocking(False)
        try:
            connection.connect(address)
        except OSError:
            connection.close()
            return
        waiting.register(connection, selectors.EVENT_WRITE | selectors.EVENT_READ, [content])

    while True:
        while len(waiting.get_map()) < CROWD:
            before = len(waiting.get_map())
            open_one()
            if len(waiting.get_map()) == before:
                break
        for key, events in waiting.select(0.05):
            connection, rest = key.fileobj, key.data
            assert isinstance(connection, socket.socket)
            try:
                if events & selectors.EVENT_READ and connection.recv(1, socket.MSG_PEEK) == b"":
                    raise ConnectionResetError
                if rest[0]:
                    rest[0] = rest[0][connection.send(rest[0]) :]
                if not rest[0]:
                    waiting.modify(connection, selectors.EVENT_READ, rest)
            except BlockingIOError:
                waiting.modify(connection, selectors.EVENT_READ, rest)
            except OSError:
                waiting.unregister(connection)
                connection.close()
        ready.set()
        time.sleep(0.002)


@contextmanager
def flood(home: Home, content: bytes) -> Iterator[None]:
    ready = multiprocessing.Event()
    process = multiprocessing.Process(target=bombard, args=(str(home.socket), content, ready), daemon=True)
    process.start()
    try:
        assert ready.wait(30)
        time.sleep(0.3)
        yield
    finally:
        process.kill()
        process.join(10)


def quickest(ask: Callable[[], object], times: int = 5) -> float:
    """The best of some: the machine has other work to do, but an agent that is held up is slow each time."""
    found = []
    for _ in range(times):
        start = time.monotonic()
        ask()
        found.append(time.monotonic() - start)
        if found[-1] < 0.25:
            break
    return min(found)


def floods(home: Home) -> dict[str, bytes]:
    vault = path(home)
    listing = frames.ask(home.socket, frames.LIST, vault, u32(0))
    assert listing is not None
    begin = frame(frames.BEGIN, vault, listing.fields[0], u32(0))
    return {
        "silence": b"",
        "half a request": frame(frames.LIST, vault, u32(0))[:-2],
        "a large half": u32(60_000) + b"\1\4" + bytes(50_000),
        "status": frame(frames.STATUS) * 400,
        "lists": frame(frames.LIST, vault, u32(0)) * 400,
        "credentials": frame(frames.CREDENTIALS, vault, b"prod", b"") * 400,
        "comparisons": frame(frames.COMPARE, vault, b"prod", b"x" * 40, b"") * 400,
        "signed requests": frame(frames.CALL, vault, b"prod", b"\1", b"\0", b"", b"", bytes(8)) * 400,
        "beginnings": begin,
        "commits": (begin + frame(frames.COMMIT)) * 200,
        "wrong keys": frame(frames.UNLOCK, vault, bytes(32), u32(60), u32(60), u32(0)) * 400,
        "forgetting": frame(frames.CLEAR, vault, b"") * 100,
        "deliveries": frame(frames.DELIVER, bytes(16), bytes(1000)) * 400,
        "waiting": frame(frames.CREDENTIALS, vault, b"session", b""),
    }
