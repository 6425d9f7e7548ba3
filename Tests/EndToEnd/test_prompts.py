"""Questions on a real terminal: no echo, nothing left behind, and never a hang where nobody can answer."""

from __future__ import annotations

import os

import pytest

from support.home import CHEAPEST, PROGRAM, Home, report
from support.keys import KeyMaker, random_passphrase
from support.person import Person


def passphrase(home: Home) -> bytes:
    return home.ledger.secret("passphrase", random_passphrase())


def test_a_new_passphrase_is_asked_twice_and_not_shown(bare: Home) -> None:
    person = Person(bare, "init", *CHEAPEST, "--no-recovery-code")
    person.asked("New passphrase: ")
    person.types(bare.passphrase)
    person.asked("Once more: ")
    person.types(bare.passphrase)
    assert person.ends() == 0
    assert bare.entries() == {}


def test_the_recovery_code_is_shown_once_on_the_terminal(bare: Home) -> None:
    person = Person(bare, "init", *CHEAPEST)
    for prompt in ("New passphrase: ", "Once more: "):
        person.asked(prompt)
        person.types(bare.passphrase)
    assert person.ends() == 0
    code = [line.strip() for line in person.shown.getvalue().decode().split("\n") if line.count("-") == 8]
    assert len(code) == 1 and len(code[0]) == 44
    new = bare.new_passphrase()
    person = Person(bare, "recover")
    person.asked("Recovery code: ")
    person.types(code[0].lower().encode())
    for prompt in ("New passphrase: ", "Once more: "):
        person.asked(prompt)
        person.types(new.read_bytes().strip())
    assert person.ends() == 0
    bare.ok("list", passphrase=new)


def test_two_different_answers_make_no_vault(bare: Home) -> None:
    person = Person(bare, "init", *CHEAPEST, "--no-recovery-code")
    for _ in range(3):
        person.asked("New passphrase: ")
        person.types(bare.passphrase)
        person.asked("Once more: ")
        person.types(passphrase(bare))
    assert person.ends() == 65
    assert person.shown.getvalue().count(b"passphrases do not match") == 3
    assert not bare.vault.exists()


def test_an_empty_passphrase_is_refused(bare: Home) -> None:
    person = Person(bare, "init", *CHEAPEST, "--no-recovery-code")
    for _ in range(3):
        person.asked("New passphrase: ")
        person.types(b"")
    assert person.ends() == 65
    assert not bare.vault.exists()


def test_a_slip_and_a_weak_choice_are_asked_about_before_the_vault_is_made(bare: Home) -> None:
    weak = bare.ledger.secret("weak passphrase", b"zyzyzyzyzyzyzyzy")
    person = Person(bare, "init", *CHEAPEST)
    person.asked("New passphrase: ")
    person.types(b"")
    person.child.expect_exact("the passphrase is empty")
    person.asked("New passphrase: ")
    person.types(weak)
    person.child.expect_exact("this passphrase is weak")
    person.child.expect_exact("Use it anyway? [y/N] ")
    assert not bare.vault.exists()
    person.types(b"n")
    for prompt in ("New passphrase: ", "Once more: "):
        person.asked(prompt)
        person.types(bare.passphrase)
    assert person.ends() == 0
    bare.ok("list")
    # So is a mistyped recovery code.
    code = next(line.strip() for line in person.shown.getvalue().split(b"\n") if line.count(b"-") == 8)
    person = Person(bare, "recover")
    person.asked("Recovery code: ")
    person.types((b"Z" if code[:1] != b"Z" else b"Y") + code[1:])
    person.child.expect_exact("mistyped")
    person.asked("Recovery code: ")
    person.types(code)
    person.asked("New passphrase: ")
    person.types(weak)
    person.child.expect_exact("[y/N] ")
    person.types(b"y")
    person.asked("Once more: ")
    person.types(weak)
    assert person.ends() == 0


def test_a_passphrase_is_changed_at_the_terminal(stocked: Home) -> None:
    new = passphrase(stocked)
    person = Person(stocked, "passwd")
    for prompt, answer in (("Passphrase: ", stocked.passphrase), ("New passphrase: ", new), ("Once more: ", new)):
        person.asked(prompt)
        person.types(answer)
    assert person.ends() == 0
    stocked.passphrase = new
    assert "prod" in stocked.entries()


def test_a_key_is_added_by_hand(home: Home, keys: KeyMaker) -> None:
    key = keys()
    person = Person(home, "add", "hand")
    person.asked("Passphrase: ")
    person.types(home.passphrase)
    person.child.expect_exact("Access key ID: ")
    person.types(b"not-an-id")
    person.child.expect_exact("invalid access key ID")
    person.child.expect_exact("Access key ID: ")
    person.types(key.id.encode())
    person.asked("Secret access key: ")
    person.types(key.secret.encode())
    person.child.expect_exact("[y/N] ")
    person.types(b"n")
    assert person.ends() == 0
    assert home.entries()["hand"]["secret_access_key"] == key.secret


