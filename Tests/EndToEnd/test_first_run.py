"""From the console's CSV to a working profile, with the real AWS clients and signatures checked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from support.awsserver import AWSServer
from support.home import CHEAPEST, HELPER, PROGRAM, Home, Run, report
from support.keys import Key, random_secret

AWS = Path(sys.executable).parent / "aws"
DEBIANS_AWS = Path("/usr/bin/aws")
IDENTITY = ("sts", "get-caller-identity", "--output", "json")
BOTO = """
import boto3, json
session = boto3.Session(profile_name="prod")
found = session.get_credentials()
identity = session.client("sts").get_caller_identity()
print(json.dumps([found.method, session.region_name, identity["Arn"]]))
"""


@pytest.fixture(params=["agent", "agentless"])
def configured(home: Home, aws: AWSServer, request: pytest.FixtureRequest) -> Home:
    """What a person has after the one command: unlocked, or with a passphrase file for a service."""
    agentless = ["--agentless"] if request.param == "agentless" else []
    result = home.ok("import", home.csv(aws.key), "--name", "prod", "--configure", "--region", "eu-west-3", *agentless)
    assert b"credential_process" in result.stdout + result.stderr, "the change is shown"
    home.env |= aws.env
    if agentless:
        home.env["SEALRING_PASSPHRASE_FILE"] = str(home.passphrase_file)
    else:
        home.unlock()
    del home.env["AWS_DEFAULT_REGION"]
    return home


def client(home: Home, *words: str, program: Path = AWS, **options: Any) -> Run:
    options.setdefault("passphrase", None)
    return home(*words, "--profile", "prod", program=program, **options)


def works(result: Run, user: str) -> None:
    assert result.returncode == 0, report(result)
    assert json.loads(result.stdout)["Arn"].endswith(f":user/{user}")


def test_a_new_vault_and_one_import_make_a_profile(bare: Home, aws: AWSServer) -> None:
    bare.ok("init", *CHEAPEST, "--no-recovery-code")
    assert bare.vault.stat().st_mode & 0o7777 == 0o600
    assert bare.data.stat().st_mode & 0o7777 == 0o700
    bare.ok("import", bare.csv(aws.key), "--name", "prod", "--configure")
    command = f"credential_process = {HELPER} prod"
    assert bare.config.read_text() == f"[profile prod]\n{command}\n"
    bare.env |= aws.env
    bare.unlock()
    works(client(bare, *IDENTITY), aws.user)


def test_the_cli_takes_the_key_from_the_vault(configured: Home, aws: AWSServer) -> None:
    result = client(configured, "configure", "list")
    rows = {line.split()[0]: line for line in result.stdout.decode().splitlines() if line.strip()}
    for row in ("access_key", "secret_key"):
        assert "custom-process" in rows[row], report(result)
    assert "eu-west-3" in rows["region"], report(result)
    works(client(configured, *IDENTITY), aws.user)


def test_boto3_takes_the_key_from_the_vault(configured: Home) -> None:
    result = configured("-c", BOTO, program=Path(sys.executable), passphrase=None)
    assert result.returncode == 0, report(result)
    assert json.loads(result.stdout) == ["custom-process", "eu-west-3", "arn:aws:iam::123456789012:user/alice"]


@pytest.mark.skipif(not DEBIANS_AWS.exists(), reason="no /usr/bin/aws")
def test_debians_cli_takes_the_key_from_the_vault(configured: Home, aws: AWSServer) -> None:
    version = configured("--version", program=DEBIANS_AWS).stdout
    if not version.startswith(b"aws-cli/2"):
        pytest.skip(f"/usr/bin/aws is {version!r}, not version 2")
    works(client(configured, *IDENTITY, "--endpoint-url", aws.url, program=DEBIANS_AWS), aws.user)


def test_a_wrong_secret_fails(home: Home, aws: AWSServer) -> None:
    """Without this, the tests above would say nothing about the secret."""
    wrong = Key(aws.key.id, random_secret())
    home.ok("import", home.csv(wrong), "--name", "prod", "--configure")
    home.env |= aws.env
    home.unlock()
    result = client(home, *IDENTITY)
    assert result.returncode != 0
    assert b"SignatureDoesNotMatch" in result.stderr, report(result)


def test_nothing_is_taken_from_the_standard_input_of_the_client(configured: Home) -> None:
    content = b"all of this\n" * 1000
    sent = client(configured, "s3", "cp", "-", "s3://drawer/file", input=content)
    assert sent.returncode == 0, report(sent)
    got = client(configured, "s3", "cp", "s3://drawer/file", "-")
    assert got.stdout == content, report(got)


def test_the_client_tells_why_it_got_no_key(configured: Home) -> None:
    configured.env.pop("SEALRING_PASSPHRASE_FILE", None)
    configured.ok("lock")
    result = client(configured, *IDENTITY)
    assert result.returncode != 0
    assert b"sealring: the vault is locked" in result.stderr, report(result)


def test_other_keys_of_the_environment_do_not_reach_the_answer(configured: Home, aws: AWSServer) -> None:
    """The profile may be chosen by a variable, which the helper inherits and must not follow."""
    result = configured(*IDENTITY, program=AWS, env={"AWS_PROFILE": "prod"}, passphrase=None)
    works(result, aws.user)


def test_twenty_clients_at_once_all_get_the_key(configured: Home) -> None:
    environment = configured.env | {"AWS_ACCESS_KEY_ID": "ignored"}
    command = configured.config.read_text().split("credential_process = ")[1].splitlines()[0].split()
    running = [
        subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        for _ in range(20)
    ]
    answers = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0] * 20
    assert len(set(answers)) == 1
    assert answers[0][1] == b""


LONG_RUNNING = """
import boto3, datetime, subprocess, sys
session = boto3.Session(profile_name="prod")
client = session.client("sts")
print(client.get_caller_identity()["Arn"], flush=True)
subprocess.run([sys.argv[1], "lock"], check=True)
# The key is still good to this process, and a quarter of an hour later it has to come back for it.
print(client.get_caller_identity()["Arn"], flush=True)
fetcher = session.get_credentials()._time_fetcher
session.get_credentials()._time_fetcher = lambda: fetcher() + datetime.timedelta(minutes=59)
try:
    print(client.get_caller_identity()["Arn"], flush=True)
