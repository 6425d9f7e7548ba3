"""An agent is found, and locked, whatever the environment of the one who looks for it is."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from support import frames
from support.home import AGENT, CHEAPEST, Home, report, runs
from support.memory import held
from support.users import AS_NOBODY, NOBODY
from support.waiting import wait_until

OUTSIDE = ("env", "-u", "XDG_RUNTIME_DIR")


def test_a_client_without_the_sessions_environment_is_served(unlocked: Home) -> None:
    result = unlocked.helper(under=OUTSIDE)
    assert result.returncode == 0 and json.loads(result.stdout)["AccessKeyId"] == unlocked.key.id, report(result)
    assert unlocked.json("status", under=OUTSIDE, passphrase=None)["locked"] is False
    unlocked.ok("list", under=OUTSIDE, passphrase=None)


def test_a_lock_reaches_the_agent_of_another_environment(unlocked: Home) -> None:
    agent = unlocked.agent()
    unlocked.ok("lock", under=OUTSIDE, passphrase=None)
    assert unlocked.helper().returncode == 77
    assert unlocked.agent() == agent


@pytest.mark.parametrize("variables", [("HOME", "XDG_RUNTIME_DIR"), ("SEALRING_STATE_DIR",)])
def test_a_lock_reaches_the_agent_of_the_vault_from_another_home(unlocked: Home, variables: tuple[str, ...]) -> None:
    other = unlocked.root / "other"
    other.mkdir(mode=0o700)
    env = {"SEALRING_VAULT": str(unlocked.vault)} | {name: str(other) for name in variables}
    assert unlocked.json("status", env=env, passphrase=None)["locked"] is False
    assert unlocked.helper(env=env).returncode == 0
    unlocked.ok("lock", env=env, passphrase=None)
    assert unlocked.helper().returncode == 77


def test_a_vault_has_one_agent(unlocked: Home) -> None:
    agent = unlocked.agent()
    unlocked.unlock(under=OUTSIDE)
    assert unlocked.json("status", under=OUTSIDE, passphrase=None)["pid"] == agent
    # Not even one that is started by hand takes its place.
    environment = {name: value for name, value in unlocked.env.items() if name != "XDG_RUNTIME_DIR"}
    second = subprocess.run([AGENT], env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
    assert second.returncode == 0 and second.stdout == b"ready\n"
    assert unlocked.agent() == agent and unlocked.helper().returncode == 0


def test_a_lock_reaches_the_agents_of_all_vaults_and_status_lists_them(unlocked: Home) -> None:
    unlocked.ok("init", *CHEAPEST, "--no-recovery-code", "--vault", "other")
    env = {
        "SEALRING_AGENT_SOCKET": str(unlocked.runtime / "second.sock"),
        "SEALRING_VAULT": str(unlocked.outside / "other"),
    }
    unlocked.ok("unlock", env=env)
    # Neither swept the registration of the other.
    assert len(list((unlocked.state / "agents").iterdir())) == 2
    status = unlocked.json("status", passphrase=None)
    assert {agent["vault"]: agent["locked"] for agent in status["agents"]} == {
        str(unlocked.vault): False,
        str(unlocked.outside / "other"): False,
    }
    assert b"another agent" in unlocked.ok("status", passphrase=None).stdout
    unlocked.ok("lock", "--stop", passphrase=None)
    for agent in status["agents"]:
        wait_until(lambda process=agent["pid"]: not runs(process))
    assert unlocked.json("status", passphrase=None).get("agents") is None


def test_what_dead_agents_wrote_is_not_believed_and_swept(unlocked: Home) -> None:
    first = unlocked.agent()
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: not runs(first))
    [written] = (unlocked.state / "agents").iterdir()
    assert written.name.startswith(f"{first}-") and unlocked.json("status", passphrase=None)["agent"] == "absent"
    # Its number may be another program's by now, which no lock may end.
    bystander = subprocess.Popen(["/bin/sleep", "60"])
    written.rename(written.with_name(str(bystander.pid)))
    unlocked.ok("lock", passphrase=None)
    assert bystander.poll() is None
    unlocked.unlock()
    assert [path.name.split("-")[0] for path in (unlocked.state / "agents").iterdir()] == [str(unlocked.agent())]
    bystander.kill()
    bystander.wait()


@pytest.mark.parametrize("harm", ["the socket", "its directory", "the runtime directory"])
def test_an_agent_whose_socket_is_gone_ends(unlocked: Home, harm: str) -> None:
    agent = unlocked.agent()
    if harm == "the socket":
        unlocked.socket.unlink()
    else:
        shutil.rmtree(unlocked.socket.parent if harm == "its directory" else unlocked.runtime)
    wait_until(lambda: not runs(agent))
    unlocked.runtime.mkdir(mode=0o700, exist_ok=True)
    unlocked.ok("lock", passphrase=None)
    unlocked.unlock()
    assert unlocked.helper().returncode == 0


def test_an_agent_that_can_register_nowhere_does_not_start(stocked: Home) -> None:
    """Nobody could be sure to lock it."""
    (stocked.state / "agents").write_bytes(b"")
    (stocked.data / "vault.agent.lock").mkdir()
    result = stocked.fails(69, "unlock", says="cannot register itself", hints="--no-agent")
    assert result.stdout == b""
    (stocked.state / "agents").unlink()
    stocked.unlock()


def test_a_service_managers_socket_is_as_closed_as_ours(stocked: Home) -> None:
    stocked.socket.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(stocked.socket))
        stocked.socket.chmod(0o666)
        listener.listen()
        environment = stocked.env | {"SEALRING_VAULT": str(stocked.vault), "LISTEN_FDS": "1"}
        result = subprocess.run(
            ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$0"', AGENT],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            pass_fds=[3],
            preexec_fn=lambda: os.dup2(listener.fileno(), 3),
            timeout=30,
        )
    assert result.returncode == 77 and b"others may connect" in result.stderr, report(result)
    stocked.socket.unlink()


@pytest.mark.parametrize("obstacle", ["a file", "a foreign socket", "another agent"])
def test_what_is_in_the_place_of_the_socket_stays(stocked: Home, obstacle: str) -> None:
    stocked.socket.parent.mkdir(mode=0o700)
    listener = socket.socket(socket.AF_UNIX)
    if obstacle == "a file":
        stocked.socket.write_bytes(b"kept")
    elif obstacle == "a foreign socket":
        if os.geteuid() != 0:
            pytest.skip("only root can make a file of another user")
        listener.bind(str(stocked.socket))
        os.chown(stocked.socket, NOBODY, NOBODY)
    else:
        stocked.unlock()
    before = stocked.socket.stat().st_ino
    environment = stocked.env | {"SEALRING_VAULT": str(stocked.vault.with_name("none"))}
    result = subprocess.run([AGENT], env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=30)
    expected = {"a file": 65, "a foreign socket": 77, "another agent": 0}[obstacle]
    assert result.returncode == expected, report(result)
    assert stocked.socket.stat().st_ino == before
    if obstacle == "another agent":
        assert stocked.helper().returncode == 0
    else:
        stocked.socket.unlink()
    listener.close()


def test_a_client_trusts_no_agent_of_another_user(nobodys: Home) -> None:
    """Whoever owns the path of the socket: it counts who listens."""
    nobodys.socket.parent.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(nobodys.socket))
        listener.listen()
        for file in (nobodys.socket, nobodys.socket.parent):
            os.chown(file, NOBODY, NOBODY)
        helper = nobodys.root.parent / "bin" / "sealring-credential-process"
        result = nobodys("prod", program=helper, under=AS_NOBODY, passphrase=None)
        assert result.returncode == 77 and b"another user listens there" in result.stderr, report(result)
    nobodys.socket.unlink()


def test_the_vault_locks_by_itself_and_not_at_the_next_request(stocked: Home) -> None:
    """By the clock that goes on while the machine sleeps: here it is a day ahead of the one that does not."""
    if os.geteuid() != 0:
        pytest.skip("only root can look into the agent, and set a clock of its own for it")
    child = subprocess.Popen(
        ["unshare", "--time", "--boottime", "86400", AGENT],
        env=stocked.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    )
    assert child.stdout is not None and child.stdout.readline() == b"ready\n"
    agent = stocked.agent()
    timers = [file.read_text() for file in Path(f"/proc/{agent}/fdinfo").iterdir() if "clockid" in file.read_text()]
    assert ["clockid: 7" in timer for timer in timers] == [True]
    without = held(agent)
    answer = frames.ask(
        stocked.socket,
        frames.UNLOCK,
        os.fsencode(stocked.vault),
        stocked.vault_key(),
        frames.u32(60),
        frames.u32(1),
        frames.u32(0),
    )
    assert answer is not None and answer.kind == frames.DONE
    assert held(agent) > without
    wait_until(lambda: held(agent) <= without)
    stocked.ok("lock", "--stop", passphrase=None)
    child.wait(10)
    child.stdout.close()


@pytest.fixture
def hidden(request: pytest.FixtureRequest) -> tuple[str, ...]:
    """Starts a program where the kernel has memfd_secret, or as if it had none."""
    if request.param:
        return ()
    code = """