def test_the_answer_goes_to_a_pipe_while_the_question_goes_to_the_terminal(stocked: Home) -> None:
    file = stocked.outside / "list"
    person = Person(stocked, "-c", f"'{PROGRAM}' list --json >'{file}' 2>/dev/null </dev/null", program="/bin/sh")
    person.asked("Passphrase: ")
    person.types(stocked.passphrase)
    assert person.ends() == 0
    assert b'"prod"' in file.read_bytes()
    assert b"prod" not in person.shown.getvalue()


@pytest.mark.parametrize("answer, changed", [(b"y", True), (b"YES", True), (b"n", False), (b"", False), (b"No", False)])
def test_a_yes_is_a_yes_and_a_no_a_no(stocked: Home, answer: bytes, changed: bool) -> None:
    person = Person(stocked, "configure", "prod", env={"SEALRING_PASSPHRASE_FILE": str(stocked.passphrase_file)})
    person.child.expect_exact("[y/N] ")
    assert b"credential_process" in person.shown.getvalue(), "the change is shown before the question"
    person.types(answer)
    assert (person.ends() == 0) == changed
    assert stocked.config.exists() == changed


def test_another_answer_is_asked_for_again(stocked: Home) -> None:
    person = Person(stocked, "configure", "prod", env={"SEALRING_PASSPHRASE_FILE": str(stocked.passphrase_file)})
    for answer in (b"yellow", b"\x1b[A", b"ny", b"j"):
        person.child.expect_exact("[y/N] ")
        person.types(answer)
        person.child.expect_exact("answer y (yes) or n (no)")
    person.child.expect_exact("[y/N] ")
    assert not stocked.config.exists()
    person.types(b"y")
    assert person.ends() == 0
    assert stocked.config.exists()


def test_a_dumb_terminal_gets_no_escapes(stocked: Home) -> None:
    for terminal in ("dumb", "", "xterm"):
        person = Person(stocked, "list", env={"TERM": terminal})
        person.asked("Passphrase: ")
        person.types(stocked.passphrase)
        assert person.ends() == 0
        assert b"sealring: deriving the key ..." in person.shown.getvalue()
        assert (b"\x1b" in person.shown.getvalue()) == (terminal == "xterm"), terminal


@pytest.mark.parametrize("wrong", [2, 3])
def test_a_terminal_is_asked_three_times(stocked: Home, wrong: int) -> None:
    person = Person(stocked, "list")
    for number in range(3):
        person.asked("Wrong passphrase, try again: " if number else "Passphrase: ")
        person.types(stocked.passphrase if number == wrong else b"wrong")
    assert person.ends() == (0 if wrong == 2 else 77)
    assert (b"error: wrong passphrase" in person.shown.getvalue()) == (wrong == 3)


@pytest.mark.parametrize("end", [b"\x04", b"x" * 3000 + b"\n", b"x" * 6000])
def test_an_answer_without_an_end_does_not_hang(stocked: Home, end: bytes) -> None:
    person = Person(stocked, "list")
    person.asked("Passphrase: ")
    person.child.send(end)
    if not end.endswith((b"\n", b"\x04")):
        person.child.send(b"\n")
    assert person.ends() in (64, 65)


QUESTIONS: dict[str, tuple[tuple[str, ...], str]] = {
    "a new passphrase": (("init", "--vault", "new", *CHEAPEST, "--no-recovery-code"), "--passphrase-file"),
    "the passphrase": (("list",), "--passphrase-file"),
    "to change it": (("passwd",), "--passphrase-file"),
    "the recovery code's place": (("init", "--vault", "new", *CHEAPEST), "--recovery-code-file"),
    "the secret": (("add", "x", "--access-key-id", "AKIAIOSFODNN7EXAMPLE"), "--secret-file"),
    "the id": (("add", "x"), "--access-key-id"),
    "to remove": (("remove", "prod"), "--yes"),
    "to configure": (("configure", "prod"), "--yes"),
}


@pytest.mark.parametrize("question", QUESTIONS)
def test_without_a_terminal_a_missing_answer_is_an_error(stocked: Home, question: str) -> None:
    command, cure = QUESTIONS[question]
    before = stocked.snapshot()
    needs_passphrase = question in ("to remove", "to configure", "the recovery code's place")
    read_end, write_end = os.pipe()
    result = stocked(*command, passphrase=needs_passphrase, stdin=read_end, timeout=20)
    os.close(read_end)
    os.close(write_end)
    assert result.returncode in (64, 77), report(result)
    assert cure in result.stderr.decode(), report(result)
    assert stocked.snapshot() == before
