"""An agent that answers what the test wants."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from support import frames
from support.frames import frame, u32
from support.home import Home


@contextmanager
def agent(home: Home, answer: Callable[[socket.socket], None] | bytes) -> Iterator[list[bytes]]:
    """Answers everybody in the same way; gives the requests that came."""
    home.socket.parent.mkdir(mode=0o700, exist_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(home.socket))
    os.chmod(home.socket, 0o600)
    listener.listen()
    requests: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                try:
                    head = frames.receive(connection, 4)
                    if head is None:
                        continue
                    requests.append(head + (frames.receive(connection, int.from_bytes(head, "little")) or b""))
                    if isinstance(answer, bytes):
                        connection.sendall(answer)
                    else:
                        answer(connection)
                except OSError:
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield requests
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(15)
        listener.close()
        home.socket.unlink()


def error(code: int, message: bytes, cure: bytes = b"do so") -> bytes:
    return frame(frames.ERROR, u32(code), message, cure)
