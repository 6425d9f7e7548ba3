"""Prompts that a signal, a stop or a crash comes upon: the terminal is put back, and no other program starts."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import termios
import threading
from pathlib import Path

import pexpect
import pytest

from support.fake_agent import listening
from support.home import CHEAPEST, HELPER, PROGRAM, ROOT, Home
from support.keys import KeyMaker
from support.person import ECHO, Person
from support.waiting import wait_until


@pytest.mark.parametrize(
    "command, prompt",
    [
        (("init", *CHEAPEST, "--no-recovery-code", "--vault", "new"), "New passphrase: "),
        (("list",), "Passphrase: "),
        (("passwd",), "Passphrase: "),
        (("import", "new.csv"), "Passphrase: "),
    ],
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
def test_a_signal_at_a_prompt_puts_the_terminal_back(
    stocked: Home, keys: KeyMaker, command: tuple[str, ...], prompt: str, number: signal.Signals
) -> None:
    stocked.csv(keys(), "new.csv")
    before = stocked.snapshot()
    person = Person(stocked, *command)
    person.asked(prompt)
    person.child.send(b"half an ans")
    if number == signal.SIGINT:
        person.child.sendintr()
    else:
        person.child.kill(number)
    wait_until(lambda: person.attributes()[ECHO] & termios.ECHO != 0)
    assert person.ends() == -number
    assert stocked.snapshot() == before


# A shell in small: a job that is stopped and put into the foreground again.
JOB_CONTROL = """
import os, signal, subprocess, sys, termios
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
# The job takes the foreground itself: it may ask before this process runs again.
child = subprocess.Popen(sys.argv[1:], process_group=0, preexec_fn=lambda: os.tcsetpgrp(0, os.getpid()))
_, status = os.waitpid(child.pid, os.WUNTRACED)
print("stopped, echo", bool(termios.tcgetattr(0)[3] & termios.ECHO), flush=True) if os.WIFSTOPPED(status) else 0
os.kill(child.pid, signal.SIGCONT)
sys.exit(child.wait())
"""


def test_a_stopped_prompt_asks_again_when_it_goes_on(stocked: Home) -> None:
    person = Person(stocked, "-c", JOB_CONTROL, PROGRAM, "list", program=sys.executable)
    person.asked("Passphrase: ")
    person.child.send(b"half an ans")
    person.child.sendcontrol("z")
    person.child.expect_exact("stopped, echo True")
    person.asked("Passphrase: ")
    person.types(stocked.passphrase)
    assert person.ends() == 0


EVIL = """#!/bin/sh
touch '{mark}'
"""
CRASHER = "import Glibc\nkill(getpid(), SIGSEGV)\nsleep(5)\n"


def backtrace_environment(home: Home) -> tuple[dict[str, str], Path]:
    mark = home.root.parent / "evil-was-here"
    evil = home.root.parent / "evil"
    evil.write_text(EVIL.format(mark=mark))
    evil.chmod(0o755)
    return {"SWIFT_BACKTRACE": f"enable=yes,swift-backtrace={evil}"}, mark


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGILL, signal.SIGBUS, signal.SIGTRAP])
def test_a_crash_at_a_prompt_starts_no_program(stocked: Home, number: signal.Signals) -> None:
    environment, mark = backtrace_environment(stocked)
    person = Person(stocked, "list", env=environment)
    person.asked("Passphrase: ")
    person.child.kill(number)
    person.child.expect(pexpect.EOF)
    person.child.close()
    assert person.child.signalstatus == number
    assert not mark.exists()
    assert not list(stocked.root.rglob("core*"))


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGILL, signal.SIGBUS, signal.SIGTRAP])
@pytest.mark.parametrize("helper", sorted({HELPER, ROOT / ".build/debug" / HELPER.name}), ids=str)
def test_a_crash_of_the_helper_starts_no_program(bare: Home, helper: Path, number: signal.Signals) -> None:
    """Both ways in which it is built, while it waits for the agent."""
    environment, mark = backtrace_environment(bare)
    asked, ended = threading.Event(), threading.Event()

    def hold(connection: socket.socket) -> None:
        connection.recv(4096)
        asked.set()
        ended.wait(30)

    with listening(bare, hold):
        process = subprocess.Popen([helper, "prod"], env={**bare.env, **environment}, stdout=subprocess.PIPE)
        assert asked.wait(30)
        process.send_signal(number)
        assert process.wait(30) == -number and process.stdout is not None
        process.stdout.close()
        ended.set()
    assert not mark.exists()


@pytest.mark.skipif(shutil.which("swiftc") is None, reason="no Swift compiler")
def test_another_program_does_start_it(home: Home) -> None:
    """Without this, the test above would say nothing."""
    environment, mark = backtrace_environment(home)
    source, program = home.root.parent / "crash.swift", home.root.parent / "crash"
    source.write_text(CRASHER)
    subprocess.run(["swiftc", "-o", program, source], check=True, capture_output=True)
    subprocess.run([program], env=environment | {"PATH": os.environ["PATH"]}, capture_output=True, timeout=30)
    assert mark.exists()
