"""Rotation: a key is replaced step by step, kept for a while or taken back, and ages are told."""

from __future__ import annotations

import signal
import subprocess
import threading
import time

import boto3
import pytest

from support import stub
from support.awsserver import AWSServer
from support.home import PROGRAM, Home, report
from support.rotation import FAST, accepts, served
from support.stub import Answer, Request, Stub


@pytest.fixture
def vault(served_vault: Home) -> Home:
    return served_vault


def test_a_key_is_replaced_step_by_step(vault: Home, service: Stub) -> None:
    old = served(vault)
    vault.ok("rotate", "prod", *FAST)
    new = served(vault)
    assert new != old and list(service.user_keys) == [new[0]] and accepts(service, new)
    assert [(request.action, request.key_id == new[0]) for request in service.requests] == [
        ("ListAccessKeys", False),
        ("CreateAccessKey", False),
        ("GetCallerIdentity", False),
        ("GetCallerIdentity", True),
        ("GetCallerIdentity", True),
        ("UpdateAccessKey", True),
        ("DeleteAccessKey", True),
    ]
    assert "rotation_phase" not in vault.json("show", "prod")
    content = vault.entries()["prod"]
    assert old[1] not in str(content) and vault.listed()["prod"]["created_at"]
    vault.fails(66, "rotate", "prod", "--resume", says="is not being rotated")


def test_the_old_key_is_kept_for_a_grace_time(vault: Home, service: Stub) -> None:
    old = served(vault)
    result = vault.ok("rotate", "prod", "--keep-old", "24h", *FAST)
    assert b"keeping " in result.stderr
    assert not service.user_keys[old[0]]["active"] and served(vault) != old
    assert vault.json("show", "prod")["rotation_phase"] == "deactivated"
    vault.fails(73, "rotate", "prod", says="under way")
    vault.ok("rotate", "prod", "--resume")
    assert len(service.user_keys) == 2
    vault.ok("rotate", "prod", "--rollback", *FAST)
    assert served(vault) == old and list(service.user_keys) == [old[0]] and accepts(service, old)
    vault.ok("rotate", "prod", "--keep-old", "24h", *FAST)
    vault.ok("rotate", "prod", "--resume", "--force")
    assert len(service.user_keys) == 1 and accepts(service, served(vault))


