"""Who is asked for an MFA code: a command, pinentry, or a person at the terminal."""

from __future__ import annotations

import signal
import time

import pexpect
import pytest

from support.home import HELPER, Home, report
from support.person import Person
from support.pinentry import DECLINES, asked, gives, pinentry
from support.profiles import SERIAL
from support.sessions import credentials
from support.stub import Stub


def test_a_failing_command_is_seen_where_children_are_ignored(roles: Home, service: Stub) -> None:
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL)
    ignoring = lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # noqa: E731
    roles.fails(
        77,
        "session",
        "admin",
        env={"SEALRING_MFA_COMMAND": "echo 123456; exit 3"},
        says="MFA command failed",
        preexec_fn=ignoring,
    )
    result = roles.helper("admin", env={"SEALRING_MFA_COMMAND": "echo 654321"}, preexec_fn=ignoring)
    assert result.returncode == 0 and service.codes == {"654321"}, report(result)


def test_a_command_gives_the_code(roles: Home, service: Stub) -> None:
    roles.ok("set", "prod", "--mfa-serial", SERIAL)
    roles.ok("session", "admin", env={"SEALRING_MFA_COMMAND": "echo 654321"})
    assert service.requests[0].fields["TokenCode"] == "654321"
    roles.ok("clear")
    roles.fails(77, "session", "admin", env={"SEALRING_MFA_COMMAND": "exit 3"}, says="MFA command failed")


def test_a_helper_has_the_command_asked(roles: Home, service: Stub) -> None:
    roles.ok("set", "prod", "--mfa-serial", SERIAL)
    result = roles.helper("admin", env={"SEALRING_MFA_COMMAND": "echo 135790"})
    assert result.returncode == 0 and b"ASIA" in result.stdout and result.stderr == b"", report(result)
    assert service.requests[0].fields["TokenCode"] == "135790"


@pytest.mark.parametrize(
    "command, code, says",
    [
        ("nope", 77, b"sealring: the MFA command failed (status 127): run it by hand to see why\n"),
        ("false", 77, b"sealring: the MFA command failed (status 1): run it by hand to see why\n"),
        ("echo hello", 65, b"sealring: invalid MFA code for 'admin': it must have 6 digits: "),
    ],
)
def test_a_helper_says_why_a_command_brought_no_code(
    roles: Home, service: Stub, command: str, code: int, says: bytes
) -> None:
    roles.ok("set", "prod", "--mfa-serial", SERIAL)
    result = roles.helper("admin", env={"SEALRING_MFA_COMMAND": command})
    assert result.returncode == code and result.stderr.startswith(says) and result.stderr.count(b"\n") == 1, report(
        result
    )
    assert roles.json("status")["refusals"][0]["message"].encode() in result.stderr and not service.requests


def test_a_helper_says_that_a_code_was_spent_for_nothing(roles: Home) -> None:
    roles.ok("set", "prod", "--mfa-serial", SERIAL, "--sts-endpoint", "https://127.0.0.1:1")
    result = roles.helper("admin", env={"SEALRING_MFA_COMMAND": "echo 123456"})
    assert result.returncode == 69 and b"127.0.0.1:1 cannot be reached" in result.stderr, report(result)
    assert b"the MFA code is used up: wait for the next one" in result.stderr, report(result)


def test_a_code_with_a_letter_is_asked_for_again(roles: Home, service: Stub) -> None:
    roles.ok("set", "prod", "--mfa-serial", SERIAL)
    person = Person(roles, "session", "admin")
    for answer in (b"12345o", b"123450"):
        person.asked(f"MFA code for admin ({SERIAL}): ")
        person.types(answer)
    assert person.ends() == 0 and service.codes == {"123450"}


def test_pinentry_is_asked_for_the_code(roles: Home, service: Stub) -> None:
    roles.ok("set", "prod", "--mfa-serial", SERIAL)
    result = roles.helper("admin", env=pinentry(roles, gives(b"975310")))
    assert result.returncode == 0 and b"ASIA" in result.stdout and result.stderr == b"", report(result)
    assert service.requests[0].fields["TokenCode"] == "975310" and asked(roles) == 1
    assert SERIAL in (roles.outside / "pinentry.log").read_text()
    roles.ok("clear")
    result = roles.helper("admin", env=pinentry(roles, DECLINES))
    assert result.returncode == 77 and result.stdout == b"" and service.count("GetSessionToken") == 1, report(result)
    assert b"the question was declined" in result.stderr, report(result)
    result = roles.helper("admin", env=pinentry(roles, gives(b"97531")))
    assert result.returncode != 0 and service.count("GetSessionToken") == 1, report(result)


def test_the_code_is_asked_for_on_the_terminal(roles: Home, service: Stub) -> None:
    roles.ok("set", "prod", "--mfa-serial", SERIAL)
    person = Person(roles, "session", "admin")
    person.asked(f"MFA code for admin ({SERIAL}): ")
    person.types(b"112233")
    assert person.ends() == 0
    shown = person.shown.getvalue()
    assert b"admin has a session until " in shown and b"112233" not in shown
    assert service.requests[0].fields["TokenCode"] == "112233"
    # Another program finds the session.
    assert credentials(roles)["AccessKeyId"].startswith("ASIA")
    assert service.count("GetSessionToken") == 1


def test_twenty_helpers_ask_once_on_the_terminal(roles: Home, service: Stub) -> None:
    roles.ok("set", "prod", "--mfa-serial", SERIAL)
    script = roles.write("many.sh", f"for n in $(seq 20); do {HELPER} admin >$TMPDIR/$n & done; wait; echo all-done\n")
    child = pexpect.spawn(
        "/bin/sh", [str(script)], env=roles.env | {"SEALRING_PROMPT": "tty"}, timeout=30, cwd=roles.outside
    )
    child.expect_exact(f"MFA code for admin ({SERIAL}): ")
    time.sleep(0.5)
    child.sendline("246802")
    child.expect_exact("all-done")
    child.close()
    answers = {(roles.root / f"tmp/{number}").read_bytes() for number in range(1, 21)}
    assert len(answers) == 1 and b"ASIA" in answers.pop()
    for number in range(1, 21):
        (roles.root / f"tmp/{number}").unlink()
    assert (service.count("GetSessionToken"), service.count("AssumeRole")) == (1, 1)
