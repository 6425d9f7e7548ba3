"""A lock finds every agent, asks or ends that one and no other process, and says so when it cannot look."""
from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conftest import CHEAPEST, NOBODY
from home import AGENT, PROGRAM, Home, lines, report, runs
from test_prompts import wait_until

OUTSIDE = ("env", "-u", "XDG_RUNTIME_DIR")
APART = ("unshare", "--pid", "--fork", "--mount-proc", "--kill-child")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can do that")


@pytest.fixture
def unlocked(stocked: Home) -> Home:
    stocked.unlock()
    return stocked


@pytest.fixture
def registered(stocked: Home) -> Iterator[Callable[[str, Path], subprocess.Popen[bytes]]]:
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
    folder = stocked.state / "agents"

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
        ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$0"', AGENT], env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=[3], preexec_fn=lambda: os.dup2(listener.fileno(), 3))


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


def test_a_lock_does_not_end_what_made_a_socket(stocked: Home) -> None:
    """The kernel names who called listen: systemd, where that made the socket."""
    code = ("import socket, sys, time; s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen();"
            "print('ready', flush=True); time.sleep(600)")
    stocked.socket.parent.mkdir(mode=0o700)
    manager = subprocess.Popen([sys.executable, "-I", "-c", code, stocked.socket], stdout=subprocess.PIPE)
    assert manager.stdout is not None and manager.stdout.readline() == b"ready\n"
    try:
        stocked.fails(69, "lock", says=f"nothing answers at the socket {stocked.socket}", passphrase=None)
        assert manager.poll() is None
    finally:
        manager.kill()
        manager.communicate()
        stocked.socket.unlink()


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


def test_a_number_that_was_written_down_ends_nobody(stocked: Home) -> None:
    """It may be one of another container that shares the directory."""
    bystander = subprocess.Popen(["/bin/sleep", "600"])
    stocked.socket.parent.mkdir(mode=0o700)
    with open(stocked.socket.parent / "agent.pid", "w") as file:
        file.write(str(bystander.pid))
        file.flush()
        fcntl.flock(file, fcntl.LOCK_EX)
        stocked.fails(69, "unlock", says="does not end")
        assert bystander.poll() is None
    bystander.kill()
    bystander.wait()
    stocked.unlock()


def test_agents_at_one_path_are_told_apart(unlocked: Home, registered: Callable[..., subprocess.Popen[bytes]]) -> None:
    """Two containers have the same path of a socket, and what answers there is one of the two."""
    agent, other = unlocked.agent(), registered("/elsewhere/vault", unlocked.socket)
    assert {one["pid"] for one in unlocked.json("status", passphrase=None)["agents"]} == {agent, other.pid}
    unlocked.ok("lock", passphrase=None)
    assert other.wait(10) == -signal.SIGTERM
    assert unlocked.helper().returncode == 77 and unlocked.agent() == agent


@as_root
def test_agents_that_cannot_be_seen_are_told_apart(
    stocked: Home, registered: Callable[..., subprocess.Popen[bytes]]
) -> None:
    for name in ("first", "second"):
        registered(f"/elsewhere/{name}", stocked.runtime / name)
    result = stocked.fails(69, "lock", says="in another container", passphrase=None, under=APART)
    assert b"/elsewhere/first" in result.stderr and b"/elsewhere/second" in result.stderr, report(result)


