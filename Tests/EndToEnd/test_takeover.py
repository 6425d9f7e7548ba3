"""Profiles that assume roles by themselves, moved into the vault with the whole chain that they lead to."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from support.home import HELPER, Home, lines, report
from support.keys import KeyMaker
from support.person import Person
from support.profiles import ADMIN, ADMIN_PROFILE, MIDDLE, SERIAL, plaintext
from support.stub import Stub

CHAIN = f"""\
# mine
[default]
region = eu-west-1

[profile admin]
# the big one
role_arn = {ADMIN}
output = json
source_profile = middle
duration_seconds = 7200

[profile middle]
source_profile = base
external_id = shared:word/1
role_arn = {MIDDLE}
mfa_serial = {SERIAL}
role_session_name = me
region = eu-central-1"""
TAKEN = f"""\
# mine
[default]
region = eu-west-1

[profile admin]
# the big one
credential_process = {HELPER} admin
output = json

[profile middle]
credential_process = {HELPER} middle
region = eu-central-1"""
READ = """
import boto3, json, sys
credentials = boto3.Session(profile_name=sys.argv[1]).get_credentials()
print(json.dumps([credentials.method, credentials.access_key]))
"""


def read_by_boto(home: Home, profile: str) -> list[str]:
    result = home("-c", READ, profile, program=Path(sys.executable), passphrase=None)
    assert result.returncode == 0, report(result)
    return json.loads(result.stdout)


def test_a_chain_comes_into_the_vault_with_its_key(vault: Home, keys: KeyMaker) -> None:
    key, other = keys(), "[other]\nregion = x\n"
    vault.write(vault.config, CHAIN, mode=0o640)
    vault.write(vault.credentials, plaintext("base", key) + other)
    result = vault.ok("configure", "admin", "--force")
    said = result.stderr.decode()
    for words in [
        f"will move the plaintext key of 'base' from {vault.credentials} into the vault as base",
        f"will add the role middle ({MIDDLE}), assumed with base",
        f"will add the role admin ({ADMIN}), assumed with middle",
        "sessions of the role admin last 1h instead of 2h",
        f"-role_arn = {ADMIN}",
        f"+credential_process = {HELPER} admin",
    ]:
        assert words in said, report(result)
    assert vault.config.read_text() == TAKEN + f"\n\n[profile base]\ncredential_process = {HELPER} base\n"
    assert vault.config.stat().st_mode & 0o777 == 0o640
    assert vault.credentials.read_text() == other
    admin, middle = vault.json("show", "admin"), vault.json("show", "middle")
    assert (admin["chain"], admin["role_arn"], admin["duration_seconds"]) == (["admin", "middle", "base"], ADMIN, 3600)
    assert "mfa_serial" not in admin
    assert (middle["mfa_serial"], middle["external_id"], middle["session_name"], middle["region"]) == (
        SERIAL,
        "shared:word/1",
        "me",
        "eu-central-1",
    )
    assert vault.entries()["base"]["secret_access_key"] == key.secret


def test_every_profile_goes_back_to_the_byte(vault: Home, keys: KeyMaker) -> None:
    vault.write(vault.config, CHAIN)
    vault.write(vault.credentials, plaintext("base", keys()))
    vault.ok("configure", "admin", "--force")
    vault.ok("configure", "admin", "--force", "--output", "text", "--region", "eu-west-3")
    assert "eu-west-3" in vault.config.read_text()
    for name in ["middle", "base", "admin"]:
        vault.ok("configure", name, "--remove", "--force")
    assert vault.config.read_text() == CHAIN
    vault.fails(66, "configure", "admin", "--remove", "--force", says="does not use Sealring")


def test_the_real_clients_get_the_same_roles_as_before(stocked: Home, service: Stub) -> None:
    stocked.unlock()
    stocked.ok("set", "prod", "--sts-endpoint", service.url)
    stocked.write(stocked.config, CHAIN.replace(f"mfa_serial = {SERIAL}\n", ""))
    stocked.write(stocked.credentials, plaintext("base", stocked.key))
    stocked.ok("configure", "admin", "--force")
    for profile in ["admin", "middle"]:
        method, key = read_by_boto(stocked, profile)
        assert method == "custom-process" and key.startswith("ASIA")
    assert read_by_boto(stocked, "base") == ["custom-process", stocked.key.id]
    assert [
        (request.fields["RoleArn"], request.fields.get("ExternalId"), request.fields["DurationSeconds"])
        for request in service.requests
    ] == [(MIDDLE, "shared:word/1", "3600"), (ADMIN, None, "3600")]
    assert service.requests[0].fields["RoleSessionName"] == "me"
    assert set(stocked.entries()) == {"prod"}, "the key was in the vault already"


@pytest.mark.parametrize("base", ["a profile of ours", "an entry of its name"])
def test_a_key_of_the_vault_is_the_source(vault: Home, base: str) -> None:
    role = f"[profile admin]\nrole_arn = {ADMIN}\nsource_profile = "
    if base == "a profile of ours":
        vault.ok("configure", "prod", "--profile", "work", "--force")
        vault.write(vault.config, vault.config.read_text() + role + "work\n")
    else:
        vault.write(vault.config, role + "prod\n")
    vault.ok("configure", "admin", "--force")
    assert vault.json("show", "admin")["chain"] == ["admin", "prod"]
    assert vault.config.read_text().endswith(f"[profile admin]\ncredential_process = {HELPER} admin\n")


def test_a_key_in_the_config_comes_into_the_vault_too(vault: Home, keys: KeyMaker) -> None:
    key = keys()
    vault.write(
        vault.config,
        plaintext("profile base", key) + f"region = eu-west-3\nmfa_serial = {SERIAL}\n"
        f"[profile admin]\nrole_arn = {ADMIN}\nsource_profile = base\n",
    )
    shown = vault.ok("configure", "admin", "--dry-run").stderr.decode()
    assert (
        f"would move the plaintext key of 'base' from {vault.config} into" in shown
        and "-aws_secret_access_key = <REDACTED>" in shown
    )
    vault.ok("configure", "admin", "--force")
    assert vault.config.read_text() == (
        f"[profile base]\nregion = eu-west-3\nmfa_serial = {SERIAL}\ncredential_process = {HELPER} base\n"
        f"[profile admin]\ncredential_process = {HELPER} admin\n"
    )
    assert vault.entries()["base"]["secret_access_key"] == key.secret
    assert (vault.json("show", "base")["mfa_serial"], vault.json("show", "base")["region"]) == (SERIAL, "eu-west-3")


def test_a_chain_whose_middle_is_ours_goes_on_from_there(vault: Home) -> None:
    vault.write(vault.config, CHAIN.replace("source_profile = base", "source_profile = prod"))
    vault.ok("configure", "middle", "--force")
    vault.ok("configure", "admin", "--force")
    assert vault.json("show", "admin")["chain"] == ["admin", "middle", "prod"]
    assert vault.config.read_text() == TAKEN


def test_a_profile_with_a_key_of_its_own(vault: Home, keys: KeyMaker) -> None:
    key = keys()
    vault.write(vault.config, f"[profile admin]\nrole_arn = {ADMIN}\nsource_profile = admin\n")
    vault.write(vault.credentials, plaintext("admin", key))
    vault.ok("configure", "admin", "--force")
    assert vault.json("show", "admin")["chain"] == ["admin", "admin-credentials"]
    assert vault.entries()["admin-credentials"]["secret_access_key"] == key.secret
    assert vault.credentials.read_text() == ""
    assert vault.config.read_text() == f"[profile admin]\ncredential_process = {HELPER} admin\n"


def test_a_role_that_is_in_the_vault_already_is_taken(vault: Home) -> None:
    """As after a crash between the vault and the file."""
    vault.ok("role", "add", "middle", "--role-arn", MIDDLE, "--source", "prod", "--no-configure")
    vault.write(vault.config, CHAIN.replace("source_profile = base", "source_profile = prod"))
    before = vault.snapshot()
    vault.fails(73, "configure", "admin", "--force", says="has another", hints="sealring set middle")
    assert vault.snapshot() == before
    result = vault.fails(73, "configure", "admin", "--force", says="than the profile 'middle'")
    others = result.stderr.decode().partition("has another ")[2].partition(" than")[0].split(", ")
    options = {
        "mfa_serial": "--mfa-serial",
        "external_id": "--external-id",
        "role_session_name": "--session-name",
        "region": "--region",
        "ca_bundle": "--ca-bundle",
        "duration_seconds": "--duration",
    }
    profile = dict(
        line.split(" = ", 1)
        for line in CHAIN.partition("[profile middle]")[2].partition("[")[0].splitlines()
        if " = " in line
    )
    assert others and set(others) <= set(profile)
    for name in others:
        vault.ok("set", "middle", options[name], profile[name] + ("s" if name == "duration_seconds" else ""))
    result = vault.ok("configure", "admin", "--force")
    assert b"the vault has the role middle" in result.stderr
    assert vault.config.read_text() == TAKEN


def test_another_name_for_the_role(vault: Home) -> None:
    vault.write(vault.config, f"[profile prod]\nrole_arn = {ADMIN}\nsource_profile = default\n")
    vault.ok("import", vault.csv(vault.key, "default.csv"), "--no-configure")
    vault.ok("rename", "prod", "default")
    vault.ok("configure", "power", "--profile", "prod", "--force")
    assert vault.json("show", "power")["chain"] == ["power", "default"]
    assert vault.config.read_text() == f"[profile prod]\ncredential_process = {HELPER} power\n"


@pytest.mark.parametrize("consent", ["dry run", "no terminal", "no"])
def test_nothing_is_done_before_it_is_agreed(vault: Home, keys: KeyMaker, consent: str) -> None:
    vault.write(vault.config, CHAIN)
    vault.write(vault.credentials, plaintext("base", keys()))
    before = vault.snapshot()
    if consent == "dry run":
        said = vault.ok("configure", "admin", "--dry-run").stderr.decode()
    elif consent == "no terminal":
        said = vault.fails(64, "configure", "admin", hints="--yes").stderr.decode()
    else:
        person = Person(vault, "configure", "admin", env={"SEALRING_PASSPHRASE_FILE": str(vault.passphrase_file)})
        person.child.expect_exact("Move this into the vault")
        said = person.shown.getvalue().decode()
        person.child.sendline("n")
        assert person.ends() == 64
    assert f"-role_arn = {ADMIN}" in said and "move the plaintext key of 'base'" in said
    assert vault.snapshot() == before


def test_yes_is_enough(vault: Home, keys: KeyMaker) -> None:
    vault.write(vault.config, CHAIN)
    vault.write(vault.credentials, plaintext("base", keys()))
    person = Person(vault, "configure", "admin", env={"SEALRING_PASSPHRASE_FILE": str(vault.passphrase_file)})
    person.child.expect_exact("Move this into the vault")
    person.child.sendline("y")
    assert person.ends() == 0
    assert "role_arn" not in vault.config.read_text() and vault.credentials.read_text() == ""


@pytest.mark.parametrize("setting", ["credential_source", "credential_process"])
def test_a_setting_of_the_credentials_file_that_wins_is_told(vault: Home, setting: str) -> None:
    vault.write(vault.config, ADMIN_PROFILE + "source_profile = prod\n")
    vault.write(vault.credentials, f"[admin]\n{setting} = x\n")
    result = vault.ok("configure", "admin", "--force")
    assert f"has {setting} under 'admin' (line 2)" in lines(result, "warning")[0], report(result)
    result = vault.ok("configure", "prod", "--profile", "admin", "--force")
    assert f"has {setting} under 'admin' (line 2)" in lines(result, "warning")[0], report(result)


def test_a_key_that_the_role_had_kept_out_of_use_is_moved_too(vault: Home, keys: KeyMaker) -> None:
    """AWS clients took the role before it; now they would take the key."""
    key = keys()
    vault.write(vault.config, ADMIN_PROFILE + "source_profile = prod\n")
    vault.write(vault.credentials, plaintext("admin", key))
    result = vault.ok("configure", "admin", "--force")
    assert "a plaintext key under 'admin'" in lines(result, "warning")[0], report(result)
    assert vault.json("show", "admin")["chain"] == ["admin", "prod"]
    assert vault.entries()["admin-credentials"]["secret_access_key"] == key.secret
    assert vault.credentials.read_text() == ""
