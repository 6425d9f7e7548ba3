"""The agent as a process: its socket, its environment, how it starts and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from support.agents import answers, is_gone, is_locked
from support.home import AGENT, Home


def test_a_killed_agent_does_not_stand_in_the_way(unlocked: Home) -> None:
    os.kill(unlocked.agent(), signal.SIGKILL)
    time.sleep(0.1)
    is_locked(unlocked)
    unlocked.unlock()
    answers(unlocked)


def test_of_agents_that_start_at_once_one_stays(stocked: Home) -> None:
    environment = stocked.env | {"SEALRING_VAULT": str(stocked.vault)}
    running = [
        subprocess.Popen(
            [AGENT],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        for _ in range(6)
    ]
    time.sleep(1)
    alive = [process for process in running if process.poll() is None]
    assert len(alive) == 1
    assert all(process.returncode == 0 for process in running if process is not alive[0])
    stocked.unlock()
    assert stocked.agent() == alive[0].pid
    stocked.ok("lock", "--stop", passphrase=None)
    assert alive[0].wait(10) == 0
    for process in running:
        process.communicate()


def test_an_agent_that_lost_its_socket_ends_for_the_next_one(unlocked: Home) -> None:
    old = unlocked.agent()
    unlocked.socket.unlink()
    is_locked(unlocked)
    unlocked.unlock()
    # Nobody could have locked the first one any more.
    assert unlocked.agent() != old
    is_gone(old)
    answers(unlocked)


def test_an_agent_takes_no_socket_but_its_own_away(unlocked: Home) -> None:
    agent = unlocked.agent()
    unlocked.socket.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(unlocked.socket))
        os.kill(agent, signal.SIGTERM)
        is_gone(agent)
        assert unlocked.socket.exists()
    unlocked.socket.unlink()


def test_the_agent_has_an_environment_of_its_own_and_no_files_of_others(stocked: Home) -> None:
    read, write = os.pipe()
    os.set_inheritable(write, True)
    stocked.unlock(env={"LD_PRELOAD": "", "AWS_PROFILE": "x", "SECRET_OF_OTHERS": "x"}, pass_fds=[write])
    os.close(write)
    # Nobody holds the pipe any more, or this would wait for ever.
    os.set_blocking(read, False)
    assert os.read(read, 1) == b""
    os.close(read)
    if os.geteuid() == 0:
        variables = Path(f"/proc/{stocked.agent()}/environ").read_bytes().split(b"\0")
        names = {variable.split(b"=")[0].decode() for variable in variables if variable}
        assert names <= {"HOME", "SEALRING_VAULT", "SEALRING_STATE_DIR", "XDG_RUNTIME_DIR", "SEALRING_AGENT_SOCKET"}
        assert os.readlink(f"/proc/{stocked.agent()}/cwd") == "/"


def test_a_socket_that_a_service_manager_made_is_served_and_stays(stocked: Home) -> None:
    stocked.socket.parent.mkdir(mode=0o700)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(stocked.socket))
    stocked.socket.chmod(0o600)
    listener.listen()
    environment = stocked.env | {"SEALRING_VAULT": str(stocked.vault), "LISTEN_FDS": "1"}
    child = subprocess.Popen(
        ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$0"', AGENT],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=[3],
        preexec_fn=lambda: os.dup2(listener.fileno(), 3),
    )
    stocked.unlock()
    assert stocked.agent() == child.pid
    answers(stocked)
    stocked.ok("lock", "--stop", passphrase=None)
    _, shown = child.communicate(timeout=10)
    assert child.returncode == 0 and shown == b""
    assert stocked.socket.exists(), "it is the service manager's to remove"
    listener.close()
    stocked.socket.unlink()


@pytest.mark.parametrize("case", ["file", "directory open to others", "long", "no directory"])
def test_an_agent_that_cannot_listen_says_why(stocked: Home, case: str) -> None:
    folder = stocked.socket.parent
    env = {}
    if case == "file":
        folder.mkdir(mode=0o700)
        stocked.socket.write_bytes(b"")
    elif case == "directory open to others":
        folder.mkdir()
        folder.chmod(0o777)
    elif case == "long":
        env = {"SEALRING_AGENT_SOCKET": "/tmp/" + "x" * 103}
    else:
        # Under the short path of the runtime directory: that of a HOME may be too long for a socket.
        (stocked.runtime / "file").touch()
        env = {"SEALRING_AGENT_SOCKET": f"{stocked.runtime}/file/agent.sock"}
    code = {"file": 77, "directory open to others": 77, "long": 64, "no directory": 77}[case]
    says = {
        "file": "not a socket",
        "directory open to others": "others may write",
        "long": "107 bytes",
        "no directory": "its parent is not a directory",
    }[case]
    stocked.fails(code, "unlock", env=env, says=says)
    if case == "file":
        stocked.socket.unlink()
