"""Kills a process at a chosen moment of its work on a directory."""

from __future__ import annotations

import ctypes
import os
import select
import struct
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_libc = ctypes.CDLL(None, use_errno=True)
ALL_EVENTS = 0xFFF
CREATED = 0x100
# Longer than any save takes, in seconds.
HANGS = 60


class Watch:
    """The events of a directory, as the kernel reports them."""

    def __init__(self, folder: Path) -> None:
        self.descriptor = _libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self.descriptor < 0 or _libc.inotify_add_watch(self.descriptor, os.fsencode(folder), ALL_EVENTS) < 0:
            raise OSError(ctypes.get_errno(), "inotify")

    def events(self, seconds: float) -> list[tuple[int, bytes]]:
        """What happened since: kinds of events and names. Waits for the first one."""
        if not select.select([self.descriptor], [], [], seconds)[0]:
            return []
        data, found, at = os.read(self.descriptor, 65536), [], 0
        while at < len(data):
            _, kind, _, length = struct.unpack_from("iIII", data, at)
            found.append((kind, data[at + 16 : at + 16 + length].rstrip(b"\0")))
            at += 16 + length
        return found


@contextmanager
def watching(folder: Path) -> Iterator[Watch]:
    watch = Watch(folder)
    try:
        yield watch
    finally:
        os.close(watch.descriptor)


def kill_after(process: subprocess.Popen[bytes], watch: Watch, count: int, microseconds: int) -> bool:
    """Kills the process so long after so many events, unless it ends before; tells whether it got there in time."""
    seen, deadline = 0, time.monotonic() + HANGS
    while seen < count and process.poll() is None and time.monotonic() < deadline:
        seen += len(watch.events(0.02))
    end = time.perf_counter() + microseconds / 1e6
    time.sleep(max(0, microseconds / 1e6 - 0.001))
    while time.perf_counter() < end:
        pass
    process.kill()
    return time.monotonic() < deadline
