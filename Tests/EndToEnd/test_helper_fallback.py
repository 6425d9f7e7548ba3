"""Where the embedded helper cannot be built, that is said with the reason, and the ordinary one is built."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from support.home import ROOT, Home, report

SCRIPT = ROOT / "Examples/build-helper.sh"


def compiler(folder: Path, resources: Path) -> Path:
    """A Swift that has nothing for Embedded Swift beside it."""
    folder.mkdir()
    program = folder / "swiftc"
    program.write_text(f'#!/bin/sh\necho \'    "runtimeResourcePath": "{resources}/lib/swift"\'\n')
    program.chmod(0o755)
    return folder


def test_what_is_missing_is_named(bare: Home, tmp_path: Path) -> None:
    path = compiler(tmp_path / "bin", tmp_path / "usr")
    result = subprocess.run(
        [SCRIPT, tmp_path / "scratch", tmp_path / "helper"],
        env={**bare.env, "PATH": f"{path}:{os.environ['PATH']}"},
        capture_output=True,
    )
    assert result.returncode == 69 and b"no Embedded Swift" in result.stderr, report(result)
    assert not (tmp_path / "helper").exists()


def test_it_takes_exactly_two_words(bare: Home) -> None:
    result = subprocess.run([SCRIPT, "scratch"], env=bare.env, capture_output=True)
    assert result.returncode == 64 and b"usage" in result.stderr, report(result)


def test_a_checkout_has_the_ordinary_helper(bare: Home) -> None:
    """The same sources, compiled in both ways, say which they are."""
    helper = ROOT / ".build/debug/sealring-credential-process"
    built = subprocess.run([helper, "--version", "--verbose"], env={}, capture_output=True, check=True).stdout
    assert built.split() == [bare.ok("version", passphrase=None).stdout.strip(), b"ordinary"]
    told = bare.json("version", passphrase=None)["helper"]
    assert told == ("embedded" if "SEALRING_BIN_DIR" in os.environ else "ordinary")
