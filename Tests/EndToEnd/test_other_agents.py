"""Answers of an agent that is not ours: none crashes a client or reaches the terminal as it is."""

from __future__ import annotations

import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from support import frames
from support.fake_agent import error
from support.frames import frame, u32, u64
from support.home import Home, report
from support.pinentry import gives, pinentry


@contextmanager
def answering(home: Home, answers: dict[int, bytes]) -> Iterator[None]:
    """An agent that is not ours, with one answer for each kind of request."""
    home.socket.parent.mkdir(mode=0o700, exist_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(home.socket))
    os.chmod(home.socket, 0o600)
    listener.listen()

    def serve(connection: socket.socket) -> None:
        with connection:
            while (request := frames.read(connection)) is not None:
                connection.sendall(answers.get(request.kind, frame(frames.DONE)))

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield
    # Closing it does not wake the thread that waits.
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    home.socket.unlink()


def state(
    home: Home,
    vault: bytes | None = None,
    locks_at: int = 2_000_000_000,
    protections: bytes = b"a=b",
    locked: bytes = b"\0",
) -> bytes:
    vault = os.fsencode(home.vault) if vault is None else vault
    return frame(
        frames.STATE, u32(7), vault, locked, u64(2**64 - 1), u64(locks_at), u64(locks_at), u32(2**32 - 1), protections
    )


def test_the_refusal_of_aws_asks_for_no_passphrase(stocked: Home) -> None:
    env = pinentry(stocked, gives(stocked.passphrase), 0)
    refused = error(77, b"AWS refused to assume the role: AccessDenied", b"check its trust policy")
    with answering(stocked, {frames.STATUS: state(stocked, locked=b"\0"), frames.CREDENTIALS: refused}):
        result = stocked.helper(env=env)
    assert result.returncode == 77 and b"AccessDenied" in result.stderr, report(result)
    assert not (stocked.outside / "pinentry.log").exists()
    # One of a locked vault does ask.
    locked = error(77, b"the vault is locked", b"run 'sealring unlock'")
    with answering(stocked, {frames.STATUS: state(stocked, locked=b"\1"), frames.CREDENTIALS: locked}):
        stocked.helper(env=env)
    assert (stocked.outside / "pinentry.log").exists()


@pytest.mark.parametrize(
    "protections", [b"=", b"==", b"\n=\n=\n", b"", b"name", b"=\x1b[2J", b"\x1b]0;x\x07=\xc2\x9b1m", b"x=1\n" * 1000]
)
@pytest.mark.parametrize("locks_at", [0, 2**63, 2**64 - 1, 253_402_300_800])
def test_a_status_of_another_agent_neither_crashes_nor_is_obeyed(
    stocked: Home, protections: bytes, locks_at: int
) -> None:
    with answering(stocked, {frames.STATUS: state(stocked, locks_at=locks_at, protections=protections)}):
        for words in (["status"], ["status", "--json"]):
            result = stocked.ok(*words)
            assert not set(result.stdout + result.stderr) & {0x1B, 0x07, 0x9B}, report(result)
    with answering(stocked, {frames.STATUS: state(stocked, vault=b"/\x1b[31m\xe2\x80\xae")}):
        result = stocked.ok("status")
        assert not set(result.stdout + result.stderr) & {0x1B} and b"\xe2\x80\xae" not in result.stdout + result.stderr


def message(*fields: tuple[int, bytes]) -> bytes:
    return b"".join(tag.to_bytes(2, "little") + len(value).to_bytes(2, "little") + value for tag, value in fields)


def entry(name: bytes = b"prod", key: bytes = b"AKIAIOSFODNN7EXAMPLE", *more: tuple[int, bytes]) -> bytes:
    return message((1, name), (3, key), *more)


HOSTILE_ENTRIES = {
    "escapes in a name": entry(b"\x1b[2Jprod"),
    "a line in a name": entry(b"a\nb"),
    "no name": message((3, b"A" * 20)),
    "escapes in a key id": entry(b"prod", b"\x1b[31m"),
    "a time beyond the calendar": entry(b"prod", b"A" * 20, (6, u64(2**62))),
    "a time before it": entry(b"prod", b"A" * 20, (10, u64(2**64 - 1))),
    "half a message": entry()[:-1],
    "nothing": b"",
    "escapes in a note": entry(b"prod", b"A" * 20, (14, b"\xc2\x9b31m")),
}


@pytest.mark.parametrize("case", HOSTILE_ENTRIES)
def test_entries_that_no_vault_holds_are_not_shown(stocked: Home, case: str) -> None:
    listed = frame(frames.ENTRIES, bytes(16), b"\0", u64(1), u64(1), b"", u32(1), HOSTILE_ENTRIES[case])
    with answering(stocked, {frames.STATUS: state(stocked), frames.LIST: listed}):
        for words in (["list"], ["list", "--json"], ["show", "prod"]):
            result = stocked.fails(69, *words, says="an invalid answer")
            assert b"\x1b" not in result.stderr


def test_a_list_that_never_ends_is_given_up(stocked: Home) -> None:
    good = frame(frames.ENTRIES, bytes(16), b"\2", u64(2**64 - 1), u64(2**64 - 1), b"", u32(4096), entry())
    with answering(stocked, {frames.STATUS: state(stocked), frames.LIST: good}):
        assert stocked("list", timeout=20).returncode == 0
    empty = frame(frames.ENTRIES, bytes(16), b"\0", u64(1), u64(1), b"", u32(4096))
    with answering(stocked, {frames.STATUS: state(stocked), frames.LIST: empty}):
        stocked.fails(69, "list", says="an invalid answer")


@pytest.mark.parametrize("line", [b"{\x1b[2J}\n", b"{}", b"{" + b"x" * 8192 + b"}\n", b"{}\n{}\n", b"\xff"])
def test_a_line_that_is_none_does_not_leave(stocked: Home, line: bytes) -> None:
    answers = {frames.STATUS: state(stocked), frames.CREDENTIALS: frame(frames.JSON, line)}
    with answering(stocked, answers):
        result = stocked("credential-process", "prod", passphrase=None)
    assert result.returncode == 69 and result.stdout == b"", report(result)


if sys.platform != "linux":
    pytest.skip("the kernel's files and calls are those of Linux", allow_module_level=True)


def test_the_reason_of_a_refusal_is_as_harmless_as_its_words(stocked: Home) -> None:
    """A name in it that breaks the line could look like a hint of ours."""
    nasty = b"a\x1b]0;pwned\x07\nsealring: hint: run evil"
    reason = frame(frames.REASON, (26).to_bytes(2, "little"), nasty)
    answers = {frames.STATUS: state(stocked), frames.LIST: error(65, b"words", b"hint"), frames.WHY: reason}
    with answering(stocked, answers):
        result = stocked("list", passphrase=None)
    assert result.returncode == 65 and b"has an invalid ARN" in result.stderr, report(result)
    assert result.stderr.count(b"\n") == 1 and b"\x1b" not in result.stderr and b"\x07" not in result.stderr
    # A reason that does not fit the refusal is none.
    with answering(stocked, {**answers, frames.LIST: error(66, b"words", b"hint")}):
        result = stocked("list", passphrase=None)
    assert result.returncode == 66 and b"words" in result.stderr, report(result)