@as_root
def test_agents_with_one_number_register_both(stocked: Home) -> None:
    """Each container counts its processes from 1."""
    stocked.ok("init", *CHEAPEST, "--no-recovery-code", "--vault", "other")
    children = []
    for name, vault in (("first", stocked.vault), ("second", stocked.outside / "other")):
        env = stocked.env | {"SEALRING_VAULT": str(vault), "SEALRING_AGENT_SOCKET": str(stocked.runtime / name / "sock")}
        child = subprocess.Popen([*APART, AGENT], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        children.append(child)
        assert child.stdout is not None and child.stdout.readline() == b"ready\n"
    assert sorted(path.name.split("-")[0] for path in (stocked.state / "agents").iterdir()) == ["1", "1"]
    assert len(stocked.json("status", passphrase=None)["agents"]) == 2
    stocked.ok("lock", "--stop", passphrase=None)
    for child in children:
        child.communicate(timeout=30)


def test_what_others_may_write_is_still_looked_at(unlocked: Home) -> None:
    """A copy, a restore or `chmod -R` may change permissions under an agent."""
    for path in (Path(f"{unlocked.vault}.agent.lock"), unlocked.state / "agents", *(unlocked.state / "agents").iterdir()):
        path.chmod(path.stat().st_mode | 0o022)
    unlocked.ok("lock", passphrase=None, under=OUTSIDE)
    assert unlocked.helper().returncode == 77
    unlocked.ok("lock", "--stop", passphrase=None)
    unlocked.unlock()
    assert [path.stat().st_mode & 0o777 for path in (Path(f"{unlocked.vault}.agent.lock"), unlocked.state / "agents")] \
        == [0o600, 0o700]


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
    unlocked.fails(69, "lock", says="cannot tell whether an agent holds", hints="has no locks", passphrase=None,
                   under=no_locks)
    assert "cannot tell" in lines(unlocked.fails(69, "status", passphrase=None, under=no_locks), "error")[0]
    # Nor is a process gone that the kernel shows no descriptor of.
    unlocked.unlock()
    os.kill(agent, signal.SIGSTOP)
    try:
        unlocked.fails(69, "lock", says="does not end", passphrase=None, under=failing(434, 3))
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
    read_only = ("unshare", "--mount", "/bin/sh", "-c",
                 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"', str(stocked.data))
    stocked.unlock(under=read_only)
    assert not Path(f"{stocked.vault}.agent.lock").exists()
    assert stocked.helper(under=OUTSIDE).returncode == 0
    stocked.ok("lock", passphrase=None, under=OUTSIDE)
    assert stocked.helper().returncode == 77


def test_silent_agents_are_ended_together(
    unlocked: Home, registered: Callable[..., subprocess.Popen[bytes]]
) -> None:
    with listening(unlocked.runtime / "silent" / "sock"):
        silent = [registered(f"/elsewhere/{number}", unlocked.runtime / "silent" / "sock") for number in range(20)]
        begin = time.monotonic()
        unlocked.ok("lock", passphrase=None)
        # In turn it was a second or two for each.
        assert time.monotonic() - begin < 15
    assert {child.wait(10) for child in silent} == {-signal.SIGTERM} and unlocked.helper().returncode == 77


def test_a_stopped_agent_with_a_full_queue_is_ended(unlocked: Home) -> None:
    agent = unlocked.agent()
    os.kill(agent, signal.SIGSTOP)
    connections = []
    for _ in range(600):
        connection = socket.socket(socket.AF_UNIX)
        connection.setblocking(False)
        connections.append(connection)
        try:
            connection.connect(str(unlocked.socket))
        except BlockingIOError:
            break
    result = unlocked.ok("lock", passphrase=None)
    assert b"its process was ended" in result.stderr and not runs(agent), report(result)
    for connection in connections:
        connection.close()


@pytest.fixture
def ending(stocked: Home) -> Iterator[None]:
    """A socket as an agent leaves it that is ending: the kernel takes a connection, and nobody answers."""
    with listening(stocked.socket) as listener:
        def end() -> None:
            listener.accept()[0].close()
            stocked.socket.unlink()
            listener.close()

        thread = threading.Thread(target=end)
        thread.start()
        yield
        thread.join()


@pytest.mark.usefixtures("ending")
def test_an_agent_that_is_ending_does_not_keep_an_unlock_from_starting_another(stocked: Home) -> None:
    stocked.unlock()
    assert stocked.helper().returncode == 0
    stocked.ok("lock", "--stop", passphrase=None)


@pytest.mark.usefixtures("ending")
def test_an_agent_that_is_ending_does_not_keep_another_from_its_socket(stocked: Home) -> None:
    env = stocked.env | {"SEALRING_VAULT": str(stocked.vault)}
    child = subprocess.Popen([AGENT], env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"ready\n"
    assert stocked.agent() == child.pid
    stocked.ok("lock", "--stop", passphrase=None)
    child.communicate(timeout=30)


def test_an_unlock_while_the_agent_ends_starts_another(unlocked: Home) -> None:
    for _ in range(5):
        ending = subprocess.Popen([PROGRAM, "lock", "--stop"], env=unlocked.env, stdin=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
        unlocked.unlock()
        assert ending.wait(30) == 0
    unlocked.unlock()
