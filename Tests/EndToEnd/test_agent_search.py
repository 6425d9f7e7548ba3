"""A lock finds every agent, wherever that is, and says so when it cannot look."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from support.agents import OUTSIDE, activated, as_root, failing, listening
from support.home import Home, lines, runs
from support.users import NOBODY
from support.waiting import wait_until


def test_an_activated_agent_whose_vault_another_one_has_fails(unlocked: Home) -> None:
    agent = unlocked.agent()
    with listening(unlocked.runtime / "second" / "agent.sock") as listener:
        child = activated(unlocked, listener)
        output, errors = child.communicate(timeout=30)
    assert child.returncode == 69 and b"another agent holds the vault" in errors, errors
    assert b"ready" not in output and unlocked.agent() == agent


def test_an_activated_agent_is_found_where_its_socket_is(stocked: Home) -> None:
    """Whatever its environment says."""
    path = stocked.runtime / "second" / "agent.sock"
    with listening(path) as listener:
        child = activated(stocked, listener)
        assert child.stdout is not None and child.stdout.readline() == b"ready\n"
        status = stocked.json("status", passphrase=None)
        assert status["pid"] == child.pid and [one["socket"] for one in status["agents"]] == [str(path)]
        stocked.ok("lock", "--stop", passphrase=None)
        child.communicate(timeout=30)


def test_what_others_may_write_is_still_looked_at(unlocked: Home) -> None:
    """A copy, a restore or `chmod -R` may change permissions under an agent."""
    for path in (
        Path(f"{unlocked.vault}.agent.lock"),
        unlocked.state / "agents",
        *(unlocked.state / "agents").iterdir(),
    ):
        path.chmod(path.stat().st_mode | 0o022)
    unlocked.ok("lock", passphrase=None, under=OUTSIDE)
    assert unlocked.helper().returncode == 77
    unlocked.ok("lock", "--stop", passphrase=None)
    unlocked.unlock()
    assert [
        path.stat().st_mode & 0o777 for path in (Path(f"{unlocked.vault}.agent.lock"), unlocked.state / "agents")
    ] == [0o600, 0o700]


@as_root
def test_what_belongs_to_another_user_is_reported(unlocked: Home) -> None:
    lock = Path(f"{unlocked.vault}.agent.lock")
    os.chown(lock, NOBODY, NOBODY)
    unlocked.fails(77, "lock", says="belongs to another user", passphrase=None, under=OUTSIDE)
    # The others are locked all the same.
    assert unlocked.helper().returncode == 77
    os.chown(lock, os.geteuid(), os.getegid())


def test_other_files_do_not_hide_an_agent(unlocked: Home) -> None:
    elsewhere = {"SEALRING_VAULT": str(unlocked.outside / "none")}
    folder = unlocked.state / "agents"
    for number in range(300):
        unlocked.write(folder / f"!{number}", b"")
    unlocked.ok("lock", passphrase=None, env=elsewhere, under=OUTSIDE)
    assert unlocked.helper().returncode == 77
    for number in range(300):
        unlocked.write(folder / f"0-{number:016x}", b"")
    unlocked.fails(69, "lock", says="too many files", passphrase=None, env=elsewhere, under=OUTSIDE)
    for path in (*folder.glob("!*"), *folder.glob("0-*")):
        path.unlink()


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="the numbers of the calls are those of x86-64")
def test_a_failure_to_look_is_not_a_lock(unlocked: Home) -> None:
    agent = unlocked.agent()
    no_locks = failing(72, 37, argument=5)
    unlocked.fails(
        69, "lock", says="cannot tell whether an agent holds", hints="has no locks", passphrase=None, under=no_locks
    )
    assert "cannot tell" in lines(unlocked.fails(69, "status", passphrase=None, under=no_locks), "error")[0]
    # Nor is a process gone that the kernel shows no descriptor of.
    unlocked.unlock()
    os.kill(agent, signal.SIGSTOP)
    try:
        unlocked.fails(69, "lock", says="could not be stopped", passphrase=None, under=failing(434, 3))
    finally:
        os.kill(agent, signal.SIGCONT)


def test_an_agent_whose_registration_is_gone_ends(unlocked: Home) -> None:
    agent = unlocked.agent()
    Path(f"{unlocked.vault}.agent.lock").unlink()

    def ended() -> bool:
        unlocked.helper()
        return not runs(agent)

    wait_until(ended)
    unlocked.unlock()
    agent = unlocked.agent()
    shutil.rmtree(unlocked.state / "agents")
    wait_until(ended)


@pytest.mark.parametrize("path", ["{home.outside}/link/vault", "{home.data}//vault"])
def test_a_vault_is_known_by_its_other_paths(unlocked: Home, path: str) -> None:
    (unlocked.outside / "link").symlink_to(unlocked.data)
    options = {"passphrase": None, "env": {"SEALRING_VAULT": path.format(home=unlocked)}}
    assert unlocked.json("status", **options)["locked"] is False
    assert b"another vault" not in unlocked.ok("status", **options).stderr
    unlocked.ok("list", **options)
    unlocked.ok("lock", passphrase=None)
    unlocked.unlock(env=options["env"])
    assert unlocked.helper().returncode == 0
    unlocked.ok("lock", **options)
    assert unlocked.helper().returncode == 77


def test_a_lock_reaches_the_agent_of_this_home_whatever_the_xdg_variables_are(unlocked: Home) -> None:
    env = {name: str(unlocked.root / "none") for name in ("XDG_STATE_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR")}
    unlocked.ok("lock", passphrase=None, env=env)
    assert unlocked.helper().returncode == 77
    unlocked.ok("lock", "--stop", passphrase=None, env=env)
    result = unlocked.ok("lock", passphrase=None, env=env)
    assert f"no agent found, and no vault at {unlocked.root}/none/sealring/vault".encode() in result.stderr


@as_root
def test_an_agent_of_a_vault_that_cannot_be_written_beside_is_found(stocked: Home) -> None:
    """By the state directory, also by the helper of another environment."""
    read_only = (
        "unshare",
        "--mount",
        "/bin/sh",
        "-c",
        'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"',
        str(stocked.data),
    )
    stocked.unlock(under=read_only)
    assert not Path(f"{stocked.vault}.agent.lock").exists()
    assert stocked.helper(under=OUTSIDE).returncode == 0
    stocked.ok("lock", passphrase=None, under=OUTSIDE)
    assert stocked.helper().returncode == 77