import ctypes, os, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
code = [(0x20, 0, 0, 0), (0x15, 0, 1, 447), (0x06, 0, 0, 0x50026), (0x06, 0, 0, 0x7fff0000)]
filter = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *one) for one in code))
program = struct.pack("HxxxxxxQ", len(code), ctypes.addressof(filter))
assert libc.prctl(38, 1, 0, 0, 0) == 0 and libc.prctl(22, 2, program, 0, 0) == 0
os.execv(sys.argv[1], sys.argv[1:])
"""
    return ("/usr/bin/python3", "-I", "-c", code)


@pytest.mark.parametrize("hidden", [True, False], indirect=True, ids=["memfd_secret", "without"])
@pytest.mark.parametrize("kib", [0, 64, 128, 8192])
def test_locked_memory_that_is_short(nobodys: Home, kib: int, hidden: tuple[str, ...]) -> None:
    under = (*AS_NOBODY, "/usr/bin/prlimit", f"--memlock={kib << 10}", *hidden)
    program = nobodys.root.parent / "bin" / "sealring"
    helper = nobodys.root.parent / "bin" / "sealring-credential-process"
    options = {"program": program, "under": under, "cwd": "/"}
    result = nobodys("unlock", **options)
    first = result.returncode
    if first != 0:
        assert kib < 8192 and result.returncode == 71, report(result)
        assert b"ulimit -l" in result.stderr, report(result)
        result = nobodys("unlock", "--allow-unlocked-memory", **options)
    else:
        assert kib > 0
    assert result.returncode == 0, report(result)
    answer = nobodys("prod", program=helper, under=AS_NOBODY, passphrase=None, shows_secret=True)
    assert answer.returncode == 0, report(answer)
    nobodys("lock", program=program, under=AS_NOBODY, passphrase=None)
    # It was said for that time only.
    again = nobodys("unlock", **options)
    assert again.returncode == first, report(again)
