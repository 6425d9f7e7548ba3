"""The AWS console, opened with a session."""

from __future__ import annotations

import json

import pytest

from support.home import Home
from support.profiles import SERIAL
from support.stub import Answer, Stub


@pytest.mark.parametrize("name, action", [("admin", "AssumeRole"), ("prod", "GetFederationToken")])
def test_the_console_is_opened_by_a_link(roles: Home, service: Stub, name: str, action: str) -> None:
    if name == "admin":
        result = roles.ok("login", name, "--service", "s3", "--duration", "2h", shows_secret=True)
    else:
        roles.fails(
            64, "login", name, "--duration", "2h", says="assumes the role directly", hints="set prod --duration"
        )
        roles.ok("set", "prod", "--duration", "2h")
        result = roles.ok("login", name, "--service", "s3", "--print", shows_secret=True)
        assert [request.fields["DurationSeconds"] for request in service.requests if request.action == action] == [
            "43200",
            "7200",
        ]
    assert result.stdout.decode() == (
        f"{service.url}/federation?Action=login&Issuer=sealring&"
        "Destination=https%3A%2F%2Fconsole.aws.amazon.com%2Fs3&SigninToken=made-up-signin-token\n"
    )
    assert service.count(action) == (1 if name == "admin" else 2)
    asked = service.requests[-1].fields
    session = json.loads(asked["Session"])
    assert asked["Action"] == "getSigninToken" and session["sessionId"].startswith("ASIA")
    assert service.keys[session["sessionId"]] == (session["sessionKey"], session["sessionToken"])
    assert asked.get("SessionDuration") == ("7200" if name == "admin" else None)
    assert session["sessionToken"] not in result.stdout.decode()
    roles.fails(64, "login", name, "--service", "a/../b", says="invalid service 'a/../b'")


def test_the_console_of_an_entry_that_serves_sessions_or_roles(roles: Home, service: Stub) -> None:
    """A session of GetSessionToken opens no console."""
    roles.ok("set", "prod", "--serve", "session")
    assert b"SigninToken=" in roles.ok("login", "prod", shows_secret=True).stdout
    assert (service.count("GetFederationToken"), service.count("GetSessionToken")) == (1, 0)
    roles.ok("set", "prod", "--serve", "role")
    assert b"SigninToken=" in roles.ok("login", "prod", shows_secret=True).stdout
    assert service.count("AssumeRole") == 1
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL)
    roles.fails(64, "login", "admin", "--duration", "2h", "--mfa-token", "111111", hints="remove --duration")
    service.then(lambda _: None, lambda _: None, Answer(200, b'{"SigninToken":"a b"}'))
    roles.ok("clear")
    roles.fails(65, "login", "admin", "--mfa-token", "222222", says="contains no sign-in token")
