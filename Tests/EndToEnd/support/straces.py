"""What a program asked of the kernel, by strace."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.home import Home, Run

# "12345 openat(AT_FDCWD, "/x", O_RDONLY) = 3"; the process id is there with -f.
LINE = re.compile(r"^(?:\d+ +)?(\w+)\((.*)\) += +(-?\d+|0x[0-9a-f]+|\?)(.*)$")


@dataclass
class Call:
    name: str
    arguments: str
    result: str


def strace(home: Home, *arguments: str | Path, options: list[str] | None = None, **more: Any) -> tuple[Run, list[Call]]:
    """Runs the program under strace; its log lies outside of what is searched for secrets."""
    log = home.root.parent / "strace.log"
    under: list[str | Path] = ["strace", "-f", "-qq", "-o", log, *(options or [])]
    result = home(*arguments, under=under, **more)
    return result, calls(log)


def calls(log: Path) -> list[Call]:
    found = []
    for line in log.read_text(errors="replace").splitlines():
        match = LINE.match(line)
        if match:
            found.append(Call(match[1], match[2], match[3]))
    return found
