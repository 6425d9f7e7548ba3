"""An agent that answers what the test wants."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from support import frames
from support.frames import frame, u32
from support.home import Home


@contextmanager
def listening(home: Home, converse: Callable[[socket.socket], None]) -> Iterator[None]:
    """Hands each connection to the agent's socket to `converse`."""
    home.socket.parent.mkdir(mode=0o700, exist_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(home.socket))
    home.socket.chmod(0o600)
    listener.listen()

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                converse(connection)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(15)
        listener.close()
        home.socket.unlink()


@contextmanager
def agent(home: Home, answer: Callable[[socket.socket], None] | bytes) -> Iterator[list[bytes]]:
    """Answers everybody in the same way; gives the requests that came."""
    requests: list[bytes] = []

    def converse(connection: socket.socket) -> None:
        head = frames.receive(connection, 4)
        if head is None:
            return
        requests.append(head + (frames.receive(connection, int.from_bytes(head, "little")) or b""))
        if isinstance(answer, bytes):
            connection.sendall(answer)
        else:
            answer(connection)

    with listening(home, converse):
        yield requests


def error(code: int, message: bytes, cure: bytes = b"do so") -> bytes:
    return frame(frames.ERROR, u32(code), message, cure)
