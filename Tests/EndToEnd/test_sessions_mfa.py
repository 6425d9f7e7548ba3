"""MFA devices and their codes: when one is needed, and that none is sent twice."""

from __future__ import annotations

import os

import pytest

from support.home import Home, report
from support.keys import Key, KeyMaker
from support.profiles import ADMIN as ROLE
from support.profiles import SERIAL
from support.sessions import credentials
from support.straces import strace
from support.stub import Answer, Stub


def test_an_mfa_code_is_given_once_for_all(roles: Home, service: Stub) -> None:
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL)
    roles.ok("role", "add", "other", "--role-arn", ROLE + "2", "--source", "prod")
    result = roles.helper("admin")
    assert result.returncode == 77 and b"sealring session" in result.stderr, report(result)
    assert not service.requests
    roles.ok("session", "admin", "--mfa-token", "123456")
    assert service.requests[0].fields["TokenCode"] == "123456" and service.requests[0].fields["SerialNumber"] == SERIAL
    assert credentials(roles)["AccessKeyId"].startswith("ASIA") and credentials(roles, "other")
    assert (service.count("GetSessionToken"), service.count("AssumeRole")) == (1, 2)
    roles.ok("clear")
    roles.fails(77, "session", "admin", "--mfa-token", "123456", says="already used")
    roles.fails(64, "session", "admin", "--mfa-token", "12345", says="6 digits")


def test_a_role_for_longer_than_an_hour_is_assumed_with_the_code_itself(roles: Home, service: Stub) -> None:
    """A role assumed with a session lasts one hour at most, at AWS as at the stub."""
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL)
    roles.ok("set", "admin", "--duration", "4h")
    roles.ok("role", "add", "deep", "--role-arn", ROLE + "/Deep", "--source", "admin")
    roles.ok("session", "deep", "--mfa-token", "123456")
    assert [
        (request.action, request.fields["DurationSeconds"], "TokenCode" in request.fields)
        for request in service.requests
    ] == [("AssumeRole", "14400", True), ("AssumeRole", "3600", False)]
    assert credentials(roles)["AccessKeyId"].startswith("ASIA") and len(service.requests) == 2
    # Such a role may have a console for a time of its own.
    assert b"SigninToken=" in roles.ok("login", "admin", "--duration", "3h", shows_secret=True).stdout
    assert service.requests[-1].fields["SessionDuration"] == "10800"


def test_a_code_whose_answer_is_lost_is_not_sent_again(roles: Home, service: Stub) -> None:
    """AWS has taken it, and would refuse it."""
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL)
    service.then(Answer(503, b"busy"), Answer(raw=b""))
    roles.fails(65, "session", "admin", "--mfa-token", "123456", hints="the MFA code is used up: wait for the next one")
    assert len(service.requests) == 1
    roles.fails(77, "session", "admin", "--mfa-token", "123456", says="already used")
    roles.fails(77, "session", "admin", "--mfa-token", "123456", "--no-agent", says="already used")


@pytest.mark.skipif(os.geteuid() != 0, reason="a program does not run under another user's tracer")
def test_a_spent_code_is_on_the_disk_before_the_request_leaves(roles: Home, service: Stub) -> None:
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL)
    result, made = strace(
        roles,
        "session",
        "admin",
        "--mfa-token",
        "123456",
        "--no-agent",
        options=["-e", "trace=fsync,renameat,renameat2,execve"],
    )
    assert result.returncode == 0 and service.codes == {"123456"}, report(result)
    names = [call.name for call in made]
    put = next(place for place, call in enumerate(made) if ".codes" in call.arguments)
    sent = next(place for place, call in enumerate(made) if "sealring-aws" in call.arguments)
    assert names[put - 1] == "fsync" and names[put + 1] == "fsync" and put + 1 < sent, made


def test_a_device_that_shows_no_codes_is_refused(roles: Home) -> None:
    key = "arn:aws:iam::123456789012:u2f/user/alice/YubiKey-ABC"
    for command in ("mfa", "set", "prod"), ("set", "admin"):
        roles.fails(
            64, *command, "--mfa-serial", key, says="a security key or passkey shows no codes", hints="virtual device"
        )


def test_who_needs_a_code_is_named(roles: Home) -> None:
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL)
    result = roles.helper("admin")
    assert result.returncode == 77 and b"give it with 'sealring session admin'" in result.stderr, report(result)
    roles.fails(77, "session", "admin", says=f"'admin' needs a code from the MFA device {SERIAL}", hints="--mfa-token")


def test_a_device_is_of_the_keys_account(roles: Home, keys: KeyMaker) -> None:
    other = SERIAL.replace("123456789012", "210987654321")
    for command in (("mfa", "set", "prod"), ("set", "prod")):
        roles.fails(
            64,
            *command,
            "--mfa-serial",
            other,
            says="the MFA device belongs to account 210987654321, but the key 'prod' belongs to account 123456789012",
        )
    roles.fails(
        64, "mfa", "set", "admin", "--mfa-serial", SERIAL, says="'admin' is a role: name the device of its key 'prod'"
    )
    roles.fails(66, "mfa", "remove", "prod", says="'prod' has no MFA device")
    # An old id carries no account: its device tells it.
    old = Key("AKIAI" + keys().id[5:], keys().secret)
    roles.ok("add", "old", "--access-key-id", old.id, "--secret-file", roles.write("s", old.secret), "--no-configure")
    result = roles.ok("mfa", "set", "old", "--mfa-serial", other)
    assert b"set the account of old to 210987654321, from its MFA device" in result.stderr, report(result)
    assert roles.json("show", "old")["account_id"] == "210987654321"
    roles.fails(64, "set", "old", "--account-id", "1" * 12, says="the key 'old' belongs to account 111111111111")
    roles.fails(64, "set", "old", "--account-id", "12", says="invalid account ID '12': it must have 12 digits")
    roles.fails(64, "set", "old", "--note", "a\nb", says="invalid note: it must have 1 to 4096 bytes and must not")
