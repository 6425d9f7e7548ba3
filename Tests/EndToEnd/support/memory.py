"""What lies in the memory of a process, and where: only root may look.

Pages of memfd_secret are closed even to root. A search of a process that has some would find nothing there
whatever they hold, so it is an error: start the program with `refusing.HIDDEN_MEMORY`, and its secrets are on
ordinary locked pages, which are searched. What a process does with hidden pages is counted, by `declared`.
"""

from __future__ import annotations

import contextlib
import os
import re
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from support.leaks import WINDOW, forms

HEAD = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$")
# What the kernel maps into each process for itself.
OF_THE_KERNEL = ("[vvar]", "[vsyscall]", "[vvar_vclock]")


@dataclass
class Region:
    start: int
    end: int
    modes: str
    path: str
    flags: frozenset[str] = frozenset()

    @property
    def is_declared(self) -> bool:
        """Whether the pages are locked and left out of core dumps: memory that was made for secrets."""
        return {"lo", "dd"} <= self.flags

    @property
    def is_of_file(self) -> bool:
        """Whether it shows a file's bytes, and the process cannot write to it."""
        return self.path.startswith("/") and "w" not in self.modes

    @property
    def is_hidden(self) -> bool:
        return self.path.startswith("/secretmem")

    @property
    def count(self) -> int:
        return self.end - self.start

    def __str__(self) -> str:
        return f"{self.start:x} in {self.path or 'anonymous memory'}"


def regions(process: int) -> list[Region]:
    found: list[Region] = []
    for line in Path(f"/proc/{process}/smaps").read_text().splitlines():
        head = HEAD.match(line)
        if head:
            found.append(Region(int(head[1], 16), int(head[2], 16), head[3], head[4]))
        elif line.startswith("VmFlags:"):
            found[-1].flags = frozenset(line.split()[1:])
    return found


def declared(process: int) -> list[Region]:
    """The memory that the process made for secrets. The guard pages around it are not readable, and not in it."""
    return [region for region in regions(process) if region.is_declared and "r" in region.modes]


def hidden(process: int) -> list[Region]:
    return [region for region in regions(process) if region.is_hidden]


@contextlib.contextmanager
def stopped(process: int) -> Iterator[None]:
    """Holds the process, whose memory would change while it is read; one that is held already stays so."""

    def state() -> str:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]

    if state() == "T":
        yield
        return
    os.kill(process, signal.SIGSTOP)
    try:
        while state() != "T":
            assert state() not in "ZX", "the process has ended"
            time.sleep(0.01)
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGCONT)


def contents(process: int) -> Iterator[tuple[Region, bytes]]:
    """The readable memory, all of it: what cannot be read is an error, and not passed over."""
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        for region in regions(process):
            if "r" not in region.modes or region.path in OF_THE_KERNEL:
                continue
            assert not region.is_hidden, f"hidden pages cannot be searched: {region}"
            memory.seek(region.start)
            content = bytearray()
            while len(content) < region.count:
                piece = memory.read(region.count - len(content))
                if not piece and region.is_of_file:
                    # Behind the end of a file that became shorter there is nothing.
                    break
                assert piece, f"memory that cannot be read: {region}"
                content += piece
            yield region, bytes(content)


def needles(secret: bytes) -> set[bytes]:
    """Pieces of the secret in all of its usual forms; any 23 bytes of one of them contain such a piece."""
    return {
        form[start : start + WINDOW]
        for form in forms(secret)
        for start in (*range(0, len(form) - WINDOW + 1, WINDOW), len(form) - WINDOW)
    }


def places(process: int, secrets: dict[str, bytes]) -> list[tuple[str, Region]]:
    """Where a part of one of the secrets lies, in any of the usual forms.

    Each search looks for the program's own arguments too, which the kernel put on its stack: when they are not
    found, nothing that was not found says anything.
    """
    arguments = Path(f"/proc/{process}/cmdline").read_bytes()
    assert len(arguments) >= WINDOW, "a process that is about to end, or has no arguments to look for"
    wanted = {what: needles(secret) for what, secret in secrets.items()}
    found: list[tuple[str, Region]] = []
    is_control_found = False
    with stopped(process):
        for region, content in contents(process):
            is_control_found |= arguments in content
            found += [(what, region) for what, pieces in wanted.items() if any(piece in content for piece in pieces)]
    assert is_control_found, "the search does not find what is in the memory"
    return found


def undeclared(process: int, secrets: dict[str, bytes]) -> list[str]:
    return [f"{what} at {region}" for what, region in places(process, secrets) if not region.is_declared]


def held(agent: int) -> int:
    """The locked memory of the agent in KiB, hidden pages included."""
    if os.geteuid() != 0:
        return 0
    locked, lines = 0, Path(f"/proc/{agent}/smaps").read_text().splitlines()
    size = 0
    for line in lines:
        if line.startswith("Size:"):
            size = int(line.split()[1])
        elif line.startswith("VmFlags:") and " lo" in line:
            locked += size
    return locked


def connections(agent: int) -> int:
    return len(os.listdir(f"/proc/{agent}/fd")) if os.geteuid() == 0 else 0
