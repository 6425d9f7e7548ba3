"""An honest client of the agent."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

from support import frames
from support.home import Home

PATIENCE = 0.05


def path(home: Home) -> bytes:
    return os.fsencode(home.vault)


def memory(home: Home, field: str = "VmRSS") -> int:
    """In KiB."""
    status = Path(f"/proc/{home.agent()}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith(field)))


def credentials(home: Home, seconds: float = 5) -> frames.Frame | None:
    return frames.ask(home.socket, frames.CREDENTIALS, path(home), b"prod", b"", seconds=seconds)


def is_well(home: Home) -> None:
    """Whatever came before: an honest client gets the key, at once."""
    answer = credentials(home)
    assert answer is not None and answer.kind == frames.JSON
    assert json.loads(answer.fields[0])["AccessKeyId"] == home.key.id
    # The best of some: this machine has other work to do as well.
    times = []
    for _ in range(10):
        start = time.monotonic()
        assert credentials(home) == answer
        times.append(time.monotonic() - start)
    assert min(times) < PATIENCE
