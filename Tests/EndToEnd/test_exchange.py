"""Starting the program that speaks to AWS: what it gets, and what is made of it when it is not what it should be."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from support.frames import frame, u32
from support.home import HELPER, PROGRAM, Home, report, runs
from support.profiles import ADMIN as ROLE

REPLY = 101
GOOD = frame(REPLY, b"\0", b"", u32(200), bytes(8))
# Whatever the case, it says who it is; then it does what the case asks.
START = """\
#!{python} -IS
import json, os, signal, sys, time
status = open("/proc/self/status").read()
facts = dict(
    pid=os.getpid(), arguments=sys.argv[1:], environment=sorted(os.environ), cwd=os.getcwd(),
    descriptors=sorted(int(name) for name in os.listdir("/proc/self/fd") if os.path.exists("/proc/self/fd/" + name)),
    blocked=[line.split()[1] for line in status.splitlines() if line.startswith("SigBlk")][0],
    ignored=[line.split()[1] for line in status.splitlines() if line.startswith("SigIgn")][0])
own = "{place}/facts-%d" % os.getpid()
with open(own, "w") as file: json.dump(facts, file)
os.rename(own, "{place}/facts")
"""


class Programs:
    """Copies of the programs, with another one as their sealring-aws."""

    def __init__(self, home: Home, python: str) -> None:
        self.home, self.python = home, python
        self.folder = home.outside / "bin"
        self.folder.mkdir()
        for program in (PROGRAM, HELPER):
            shutil.copy(program, self.folder)
        self.aws = self.folder / "sealring-aws"
        self.facts_file = self.folder / "facts"

    def does(self, body: str) -> None:
        self.aws.write_text(START.format(python=self.python, place=self.folder) + body)
        self.aws.chmod(0o755)

    @property
    def facts(self) -> dict[str, object]:
        return json.loads(self.facts_file.read_text())

    def run(self, which: str, **options: object) -> subprocess.CompletedProcess[bytes]:
        """The command that verifies a key, or the helper that needs a session."""
        if which == "command":
            return self.home("verify", "prod", program=self.folder / PROGRAM.name, **options)
        return self.home("admin", program=self.folder / HELPER.name, passphrase=None, **options)

    def fails(self, which: str, code: int, says: str, hint: str) -> None:
        result = self.run(which)
        text = result.stderr.decode()
        assert result.returncode == code and result.stdout == b"", report(result)
        assert says in text and hint in text, report(result)


@pytest.fixture
def programs(stocked: Home) -> Programs:
    stocked.unlock()
    stocked.ok("role", "add", "admin", "--role-arn", ROLE, "--source", "prod", "--no-configure")
    return Programs(stocked, os.path.realpath("/usr/bin/python3"))


BOTH = pytest.mark.parametrize("which", ["command", "helper"])


@BOTH
def test_it_gets_the_request_and_the_proxies_and_nothing_else(programs: Programs, which: str) -> None:
    programs.does("os.write(2, b'words of a library')\nsys.exit(0)\n")
    held = os.open("/dev/null", os.O_RDONLY)
    os.set_inheritable(held, True)
    try:
        result = programs.run(
            which,
            env={
                "HTTPS_PROXY": "http://127.0.0.1:9",
                "https_proxy": "",
                "ALL_PROXY": "b",
                "all_proxy": "",
                "NO_PROXY": "",
                "no_proxy": "a",
                "AWS_PROFILE": "x",
                "http_proxy": "y",
                "LD_LIBRARY_PATH": "/nowhere",
                "SSLKEYLOGFILE": "/nowhere",
                "XHTTPS_PROXY": "z",
            },
            pass_fds=[held],
        )
    finally:
        os.close(held)
    assert b"words of a library" not in result.stderr
    facts = programs.facts
    assert facts["arguments"] == [] and facts["descriptors"] == [0, 1, 2]
    assert set(facts["environment"]) - {"LC_CTYPE"} == {
        "HTTPS_PROXY",
        "https_proxy",
        "ALL_PROXY",
        "all_proxy",
        "NO_PROXY",
        "no_proxy",
    }
    # Python ignores SIGPIPE and SIGXFSZ by itself; the two of the thread library are nobody's to set.
    own = {signal.SIGPIPE, signal.SIGXFSZ, 32, 33}
    ignored = {number for number in range(1, 65) if int(str(facts["ignored"]), 16) >> number - 1 & 1}
    assert int(str(facts["blocked"]), 16) == 0 and ignored <= own


@BOTH
@pytest.mark.parametrize(
    "body",
    [
        "sys.exit(0)\n",
        "os.close(0)\nos.close(1)\ntime.sleep(60)\n",
        "os.kill(os.getpid(), signal.SIGKILL)\n",
        "os.write(1, b'garbage that is no frame at all ' * 9)\n",
        "os.write(1, b'\\xff' * 4096)\ntime.sleep(60)\n",
        "os.write(1, b'\\0\\0\\0\\0')\ntime.sleep(60)\n",
        "os.write(1, b'\\x10\\0\\0\\0\\1')\n",
        "while True: os.write(1, bytes(65536))\n",
        f"sys.stdin.buffer.read()\nos.write(1, {GOOD[:-1]!r})\n",
        f"sys.stdin.buffer.read()\nos.write(1, {GOOD + b'x'!r})\n",
    ],
)
def test_one_that_gives_no_reply_is_ended_and_told(programs: Programs, which: str, body: str) -> None:
    programs.does(body)
    began = time.monotonic()
    programs.fails(which, 69, "sealring-aws gave no reply", "try again")
    assert time.monotonic() - began < 15
    assert not runs(int(str(programs.facts["pid"])))


@BOTH
@pytest.mark.parametrize(
    "reply",
    [
        b"x",
        frame(REPLY),
        frame(7, b"\0", b"", u32(200), bytes(8)),
        frame(REPLY, b"\0", b"", u32(200)),
        frame(REPLY, b"\xff", b"", u32(200), bytes(8)),
        frame(REPLY, b"\0", b"", u32(200), bytes(8), b"odd"),
        frame(REPLY, b"\0", b"", u32(200), bytes(8), version=9),
    ],
)
def test_a_reply_that_is_none_is_refused(programs: Programs, which: str, reply: bytes) -> None:
    programs.does(f"sys.stdin.buffer.read()\nos.write(1, {reply!r})\n")
    result = programs.run(which)
    assert result.returncode in (65, 69) and result.stdout == b"", report(result)
    assert not runs(int(str(programs.facts["pid"])))
    assert programs.home.answer("prod")["AccessKeyId"] == programs.home.key.id, "the agent is well"


@BOTH
def test_one_that_is_not_there(programs: Programs, which: str) -> None:
    programs.fails(which, 69, "could not find sealring-aws", "install all programs")


@BOTH
@pytest.mark.parametrize("mode", [0o775, 0o757])
def test_one_that_others_may_change_is_not_started(programs: Programs, which: str, mode: int) -> None:
    programs.does("sys.exit(0)\n")
    programs.aws.chmod(mode)
    programs.fails(which, 77, "others may change the program sealring-aws", "chmod go-w")
    assert not programs.facts_file.exists()


@BOTH
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_one_of_another_user_is_not_started(programs: Programs, which: str) -> None:
    programs.does("sys.exit(0)\n")
    os.chown(programs.aws, 65534, 65534)
    programs.fails(which, 77, "others may change the program sealring-aws", "")
    assert not programs.facts_file.exists()


@BOTH
@pytest.mark.parametrize("kind", ["directory", "no program", "not executable"])
def test_what_cannot_be_started(programs: Programs, which: str, kind: str) -> None:
    if kind == "directory":
        programs.aws.mkdir()
    else:
        programs.aws.write_text("#!/nonexistent\n" if kind == "no program" else "x")
        programs.aws.chmod(0o755 if kind == "no program" else 0o644)
    result = programs.run(which)
    assert result.returncode in (69, 77) and b"sealring-aws" in result.stderr, report(result)


def test_nobody_waits_for_one_that_hangs(programs: Programs) -> None:
    programs.does("time.sleep(120)\n")
    began = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(programs.run, ["command", "helper"]))
    assert 15 < time.monotonic() - began < 35
    for result in results:
        assert result.returncode == 69 and b"AWS did not answer in time" in result.stderr, report(result)
    assert not runs(int(str(programs.facts["pid"])))


def test_a_helper_that_nobody_reads_any_more_ends_with_it(programs: Programs) -> None:
    programs.does("sys.stdin.buffer.read()\ntime.sleep(120)\n")
    helper = subprocess.Popen(
        [programs.folder / HELPER.name, "admin"],
        env=programs.home.env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    while not programs.facts_file.exists():
        assert helper.poll() is None
        time.sleep(0.02)
    assert helper.stdout is not None
    helper.stdout.close()
    assert helper.wait(5) == 74
    end = time.monotonic() + 5
    while runs(int(str(programs.facts["pid"]))) and time.monotonic() < end:
        time.sleep(0.02)
    assert not runs(int(str(programs.facts["pid"])))


SEIZE = """\
import ctypes, sys, time
if ctypes.CDLL(None, use_errno=True).ptrace(0x4206, int(sys.argv[1]), 0, 0): sys.exit(1)
print(flush=True)
time.sleep(60)
"""


def test_nobody_waits_for_one_that_is_traced(programs: Programs) -> None:
    programs.does(
        f"sys.stdin.buffer.read()\nwhile not os.path.exists('{programs.folder}/go'): time.sleep(0.02)\n"
        "os.close(1)\ntime.sleep(60)\n"
    )
    with ThreadPoolExecutor(1) as pool:
        helper = pool.submit(programs.run, "helper")
        while not programs.facts_file.exists():
            time.sleep(0.02)
        child = int(str(programs.facts["pid"]))
        # What was killed stays there for its tracer, which does not ask.
        with subprocess.Popen([programs.python, "-IS", "-c", SEIZE, str(child)], stdout=subprocess.PIPE) as tracer:
            assert tracer.stdout
            is_traced = tracer.stdout.readline() == b"\n"
            (programs.folder / "go").touch()
            try:
                result = helper.result(30)
            finally:
                tracer.kill()
    if not is_traced:
        pytest.skip("this machine allows no tracing")
    assert result.returncode == 69 and b"gave no reply" in result.stderr, report(result)
