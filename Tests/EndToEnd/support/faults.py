"""Lets system calls of a save fail, one at a time, by strace's fault injection."""

from __future__ import annotations

import os
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from support import sealed
from support.home import Home, Run, report
from support.straces import calls, strace

# What may go wrong with each of the calls that a save is made of.
ERRORS: dict[str, tuple[str, ...]] = {
    "openat": ("ENOSPC", "EACCES", "EMFILE", "EIO", "EINTR"),
    "write": ("ENOSPC", "EIO", "EDQUOT"),
    "fsync": ("EIO", "ENOSPC", "EDQUOT"),
    "linkat": ("EPERM", "ENOSPC", "EMLINK", "EIO", "ENOSYS"),
    "unlinkat": ("EACCES", "EIO", "EROFS"),
    "renameat": ("ENOSPC", "EIO", "EACCES", "EROFS"),
    "renameat2": ("ENOSPC", "EIO", "EACCES", "EROFS"),
    "rename": ("ENOSPC", "EIO", "EACCES", "EROFS"),
    "flock": ("ENOLCK", "EIO"),
    "fstat": ("EIO", "EOVERFLOW"),
    "newfstatat": ("EIO", "EACCES"),
    "read": ("EIO", "EISDIR"),
    "fchmod": ("EPERM", "EIO"),
    "getdents64": ("EIO", "ENOENT"),
    "mlock": ("ENOMEM", "EPERM", "EAGAIN"),
    "mmap": ("ENOMEM",),
    "mkdir": ("EACCES", "ENOSPC", "EROFS"),
    "mprotect": ("ENOMEM",),
    "madvise": ("EINVAL", "EBADF"),
    "munmap": ("EINVAL",),
    "close": ("EIO",),
    "lseek": ("EINVAL",),
    "fcntl": ("EINVAL",),
    "dup": ("EMFILE",),
    "getrandom": ("EAGAIN",),
}
CODES = (65, 66, 69, 71, 73, 74, 75, 77)


@dataclass(frozen=True)
class Fault:
    call: str
    number: int
    action: str

    @property
    def words(self) -> list[str]:
        return ["-e", f"trace={self.call}", "-e", f"inject={self.call}:{self.action}:when={self.number}"]

    def __str__(self) -> str:
        return f"{self.call} {self.number} {self.action}"


def all_faults(home: Home, command: tuple[str, ...]) -> list[Fault]:
    """Every call of the command from the first touch of our files on, failing in each way, and a kill at each."""
    result, trace = strace(home, *command)
    assert result.returncode == 0, report(result)
    first = next(at for at, call in enumerate(trace) if str(home.path) in call.arguments and call.name == "openat")
    seen: Counter[str] = Counter()
    faults = []
    for at, call in enumerate(trace):
        seen[call.name] += 1
        if at >= first:
            for error in ERRORS.get(call.name, ()):
                faults.append(Fault(call.name, seen[call.name], f"error={error}"))
            if call.name in ERRORS:
                faults.append(Fault(call.name, seen[call.name], "signal=KILL"))
    return faults


def sample(faults: list[Fault], count: int, seed: int) -> list[Fault]:
    """The same faults in every run, spread over the kinds of calls."""
    if os.environ.get("SEALRING_ALL_FAULTS") == "1":
        return faults
    chance = random.Random(seed)
    kinds: dict[tuple[str, bool], list[Fault]] = {}
    for fault in faults:
        kinds.setdefault((fault.call, "KILL" in fault.action), []).append(fault)
    for kind in kinds.values():
        chance.shuffle(kind)
    spread = [
        fault
        for turn in range(max(map(len, kinds.values())))
        for kind in kinds.values()
        for fault in kind[turn : turn + 1]
    ]
    return spread[:count]


def inject(home: Home, fault: Fault, command: tuple[str, ...]) -> tuple[Run, bool]:
    """Runs the command with the fault; tells whether it was reached."""
    log = home.root.parent / "fault.log"
    result = home(*command, under=["strace", "-f", "-qq", "-o", log, *fault.words])
    text = log.read_text(errors="replace")
    return result, "(INJECTED)" in text or "killed by SIGKILL" in text


def note(home: Home, vault: Path) -> str | None:
    """The note of `prod` in a vault, which opens in any case: an error here is a lost vault."""
    return sealed.entries(vault, home.passphrase)["prod"].get("note")


def temporaries(home: Home) -> list[str]:
    return [path.name for path in home.data.iterdir() if path.name not in ("vault", "vault.prev", "vault.lock")]


__all__ = ["CODES", "Fault", "all_faults", "calls", "inject", "note", "sample", "temporaries"]
