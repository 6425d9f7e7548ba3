"""Old files in new places: which copy of the vault is read, and which is written."""

from __future__ import annotations

import pytest

from support.home import Home, lines, report
from support.recovery import change_passphrase


def test_a_file_of_before_a_revocation_is_refused(stocked: Home) -> None:
    older = stocked.vault.read_bytes()
    old = change_passphrase(stocked)
    stocked.vault.write_bytes(older)
    before = stocked.snapshot()
    for command in (
        ("list",),
        ("set", "prod", "--note", "x"),
        ("list", "--accept-rollback"),
        ("set", "prod", "--note", "x", "--accept-rollback"),
    ):
        stocked.fails(65, *command, says="older than", hints="newest copy", passphrase=old)
    assert stocked.snapshot() == before


def test_an_older_file_is_read_with_a_warning_and_not_written(stocked: Home) -> None:
    older = stocked.vault.read_bytes()
    stocked.ok("set", "prod", "--note", "newer")
    stocked.vault.write_bytes(older)
    result = stocked.ok("list")
    assert b"sealring: warning:" in result.stderr and b"older" in result.stderr, report(result)
    before = stocked.snapshot()
    stocked.fails(65, "set", "prod", "--note", "x", says="older", hints="--accept-rollback")
    assert stocked.snapshot() == before
    stocked.ok("set", "prod", "--note", "x", "--accept-rollback")
    assert stocked.entries()["prod"]["note"] == "x"
    stocked.ok("set", "prod", "--note", "y")


def test_a_fork_is_told_from_a_rollback(stocked: Home) -> None:
    elsewhere = stocked.copy_to(stocked.root.parent / "elsewhere")
    stocked.ok("set", "prod", "--note", "here")
    elsewhere.ok("set", "prod", "--note", "there")
    elsewhere.ok("set", "prod", "--note", "there again")
    stocked.vault.write_bytes(elsewhere.vault.read_bytes())
    assert b"another machine" in stocked.ok("list").stderr
    stocked.fails(65, "set", "prod", "--note", "x", says="another machine", hints="--accept-rollback")


def test_a_successor_written_elsewhere_is_welcome(stocked: Home) -> None:
    elsewhere = stocked.copy_to(stocked.root.parent / "elsewhere")
    for number in range(3):
        elsewhere.ok("set", "prod", "--note", str(number))
    stocked.vault.write_bytes(elsewhere.vault.read_bytes())
    assert b"warning" not in stocked.ok("set", "prod", "--note", "x").stderr


@pytest.mark.parametrize("damage", ["damaged", "writable"])
def test_a_memory_that_cannot_be_used_is_told_and_stops_a_write(vault: Home, damage: str) -> None:
    """Else who damages it, or may write to its directory, gets an old copy written."""
    memory = next(path for path in (vault.state / "vaults").iterdir() if path.name != ".lock")
    if damage == "damaged":
        memory.write_bytes(b"x")
        says, cure = f"{memory} is damaged", "--accept-rollback"
    else:
        memory.parent.chmod(0o777)
        says, cure = f"others may write to {memory.parent}", f"chmod go-w {memory.parent}"
    status = vault.ok("status", passphrase=None)
    assert says in lines(status, "warning")[0] and cure in lines(status, "hint")[0]
    assert vault.json("status", passphrase=None)["freshness"] == "unverified"
    assert says in lines(vault.ok("list"), "warning")[0]
    agent = vault.socket.exists()
    assert (vault.helper() if agent else vault("credential-process", "prod", shows_secret=True)).stderr == b""
    vault.fails(65, "set", "prod", "--note", "x", says=says, hints=cure)
    assert "note" not in vault.entries()["prod"]
    vault.ok("set", "prod", "--note", "x", "--accept-rollback")
    if damage == "writable":
        vault.fails(65, "set", "prod", "--note", "y", says=says)
        memory.parent.chmod(0o700)
    assert lines(vault.ok("set", "prod", "--note", "y"), "warning") == []
    assert vault.json("status", passphrase=None)["freshness"] == "current"
