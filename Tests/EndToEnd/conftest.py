"""Fixtures of the end-to-end suite: homes, vaults, keys, an AWS, and the search for leaked secrets."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import boto3
import pytest

from support import awsserver, stub
from support.agents import registering
from support.awsserver import AWSServer
from support.home import AGENT, CHEAPEST, HELPER, PROGRAM, RUNTIMES, Home
from support.keys import KeyMaker, random_passphrase
from support.leaks import Ledger
from support.profiles import ADMIN
from support.stub import Stub
from support.users import AS_NOBODY, NOBODY


def pytest_sessionfinish() -> None:
    for folder in RUNTIMES:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def ledger() -> Iterator[Ledger]:
    """Collects what all tests made visible; after the last one, no secret may be found in it."""
    assert PROGRAM.is_file(), f"{PROGRAM} is not built: swift build, or set SEALRING_BIN_DIR"
    ledger = Ledger()
    yield ledger
    leaks = ledger.leaks()
    assert not leaks, f"secrets in {len(leaks)} places: " + "; ".join(leaks[:40])


@pytest.fixture
def bare(tmp_path: Path, ledger: Ledger) -> Iterator[Home]:
    """A home without a vault."""
    home = Home(tmp_path / "h", ledger)
    home.passphrase = ledger.secret("passphrase", random_passphrase())
    home.write(home.passphrase_file, home.passphrase + b"\n")
    yield home
    home.collect()


@pytest.fixture(scope="session")
def vault_template(tmp_path_factory: pytest.TempPathFactory, ledger: Ledger) -> Home:
    home = Home(tmp_path_factory.mktemp("template") / "h", ledger)
    home.passphrase = ledger.secret("passphrase", random_passphrase())
    home.write(home.passphrase_file, home.passphrase + b"\n")
    home.ok("init", *CHEAPEST, "--no-recovery-code", "--passphrase-file", home.passphrase_file)
    home.collect()
    return home


@pytest.fixture
def home(vault_template: Home, tmp_path: Path) -> Iterator[Home]:
    """A home with an empty vault of the cheapest cost."""
    home = vault_template.copy_to(tmp_path / "h")
    yield home
    home.collect()


@pytest.fixture(scope="session")
def keys(ledger: Ledger) -> KeyMaker:
    return KeyMaker(ledger)


@pytest.fixture(scope="session")
def stocked_template(vault_template: Home, keys: KeyMaker, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = vault_template.copy_to(tmp_path_factory.mktemp("stocked") / "h")
    home.key = keys(account=123456789012)
    secret = home.write("prod.secret", home.key.secret)
    home.ok("add", "prod", "--access-key-id", home.key.id, "--secret-file", secret)
    home.collect()
    return home


@pytest.fixture
def stocked(stocked_template: Home, tmp_path: Path) -> Iterator[Home]:
    """A home whose vault holds `prod`, with the key `stocked.key`."""
    home = stocked_template.copy_to(tmp_path / "h")
    yield home
    home.collect()


@pytest.fixture
def unlocked(stocked: Home) -> Home:
    """The stocked home, with its vault unlocked in an agent."""
    stocked.unlock()
    return stocked


@pytest.fixture
def registered(stocked: Home) -> Iterator[Callable[[str, Path], subprocess.Popen[bytes]]]:
    with registering(stocked) as start:
        yield start


@pytest.fixture(params=["agent", "no agent"])
def vault(stocked: Home, request: pytest.FixtureRequest) -> Home:
    """The stocked home, once with the vault unlocked in an agent and once with each command opening it."""
    if request.param == "agent":
        stocked.unlock()
    else:
        stocked.env["SEALRING_AGENT_SOCKET"] = str(stocked.runtime / "no-agent.sock")
    return stocked


@pytest.fixture
def service(stocked: Home) -> Iterator[Stub]:
    """STS and IAM, which know the key of the stocked home."""
    with stub.running({stocked.key.id: stocked.key.secret}) as running:
        yield running


@pytest.fixture
def served_vault(unlocked: Home, service: Stub) -> Home:
    """The unlocked home, whose `prod` asks that service."""
    unlocked.ok("set", "prod", "--sts-endpoint", service.url, "--iam-endpoint", service.url)
    return unlocked


@pytest.fixture
def roles(served_vault: Home) -> Home:
    """The home with that service, and with the role `admin` of `prod`."""
    served_vault.ok("role", "add", "admin", "--role-arn", ADMIN, "--source", "prod")
    return served_vault


@pytest.fixture
def nobodys(stocked: Home) -> Iterator[Home]:
    """The same home in the hands of a user whom permissions bind, with the programs where that user reaches
    them."""
    place = Path(tempfile.mkdtemp(prefix="sealring-tests-"))
    home = stocked.copy_to(place / "h")
    folder = place / "bin"
    folder.mkdir()
    for program in (PROGRAM, AGENT, HELPER):
        shutil.copy(program, folder)
        (folder / program.name).chmod(0o755)
    place.chmod(0o755)
    folder.chmod(0o755)
    for path in [home.root, *home.root.rglob("*"), home.runtime]:
        os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
    program = folder / PROGRAM.name
    if home("--version", program=program, under=AS_NOBODY, cwd="/").returncode != 0:
        pytest.skip("another user cannot run the program: its libraries are closed to others")
    home.env["SEALRING_PASSPHRASE_FILE"] = str(home.passphrase_file)
    yield home
    # Its agent listens to nobody else, not even to root.
    home("lock", "--stop", program=program, under=AS_NOBODY, passphrase=None)
    home.collect()
    shutil.rmtree(place)


@pytest.fixture(scope="session")
def aws(ledger: Ledger, tmp_path_factory: pytest.TempPathFactory) -> Iterator[AWSServer]:
    server = awsserver.start(ledger, tmp_path_factory.mktemp("moto") / "log")
    yield server
    server.process.terminate()
    server.process.wait(10)


@pytest.fixture
def moto_roles(home: Home, aws: AWSServer) -> Home:
    """A home whose agent is unlocked, with `prod`, a key of moto's, and its role `admin`."""
    session = boto3.Session(aws.key.id, aws.key.secret, region_name="eu-central-1")
    iam = session.client("iam", endpoint_url=aws.url)
    try:
        iam.create_role(
            RoleName="Admin",
            AssumeRolePolicyDocument=json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}],
                }
            ),
        )
        iam.put_role_policy(RoleName="Admin", PolicyName="all", PolicyDocument=awsserver.POLICY)
    except iam.exceptions.EntityAlreadyExistsException:
        pass
    home.unlock()
    home.ok(
        "add",
        "prod",
        "--access-key-id",
        aws.key.id,
        "--secret-file",
        home.write("moto", aws.key.secret),
        "--region",
        "eu-central-1",
    )
    home.ok("set", "prod", "--sts-endpoint", aws.url, "--iam-endpoint", aws.url)
    home.ok("role", "add", "admin", "--role-arn", "arn:aws:iam::123456789012:role/Admin", "--source", "prod")
    home.ok("configure", "admin", "--force")
    return home
