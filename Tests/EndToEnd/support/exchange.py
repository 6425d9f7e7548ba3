"""What the agent's side says to `sealring-aws`, and what that answers: Sources/AWSExchange."""

from __future__ import annotations

import os
import struct
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from support import stub
from support.frames import frame, u32
from support.home import AWS, report
from support.stub import Stub

REQUEST, REPLY = 100, 101
REPEAT, RAW, UNKNOWN = 1, 2, 4
(
    ANSWERED,
    NO_HOST,
    NO_CONNECTION,
    TLS,
    TIMEOUT,
    TOO_LARGE,
    MALFORMED,
    REDIRECT,
    OTHER,
    CA_BUNDLE,
    BAD,
    CA_UNTRUSTED,
    PROXY_INVALID,
    PROXY_NOT_FOUND,
    PROXY_UNREACHABLE,
    PROXY_REFUSED,
    PROXY_TLS,
    PROXY_TIMEOUT,
    PROXY_BROKEN,
    PROXY_REFUSED_LOGIN,
) = range(20)
HEADERS = b"Content-Type: application/x-www-form-urlencoded; charset=utf-8\nHost: 127.0.0.1\nAuthorization: made-up\n"
BODY = b"Action=GetCallerIdentity&Version=2011-06-15"


def request(
    url: str,
    *,
    headers: bytes = HEADERS,
    body: bytes = BODY,
    bundle: str | Path = "",
    milliseconds: int = 5000,
    flags: int = 0,
) -> bytes:
    return frame(REQUEST, url.encode(), headers, body, os.fsencode(bundle), u32(milliseconds), u32(flags))


class Reply:
    def __init__(self, data: bytes) -> None:
        size, version, kind = struct.unpack_from("<IBB", data)
        assert (size + 4, version, kind) == (len(data), 1, REPLY), data[:200]
        fields, at = [], 6
        while at < len(data):
            length = struct.unpack_from("<I", data, at)[0]
            fields.append(data[at + 4 : at + 4 + length])
            at += 4 + length
        self.outcome, self.detail, self.status = (
            fields[0][0],
            fields[1].decode("ascii"),
            int.from_bytes(fields[2], "little"),
        )
        self.date = int.from_bytes(fields[3], "little")
        self.pairs = list(zip([path.decode() for path in fields[4::2]], fields[5::2], strict=True))
        assert len(data) <= 65540 and len(self.detail) <= 512


def run(
    data: bytes, *, env: dict[str, str] | None = None, code: int = 0, under: list[str | Path] | None = None
) -> Reply:
    result = subprocess.run([*(under or []), AWS], input=data, capture_output=True, timeout=60, env=env or {})
    assert result.returncode == code and result.stderr == b"", report(result)
    return Reply(result.stdout)


@contextmanager
def identity_service() -> Iterator[Stub]:
    """A service that says of every request whose account it is from."""
    with stub.running({}) as running:
        running.always = lambda _: stub.result("GetCallerIdentity", "<Account>123456789012</Account>")
        yield running
