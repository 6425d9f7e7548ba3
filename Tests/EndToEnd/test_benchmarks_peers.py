"""The benchmark of other tools measures those that are here, and names those that are not."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from support.home import ROOT

sys.path.insert(0, str(ROOT / "Tests/Benchmarks"))
import peers

ANSWER = {"Version": 1, "AccessKeyId": "AKIAEXAMPLE", "SecretAccessKey": "a secret"}


class Stubs:
    def __init__(self, folder: Path, place: peers.Place) -> None:
        self.folder, self.place = folder, place

    def tool(self, name: str, script: str) -> None:
        file = self.folder / name
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)


@pytest.fixture
def stubs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubs]:
    for name in ("bin", "home"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    environment = {"HOME": str(tmp_path / "home"), "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}
    with ExitStack() as processes:
        yield Stubs(
            tmp_path / "bin", peers.Place(tmp_path / "home", environment, json.dumps(ANSWER).encode(), processes)
        )


def test_tools_that_are_missing_are_named(stubs: Stubs) -> None:
    found, others = peers.peers(stubs.place)
    assert [peer.name for peer in found] == ["`cat`"]
    assert others == [
        "age: not measured, not found in PATH: age, age-keygen",
        "gpg: not measured, not found in PATH: gpg, gpgconf",
        "pass: not measured, not found in PATH: gpg, gpgconf, pass",
        "pass without a passphrase: not measured, not found in PATH: gpg, gpgconf, pass",
        "secret-tool: not measured, not found in PATH: dbus-daemon, gnome-keyring-daemon, secret-tool",
        "Python keyring: not measured, not found in PATH: dbus-daemon, gnome-keyring-daemon, keyring",
        "aws-vault: not measured, not found in PATH: aws-vault",
        "granted: not measured, not found in PATH: dbus-daemon, gnome-keyring-daemon, granted",
    ]


def test_a_tool_that_cannot_be_set_up_is_named(stubs: Stubs) -> None:
    stubs.tool("age", "exit 0")
    stubs.tool("age-keygen", "echo no entropy >&2; exit 3")
    _, others = peers.peers(stubs.place)
    assert others[0] == "age: not measured, age-keygen ended with 3: no entropy"


@pytest.mark.parametrize(
    "printed, is_measured", [("$AWS_SECRET_ACCESS_KEY", True), ("another secret", False)], ids=["the same", "another"]
)
def test_a_tool_is_measured_when_it_prints_the_credentials(stubs: Stubs, printed: str, is_measured: bool) -> None:
    # `add` makes a file that `export` prints.
    line = f'{{\\"AccessKeyId\\": \\"$AWS_ACCESS_KEY_ID\\", \\"SecretAccessKey\\": \\"{printed}\\"}}'
    stubs.tool("aws-vault", f'case $1 in add) echo "{line}" >"$HOME/vault" ;; export) /bin/cat "$HOME/vault" ;; esac')
    found, others = peers.peers(stubs.place)
    assert ("`aws-vault export --no-session`" in [peer.name for peer in found]) == is_measured
    assert ("aws-vault: not measured, it prints other credentials" in others) == (not is_measured)
