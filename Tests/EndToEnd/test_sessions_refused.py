"""Refusals of AWS, wrong clocks and answers that are not believed: what is said of them."""

from __future__ import annotations

import pytest

from support import stub
from support.home import Home, report
from support.profiles import ADMIN as ROLE
from support.sessions import credentials
from support.stub import Answer, Stub


def test_what_aws_tells_is_shown_to_people(roles: Home, service: Stub) -> None:
    service.skew = 40
    shown = dict(
        line.split(None, 1) for line in roles.ok("verify", "prod").stdout.decode().splitlines() if "id" not in line
    )
    assert shown["account"] == "123456789012" and shown["ARN"].endswith("user/alice")
    assert shown["clock"] in ("39s behind", "40s behind", "41s behind")
    roles.fails(64, "set", "prod", "--region", "EU (Ireland)", says="invalid region 'EU (Ireland)'")
    roles.fails(64, "set", "prod", "--region", "us-east-1a", says="its region is us-east-1")


@pytest.mark.parametrize("hours", [-900, 900, 600])
def test_a_wrong_clock_is_measured_and_the_request_signed_again(roles: Home, service: Stub, hours: int) -> None:
    service.skew = hours
    assert credentials(roles)["AccessKeyId"].startswith("ASIA")
    assert service.count("AssumeRole") == 2
    skew = roles.json("verify", "prod")["clock_skew_seconds"]
    assert abs(skew - hours) < 5


def test_a_clock_beyond_15_minutes_is_told(roles: Home, service: Stub) -> None:
    service.skew = 7200
    result = roles.helper("admin")
    assert result.returncode == 77 and b"the clock of this machine is 15m or more behind" in result.stderr, report(
        result
    )


@pytest.mark.parametrize(
    "answer, code, words",
    [
        (stub.error("AccessDenied", "no"), 77, b"may not assume"),
        (
            stub.error(
                "ValidationError",
                "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
                400,
            ),
            65,
            b"does not allow sessions that long",
        ),
        (stub.error("InvalidClientTokenId"), 77, b"AWS does not know the key"),
        (stub.error("SignatureDoesNotMatch"), 77, b"does not accept the secret"),
        (Answer(200, b"<!DOCTYPE r><r/>"), 65, b"not one of AWS's"),
        (Answer(raw=b""), 69, b"could not be made"),
        (Answer(302, b"", {"Location": "http://127.0.0.1/"}), 65, b"a redirect"),
        (Answer(200, b"x" * 400_000), 65, b"is too large"),
        (stub.result("AssumeRole", ""), 65, b"rejected AWS's response"),
    ],
)
def test_a_failure_says_what_and_the_cure(roles: Home, service: Stub, answer: Answer, code: int, words: bytes) -> None:
    service.always = lambda _: answer
    result = roles.helper("admin")
    assert result.returncode == code and words in result.stderr and result.stdout == b"", report(result)
    assert result.stderr.count(b"\n") == 1 and len(result.stderr) < 1000
    assert words in (roles.state / "refusals").read_bytes()


def test_a_refusal_names_the_role_whose_setting_it_is(roles: Home, service: Stub) -> None:
    roles.ok("role", "add", "deep", "--role-arn", ROLE + "/Deep", "--source", "admin")
    long = stub.error(
        "ValidationError", "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.", 400
    )
    service.then(long)
    assert b"sealring set admin --duration" in roles.helper("deep").stderr
    service.then(lambda _: None, long)
    result = roles.helper("deep")
    assert b"at most 1h" in result.stderr and b"sealring set deep --duration" in result.stderr, report(result)
    service.then(stub.error("AccessDenied", "no"))
    assert b"role/Admin may not assume " in roles.helper("deep").stderr, "it is the role before that was refused"


def test_the_session_of_another_account_is_not_believed(roles: Home, service: Stub) -> None:
    service.account = "210987654321"
    result = roles.helper("admin")
    assert result.returncode == 65 and b"belong to another account" in result.stderr, report(result)
