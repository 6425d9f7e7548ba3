"""Rotation: whatever ends it, the vault serves a key that AWS accepts, and it goes on or back."""
from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable

import boto3
import pytest

import stub
from awsserver import AWSServer
from home import Home, PROGRAM, report
from stub import Answer, Request, Stub

FAST = ("--settle", "0s")


@pytest.fixture
def vault(stocked: Home, service: Stub) -> Home:
    stocked.unlock()
    stocked.ok("set", "prod", "--sts-endpoint", service.url, "--iam-endpoint", service.url)
    return stocked


def served(home: Home) -> tuple[str, str]:
    """The key that the vault serves, as an independent reader finds it."""
    entry = home.entries()["prod"]
    return entry["access_key_id"], entry["secret_access_key"]


def accepts(service: Stub, key: tuple[str, str]) -> bool:
    state = service.user_keys.get(key[0])
    return bool(state and state["active"] and service.keys[key[0]][0] == key[1])


def test_a_key_is_replaced_step_by_step(vault: Home, service: Stub) -> None:
    old = served(vault)
    vault.ok("rotate", "prod", *FAST)
    new = served(vault)
    assert new != old and list(service.user_keys) == [new[0]] and accepts(service, new)
    assert [(request.action, request.key_id == new[0]) for request in service.requests] == [
        ("ListAccessKeys", False), ("CreateAccessKey", False), ("GetCallerIdentity", False), ("GetCallerIdentity", True),
        ("GetCallerIdentity", True), ("UpdateAccessKey", True), ("DeleteAccessKey", True)]
    assert "rotation_phase" not in vault.json("show", "prod")
    content = vault.entries()["prod"]
    assert old[1] not in str(content) and vault.listed()["prod"]["created_at"]
    vault.fails(66, "rotate", "prod", "--resume", says="no rotation")


def test_the_old_key_is_kept_for_a_grace_time(vault: Home, service: Stub) -> None:
    old = served(vault)
    result = vault.ok("rotate", "prod", "--keep-old", "24h", *FAST)
    assert b"is kept, inactive, until" in result.stderr
    assert not service.user_keys[old[0]]["active"] and served(vault) != old
    assert vault.json("show", "prod")["rotation_phase"] == "deactivated"
    vault.fails(73, "rotate", "prod", says="under way")
    vault.ok("rotate", "prod", "--resume")
    assert len(service.user_keys) == 2
    vault.ok("rotate", "prod", "--rollback")
    assert served(vault) == old and list(service.user_keys) == [old[0]] and accepts(service, old)
    vault.ok("rotate", "prod", "--keep-old", "24h", *FAST)
    vault.ok("rotate", "prod", "--resume", "--force")
    assert len(service.user_keys) == 1 and accepts(service, served(vault))


def test_two_keys_are_told_and_none_is_deleted(vault: Home, service: Stub) -> None:
    other = stub.key_id("AKIA", 99)
    service.user_keys[other] = {"active": False, "made": time.time() - 9e6, "used": None}
    vault.fails(73, "rotate", "prod", says=f"{other} (inactive, never used)", hints="delete the one")
    assert len(service.user_keys) == 2 and service.count("CreateAccessKey") == 0
    assert "rotation_phase" not in vault.json("show", "prod")


def test_a_new_key_that_aws_learns_of_late_is_waited_for(vault: Home, service: Stub) -> None:
    service.slowness = 3
    vault.ok("rotate", "prod", *FAST)
    assert accepts(service, served(vault)) or len(service.user_keys) == 1
    assert service.count("GetCallerIdentity") > 3


def test_a_refusal_to_make_a_key_leaves_all_as_it_was(vault: Home, service: Stub) -> None:
    service.then(lambda _: None, stub.error("LimitExceeded", "Cannot exceed quota", 409))
    vault.fails(77, "rotate", "prod", *FAST, says="allows no third")
    assert "rotation_phase" not in vault.json("show", "prod") and accepts(service, served(vault))


def killing(service: Stub, number: int, after: bool, kill: Callable[[], None]) -> None:
    """Kills the program at its nth request: before the service acts on it, or after that, before the answer."""
    count = 0

    def act(request: Request) -> Answer | None:
        nonlocal count
        count += 1
        if count != number:
            return None
        answer = None
        if after:
            answer = service.check(request) or service.perform(request)
        kill()
        time.sleep(0.3)
        return answer or Answer(raw=b"")
    service.always = act


STEPS = range(1, 8)


