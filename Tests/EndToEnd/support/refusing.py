"""Starts a program under a kernel that refuses some system calls, as an old one or a container engine does.

refusing.py ENOSYS memfd_secret,pidfd_open -- PROGRAM ARGUMENT…
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from pathlib import Path

# The numbers that are the same on every architecture are those of calls newer than 2019.
NUMBERS = {
    "pidfd_send_signal": 424,
    "pidfd_open": 434,
    "close_range": 436,
    "openat2": 437,
    "landlock_create_ruleset": 444,
    "landlock_add_rule": 445,
    "landlock_restrict_self": 446,
    "memfd_secret": 447,
}
OTHERS = {
    "x86_64": {
        "mlock": 149,
        "prctl": 157,
        "seccomp": 317,
        "getrandom": 318,
        "renameat2": 316,
        "linkat": 265,
        "timerfd_create": 283,
        "signalfd4": 289,
    },
    "aarch64": {
        "mlock": 228,
        "prctl": 167,
        "seccomp": 277,
        "getrandom": 278,
        "renameat2": 276,
        "linkat": 37,
        "timerfd_create": 85,
        "signalfd4": 74,
    },
}
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2
RETURN_ERRNO, ALLOW = 0x0005_0000, 0x7FFF_0000
LOAD_WORD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06


def words(*calls: str, error: str = "ENOSYS") -> tuple[str, ...]:
    """What goes before a program and its arguments."""
    return (sys.executable, "-I", str(Path(__file__).resolve()), error, ",".join(calls), "--")


def instruction(code: int, yes: int, no: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)


def refuse(code: int, numbers: list[int]) -> None:
    filters = instruction(LOAD_WORD, 0, 0, 0)
    for number in numbers:
        filters += instruction(JUMP_IF_EQUAL, 0, 1, number) + instruction(RETURN, 0, 0, RETURN_ERRNO | code)
    filters += instruction(RETURN, 0, 0, ALLOW)
    held = ctypes.create_string_buffer(filters)
    program = ctypes.create_string_buffer(struct.pack("@HxxxxxxP", len(filters) // 8, ctypes.addressof(held)))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    for arguments in ((PR_SET_NO_NEW_PRIVS, 1, 0), (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, program)):
        if prctl(*arguments, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


def main() -> None:
    error, names, _, *command = sys.argv[1:]
    known = NUMBERS | OTHERS[platform.machine()]
    refuse(getattr(errno, error), [known[name] for name in names.split(",")])
    os.execvp(command[0], command)


HIDDEN_MEMORY = words("memfd_secret")

if __name__ == "__main__":
    main()
