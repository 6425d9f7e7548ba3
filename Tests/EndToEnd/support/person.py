"""Somebody at a terminal, in front of a program."""

from __future__ import annotations

import io
import os
import signal
import termios
from pathlib import Path
from typing import Any

import pexpect

from support.home import PROGRAM, Home

ECHO = 3


def heed_signals() -> None:
    """As in a terminal, even where the suite runs in the background or under nohup and ignores them."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, signal.SIG_DFL)


def new_terminal() -> list[Any]:
    ends = os.openpty()
    try:
        return termios.tcgetattr(ends[0])
    finally:
        for end in ends:
            os.close(end)


class Person:
    """Somebody at a terminal, in front of a program."""

    def __init__(
        self, home: Home, *arguments: str | Path, env: dict[str, str] | None = None, program: str | Path = PROGRAM
    ) -> None:
        self.home = home
        self.shown = io.BytesIO()
        words = [str(word) for word in arguments]
        self.child = pexpect.spawn(
            str(program),
            words,
            env=home.env | (env or {}),
            cwd=str(home.outside),
            timeout=20,
            echo=True,
            preexec_fn=heed_signals,
        )
        self.child.delaybeforesend = None
        self.child.logfile_read = self.shown
        # What a new terminal has: the program may have changed its own by now.
        self.before = new_terminal()

    def asked(self, prompt: str) -> None:
        self.child.expect_exact(prompt)
        # The prompt comes after the echo was switched off, so that nothing that is typed now can be seen.
        assert not self.attributes()[ECHO] & termios.ECHO

    def types(self, text: bytes) -> None:
        self.child.send(text + b"\n")

    def attributes(self) -> list[Any]:
        return termios.tcgetattr(self.child.child_fd)

    def ends(self) -> int:
        """The exit code, or the negative number of a signal; the terminal must be as it was."""
        self.child.expect(pexpect.EOF)
        assert self.attributes_at_end() == self.before
        self.child.close()
        self.home.ledger.saw(f"the terminal of {self.child.args}", self.shown.getvalue())
        return self.child.exitstatus if self.child.signalstatus is None else -self.child.signalstatus

    def attributes_at_end(self) -> list[Any]:
        try:
            return self.attributes()
        except termios.error:
            return self.before


def person(home: Home, *arguments: str | Path) -> Person:
    return Person(home, *arguments, env={"SEALRING_PASSPHRASE_FILE": str(home.passphrase_file)})


def answers(asked: Person, question: str, answer: bytes) -> int:
    asked.child.expect_exact(question)
    asked.child.expect_exact("[y/N] ")
    asked.types(answer)
    return asked.ends()
