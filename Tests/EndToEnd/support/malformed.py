"""Requests that are none, one for each way to be wrong."""

from __future__ import annotations

import struct

from support import frames
from support.frames import frame, u32

VALID: dict[int, list[bytes]] = {
    frames.STATUS: [],
    frames.UNLOCK: [b"", bytes(32), u32(60), u32(60), u32(0)],
    frames.CREDENTIALS: [b"", b"prod", b""],
    frames.COMPARE: [b"", b"prod", b"key", b""],
    frames.LIST: [b"", u32(0)],
    frames.BEGIN: [b"", bytes(32), u32(0)],
    frames.CHANGE: [b"\1", b"n", b"", b"", b""],
    frames.COMMIT: [],
    frames.DESCRIBE: [b"", b"prod"],
    frames.WHY: [],
    frames.COUNTS: [],
}


def malformed() -> list[tuple[str, bytes]]:
    """Each is no request; `PATH` stands for the vault's path in those that need it."""
    found = [
        (f"length {length:#x}", u32(length) + bytes([1, 1]) + bytes(64))
        for length in (0, 1, 2**16 + 1, 2**16 + 2, 2**20, 2**31 - 1, 2**31, 2**32 - 1)
    ]
    found += [(f"version {version}", frame(frames.STATUS, version=version)) for version in (0, 2, 3, 127, 128, 255)]
    found += [(f"kind {kind}", frame(kind)) for kind in (0, 5, 15, *range(18, 80), 127, 128, 254, 255)]
    for kind, fields in VALID.items():
        fields = [
            b"PATH" if field == b"" and at == 0 and kind != frames.CHANGE else field for at, field in enumerate(fields)
        ]
        found.append((f"one field too many in {kind}", frame(kind, *fields, b"")))
        found.append((f"trailing bytes in {kind}", longer(frame(kind, *fields), b"\0")))
        found.append((f"half a field head behind {kind}", longer(frame(kind, *fields), b"\0\0\0")))
        found.append((f"a field beyond the frame behind {kind}", longer(frame(kind, *fields), u32(1))))
        for at in range(len(fields)):
            found.append((f"field {at} of {kind} is missing", frame(kind, *fields[:at], *fields[at + 1 :])))
            wrong = fields[:at] + [b"\xff" * 5] + fields[at + 1 :]
            is_free = (kind == frames.CHANGE and at in (3, 4)) or (kind == frames.COMPARE and at in (2, 3))
            if not is_free:
                found.append((f"field {at} of {kind} has five wrong bytes", frame(kind, *wrong)))
            if fields[at] != b"" and len(fields[at]) in (1, 4, 32):
                huge = longer(frame(kind, *fields[:at]), u32(2**32 - 1) + fields[at])
                found.append((f"field {at} of {kind} claims four gigabytes", huge))
    found.append(("a change without a begin", frame(frames.CHANGE, *VALID[frames.CHANGE])))
    found.append(("a commit without a begin", frame(frames.COMMIT)))
    found.append(("an unknown change", frame(frames.CHANGE, b"\x09", b"n", b"", b"", b"")))
    found.append(("text", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
    found.append(("zeros", bytes(100_000)))
    found.append(("ones", b"\xff" * 100_000))
    return found


def longer(whole: bytes, end: bytes) -> bytes:
    return u32(struct.unpack_from("<I", whole)[0] + len(end)) + whole[4:] + end


MALFORMED = malformed()
