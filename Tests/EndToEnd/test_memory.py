"""Where secrets lie in the memory of the programs while they work, and that nothing stays after a lock."""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support import exchange, frames, stub
from support.home import AGENT, AWS, HELPER, PROGRAM, Home, report
from support.memory import declared, hidden, places, stopped, undeclared
from support.refusing import HIDDEN_MEMORY
from support.stub import Answer
from support.users import AS_NOBODY
from support.waiting import wait_until

SECRET = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root can look into the memory of the agent")


def secrets(home: Home) -> dict[str, bytes]:
    return {"passphrase": home.passphrase, "vault key": home.vault_key(), "secret": home.key.secret.encode()}


def answered(home: Home) -> None:
    for _ in range(3):
        assert home.helper().returncode == 0
    home.ok("list", passphrase=None)
    home.ok("set", "prod", "--note", "x", passphrase=None)


@pytest.fixture
def keeper() -> Iterator[Callable[[str], subprocess.Popen[bytes]]]:
    """Starts a process that does something with a secret from its stdin, and then stays."""
    children: list[subprocess.Popen[bytes]] = []

    def start(code: str) -> subprocess.Popen[bytes]:
        code = (
            f"import ctypes, mmap, sys; kept = sys.stdin.buffer.read(); {code}; print(len(kept), flush=True); "
            "import time; time.sleep(60)"
        )
        child = subprocess.Popen([sys.executable, "-I", "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert child.stdin is not None and child.stdout is not None
        child.stdin.write(SECRET)
        child.stdin.close()
        assert int(child.stdout.readline()) == len(SECRET)
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.wait()
        assert child.stdout is not None
        child.stdout.close()


def test_the_search_finds_what_is_there(keeper: Callable[[str], subprocess.Popen[bytes]]) -> None:
    """Without these controls, the tests below would say nothing."""
    child = keeper("pass")
    assert undeclared(child.pid, {"it": SECRET})
    assert not undeclared(child.pid, {"another": os.urandom(40)})


def test_a_part_of_the_secret_is_enough(keeper: Callable[[str], subprocess.Popen[bytes]]) -> None:
    child = keeper("pass")
    for start in range(len(SECRET) - 22):
        rest = os.urandom(start) + SECRET[start : start + 23] + os.urandom(17 - start)
        assert len(rest) == len(SECRET) and places(child.pid, {"a part": rest})


def test_memory_that_cannot_be_searched_is_an_error(keeper: Callable[[str], subprocess.Popen[bytes]]) -> None:
    child = keeper(
        "libc = ctypes.CDLL(None); file = libc.syscall(447, 0); libc.ftruncate(file, 4096); "
        "pages = file < 0 or mmap.mmap(file, 4096)"
    )
    if not hidden(child.pid):
        pytest.skip("the kernel has no memfd_secret")
    assert len(declared(child.pid)) == 1, "hidden pages are counted"
    with pytest.raises(AssertionError, match="hidden pages"):
        places(child.pid, {"it": SECRET})


def test_the_agent_keeps_secrets_on_declared_pages_and_loses_them_at_a_lock(stocked: Home) -> None:
    searched = secrets(stocked)
    stocked.unlock(under=HIDDEN_MEMORY)
    assert stocked.json("status", passphrase=None)["hardening"]["hidden_memory"].startswith("no: ")
    answered(stocked)
    agent = stocked.agent()
    found = places(agent, searched)
    # The passphrase never came here, and no record outlives its answer.
    assert {what for what, _ in found} == {"vault key"}
    assert all(region.is_declared for _, region in found)
    stocked.ok("lock", passphrase=None)
    assert places(agent, searched) == []


def test_the_agent_has_hidden_pages_where_it_says_so_and_gives_them_back_at_a_lock(stocked: Home) -> None:
    child = subprocess.Popen([AGENT], env=stocked.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"ready\n"
    before = len(declared(child.pid))
    stocked.unlock()
    if stocked.json("status", passphrase=None)["hardening"]["hidden_memory"] != "memfd_secret":
        pytest.skip("the kernel has no memfd_secret")
    answered(stocked)
    unlocked = declared(child.pid)
    assert len(unlocked) > before
    assert [str(region) for region in unlocked if not region.is_hidden] == []
    stocked.ok("lock", passphrase=None)
    wait_until(lambda: len(declared(child.pid)) <= before)
    stocked.ok("lock", "--stop", passphrase=None)
    child.communicate()


def test_the_helper_keeps_the_secret_on_declared_pages(stocked: Home) -> None:
    searched = secrets(stocked)
    stocked.unlock()
    # A full pipe holds the helper at the one moment when it has everything.
    read, write = os.pipe()
    os.set_blocking(write, False)
    fcntl.fcntl(write, fcntl.F_SETPIPE_SZ, 4096)
    try:
        while True:
            os.write(write, bytes(1024))
    except BlockingIOError:
        os.set_blocking(write, True)
    child = subprocess.Popen([HELPER, "prod"], env=stocked.env, stdin=subprocess.DEVNULL, stdout=write)
    os.close(write)
    wait_until(lambda: Path(f"/proc/{child.pid}/syscall").read_text().startswith("1 0x1 "))
    found = places(child.pid, searched)
    assert {what for what, _ in found} == {"secret"}, "it is there, or the search says nothing"
    assert [what for what, region in found if not region.is_declared] == []
    dies_without_core(child, stocked)
    os.close(read)


def test_the_agent_leaves_no_core(stocked: Home) -> None:
    child = subprocess.Popen([AGENT], env=stocked.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    assert child.stdout is not None and child.stdout.readline() == b"ready\n"
    stocked.unlock()
    assert stocked.agent() == child.pid
    dies_without_core(child, stocked)
    child.stdout.close()
    stocked.socket.unlink()


def test_the_program_for_aws_leaves_no_core(stocked: Home) -> None:
    with stub.running({}) as service:
        service.then(Answer(delay=30))
        child = subprocess.Popen([AWS], env={}, cwd=stocked.outside, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        assert child.stdin is not None
        child.stdin.write(exchange.request(service.url, milliseconds=20_000))
        child.stdin.close()
        wait_until(lambda: len(service.requests) == 1)
        dies_without_core(child, stocked)


def test_a_program_that_is_not_hardened_leaves_a_core(home: Home) -> None:
    """Without this, those without a core would say nothing."""
    child = subprocess.Popen(["/bin/sleep", "60"], cwd=home.outside)
    if not dumps_core(child):
        pytest.skip("the system writes no cores")


@pytest.fixture(autouse=True)
def cores() -> Iterator[None]:
    """Lets whatever is started leave a core as large as it likes, if it does not forbid it itself."""
    limits = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (limits[1], limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_CORE, limits)


def dumps_core(child: subprocess.Popen[bytes]) -> bool:
    """Ends the process as a crash would."""
    # In a build with Swift's shared runtime the first one may only meet the runtime's own handler.
    for _ in range(100):
        os.kill(child.pid, signal.SIGSEGV)
        os.kill(child.pid, signal.SIGCONT)
        ended, status = os.waitpid(child.pid, os.WNOHANG)
        if ended:
            break
        time.sleep(0.1)
    assert ended and os.WIFSIGNALED(status), "it died of it"
    child.returncode = -os.WTERMSIG(status)
    return os.WCOREDUMP(status)


def dies_without_core(child: subprocess.Popen[bytes], home: Home) -> None:
    assert not dumps_core(child)
    assert not [path for path in home.root.rglob("core*") if path.is_file()]


@pytest.fixture
def silent_agent(stocked: Home) -> Iterator[threading.Event]:
    """An agent that says that it is locked, and does not answer an unlock; set when the unlock has come."""
    has_key = threading.Event()
    stocked.socket.parent.mkdir(mode=0o700)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(stocked.socket))
    listener.listen()
    state = frames.frame(
        frames.STATE,
        frames.u32(1),
        os.fsencode(stocked.vault),
        b"\1",
        frames.u64(0),
        frames.u64(0),
        frames.u64(0),
        frames.u32(0),
        b"",
    )

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            assert frames.read(connection) == (frames.STATUS, [])
            connection.sendall(state)
            frames.read(connection)
            has_key.set()
            connection.recv(1)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield has_key
    listener.close()
    thread.join(10)
    stocked.socket.unlink()


def test_the_command_line_keeps_secrets_on_declared_pages(stocked: Home, silent_agent: threading.Event) -> None:
    home = stocked
    searched = secrets(home)
    environment = home.env | {"SEALRING_PASSPHRASE_FILE": str(home.passphrase_file)}
    child = subprocess.Popen(
        [PROGRAM, "unlock"],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    # It has sent the key, and waits for an answer: its memory changes no more.
    assert silent_agent.wait(60)
    wait_until(lambda: Path(f"/proc/{child.pid}/syscall").read_text().startswith("7 "))
    # It stays held: it would give the agent up while it is searched.
    with stopped(child.pid):
        found = places(child.pid, searched)
        assert "vault key" in {what for what, _ in found}, "it is there, or the search says nothing"
        assert all(region.is_declared for _, region in found)
        dies_without_core(child, home)
    child.communicate()


def test_another_process_of_the_user_cannot_look(nobodys: Home) -> None:
    program = nobodys.root.parent / "bin" / "sealring"
    assert nobodys("unlock", program=program, under=AS_NOBODY).returncode == 0
    agent = json.loads(nobodys("status", "--json", program=program, under=AS_NOBODY).stdout)["pid"]
    code = f"""
import ctypes, os
refused = []
for name in ("mem", "environ", "maps", "fd"):
    try:
        os.listdir("/proc/{agent}/fd") if name == "fd" else open("/proc/{agent}/" + name, "rb").read(1)
    except PermissionError:
        refused.append(name)
libc = ctypes.CDLL(None, use_errno=True)
if libc.ptrace(16, {agent}, 0, 0) < 0 and ctypes.get_errno() == 1:
    refused.append("ptrace")
print(*refused)
"""
    found = nobodys("-I", "-c", code, program=Path("/usr/bin/python3"), under=AS_NOBODY, cwd="/")
    assert found.stdout.split() == [b"mem", b"environ", b"maps", b"fd", b"ptrace"], report(found)
    for words in (("status",), ("lock",)):
        result = nobodys(*words, program=program, passphrase=None)
        assert result.returncode == 77 and b"belongs to another user" in result.stderr, "root is another user"
