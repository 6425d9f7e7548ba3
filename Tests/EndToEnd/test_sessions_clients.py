"""Sessions and roles with the real clients."""

from __future__ import annotations

import json
import os
import subprocess
import time

import boto3
import pytest

from support.awsserver import AWSServer
from support.home import HELPER, Home, report
from support.stub import Stub


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
