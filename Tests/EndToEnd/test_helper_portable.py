"""The installed helper runs where there is nothing but a kernel: in a root without a library, a shell or a device."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import struct
import subprocess
import threading
from pathlib import Path

import pytest

from support.fake_agent import listening
from support.home import HELPER, ROOT, Home, report

pytestmark = pytest.mark.skipif("SEALRING_BIN_DIR" not in os.environ, reason="nothing is installed")


def peer(connection: socket.socket) -> int:
    """The process at the other end."""
    return struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]


@pytest.fixture
def inside(unlocked: Home):
    """Starts a copy of the helper in a root that has it and the agent's socket, and nothing else."""
    root = unlocked.runtime
    copy = root / "helper"
    shutil.copy(HELPER, copy)
    copy.chmod(0o555)

    def start(*words: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            ["/helper", *words],
            env={
                "SEALRING_AGENT_SOCKET": "/" + str(unlocked.socket.relative_to(root)),
                "SEALRING_VAULT": str(unlocked.vault),
            },
            capture_output=True,
            preexec_fn=lambda: (os.chroot(root), os.chdir("/")),
        )

    yield start
    copy.unlink()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the root")
def test_it_answers_in_an_empty_root(unlocked: Home, inside) -> None:
    assert {path.name for path in unlocked.runtime.iterdir()} == {"helper", "sealring"}
    result = inside("prod")
    assert result.returncode == 0 and result.stderr == b"", report(result)
    assert json.loads(result.stdout)["SecretAccessKey"] == unlocked.key.secret


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can change the root")
def test_it_says_there_why_it_has_no_credentials(unlocked: Home, inside) -> None:
    unlocked.ok("lock", passphrase=None)
    result = inside("prod")
    assert result.returncode != 0 and result.stdout == b"", report(result)
    assert result.stderr.startswith(b"sealring: ") and result.stderr.count(b"\n") == 1, report(result)


def test_it_is_made_of_our_own_code_and_the_c_library_alone() -> None:
    program = HELPER.read_bytes()
    assert len(program) < 300_000
    # Swift's runtime would be there with its names of errors, and its tables of types.
    assert b"swift_getTypeByMangledName" not in program and b"libswiftCore" not in program
    headers = subprocess.run(["readelf", "-lW", HELPER], capture_output=True, check=True, text=True).stdout
    assert "INTERP" not in headers and "RWE" not in headers, headers


def test_the_same_source_gives_the_same_bytes_in_another_place(tmp_path: Path) -> None:
    """Built in a copy with another path, it is what was installed."""
    copy = tmp_path / "elsewhere" / "copy"
    for folder in ("Sources", "Examples"):
        shutil.copytree(ROOT / folder, copy / folder)
    built = tmp_path / "helper"
    subprocess.run([copy / "Examples/build-helper.sh", tmp_path / "scratch", built], check=True, capture_output=True)
    assert built.read_bytes() == HELPER.read_bytes()


def test_the_addresses_in_it_cannot_be_changed(unlocked: Home) -> None:
    """What the C library of an ordinary program closes when it has filled the addresses in."""
    held = threading.Event()
    regions: list[str] = []

    def look(connection: socket.socket) -> None:
        lines = Path(f"/proc/{peer(connection)}/maps").read_text().splitlines()
        regions.extend(line for line in lines if HELPER.name in line)
        held.set()

    unlocked.end_agent()
    with listening(unlocked, look):
        unlocked.helper()
    assert held.is_set() and any(" r--p " in line for line in regions)
    sections = subprocess.run(["readelf", "-lW", HELPER], capture_output=True, check=True, text=True).stdout
    (relro,) = re.findall(r"GNU_RELRO\s+0x([0-9a-f]+)", sections)
    offset = int(relro, 16) // 4096 * 4096
    # What may be changed can begin on the same page of the file, and lies behind it in memory.
    modes = [line.split()[1] for line in regions if int(line.split()[2], 16) == offset]
    assert modes[0] == "r--p", regions
