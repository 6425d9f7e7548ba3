"""Sessions, roles and MFA: through the agent, without it, and with the real clients."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import boto3
import pexpect
import pytest

from support import memory, stub
from support.awsserver import AWSServer
from support.certificates import certificate
from support.home import AWS, HELPER, Home, report
from support.keys import Key, KeyMaker
from support.person import Person
from support.pinentry import DECLINES, asked, gives, pinentry
from support.profiles import ADMIN as ROLE
from support.profiles import SERIAL
from support.straces import strace
from support.stub import Answer, Stub
from support.waiting import wait_until

SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.fixture
def roles(stocked: Home, service: Stub) -> Home:
    """A home whose agent is unlocked, with the role `admin` of `prod`."""
    stocked.unlock()
    stocked.ok("set", "prod", "--sts-endpoint", service.url, "--iam-endpoint", service.url)
    stocked.ok("role", "add", "admin", "--role-arn", ROLE, "--source", "prod")
    return stocked


def credentials(home: Home, name: str = "admin") -> dict[str, str]:
    result = home.helper(name)
    assert result.returncode == 0 and result.stderr == b"", report(result)
    return json.loads(result.stdout)


def test_a_role_is_answered_with_a_session_that_is_kept(roles: Home, service: Stub) -> None:
    first = credentials(roles)
    assert first["AccessKeyId"].startswith("ASIA") and first["AccountId"] == "123456789012"
    assert first["SessionToken"] and datetime.strptime(first["Expiration"], "%Y-%m-%dT%H:%M:%SZ")
    assert credentials(roles) == first and roles.answer("admin") == first
    assert service.count("AssumeRole") == 1
    sent = service.requests[0].fields
    assert (sent["RoleArn"], sent["DurationSeconds"]) == (ROLE, "3600")
    assert sent["RoleSessionName"].startswith("sealring-")


def test_all_that_a_role_has_is_asked_for(roles: Home, service: Stub) -> None:
    policy = roles.write("policy.json", '{ "Version": "2012-10-17", "Statement": [] }')
    roles.ok(
        "role",
        "add",
        "narrow",
        "--role-arn",
        ROLE + "2",
        "--source",
        "prod",
        "--external-id",
        "shared:word",
        "--duration",
        "2h",
        "--policy-file",
        policy,
        "--policy-arn",
        "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "--tags",
        "team=core",
        "--tags",
        "empty=",
        "--transitive-tag",
        "team",
        "--source-identity",
        "alice",
        "--session-name",
        "work",
    )
    credentials(roles, "narrow")
    sent = service.requests[0].fields
    expected = {
        "RoleArn": ROLE + "2",
        "RoleSessionName": "work",
        "DurationSeconds": "7200",
        "ExternalId": "shared:word",
        "Policy": '{"Version":"2012-10-17","Statement":[]}',
        "SourceIdentity": "alice",
        "PolicyArns.member.1.arn": "arn:aws:iam::aws:policy/ReadOnlyAccess",
        "Tags.member.1.Key": "team",
        "Tags.member.1.Value": "core",
        "Tags.member.2.Key": "empty",
        "Tags.member.2.Value": "",
        "TransitiveTagKeys.member.1": "team",
    }
    assert expected.items() <= sent.items()


def test_fifty_helpers_make_one_request(roles: Home, service: Stub) -> None:
    service.then(lambda _: time.sleep(1))
    with ThreadPoolExecutor(50) as pool:
        results = list(pool.map(lambda _: roles.helper("admin"), range(50)))
    assert {result.returncode for result in results} == {0}, [report(result) for result in results if result.returncode]
    assert len({result.stdout for result in results}) == 1 and service.count("AssumeRole") == 1


def test_fifty_helpers_share_one_refusal(roles: Home, service: Stub) -> None:
    started = threading.Event()

    def refuse(_: stub.Request) -> Answer:
        started.wait(6)
        return stub.error("AccessDenied", "User: alice is not authorized to perform: sts:AssumeRole")

    service.always = refuse
    with ThreadPoolExecutor(50) as pool:
        running = [pool.submit(roles.helper, "admin") for _ in range(50)]
        # Each of them is a process of a millisecond until it waits for the answer.
        time.sleep(2)
        started.set()
        results = [each.result() for each in running]
    assert {result.returncode for result in results} == {77}
    assert all(b"may not assume " + ROLE.encode() in result.stderr and result.stdout == b"" for result in results)
    # Those that were started late may have come after the first answer.
    assert service.count("AssumeRole") <= 3


def test_a_helper_that_dies_with_the_lease_leaves_it_to_the_next(roles: Home, service: Stub) -> None:
    service.then(Answer(200, b"", delay=8))
    first = subprocess.Popen(
        [HELPER, "admin"], env=roles.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_until(lambda: service.requests, 20)
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(roles.helper, "admin")
        time.sleep(0.5)
        first.kill()
        first.communicate()
        start = time.monotonic()
        assert second.result().returncode == 0, report(second.result())
    assert time.monotonic() - start < 3


def test_a_chain_is_one_request_for_each_role(roles: Home, service: Stub) -> None:
    roles.ok("role", "add", "deep", "--role-arn", ROLE + "/Deep", "--source", "admin")
    credentials(roles, "deep")
    keys = [request.key_id for request in service.requests]
    assert keys[0] == roles.key.id and keys[1].startswith("ASIA") and service.count("AssumeRole") == 2
    assert roles.json("role", "list")["roles"][1]["chain"] == ["deep", "admin", "prod"]
    roles.fails(65, "set", "admin", "--source", "deep", says="admin -> deep -> admin")
    roles.fails(73, "remove", "-f", "prod", says="'admin' is assumed with 'prod'")
    roles.fails(64, "set", "deep", "--duration", "2h", says="one hour")


@pytest.mark.parametrize("serve, action", [("session", "GetSessionToken"), ("role", "AssumeRole")])
def test_what_an_entry_serves_is_its_own_setting(roles: Home, service: Stub, serve: str, action: str) -> None:
    assert credentials(roles, "prod")["AccessKeyId"] == roles.key.id and not service.requests
    roles.ok("set", "prod", "--serve", serve)
    assert credentials(roles, "prod")["AccessKeyId"].startswith("ASIA") and service.count(action) == 1
    assert roles.json("show", "prod")["serve"] == serve
    if serve == "role":
        roles.fails(73, "remove", "-f", "admin", says="'prod' serves the role 'admin'")
    roles.ok("set", "prod", "--serve", "key")
    assert credentials(roles, "prod")["AccessKeyId"] == roles.key.id


def test_sessions_outlast_the_agent_and_lie_nowhere_in_plaintext(roles: Home, service: Stub) -> None:
    first = credentials(roles)
    roles.ledger.secret("session secret", first["SecretAccessKey"].encode())
    roles.ledger.secret("session token", first["SessionToken"].encode())
    roles.end_agent()
    roles.unlock()
    assert credentials(roles) == first and service.count("AssumeRole") == 1
    roles.ok("clear")
    assert credentials(roles) != first and service.count("AssumeRole") == 2
    assert list((roles.state / "sessions").glob("[0-9a-f]*"))
    roles.ok("passwd", "--new-passphrase-file", roles.new_passphrase())
    assert not list((roles.state / "sessions").glob("[0-9a-f]*"))


def test_without_an_agent_a_role_is_answered_too(roles: Home, service: Stub) -> None:
    roles.end_agent()
    first = roles.answer("admin")
    assert roles.answer("admin") == first and service.count("AssumeRole") == 1
    assert roles.json("verify", "prod", "--no-agent")["account_id"] == "123456789012"


def test_twenty_callers_without_an_agent_make_one_request(roles: Home, service: Stub) -> None:
    seed = roles.write("seed", SEED)
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL, "--seed-file", seed, "--force")
    roles.end_agent()
    service.then(lambda _: time.sleep(1))
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: roles.answer("admin"), range(20)))
    assert len({answer["AccessKeyId"] for answer in answers}) == 1
    assert (service.count("GetSessionToken"), service.count("AssumeRole")) == (1, 1)


def test_nobody_without_an_agent_waits_for_a_person(roles: Home, service: Stub) -> None:
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL)
    roles.ok(
        "add",
        "plain",
        "--access-key-id",
        roles.key.id,
        "--secret-file",
        roles.write("plain", roles.key.secret),
        "--force",
    )
    roles.ok("set", "plain", "--sts-endpoint", service.url, "--serve", "session")
    roles.end_agent()
    person = Person(
        roles, "session", "admin", "--no-agent", env={"SEALRING_PASSPHRASE_FILE": str(roles.passphrase_file)}
    )
    person.asked(f"MFA code for admin ({SERIAL}): ")
    # AWS is not being asked yet, and the line of progress from before is gone.
    assert f"deriving the key ...\r\x1b[KMFA code for admin ({SERIAL}): ".encode() in person.shown.getvalue()
    start = time.monotonic()
    assert roles.answer("plain")["AccessKeyId"].startswith("ASIA") and time.monotonic() - start < 10
    person.types(b"123456")
    assert person.ends() == 0 and service.codes == {"123456"}


def test_sessions_that_cannot_be_forgotten_are_not_said_to_be(roles: Home, service: Stub) -> None:
    credentials(roles)
    folder = roles.state / "sessions"
    subprocess.run(["chattr", "+i", folder], check=False, capture_output=True)
    try:
        if subprocess.run(["lsattr", "-d", folder], capture_output=True, text=True).stdout[:20].count("i") == 0:
            pytest.skip("no file system here takes the attribute that keeps root from writing")
        roles.fails(74, "clear", says="cannot be changed")
    finally:
        subprocess.run(["chattr", "-i", folder], check=False, capture_output=True)
    roles.ok("clear")


def test_a_client_waits_20_seconds_at_most(roles: Home, service: Stub) -> None:
    """However many roles there are, and however slow AWS is."""
    for number in range(2, 7):
        roles.ok(
            "role", "add", f"r{number}", "--role-arn", ROLE, "--source", "admin" if number == 2 else f"r{number - 1}"
        )
    service.always = lambda _: time.sleep(5)
    start = time.monotonic()
    result = roles.helper("r6")
    assert result.returncode == 69 and b"did not answer in time" in result.stderr, report(result)
    assert 15 < time.monotonic() - start < 23


def test_the_bundle_of_an_entry_is_trusted_for_its_sessions(stocked: Home, tmp_path: Path) -> None:
    context, bundle = certificate(tmp_path)
    stocked.unlock()
    with stub.running({stocked.key.id: stocked.key.secret}, context) as sealed:
        stocked.ok("set", "prod", "--sts-endpoint", sealed.url)
        stocked.ok("role", "add", "admin", "--role-arn", ROLE, "--source", "prod")
        result = stocked.helper("admin", env={"SSL_CERT_FILE": str(bundle), "AWS_CA_BUNDLE": str(bundle)})
        assert result.returncode == 69 and b"does not prove who it is" in result.stderr, report(result)
        bundle.chmod(0o666)
        stocked.fails(77, "set", "prod", "--ca-bundle", bundle, says="others may write to")
        bundle.chmod(0o644)
        stocked.ok("set", "prod", "--ca-bundle", bundle)
        assert credentials(stocked)["AccessKeyId"].startswith("ASIA")
        assert stocked.json("verify", "admin")["account_id"] == "123456789012"


def test_what_aws_tells_is_shown_to_people(roles: Home, service: Stub) -> None:
    service.skew = 40
    shown = dict(
        line.split(None, 1) for line in roles.ok("verify", "prod").stdout.decode().splitlines() if "id" not in line
    )
    assert shown["account"] == "123456789012" and shown["ARN"].endswith("user/alice")
    assert shown["clock"] in ("39 s behind", "40 s behind", "41 s behind")
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
    assert result.returncode == 77 and b"the clock of this machine is 15 minutes or more behind" in result.stderr, (
        report(result)
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
            b"does not allow so long a session",
        ),
        (stub.error("InvalidClientTokenId"), 77, b"AWS does not know the key"),
        (stub.error("SignatureDoesNotMatch"), 77, b"does not accept the secret"),
        (Answer(200, b"<!DOCTYPE r><r/>"), 65, b"none of AWS's"),
        (Answer(raw=b""), 69, b"could not be made"),
        (Answer(302, b"", {"Location": "http://127.0.0.1/"}), 65, b"sends elsewhere"),
        (Answer(200, b"x" * 400_000), 65, b"larger than any"),
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
    assert b"one hour at most" in result.stderr and b"sealring set deep --duration" in result.stderr, report(result)
    service.then(stub.error("AccessDenied", "no"))
    assert b"role/Admin may not assume " in roles.helper("deep").stderr, "it is the role before that was refused"


def test_the_session_of_another_account_is_not_believed(roles: Home, service: Stub) -> None:
    service.account = "210987654321"
    result = roles.helper("admin")
    assert result.returncode == 65 and b"belong to another account" in result.stderr, report(result)


def test_a_hostile_environment_changes_nothing(roles: Home, service: Stub) -> None:
    env = {
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_STS": "http://127.0.0.1:1",
        "AWS_PROFILE": "other",
        "AWS_ACCESS_KEY_ID": "AKIAHOSTILE000000000",
        "AWS_CA_BUNDLE": "/nowhere",
        "PATH": "/nowhere",
        "AWS_REGION": "nowhere-1",
        "LD_PRELOAD": "",
    }
    result = roles.helper("admin", env=env)
    assert result.returncode == 0 and service.requests[0].key_id == roles.key.id, report(result)


@pytest.mark.parametrize(
    "url, says",
    [
        ("http://sts.example/", "only for this machine"),
        ("ftp://127.0.0.1/", "begins neither"),
        ("https://a/?b", "more than a host"),
    ],
)
def test_an_endpoint_is_https_or_this_machine(roles: Home, url: str, says: str) -> None:
    roles.fails(64, "set", "prod", "--sts-endpoint", url, says=says)


# MFA.


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
    roles.fails(77, "session", "admin", "--mfa-token", "123456", says="used already")
    roles.fails(65, "session", "admin", "--mfa-token", "12345", says="6 digits")


def test_a_role_for_longer_than_an_hour_is_assumed_with_the_code_itself(roles: Home, service: Stub) -> None:
    """As the stub does, AWS gives whoever comes with a session one hour of a role."""
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
    roles.fails(
        65, "session", "admin", "--mfa-token", "123456", hints="the MFA code is spent, so wait for the next one"
    )
    assert len(service.requests) == 1
    roles.fails(77, "session", "admin", "--mfa-token", "123456", says="used already")
    roles.fails(77, "session", "admin", "--mfa-token", "123456", "--no-agent", says="used already")


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


def test_another_device_has_another_seed(roles: Home) -> None:
    seed = roles.write("seed", SEED)
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL, "--seed-file", seed, "--force")
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL)
    assert roles.json("show", "prod")["mfa_seed"] is True
    before = roles.snapshot()
    for command in (
        ("mfa", "set", "prod", "--mfa-serial", SERIAL + "2"),
        ("set", "prod", "--mfa-serial", SERIAL + "2"),
        ("set", "prod", "--mfa-serial", ""),
    ):
        roles.fails(73, *command, says="is that of its device", hints="sealring mfa remove prod")
    assert roles.snapshot() == before
    other = roles.write("other-seed", "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK")
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL + "2", "--seed-file", other, "--force")
    assert roles.json("show", "prod")["mfa_serial"] == SERIAL + "2" and roles.json("show", "prod")["mfa_seed"] is True
    roles.ok("mfa", "remove", "prod")
    roles.ok("set", "prod", "--mfa-serial", SERIAL)


def test_a_seed_is_typed_without_echo(roles: Home) -> None:
    person = Person(roles, "mfa", "set", "prod", "--mfa-serial", SERIAL, "--seed", "--force")
    for answer in ("0189", SEED):
        person.asked("Seed (the device's secret key, or its otpauth:// URL): ")
        person.types(answer.encode())
    assert person.ends() == 0 and SEED.encode() not in person.shown.getvalue()
    assert roles.json("show", "prod")["mfa_seed"] is True


def test_the_url_of_a_qr_code_is_a_seed(roles: Home, service: Stub) -> None:
    url = f"otpauth://totp/AWS:alice@123456789012?secret={SEED}&issuer=AWS"
    seed = roles.write("seed", url + "&digits=8")
    roles.fails(
        65,
        "mfa",
        "set",
        "prod",
        "--mfa-serial",
        SERIAL,
        "--seed-file",
        seed,
        "--force",
        says="do not have 6 digits",
        hints="6 digits and 30 seconds",
    )
    seed = roles.write("seed", url + "\n")
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL, "--seed-file", seed, "--force")
    assert credentials(roles)["AccessKeyId"].startswith("ASIA") and len(service.codes) == 1


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
    roles.fails(77, "session", "admin", says=f"'admin' needs a code of the MFA device {SERIAL}", hints="--mfa-token")


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
    assert b"the MFA code is spent, so wait for the next one" in result.stderr, report(result)


def test_a_code_with_a_letter_is_asked_for_again(roles: Home, service: Stub) -> None:
    roles.ok("set", "prod", "--mfa-serial", SERIAL)
    person = Person(roles, "session", "admin")
    for answer in (b"12345o", b"123450"):
        person.asked(f"MFA code for admin ({SERIAL}): ")
        person.types(answer)
    assert person.ends() == 0 and service.codes == {"123450"}


def test_a_device_is_of_the_keys_account(roles: Home, keys: KeyMaker) -> None:
    other = SERIAL.replace("123456789012", "210987654321")
    for command in (("mfa", "set", "prod"), ("set", "prod")):
        roles.fails(
            64,
            *command,
            "--mfa-serial",
            other,
            says="the MFA device is of account 210987654321, and the key 'prod' of account 123456789012",
        )
    roles.fails(
        64, "mfa", "set", "admin", "--mfa-serial", SERIAL, says="'admin' is a role: name the device of its key 'prod'"
    )
    roles.fails(66, "mfa", "remove", "prod", says="'prod' has no MFA device")
    # An old id carries no account: its device tells it.
    old = Key("AKIAI" + keys().id[5:], keys().secret)
    roles.ok("add", "old", "--access-key-id", old.id, "--secret-file", roles.write("s", old.secret), "--no-configure")
    result = roles.ok("mfa", "set", "old", "--mfa-serial", other)
    assert b"the account of old is 210987654321, as its MFA device says" in result.stderr, report(result)
    assert roles.json("show", "old")["account_id"] == "210987654321"
    roles.fails(64, "set", "old", "--account-id", "1" * 12, says="the key 'old' of account 111111111111")
    roles.fails(65, "set", "old", "--account-id", "12", says="invalid account ID '12': it must have 12 digits")
    roles.fails(65, "set", "old", "--note", "a\nb", says="invalid note: it must have 1 to 4096 bytes and must not")


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


def test_a_sealed_seed_makes_codes_for_helpers(roles: Home, service: Stub) -> None:
    seed = roles.write("seed", SEED.lower())
    roles.fails(64, "mfa", "set", "prod", "--mfa-serial", SERIAL, "--seed-file", seed, says="no terminal to ask")
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL, "--seed-file", seed, "--force")
    assert roles.json("show", "prod")["mfa_seed"] is True
    credentials(roles)
    code = service.requests[0].fields["TokenCode"]
    assert len(code) == 6 and code.isdigit()
    roles.ok("clear")
    again = roles.helper("admin")
    later = [request.fields["TokenCode"] for request in service.requests if "TokenCode" in request.fields]
    assert again.returncode == 75 and b"used already" in again.stderr if len(later) == 1 else len(set(later)) == 2
    roles.ok("mfa", "remove", "prod")
    assert "mfa_seed" not in roles.json("show", "prod")
    roles.fails(
        65,
        "mfa",
        "set",
        "prod",
        "--mfa-serial",
        SERIAL,
        "--force",
        "--seed-file",
        roles.write("bad", "0189"),
        says="invalid seed",
    )


# The console.


@pytest.mark.parametrize("name, action", [("admin", "AssumeRole"), ("prod", "GetFederationToken")])
def test_the_console_is_opened_by_a_link(roles: Home, service: Stub, name: str, action: str) -> None:
    if name == "admin":
        result = roles.ok("login", name, "--service", "s3", "--duration", "2h", shows_secret=True)
    else:
        roles.fails(64, "login", name, "--duration", "2h", says="assumes a role by itself", hints="set prod --duration")
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
    roles.fails(64, "login", name, "--service", "a/../b", says="no service")


def test_the_console_of_an_entry_that_serves_sessions_or_roles(roles: Home, service: Stub) -> None:
    """A session of GetSessionToken opens no console."""
    roles.ok("set", "prod", "--serve", "session")
    assert b"SigninToken=" in roles.ok("login", "prod", shows_secret=True).stdout
    assert (service.count("GetFederationToken"), service.count("GetSessionToken")) == (1, 0)
    roles.ok("set", "prod", "--serve", "role")
    assert b"SigninToken=" in roles.ok("login", "prod", shows_secret=True).stdout
    assert service.count("AssumeRole") == 1
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL)
    roles.fails(64, "login", "admin", "--duration", "2h", "--mfa-token", "111111", hints="leave --duration out")
    service.then(lambda _: None, lambda _: None, Answer(200, b'{"SigninToken":"a b"}'))
    roles.ok("clear")
    roles.fails(65, "login", "admin", "--mfa-token", "222222", says="holds no token")


# With the real clients.


def test_a_role_profile_is_one_line_for_the_aws_cli(moto_roles: Home, aws: AWSServer) -> None:
    lines = moto_roles.config.read_text().splitlines()
    assert [line for line in lines if "=" in line and "region" not in line] == [f"credential_process = {HELPER} admin"]
    result = subprocess.run(
        ["aws", "sts", "get-caller-identity", "--profile", "admin"],
        capture_output=True,
        env=moto_roles.env | aws.env,
        timeout=60,
    )
    assert result.returncode == 0, report(result)
    assert json.loads(result.stdout)["Arn"].startswith("arn:aws:sts::123456789012:assumed-role/Admin/sealring-")


def test_boto3_renews_a_role_across_its_expiry(roles: Home, service: Stub, monkeypatch: pytest.MonkeyPatch) -> None:
    # What lives for 12 seconds is handed out for 6.
    service.lifetime = 12
    roles.ok("configure", "admin", "--force")
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(roles.path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(roles.runtime))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(roles.config))
    sts = boto3.Session(profile_name="admin").client("sts", region_name="eu-central-1", endpoint_url=service.url)
    seen: list[str] = []
    start = time.monotonic()
    while len(set(seen)) < 3 and time.monotonic() - start < 40:
        # The stub refuses a key that it does not know: each call is signed with a session that lives.
        assert sts.get_caller_identity()["Account"] == "123456789012"
        seen.append(service.requests[-1].key_id)
        time.sleep(0.5)
    assert len(set(seen)) == service.count("AssumeRole") == 3
    assert time.monotonic() - start > 10, "two renewals, and none before its time"
    # Of a whole hour, nothing is renewed again.
    service.lifetime = None
    roles.ok("clear")
    held = boto3.Session(profile_name="admin").get_credentials()
    first = held.get_frozen_credentials().access_key
    assert first not in seen and held.get_frozen_credentials().access_key == first
    assert service.count("AssumeRole") == 4


def test_a_wrong_secret_is_refused_by_moto(moto_roles: Home, aws: AWSServer) -> None:
    wrong = moto_roles.write("wrong", "made-up-and-wrong-secret-access-key-of-40")
    moto_roles.ok("add", "wrong", "--access-key-id", aws.key.id, "--secret-file", wrong, "--force")
    moto_roles.ok("set", "wrong", "--sts-endpoint", aws.url)
    moto_roles.fails(77, "verify", "wrong", says="does not accept the secret")
    assert moto_roles.json("verify", "prod")["arn"].endswith("user/alice")
    assert moto_roles.json("verify", "admin")["arn"].startswith("arn:aws:sts::123456789012:assumed-role/Admin/")


# The split.


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may look into another process")
def test_the_program_that_speaks_tls_never_holds_the_long_lived_key(roles: Home, service: Stub) -> None:
    service.then(Answer(200, b"", delay=5))
    helper = subprocess.Popen(
        [HELPER, "admin"], env=roles.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_until(lambda: service.requests, 20)
    found = [int(number) for number in Path(f"/proc/{helper.pid}/task/{helper.pid}/children").read_text().split()]
    assert [os.path.realpath(f"/proc/{number}/exe") for number in found] == [str(AWS)]
    secrets = {"secret access key": roles.key.secret.encode(), "passphrase": roles.passphrase}
    # The search finds what is there: the request that it carries.
    request = {"the role": b"RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2FAdmin"}
    # Both wait until the search is done, however long it takes.
    with memory.stopped(helper.pid), memory.stopped(found[0]):
        assert {what for what, _ in memory.places(found[0], secrets | request)} == {"the role"}
        environment = Path(f"/proc/{found[0]}/environ").read_bytes()
        assert environment == b"" and not os.access(f"/proc/{found[0]}/root/nothing", os.F_OK)
        os.kill(found[0], signal.SIGKILL)
        helper.kill()
    helper.communicate()


def test_the_agent_still_opens_no_socket_and_starts_no_program(roles: Home) -> None:
    credentials(roles)
    children = Path(f"/proc/{roles.agent()}/task/{roles.agent()}/children").read_text()
    sockets = [
        os.readlink(path) for path in Path(f"/proc/{roles.agent()}/fd").iterdir() if "socket" in os.readlink(path)
    ]
    assert children == "" and len(sockets) <= 2
