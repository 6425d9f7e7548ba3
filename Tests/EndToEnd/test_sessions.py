"""Sessions and roles: what is asked for, what is kept, and which process holds what."""

from __future__ import annotations

import os
import signal
import subprocess
from datetime import datetime
from pathlib import Path

import pytest

from support import memory, stub
from support.certificates import certificate
from support.home import AWS, HELPER, Home, report
from support.profiles import ADMIN as ROLE
from support.sessions import credentials
from support.stub import Answer, Stub
from support.waiting import wait_until


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


def test_a_chain_is_one_request_for_each_role(roles: Home, service: Stub) -> None:
    roles.ok("role", "add", "deep", "--role-arn", ROLE + "/Deep", "--source", "admin")
    credentials(roles, "deep")
    keys = [request.key_id for request in service.requests]
    assert keys[0] == roles.key.id and keys[1].startswith("ASIA") and service.count("AssumeRole") == 2
    assert roles.json("role", "list")["roles"][1]["chain"] == ["deep", "admin", "prod"]
    roles.fails(65, "set", "admin", "--source", "deep", says="admin -> deep -> admin")
    roles.fails(73, "remove", "-f", "prod", says="'admin' is assumed with 'prod'")
    roles.fails(64, "set", "deep", "--duration", "2h", says="at most 1h")


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


def test_sessions_that_cannot_be_forgotten_are_not_said_to_be(roles: Home, service: Stub) -> None:
    credentials(roles)
    folder = roles.state / "sessions"
    subprocess.run(["chattr", "+i", folder], check=False, capture_output=True)
    try:
        if subprocess.run(["lsattr", "-d", folder], capture_output=True, text=True).stdout[:20].count("i") == 0:
            pytest.skip("no file system here takes the attribute that keeps root from writing")
        roles.fails(74, "clear", says="neither changed nor removed")
    finally:
        subprocess.run(["chattr", "-i", folder], check=False, capture_output=True)
    roles.ok("clear")


def test_the_bundle_of_an_entry_is_trusted_for_its_sessions(stocked: Home, tmp_path: Path) -> None:
    context, bundle = certificate(tmp_path)
    stocked.unlock()
    with stub.running({stocked.key.id: stocked.key.secret}, context) as sealed:
        stocked.ok("set", "prod", "--sts-endpoint", sealed.url)
        stocked.ok("role", "add", "admin", "--role-arn", ROLE, "--source", "prod")
        result = stocked.helper("admin", env={"SSL_CERT_FILE": str(bundle), "AWS_CA_BUNDLE": str(bundle)})
        assert result.returncode == 69 and b"could not verify the certificate" in result.stderr, report(result)
        bundle.chmod(0o666)
        stocked.fails(77, "set", "prod", "--ca-bundle", bundle, says="others may write to")
        bundle.chmod(0o644)
        stocked.ok("set", "prod", "--ca-bundle", bundle)
        assert credentials(stocked)["AccessKeyId"].startswith("ASIA")
        assert stocked.json("verify", "admin")["account_id"] == "123456789012"


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
