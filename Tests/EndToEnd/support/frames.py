"""The agent's frames, written and read without the program: Sources/AgentProtocol/AgentProtocol.docc/Wire.md."""

from __future__ import annotations

import socket
import struct
import time
from pathlib import Path
from typing import NamedTuple

VERSION = 1
LIMIT = 64 << 10
STATUS, UNLOCK, LOCK, CREDENTIALS, _, LIST, BEGIN, CHANGE, COMMIT, STOP, DELIVER, CALL, CLEAR, COMPARE = range(1, 15)
DESCRIBE, WHY, COUNTS = 15, 16, 17
DONE, ERROR, STATE, JSON, _, ENTRIES, IMAGE, PART, LEASE, CODE_NEEDED, SIGNED, FORGOTTEN, WAITING, COMPARISON = range(
    64, 78
)
REASON = 78


class Frame(NamedTuple):
    kind: int
    fields: list[bytes]


def u32(number: int) -> bytes:
    return struct.pack("<I", number)


def u64(number: int) -> bytes:
    return struct.pack("<Q", number)


def frame(kind: int, *fields: bytes, version: int = VERSION) -> bytes:
    body = bytes([version, kind]) + b"".join(u32(len(field)) + field for field in fields)
    return u32(len(body)) + body


def read(connection: socket.socket) -> Frame | None:
    """The next frame; None when the other side closed."""
    head = receive(connection, 4)
    if head is None:
        return None
    length = struct.unpack("<I", head)[0]
    assert 2 <= length <= LIMIT
    body = receive(connection, length)
    assert body is not None and body[0] == VERSION
    fields, at = [], 2
    while at < len(body):
        size = struct.unpack_from("<I", body, at)[0]
        fields.append(body[at + 4 : at + 4 + size])
        at += 4 + size
    assert at == len(body)
    return Frame(body[1], fields)


def receive(connection: socket.socket, count: int) -> bytes | None:
    found = b""
    while len(found) < count:
        piece = connection.recv(count - len(found))
        if not piece:
            return None
        found += piece
    return found


def connect(path: Path, seconds: float = 5) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(seconds)
    deadline = time.monotonic() + seconds
    while True:
        try:
            connection.connect(str(path))
            return connection
        except BlockingIOError:
            # The queue is full for the moment; who waits in the kernel instead may wait for ever.
            assert time.monotonic() < deadline
            time.sleep(0.005)


def ask(path: Path, kind: int, *fields: bytes, seconds: float = 5) -> Frame | None:
    with connect(path, seconds) as connection:
        connection.sendall(frame(kind, *fields))
        return read(connection)