@pytest.mark.parametrize("way", ["--resume", "--rollback"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", STEPS)
def test_a_kill_at_any_step_locks_nobody_out(vault: Home, service: Stub, number: int, after: bool, way: str) -> None:
    old = served(vault)
    program = subprocess.Popen(
        [PROGRAM, "rotate", "prod", *FAST], env=vault.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True)
    killing(service, number, after, lambda: os.killpg(program.pid, signal.SIGKILL))
    program.communicate(timeout=60)
    assert program.returncode == -signal.SIGKILL
    service.always = None
    assert accepts(service, served(vault)), "the vault serves a key that AWS refuses"
    phase = vault.json("show", "prod").get("rotation_phase")
    gone = old[0] not in service.user_keys
    if phase is None:
        assert number == 1 and served(vault) == old
        return
    if gone and way == "--rollback":
        vault.fails(65, "rotate", "prod", way, "--force", says="no way back")
        way = "--resume"
    vault.ok("rotate", "prod", way, "--force", *FAST)
    assert accepts(service, served(vault)) and len(service.user_keys) == 1
    assert (served(vault) == old) == (way == "--rollback")
    assert "rotation_phase" not in vault.json("show", "prod")


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", range(1, 4))
def test_a_kill_on_the_way_back_can_be_gone_on_from(vault: Home, service: Stub, number: int, after: bool) -> None:
    old = served(vault)
    vault.ok("rotate", "prod", "--keep-old", "24h", *FAST)
    program = subprocess.Popen(
        [PROGRAM, "rotate", "prod", "--rollback"], env=vault.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True)
    killing(service, number, after, lambda: os.killpg(program.pid, signal.SIGKILL))
    program.communicate(timeout=60)
    assert program.returncode == -signal.SIGKILL
    service.always = None
    assert accepts(service, served(vault))
    vault.ok("rotate", "prod", "--rollback")
    assert served(vault) == old and accepts(service, old) and len(service.user_keys) == 1


def test_a_lost_answer_leaves_an_orphan_that_is_found(vault: Home, service: Stub) -> None:
    def lose(request: Request) -> Answer | None:
        if request.action != "CreateAccessKey":
            return None
        service.perform(request)
        return Answer(raw=b"")
    service.always = lose
    vault.fails(69, "rotate", "prod", *FAST, says="may have made a key", hints="in 15 minutes")
    assert service.count("CreateAccessKey") == 1 and len(service.user_keys) == 2
    service.always = None
    orphan = next(key for key in service.user_keys if key != vault.key.id)
    vault.fails(64, "rotate", "prod", "--resume", *FAST, says="no terminal to confirm")
    service.user_keys[orphan]["used"] = time.time()
    vault.fails(65, "rotate", "prod", "--resume", "--force", says="it is not touched")
    service.user_keys[orphan]["used"] = None
    service.user_keys[orphan]["made"] -= 3600
    vault.fails(65, "rotate", "prod", "--resume", "--force", says="it is not touched")
    service.user_keys[orphan]["made"] += 3600
    vault.ok("rotate", "prod", "--resume", "--force", *FAST)
    assert orphan not in service.user_keys and accepts(service, served(vault)) and len(service.user_keys) == 1


def test_an_orphan_may_come_up_late(vault: Home, service: Stub) -> None:
    service.then(lambda _: None, Answer(raw=b""))
    vault.fails(69, "rotate", "prod", *FAST, says="may have made a key")
    vault.fails(75, "rotate", "prod", "--resume", *FAST, says="may still do so", hints="run this again after")
    vault.fails(75, "rotate", "prod", "--rollback", says="may still do so")
    vault.ok("rotate", "prod", "--rollback", "--force")
    assert "rotation_phase" not in vault.json("show", "prod")


def test_all_old_keys_are_rotated_and_one_that_fails_stops_no_other(vault: Home, service: Stub) -> None:
    other = (stub.key_id("AKIA", 98), "another-made-up-secret-of-the-same-user")
    vault.ok("add", "broken", "--access-key-id", other[0], "--secret-file", vault.write("other", other[1]))
    vault.ok("set", "broken", "--sts-endpoint", service.url, "--iam-endpoint", service.url)
    result = vault("rotate", "--all", *FAST)
    assert result.returncode == 77 and b"broken: " in result.stderr, report(result)
    assert served(vault)[0] != vault.key.id
    result = vault.ok("rotate", "--all", "--older-than", "90d")
    assert b"no key is that old" in result.stderr


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


def test_rotation_against_moto(home: Home, aws: AWSServer) -> None:
    admin = boto3.Session(aws.key.id, aws.key.secret, region_name="eu-central-1").client("iam", endpoint_url=aws.url)
    user = f"rotating-{time.time_ns()}"
    admin.create_user(UserName=user)
    admin.put_user_policy(UserName=user, PolicyName="all", PolicyDocument=(
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'))
    made = admin.create_access_key(UserName=user)["AccessKey"]
    home.ledger.secret("moto's secret access key", made["SecretAccessKey"].encode())
    home.unlock()
    home.ok("add", "prod", "--access-key-id", made["AccessKeyId"], "--secret-file", home.write("s", made["SecretAccessKey"]))
    home.ok("set", "prod", "--sts-endpoint", aws.url, "--iam-endpoint", aws.url)
    home.ok("rotate", "prod", "--settle", "1s")
    new = served(home)
    listed = admin.list_access_keys(UserName=user)["AccessKeyMetadata"]
    assert [key["AccessKeyId"] for key in listed] == [new[0]] and new[0] != made["AccessKeyId"]
    assert home.json("verify", "prod")["arn"].endswith(user)
