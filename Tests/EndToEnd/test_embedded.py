"""Programs of others that use our libraries: the credential provider of the examples."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.home import AWS, PROGRAM, ROOT, Home, Run, report
from support.profiles import ADMIN
from support.stub import Stub

PROVIDER = ROOT / ".build-embed/debug/CredentialProvider"
# The suite builds it; a single test may run before that.
pytestmark = pytest.mark.skipif(
    not PROVIDER.exists() and "SEALRING_BIN_DIR" not in os.environ, reason="Examples/EmbedVault is not built"
)


def provide(home: Home, name: str = "prod", *, path: Path | str = PROGRAM.parent, **env: str) -> Run:
    return home(name, program=PROVIDER, passphrase=None, env={"PATH": str(path), **env})


def test_the_agent_gives_a_key_to_a_program_that_asks_by_the_library(stocked: Home) -> None:
    result = provide(stocked)
    assert result.returncode == 77 and b"the vault is locked: run 'sealring unlock'" in result.stderr, report(result)
    stocked.unlock()
    result = provide(stocked)
    assert (result.returncode, result.stderr) == (0, b""), report(result)
    assert result.stdout.decode().split() == [stocked.key.id, "long-lived"]
    result = provide(stocked, "missing")
    assert result.returncode == 1 and b"missing" in result.stderr, report(result)
    stocked.ok("lock", passphrase=None)
    assert provide(stocked).returncode == 77


def test_sessions_and_roles_are_fetched_and_shared_with_other_clients(stocked: Home, service: Stub) -> None:
    stocked.unlock()
    stocked.ok("set", "prod", "--sts-endpoint", service.url, "--iam-endpoint", service.url)
    stocked.ok("role", "add", "admin", "--role-arn", ADMIN, "--source", "prod")
    result = provide(stocked, "admin", path="/usr/bin")
    assert result.returncode == 1 and b"could not find sealring-aws" in result.stderr, report(result)
    # Others could put another program into a directory that is open to them.
    stocked.outside.joinpath("open").mkdir(mode=0o777)
    stocked.outside.joinpath("open").chmod(0o777)
    stocked.outside.joinpath("open/sealring-aws").symlink_to(AWS)
    result = provide(stocked, "admin", path=stocked.outside / "open")
    assert result.returncode == 1 and b"could not find sealring-aws" in result.stderr, report(result)
    result = provide(stocked, "admin")
    assert result.returncode == 0, report(result)
    name, kind = result.stdout.decode().split()
    assert name.startswith("ASIA") and kind == "temporary"
    assert provide(stocked, "admin").stdout == result.stdout and service.count("AssumeRole") == 1


def test_an_agent_that_registered_for_the_vault_is_found_from_another_environment(stocked: Home) -> None:
    stocked.unlock()
    assert provide(stocked, XDG_RUNTIME_DIR=str(stocked.root / "none")).returncode == 0
    socket = str(stocked.root / "none.sock")
    assert provide(stocked, SEALRING_AGENT_SOCKET=socket).returncode == 77
