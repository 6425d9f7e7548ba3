"""What lies in the memory of a process, and where: only root may look."""
from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from leaks import forms

WINDOW = 12
HEAD = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) (\S+) \S+ \S+ \S+ *(.*)$")


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


def regions(process: int) -> list[Region]:
    found: list[Region] = []
    for line in Path(f"/proc/{process}/smaps").read_text().splitlines():
        head = HEAD.match(line)
        if head:
            found.append(Region(int(head[1], 16), int(head[2], 16), head[3], head[4]))
        elif line.startswith("VmFlags:"):
            found[-1].flags = frozenset(line.split()[1:])
    return found


def contents(process: int) -> list[tuple[Region, bytes]]:
    """The readable memory. Pages of memfd_secret are closed to everybody, and come as nothing."""
    found = []
    with open(f"/proc/{process}/mem", "rb", buffering=0) as memory:
        for region in regions(process):
            if "r" not in region.modes or region.path in ("[vvar]", "[vsyscall]", "[vvar_vclock]"):
                continue
            content = b""
            try:
                memory.seek(region.start)
                while len(content) < region.end - region.start:
                    piece = memory.read(region.end - region.start - len(content))
                    if not piece:
                        break
                    content += piece
            except OSError:
                pass
            found.append((region, content))
    return found


def places(process: int, secrets: dict[str, bytes]) -> list[tuple[str, Region]]:
    """Where one of the secrets lies, in any of the usual forms; half of it is enough."""
    found = []
    for region, content in contents(process):
        for what, secret in secrets.items():
            half = max(WINDOW, len(secret) // 2)
            needles = {form[start:start + half] for form in forms(secret) if len(form) >= half
                       for start in (0, len(form) - half)}
            if any(needle in content for needle in needles):
                found.append((what, region))
    return found


def undeclared(process: int, secrets: dict[str, bytes]) -> list[str]:
    return [f"{what} at {region.start:x} in {region.path or 'anonymous memory'}"
            for what, region in places(process, secrets) if not region.is_declared]