def test_ctrl_c_tells_which_key_is_served_and_how_to_go_on(vault: Home, service: Stub) -> None:
    old = served(vault)
    stop = threading.Event()

    def waits(request: Request) -> Answer | None:
        if request.action == "GetCallerIdentity" and request.key_id != old[0]:
            stop.set()
            time.sleep(0.5)
        return None

    service.always = waits
    program = subprocess.Popen(
        [PROGRAM, "rotate", "prod", "--settle", "60s"],
        env=vault.env,
        cwd=vault.outside,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        # In the background of a shell without job control it is ignored, and stays so.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert stop.wait(20)
    program.send_signal(signal.SIGINT)
    _, errors = program.communicate(timeout=20)
    assert program.returncode == -signal.SIGINT
    assert all(len(line) < 80 for line in errors.split(b"\n")) and b"intended" not in errors, errors
    for part in (
        f"interrupted: prod serves {old[0]}",
        "'sealring rotate prod --resume'",
        "'sealring rotate prod --rollback'",
    ):
        assert part.encode() in errors, errors
    service.always = None
    vault.ok("rotate", "prod", "--rollback", *FAST)
    assert served(vault) == old and list(service.user_keys) == [old[0]]


def test_two_keys_are_told_and_none_is_deleted(vault: Home, service: Stub) -> None:
    other = stub.key_id("AKIA", 99)
    service.user_keys[other] = {"active": False, "made": time.time() - 9e6, "used": None}
    vault.fails(73, "rotate", "prod", says=f"{other} (inactive, never used)", hints="delete the one")
    assert len(service.user_keys) == 2 and service.count("CreateAccessKey") == 0
    assert "rotation_phase" not in vault.json("show", "prod")


def test_a_new_key_that_aws_learns_of_late_is_waited_for(vault: Home, service: Stub) -> None:
    service.slowness = 3
    vault.ok("rotate", "prod", *FAST)
    assert accepts(service, served(vault)) and len(service.user_keys) == 1
    assert service.count("GetCallerIdentity") > 3


def test_a_refusal_to_make_a_key_leaves_all_as_it_was(vault: Home, service: Stub) -> None:
    service.then(lambda _: None, stub.error("LimitExceeded", "Cannot exceed quota", 409))
    vault.fails(77, "rotate", "prod", *FAST, says="the most AWS allows")
    assert "rotation_phase" not in vault.json("show", "prod") and accepts(service, served(vault))


def test_all_old_keys_are_rotated_and_one_that_fails_stops_no_other(vault: Home, service: Stub) -> None:
    other = (stub.key_id("AKIA", 98), "another-made-up-secret-of-the-same-user")
    vault.ok("add", "broken", "--access-key-id", other[0], "--secret-file", vault.write("other", other[1]))
    vault.ok("set", "broken", "--sts-endpoint", service.url, "--iam-endpoint", service.url)
    result = vault("rotate", "--all", *FAST)
    assert result.returncode == 77 and b"broken: " in result.stderr, report(result)
    assert served(vault)[0] != vault.key.id
    vault.fails(77, "rotate", "--all", "--older-than", "90d", says="the age of 'broken' is unknown")


def test_the_age_of_a_key_is_aws_s_where_its_file_told_none(vault: Home, service: Stub) -> None:
    """It was sealed a moment ago, and is old all the same."""
    old = served(vault)
    service.user_keys[old[0]]["made"] -= 100 * 86400
    assert "created_at" not in vault.listed()["prod"]
    result = vault.ok("rotate", "--all", "--older-than", "200d", *FAST)
    assert served(vault) == old and b"no key is older than 200d" in result.stderr
    vault.ok("rotate", "--all", "--older-than", "90d", *FAST)
    assert served(vault) != old
    vault.fails(64, "rotate", "prod", "--resume", "--older-than", "1d")
    vault.fails(64, "rotate", "prod", "--rollback", "--keep-old", "1d")
    vault.fails(64, "rotate", "prod", "--resume", "--rollback")


def test_without_aws_no_age_is_guessed(vault: Home) -> None:
    vault.ok("set", "prod", "--iam-endpoint", "http://127.0.0.1:9")
    vault.fails(69, "rotate", "--all", "--older-than", "1h", says="the age of 'prod' is unknown, so it was not rotated")


def test_ages_are_asked_for_and_sealed(vault: Home, service: Stub) -> None:
    service.user_keys[vault.key.id]["made"] -= 100 * 86400
    result = vault.ok("age")
    assert b"prod is 101 days old" in result.stderr and b"sealring rotate prod" in result.stderr
    assert b"set prod --serve session" in result.stderr, "short-lived credentials are recommended"
    vault.ok("set", "prod", "--serve", "session")
    assert b"--serve" not in vault.ok("age", "--offline").stderr
    told = vault.json("age", "--offline")["keys"][0]
    assert told["age_days"] == 101 and told["is_old"] is True and told["last_used_at"]
    service.close()
    told = vault.json("age")["keys"][0]
    assert told["age_days"] == 101 and told["last_used_at"]


def test_ages_that_are_told_and_those_that_cannot_be(vault: Home, service: Stub) -> None:
    other = (stub.key_id("AKIA", 97), "another-made-up-secret-of-another-user")
    vault.ok("add", "strange", "--access-key-id", other[0], "--secret-file", vault.write("other", other[1]))
    vault.ok("set", "strange", "--sts-endpoint", service.url, "--iam-endpoint", service.url)
    service.user_keys[vault.key.id]["used"] = None
    result = vault.ok("age", "--max-age", "12h")
    assert b"strange: AWS does not know the key" in result.stderr, "one that fails keeps none of the others from it"
    assert b"never, as of" in result.stdout and b"prod is 1 day old" in result.stderr
    assert b" old" not in vault.ok("age", "--max-age", "3d").stderr
    keys = {key["name"]: key for key in vault.json("age", "--offline", "--max-age", "12h")["keys"]}
    assert keys["prod"]["is_old"] and "last_used_at" not in keys["prod"] and keys["prod"]["last_used_asked_at"]
    assert "last_used_asked_at" not in keys["strange"]


def test_rotation_against_moto(home: Home, aws: AWSServer) -> None:
    admin = boto3.Session(aws.key.id, aws.key.secret, region_name="eu-central-1").client("iam", endpoint_url=aws.url)
    user = f"rotating-{time.time_ns()}"
    admin.create_user(UserName=user)
    admin.put_user_policy(
        UserName=user,
        PolicyName="all",
        PolicyDocument=('{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'),
    )
    made = admin.create_access_key(UserName=user)["AccessKey"]
    home.ledger.secret("moto's secret access key", made["SecretAccessKey"].encode())
    home.unlock()
    home.ok(
        "add", "prod", "--access-key-id", made["AccessKeyId"], "--secret-file", home.write("s", made["SecretAccessKey"])
    )
    home.ok("set", "prod", "--sts-endpoint", aws.url, "--iam-endpoint", aws.url)
    home.ok("rotate", "prod", "--settle", "1s")
    new = served(home)
    listed = admin.list_access_keys(UserName=user)["AccessKeyMetadata"]
    assert [key["AccessKeyId"] for key in listed] == [new[0]] and new[0] != made["AccessKeyId"]
    assert home.json("verify", "prod")["arn"].endswith(user)
