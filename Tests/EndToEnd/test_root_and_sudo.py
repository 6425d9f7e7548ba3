"""root with what belongs to a user, as `su` and `sudo` leave it: nothing of a user's becomes root's."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support.home import CHEAPEST, Home, lines, report
from support.keys import KeyMaker
from support.users import AS_NOBODY, NOBODY

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can take the place of root")


def owners(folder: Path) -> set[int]:
    return {path.lstat().st_uid for path in [folder, *folder.rglob("*")]}


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """A directory of another user."""
    folder = tmp_path / "user"
    folder.mkdir(mode=0o700)
    os.chown(folder, NOBODY, NOBODY)
    return folder


def test_a_runtime_directory_of_another_user_does_not_count(stocked: Home, users: Path) -> None:
    """The agent is found where it is without such a directory, by the command line and by the helper."""
    env = {"XDG_RUNTIME_DIR": str(users)}
    stocked.unlock(env=env)
    assert list(users.iterdir()) == []
    assert (stocked.state / "agent.sock").is_socket()
    answer = stocked.helper(env=env)
    assert answer.returncode == 0, report(answer)
    stocked.ok("lock", "--stop", env=env)
    assert list(users.iterdir()) == []


def test_two_users_with_one_runtime_directory(nobodys: Home, stocked: Home) -> None:
    """Neither gets in the other's way: the one to whom it does not belong goes elsewhere."""
    env = {"XDG_RUNTIME_DIR": str(nobodys.runtime)}
    program = nobodys.root.parent / "bin" / "sealring"
    stocked.unlock(env=env)
    opened = nobodys("unlock", program=program, under=AS_NOBODY)
    assert opened.returncode == 0, report(opened)
    assert owners(nobodys.runtime) == {NOBODY}
    assert stocked.json("status", env=env)["locked"] is False
    closed = nobodys("lock", "--stop", program=program, under=AS_NOBODY)
    assert closed.returncode == 0, report(closed)
    assert stocked.json("status", env=env)["locked"] is False
    stocked.ok("lock", "--stop", env=env)


@pytest.mark.parametrize("command", ["init", "import", "helper", "credential-process"])
def test_a_home_of_another_user_gets_nothing_of_roots(bare: Home, users: Path, keys: KeyMaker, command: str) -> None:
    env = {"HOME": str(users)}
    says, hints = "belongs to another user (uid 65534)", "sudo -H"
    if command == "init":
        bare.fails(77, "init", *CHEAPEST, "--no-recovery-code", says=f"{users} {says}", hints=hints, env=env)
    elif command == "import":
        bare.ok("init", *CHEAPEST, "--no-recovery-code")
        env |= {"XDG_DATA_HOME": str(bare.data.parent), "XDG_STATE_HOME": str(bare.state.parent)}
        bare.fails(77, "import", bare.csv(keys()), "--name", "a", "--configure", says=says, hints=hints, env=env)
    elif command == "helper":
        assert bare.helper(env=env).returncode != 0
    else:
        assert bare("credential-process", "prod", env=env).returncode == 66
    assert list(users.iterdir()) == []


def test_a_users_config_does_not_become_roots(stocked: Home, users: Path) -> None:
    config = users / ".aws/config"
    config.parent.mkdir()
    config.write_text("[profile dev]\nregion = x\n")
    for path in (config.parent, config):
        os.chown(path, NOBODY, NOBODY)
    env = {"HOME": str(users), "XDG_DATA_HOME": str(stocked.data.parent), "XDG_STATE_HOME": str(stocked.state.parent)}
    stocked.fails(77, "configure", "prod", "--force", says="belongs to another user", env=env)
    assert owners(users) == {NOBODY} and config.read_text() == "[profile dev]\nregion = x\n"


@pytest.mark.parametrize("variable", ["XDG_DATA_HOME", "XDG_STATE_HOME"])
def test_a_directory_of_another_user_is_not_used(stocked: Home, users: Path, variable: str) -> None:
    """The vault is not made there; without a place for the state the vault opens all the same."""
    env = {variable: str(users)}
    if variable == "XDG_DATA_HOME":
        stocked.fails(77, "init", *CHEAPEST, "--no-recovery-code", says="belongs to another user", env=env)
    else:
        stocked("list", env=env)
        stocked("unlock", env=env)
    assert list(users.iterdir()) == []


def test_what_sudo_made_is_told_with_the_cure(nobodys: Home) -> None:
    """`~/.local` of root, as a sudo of before left it."""
    folder = nobodys.path / "data"
    folder.mkdir(mode=0o755)
    program = nobodys.root.parent / "bin" / "sealring"
    result = nobodys(
        "init", *CHEAPEST, "--no-recovery-code", program=program, under=AS_NOBODY, env={"XDG_DATA_HOME": str(folder)}
    )
    assert result.returncode == 77, report(result)
    assert f"{folder} belongs to another user (uid 0)" in lines(result, "error")[0]
    assert f"sudo chown -R $(id -u) {folder}" in lines(result, "hint")[0]
