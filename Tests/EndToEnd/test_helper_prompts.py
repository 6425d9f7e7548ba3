"""Helpers whose user wants to be asked: on the terminal or through pinentry, once for all of them."""

from __future__ import annotations

import subprocess
import time
import urllib.parse

import pytest

from support.home import HELPER, Home, report
from support.person import Person
from support.pinentry import DECLINES, asked, gives, pinentry


def together(home: Home, count: int, env: dict[str, str]) -> list[subprocess.Popen[bytes]]:
    return [
        subprocess.Popen(
            [HELPER, "prod"],
            env=home.env | env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        for _ in range(count)
    ]


def test_pinentry_unlocks_and_the_helper_answers(stocked: Home) -> None:
    env = pinentry(stocked, gives(stocked.passphrase)) | {"DISPLAY": ":0%\x01 evil\nGETPIN", "TERM": "xterm"}
    result = stocked.helper(env=env)
    assert result.returncode == 0 and result.stderr == b"", report(result)
    assert stocked.key.secret.encode() in result.stdout
    told = (stocked.outside / "pinentry.log").read_text()
    assert ":0%\x01 evil\nGETPIN" in urllib.parse.unquote(told) and told.count("\nGETPIN") == 1
    assert stocked.helper().returncode == 0, "and it stays unlocked"


@pytest.mark.parametrize("wrong", [1, 3])
def test_a_terminal_is_asked_again_after_a_wrong_passphrase(stocked: Home, wrong: int) -> None:
    command = f"exec '{HELPER}' prod >/dev/null"
    person = Person(stocked, "-c", command, program="/bin/sh", env={"SEALRING_PROMPT": "tty"})
    for number in range(min(wrong + 1, 3)):
        person.asked("Wrong passphrase, try again: " if number else "Sealring passphrase: ")
        person.types(stocked.passphrase if number == wrong else b"wrong")
    assert (person.ends() == 0) == (wrong == 1)
    assert stocked.json("status")["locked"] is (wrong == 3)


def test_twenty_helpers_ask_once(stocked: Home) -> None:
    running = together(stocked, 20, pinentry(stocked, gives(stocked.passphrase)))
    ended = [(process.communicate(timeout=60), process.returncode) for process in running]
    assert {code for _, code in ended} == {0}, ended
    assert asked(stocked) == 1


def test_twenty_helpers_are_declined_at_once(stocked: Home) -> None:
    running = together(stocked, 20, pinentry(stocked, DECLINES, 2))
    ended = [(process.communicate(timeout=60), process.returncode) for process in running]
    assert {code for _, code in ended} == {77}, ended
    first = b"sealring: the vault is locked: the question was declined: run 'sealring unlock'\n"
    others = b"sealring: the vault is locked: run 'sealring unlock'\n"
    assert sorted(shown for (_, shown), _ in ended) == sorted([first] + 19 * [others])
    assert asked(stocked) == 1
    # A new call is a new question.
    assert stocked.helper(env=pinentry(stocked, DECLINES, 0)).returncode == 77
    assert asked(stocked) == 2


def test_without_opting_in_twenty_fail_at_once(stocked: Home) -> None:
    start = time.monotonic()
    running = together(stocked, 20, {})
    assert {process.communicate(timeout=10) is not None and process.returncode for process in running} == {77}
    assert time.monotonic() - start < 5


def test_a_wrong_passphrase_is_a_locked_vault(stocked: Home) -> None:
    result = stocked.helper(env=pinentry(stocked, gives(b"not the passphrase")))
    assert result.returncode == 77 and result.stdout == b"", report(result)
    assert result.stderr.startswith(b"sealring: wrong passphrase for "), report(result)
    assert result.stderr.count(b"\n") == 1, report(result)
    # A client may hide it: status does not.
    assert stocked.json("status")["refusals"][0]["message"].startswith("wrong passphrase for ")


@pytest.mark.parametrize(
    "answer",
    [
        "sys.exit(1)",
        'print("D " + "x" * 5000, flush=True); print("OK", flush=True)',
        'print("OK", flush=True)',
        'print("nonsense", flush=True); sys.exit()',
    ],
)
def test_a_pinentry_that_misbehaves_is_a_locked_vault(stocked: Home, answer: str) -> None:
    result = stocked.helper(env=pinentry(stocked, answer, 0))
    assert result.returncode == 77 and result.stdout == b"", report(result)
    assert result.stderr.startswith(b"sealring: the vault is locked: "), report(result)
    assert result.stderr.endswith(b": run 'sealring unlock'\n") and result.stderr.count(b"\n") == 1, report(result)


def test_the_terminal_is_asked(stocked: Home) -> None:
    person = Person(stocked, "prod", env={"SEALRING_PROMPT": "tty"}, program=HELPER)
    person.asked("Sealring passphrase: ")
    person.types(stocked.passphrase)
    # The answer comes on the same terminal here; it is no leak.
    person.child.expect_exact("AccessKeyId")
    person.shown.truncate(0)
    person.shown.seek(0)
    person.child.logfile_read = None
    assert person.ends() == 0


def test_without_a_terminal_nobody_is_asked(stocked: Home) -> None:
    start = time.monotonic()
    result = stocked.helper(env={"SEALRING_PROMPT": "tty"})
    assert result.returncode == 77 and time.monotonic() - start < 5, report(result)
    assert result.stderr == (
        b"sealring: the vault is locked: there is no terminal to ask on: run 'sealring unlock'\n"
    ), report(result)
    env = {"SEALRING_PROMPT": "pinentry", "SEALRING_PINENTRY": str(stocked.outside / "none")}
    assert b"the vault is locked: no pinentry program: install" in stocked.helper(env=env).stderr


@pytest.mark.parametrize("value", ["yes", "TTY", "pinentry "])
def test_an_unknown_way_to_ask_is_told(stocked: Home, value: str) -> None:
    result = stocked.helper(env={"SEALRING_PROMPT": value})
    assert result.returncode == 64 and b"SEALRING_PROMPT" in result.stderr, report(result)
