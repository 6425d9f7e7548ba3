"""Agents in places of their own, and processes that pass for agents."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from support.home import AGENT, Home, report
from support.sessions import credentials

OUTSIDE = ("env", "-u", "XDG_RUNTIME_DIR")
APART = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
LOCKED = b"sealring: the vault is locked: run 'sealring unlock'\n"
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can do that")


def is_locked(home: Home) -> None:
    result = home.helper()
    assert (result.returncode, result.stdout, result.stderr) == (77, b"", LOCKED), report(result)
    assert home.json("status", passphrase=None)["locked"] is True


def is_gone(process: int) -> None:
    deadline = time.monotonic() + 10
    while Path(f"/proc/{process}").exists():
        assert time.monotonic() < deadline, "the agent still runs"
        time.sleep(0.01)


def answers(home: Home, name: str = "prod") -> dict[str, str]:
    return credentials(home, name)


@contextmanager
def listening(path: Path) -> Iterator[socket.socket]:
    """A socket as a service manager makes it."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(512)
        yield listener
    path.unlink(missing_ok=True)


def activated(home: Home, listener: socket.socket) -> subprocess.Popen[bytes]:
    """An agent as a service manager starts it."""
    environment = home.env | {"SEALRING_VAULT": str(home.vault), "LISTEN_FDS": "1"}
    return subprocess.Popen(
        ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$0"', AGENT],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        pass_fds=[3],
        preexec_fn=lambda: os.dup2(listener.fileno(), 3),
    )


def failing(call: int, error: int, argument: int | None = None) -> tuple[str, ...]:
    """Starts a program for which a system call fails, when its second argument is the given one."""
    code = f"""
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
code = [(0x20, 0, 0, 0), (0x15, 0, 3, {call}), (0x20, 0, 0, 24), (0x15, 0, 1, {argument or 0}),
        (0x06, 0, 0, {0x50000 | error}), (0x06, 0, 0, 0x7fff0000)]
if {argument is None}:
    code[2:4] = [(0x20, 0, 0, 0), (0x15, 0, 1, {call})]
filter = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in code))
program = struct.pack("HxxxxxxQ", len(code), ctypes.addressof(filter))
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program, 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])
"""
    return ("/usr/bin/python3", "-I", "-c", code)


@contextmanager
def registering(home: Home) -> Iterator[Callable[[str, Path], subprocess.Popen[bytes]]]:
    """Starts a process that is registered as an agent, and never answers."""
    code = """
import fcntl, os, sys, time
path = f"{sys.argv[1]}/{os.getpid()}-{os.getpid():016x}"
file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
fcntl.lockf(file, fcntl.LOCK_EX, 1)
os.write(file, os.fsencode(sys.argv[2]) + b"\\0" + os.fsencode(sys.argv[3]))
print("ready", flush=True)
time.sleep(600)
"""
    children: list[subprocess.Popen[bytes]] = []
    folder = home.state / "agents"

    def start(vault: str, address: Path) -> subprocess.Popen[bytes]:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        child = subprocess.Popen([sys.executable, "-I", "-c", code, folder, vault, address], stdout=subprocess.PIPE)
        children.append(child)
        assert child.stdout is not None and child.stdout.readline() == b"ready\n"
        return child

    yield start
    for child in children:
        child.kill()
        child.communicate()
    if folder.exists():
        shutil.rmtree(folder)
