"""What a whole day of Sealring gives the kernel: its own programs, their children, and files that are gone again."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import pytest

from support.home import AGENT, HELPER, Home
from support.keys import KeyMaker
from support.leaks import Ledger
from support.straces import Call, calls, strace

STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
# Where secrets go on purpose: to the agent, and to the one who asked for them.
CHANNELS = (b"UNIX", b"socket", b"pipe")
TARGET = re.compile(r"^\d+<((?:\\x[0-9a-f]{2})*)>")
STARTS = ("execve", "execveat")
WRITES = ("write", "pwrite64", "writev", "pwritev", "sendto", "sendmsg", "copy_file_range", "sendfile")
OPTIONS = ["-v", "-xx", "-y", "-s", "1000000", "-e", "trace=" + ",".join((*STARTS, *WRITES))]


def bytes_of(arguments: str) -> bytes:
    """All strings of a call, one after the other."""
    return b"\0".join(bytes.fromhex(text.replace("\\x", "")) for text in STRING.findall(arguments))


def watch(ledger: Ledger, home: Home, *words: str | Path, **options: object) -> None:
    result, made = strace(home, *words, options=OPTIONS, shows_secret=True, **options)
    assert result.returncode == 0, result.stderr
    note(ledger, words, made)


def note(ledger: Ledger, words: object, made: list[Call]) -> None:
    for call in made:
        if call.name in STARTS:
            ledger.saw(f"{call.name} in {words}", bytes_of(call.arguments))
            continue
        match = TARGET.match(call.arguments)
        assert match, call
        target = bytes.fromhex(match[1].replace("\\x", ""))
        if not target.startswith(CHANNELS):
            ledger.saw(f"{call.name} to {target!r} in {words}", bytes_of(call.arguments[match.end() :]))


@pytest.mark.skipif(os.geteuid() != 0, reason="the programs end when somebody without the right to it traces them")
def test_no_secret_is_in_a_file_an_argument_or_an_environment(bare: Home, keys: KeyMaker) -> None:
    ledger = bare.ledger
    before = dict(ledger.seen)
    key, other = keys(), keys()
    new = bare.new_passphrase()
    code = bare.outside / "code"
    day: list[tuple[str | Path, ...] | Path] = [
        ("init", "--kdf-memory", "64", "--kdf-passes", "3", "--recovery-code-file", code),
        ("import", bare.csv(key, "prod.csv"), "--name", "prod", "--configure", "--force", "--delete-source"),
        AGENT,
        ("unlock",),
        ("import", bare.csv(other, "dev.csv"), "--name", "dev", "--no-configure"),
        ("list",),
        ("set", "prod", "--note", "x"),
        ("credential-process", "prod"),
        ("status",),
        (HELPER, "prod"),
        ("remove", "dev", "--force"),
        ("lock",),
        ("credential-process", "prod"),
        ("passwd", "--new-passphrase-file", new, "--no-recovery-code"),
        ("lock", "--stop"),
    ]
    log = bare.root.parent / "agent.log"
    agent = None
    for words in day:
        if isinstance(words, Path):
            agent = subprocess.Popen(
                ["strace", "-f", "-qq", "-o", log, *OPTIONS, words],
                env=bare.env,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
            )
            assert agent.stdout is not None and agent.stdout.readline() == b"ready\n"
        elif words[0] == HELPER:
            watch(ledger, bare, *words[1:], program=HELPER, passphrase=None)
        else:
            watch(ledger, bare, *words)
    assert agent is not None and agent.wait(30) == 0 and agent.stdout is not None
    agent.stdout.close()
    note(ledger, AGENT, calls(log))
    code.unlink()
    assert len(ledger.seen) > len(before) + 2 * len(day), "the search has seen something"


@pytest.mark.skipif(os.geteuid() != 0, reason="as above")
def test_such_a_search_finds_what_a_child_did(home: Home) -> None:
    """Also in a file that is gone again, and among the arguments of a child."""
    secret = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
    for script in ('printf %s "$(cat)" > "$TMPDIR/x"; rm "$TMPDIR/x"', '/bin/true "$(cat)"', 'X="$(cat)" /bin/true'):
        ledger = Ledger()
        ledger.secret("it", secret)
        watch(ledger, home, "-c", script, program=Path("/bin/bash"), input=secret)
        assert ledger.leaks(), script