except Exception as error:
    print("refused:", error, flush=True)
"""


def test_a_long_running_process_sees_a_lock_when_the_entry_is_exposed_for_a_time(home: Home, aws: AWSServer) -> None:
    home.ok("import", home.csv(aws.key), "--name", "prod", "--configure")
    home.ok("set", "prod", "--expose-for", "1h")
    home.env |= aws.env
    home.unlock()
    result = home("-c", LONG_RUNNING, PROGRAM, program=Path(sys.executable), passphrase=None)
    assert result.returncode == 0, report(result)
    lines = [line for line in result.stdout.decode().splitlines() if line]
    assert [line.split("/")[-1] for line in lines[:2]] == [aws.user, aws.user], report(result)
    assert lines[2].startswith("refused:") and "the vault is locked: run 'sealring unlock'" in lines[2], report(result)
    assert len(lines) == 3


def test_twenty_clients_of_aws_at_once(home: Home, aws: AWSServer) -> None:
    home.ok("import", home.csv(aws.key), "--name", "prod", "--configure")
    home.unlock()
    code = (
        "import boto3, concurrent.futures as f\n"
        "def ask(_): return boto3.Session(profile_name='prod').client('sts').get_caller_identity()['Arn']\n"
        "with f.ThreadPoolExecutor(20) as pool: print(len(list(pool.map(ask, range(20)))))"
    )
    result = home("-c", code, program=Path(sys.executable), passphrase=None, env=aws.env)
    assert result.returncode == 0 and result.stdout == b"20\n", report(result)
