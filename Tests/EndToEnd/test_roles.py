"""Roles as the vault keeps them, shows them and gives them a profile."""

from __future__ import annotations

import pytest

from support.home import Home, report
from support.profiles import ADMIN as ARN
from support.profiles import SERIAL
from support.roles import ADD, CERTIFICATE


@pytest.fixture
def roles(vault: Home) -> Home:
    vault.ok(*ADD)
    return vault


def test_a_role_is_told_with_all_that_it_has(vault: Home) -> None:
    policy = vault.write("policy.json", '{\n  "Version": "2012-10-17",\n  "Statement": [ ]\n}\n')
    bundle = vault.write("ca.pem", CERTIFICATE)
    result = vault.ok(
        *ADD,
        "--mfa-serial",
        SERIAL,
        "--external-id",
        "shared:word/1",
        "--duration",
        "2h30m",
        "--policy-file",
        policy.name,
        "--policy-arn",
        "arn:aws:iam::aws:policy/One",
        "--policy-arn",
        "arn:aws:iam::aws:policy/Two",
        "--tags",
        "team=core",
        "--tags",
        "what=a=b",
        "--transitive-tag",
        "team",
        "--source-identity",
        "alice",
        "--session-name",
        "work@home",
        "--region",
        "eu-west-1",
        "--note",
        "on call ✓",
        "--sts-endpoint",
        "https://sts.example:8443",
        "--ca-bundle",
        bundle.name,
    )
    assert result.stdout == b"" and b"sealring configure admin" in result.stderr, report(result)
    shown = vault.json("show", "admin")
    assert shown.pop("sealed_at") == shown.pop("changed_at")
    assert shown == {
        "name": "admin",
        "role_arn": ARN,
        "account_id": "123456789012",
        "source": "prod",
        "chain": ["admin", "prod"],
        "mfa_serial": SERIAL,
        "duration_seconds": 9000,
        "external_id": "shared:word/1",
        "policy": '{"Version":"2012-10-17","Statement":[]}',
        "policy_arns": ["arn:aws:iam::aws:policy/One", "arn:aws:iam::aws:policy/Two"],
        "tags": ["team=core", "what=a=b"],
        "transitive_tags": ["team"],
        "source_identity": "alice",
        "session_name": "work@home",
        "sts_endpoint": "https://sts.example:8443",
        "ca_bundle": str(bundle),
        "region": "eu-west-1",
        "note": "on call ✓",
        "profiles": [],
    }
    text = vault.ok("show", "admin").stdout.decode()
    assert ARN in text and "team=core, what=a=b" in text and "admin, prod" in text


def test_lists_tell_roles_after_keys(roles: Home) -> None:
    roles.ok("role", "add", "deep", "--role-arn", ARN + "/Deep", "--source", "admin")
    told = roles.json("list")
    assert list(told) == ["entries", "roles"] and [entry["name"] for entry in told["entries"]] == ["prod"]
    assert told["roles"] == roles.json("role", "list")["roles"]
    assert [role["chain"] for role in told["roles"]] == [["admin", "prod"], ["deep", "admin", "prod"]]
    for command in (("list",), ("role", "list")):
        assert "deep < admin < prod" in roles.ok(*command).stdout.decode()


def test_a_vault_without_roles_says_so(vault: Home) -> None:
    assert vault.json("role", "list") == {"roles": []} and "roles" not in vault.json("list")
    assert b"sealring role add" in vault.ok("role", "list").stderr


def test_everything_of_a_role_is_set_and_taken_away(roles: Home) -> None:
    policy = roles.write("policy.json", "{}")
    bundle = roles.write("ca.pem", CERTIFICATE)
    bare = roles.json("show", "admin")
    values = {
        "--mfa-serial": SERIAL,
        "--external-id": "ab",
        "--duration": "12h",
        "--policy-file": str(policy),
        "--policy-arn": "arn:aws:iam::aws:policy/One",
        "--tags": "a=b",
        "--transitive-tag": "a",
        "--source-identity": "al",
        "--session-name": "wk",
        "--region": "eu-west-1",
        "--note": "x",
        "--sts-endpoint": "http://127.0.0.1:4566",
        "--ca-bundle": str(bundle),
    }
    roles.ok("set", "admin", *(word for pair in values.items() for word in pair))
    assert len(roles.json("show", "admin")) == len(bare) + len(values)
    roles.ok("set", "admin", *(word for option in values for word in (option, "")))
    taken = roles.json("show", "admin")
    assert taken | {"changed_at": ""} == bare | {"changed_at": ""}
    roles.ok("set", "admin", "--role-arn", ARN + "2")
    assert roles.json("show", "admin")["role_arn"] == ARN + "2"


def test_a_profile_names_a_role_as_it_names_a_key(roles: Home) -> None:
    roles.ok("set", "prod", "--region", "eu-central-1")
    roles.ok("configure", "admin", "--force")
    text = roles.config.read_text()
    assert "[profile admin]" in text and "sealring-credential-process admin\n" in text
    assert "region = eu-central-1" in text, "the source's, where the role has none"
    assert roles.json("show", "admin")["profiles"] == ["admin"]
    result = roles.ok("remove", "-f", "admin")
    assert b"configure admin --profile admin --remove" in result.stderr, report(result)
    roles.ok("configure", "admin", "--remove", "--force")
    assert not roles.config.exists() or roles.config.read_text() == ""


def test_a_role_is_added_with_its_profile(vault: Home) -> None:
    vault.ok(*ADD, "--region", "eu-west-1", "--configure", "--profile", "work")
    text = vault.config.read_text()
    assert "[profile work]" in text and "sealring-credential-process admin\n" in text and "eu-west-1" in text
    result = vault.ok("role", "add", "quiet", "--role-arn", ARN, "--source", "prod", "--no-configure")
    assert b"hint" not in result.stderr
    vault.fails(64, "role", "add", "x", "--role-arn", ARN, "--source", "prod", "--no-configure", "--profile", "p")
    before = vault.snapshot()
    vault.fails(64, "role", "add", "x", "--role-arn", ARN, "--source", "prod", "--configure", "--profile", "a]b")
    elsewhere = vault.outside / "vault"
    vault.fails(
        64,
        "--vault",
        elsewhere,
        "role",
        "add",
        "x",
        "--role-arn",
        ARN,
        "--source",
        "prod",
        "--configure",
        says="profiles work only with the default vault",
    )
    assert vault.snapshot() == before


@pytest.mark.parametrize("odd", ["\x1b]0;x\x07", "a\u202eb", "'; rm -rf ~"])
def test_what_is_shown_of_roles_is_escaped(roles: Home, odd: str) -> None:
    for arguments in (
        ("show", odd),
        ("role", "add", odd, "--role-arn", ARN, "--source", "prod"),
        ("role", "add", "x", "--role-arn", odd, "--source", "prod"),
        ("role", "add", "x", "--role-arn", ARN, "--source", odd),
        ("set", "admin", "--policy-file", odd),
        ("set", "admin", "--tags", odd),
        ("set", "admin", "--source", odd),
        ("set", "prod", "--serve", "role", "--role", odd),
    ):
        result = roles(*arguments)
        assert result.returncode in (64, 66), report(result)
        assert all(character.isprintable() for character in result.stderr.decode().replace("\n", ""))
