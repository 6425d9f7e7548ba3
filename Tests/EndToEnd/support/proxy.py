"""A proxy between `sealring-aws` and AWS."""

from __future__ import annotations

import select
import socket
import threading


class Proxy:
    """Notes what it is asked for, and refuses; or does what the test says."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.answer = b"HTTP/1.1 403 no\r\nContent-Length: 0\r\n\r\n"
        #: Where a tunnel leads, whatever was asked for.
        self.tunnel: int | None = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.server = threading.Thread(target=self.serve, daemon=True)
        self.server.start()

    def close(self) -> None:
        # The thread must be done with the socket: it would go on with the next one of the same number.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.server.join()
        self.listener.close()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.asked.append(connection.recv(4096).partition(b"\r\n")[0])
                try:
                    connection.sendall(self.answer)
                    if self.tunnel is not None:
                        self.relay(connection)
                except OSError:
                    pass

    def relay(self, client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self.tunnel or 0)) as server:
            ends = {client: server, server: client}
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    ends[end].sendall(data)
