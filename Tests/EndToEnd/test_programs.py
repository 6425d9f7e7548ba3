"""How programs start, and what their children get."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.home import AGENT, HELPER, PROGRAM, Home, report
from support.pinentry import gives, pinentry
from support.users import AS_NOBODY

# A tracer of the same user, from before the first instruction on; it tells whether it can open the memory.
LOOK_INTO = """
import ctypes, os, sys
trace = ctypes.CDLL(None).ptrace
child = os.fork()
if child == 0:
    trace(0, 0, 0, 0)
    os.execv(sys.argv[1], [sys.argv[1], "--version"])
os.waitpid(child, 0)
try:
    os.close(os.open(f"/proc/{child}/mem", os.O_RDONLY))
    print("open")
except PermissionError:
    print("closed")
os.kill(child, 9)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act for another user")
def test_a_program_that_another_process_traces_does_not_go_on(nobodys: Home) -> None:
    folder = nobodys.root.parent / "bin"
    under = [*AS_NOBODY, "strace", "-f", "-qq", "-o", "/dev/null"]
    for name, words in [
        (PROGRAM.name, ["list"]),
        (PROGRAM.name, ["credential-process", "prod"]),
        (HELPER.name, ["prod"]),
        (AGENT.name, []),
    ]:
        result = nobodys(*words, program=folder / name, under=under, cwd="/")
        assert result.returncode == 77 and b"traces it" in result.stderr, report(result)
        assert b"SecretAccessKey" not in result.stdout
    # Without a tracer it does.
    nobodys.ok("list", program=folder / PROGRAM.name, under=AS_NOBODY, cwd="/")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can act for another user")
def test_a_program_that_cannot_be_read_cannot_be_looked_into(nobodys: Home) -> None:
    program = nobodys.root.parent / "bin" / HELPER.name
    for mode, found in [(0o755, b"open\n"), (0o111, b"closed\n")]:
        program.chmod(mode)
        result = nobodys("-I", "-c", LOOK_INTO, program, program=Path("/usr/bin/python3"), under=AS_NOBODY, cwd="/")
        assert result.stdout == found, report(result)
        # It starts in any case.
        assert nobodys("--version", program=program, under=AS_NOBODY, cwd="/").returncode == 0


@pytest.fixture
def secret(stocked: Home) -> Iterator[int]:
    """A descriptor of a file that no child is to get."""
    descriptor = os.open(stocked.write("open-secret", b"open-secret"), os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def test_a_command_gets_no_descriptor_of_ours(stocked: Home, secret: int) -> None:
    log = stocked.outside / "descriptors"
    command = f"ls -l /proc/self/fd >{log}; cat {stocked.passphrase_file}"
    stocked.ok("list", "--passphrase-command", command, passphrase=None, pass_fds=[secret])
    assert "open-secret" not in log.read_text()
    # The code of an MFA device comes from such a command as well.
    stocked.ok("mfa", "set", "prod", "--mfa-serial", "arn:aws:iam::123456789012:mfa/alice")
    stocked.ok("set", "prod", "--sts-endpoint", "https://127.0.0.1:1", "--serve", "session")
    log.unlink()
    stocked(
        "session", "prod", env={"SEALRING_MFA_COMMAND": f"ls -l /proc/self/fd >{log}; echo 123456"}, pass_fds=[secret]
    )
    assert "open-secret" not in log.read_text()


def test_neither_pinentry_nor_who_starts_it_gets_a_descriptor_of_the_client(stocked: Home, secret: int) -> None:
    log = stocked.outside / "descriptors"
    look = f"""os.system("ls -l /proc/self/fd /proc/%d/fd >{log} 2>&1" % os.getppid()); """
    env = pinentry(stocked, look + gives(stocked.passphrase), 0)
    assert stocked.helper(env=env, pass_fds=[secret]).returncode == 0
    shown = log.read_text()
    assert f"1 -> {log}" in shown and shown.count("/dev/null") >= 2, "the control finds what is open"
    assert "open-secret" not in shown


@pytest.fixture
def refusing(tmp_path: Path) -> list[str | Path]:
    """The words that start a program as in a container whose engine does not know clone3."""
    if shutil.which("cc") is None:
        pytest.skip("no C compiler")
    program = tmp_path / "refuse-clone3"
    subprocess.run(
        ["cc", "-o", program, "-x", "c", "-"],
        check=True,
        input=b"""
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <unistd.h>
int main(int count, char **words) {
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 435, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {4, filter};
    if (count < 2 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, 2, &program)) return 126;
    execv(words[1], words + 1);
    return 127;
}
""",
    )
    return [program]


def test_a_container_that_forbids_starting_programs_is_named(stocked: Home, refusing: list[str | Path]) -> None:
    stocked.fails(69, "unlock", under=refusing, says="could not start", hints="container engine")
    command = ("list", "--passphrase-command", "true")
    stocked.fails(
        69, *command, passphrase=None, under=refusing, says="/bin/sh: operation not", hints="container engine"
    )
    result = stocked.helper(under=refusing, env={"SEALRING_PROMPT": "tty"})
    # The one that is installed starts `sealring` without that call, which then says what it could not start.
    assert result.returncode == 69 and b"update the container engine" in result.stderr, report(result)


@pytest.mark.parametrize("mode", [0o775, 0o757, 0o755, None])
def test_a_program_that_others_may_change_is_not_started(stocked: Home, tmp_path: Path, mode: int | None) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / PROGRAM.name).symlink_to(PROGRAM)
    shutil.copy(HELPER, folder)
    mark = tmp_path / "started"

    def put(name: str) -> None:
        (folder / name).unlink(missing_ok=True)
        if mode is not None:
            (folder / name).write_text(f"#!/bin/sh\ntouch {mark}\nexit 1\n")
            (folder / name).chmod(mode)

    put(AGENT.name)
    result = stocked("unlock", program=folder / PROGRAM.name)
    if mode is None:
        assert result.returncode == 0, "what the link points to has its siblings"
        stocked.end_agent()
    else:
        assert result.returncode == (69 if mode == 0o755 else 77), report(result)
        assert mark.exists() == (mode == 0o755)
        assert (b"others may change the program" in result.stderr) == (mode != 0o755), report(result)
    mark.unlink(missing_ok=True)
    put(PROGRAM.name)
    result = stocked("prod", program=folder / HELPER.name, env={"SEALRING_PROMPT": "tty"}, passphrase=None)
    code, says = {None: (69, b"could not find"), 0o755: (69, b"could not ask: it ended with status 1")}.get(
        mode, (77, b"others may change the program sealring")
    )
    assert result.returncode == code and says in result.stderr, report(result)
    assert mark.exists() == (mode == 0o755)


if sys.platform != "linux":
    pytest.skip("the kernel's files and calls are those of Linux", allow_module_level=True)
