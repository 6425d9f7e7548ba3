"""Roles and the keys that they are assumed with: what refers to what, and what a key serves."""

from __future__ import annotations

import os
from typing import Any

import pytest

from support.home import Home
from support.keys import KeyMaker
from support.profiles import ADMIN as ARN
from support.profiles import SERIAL
from support.roles import ADD


@pytest.fixture
def roles(vault: Home) -> Home:
    vault.ok(*ADD)
    return vault


def add_key(home: Home, name: str, key: Any, *options: str) -> None:
    secret = home.write(f"{name}.secret", key.secret)
    home.ok("add", name, "--access-key-id", key.id, "--secret-file", secret, *options)


def test_a_source_is_renamed_replaced_and_removed_with_its_roles_in_mind(roles: Home, keys: KeyMaker) -> None:
    roles.ok("rename", "prod", "production")
    roles.ok("rename", "admin", "boss")
    assert roles.json("show", "boss")["chain"] == ["boss", "production"]
    roles.ok("import", roles.csv(keys()), "--name", "production", "--replace", "--no-configure")
    assert roles.json("show", "boss")["source"] == "production"

    before = roles.snapshot()
    roles.fails(73, "remove", "-f", "production", says="'boss' is assumed with 'production'", hints="set boss --source")
    assert roles.snapshot() == before
    roles.ok("remove", "-f", "production", "boss")
    assert roles.json("list") == {"entries": []}


def test_a_key_that_comes_under_another_name_keeps_its_roles(roles: Home) -> None:
    new = roles.ledger.secret("new secret", os.urandom(20).hex().encode())
    csv = roles.write("new.csv", b"Access key ID,Secret access key\n" + roles.key.id.encode() + b"," + new + b"\n")
    roles.ok("import", csv, "--name", "fresh", "--replace", "--no-configure")
    assert roles.json("show", "admin")["source"] == "fresh" and set(roles.entries()) == {"fresh"}
    assert roles.entries()["fresh"]["secret_access_key"].encode() == new


def test_a_replaced_key_is_handed_out_as_the_old_one_was(roles: Home, keys: KeyMaker) -> None:
    settings = (
        "--note",
        "x",
        "--mfa-serial",
        SERIAL,
        "--duration",
        "2h",
        "--sts-endpoint",
        "https://sts.example",
        "--iam-endpoint",
        "https://iam.example",
        "--region",
        "eu-west-1",
        "--expose-for",
        "1h",
    )
    seed = roles.write("seed", roles.ledger.secret("seed", b"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJR"))
    roles.ok("set", "prod", "--serve", "role", *settings)
    roles.ok("mfa", "set", "prod", "--seed-file", seed, "--force")
    old = roles.json("show", "prod")
    assert (old["serve"], old["served_role"], old["mfa_seed"]) == ("role", "admin", True)
    key = keys()
    roles.ok("import", roles.csv(key), "--name", "prod", "--replace", "--no-configure")
    new = roles.json("show", "prod")
    changed = {"access_key_id", "account_id", "sealed_at", "changed_at", "source", "user_name", "created_at"}
    assert new["access_key_id"] == key.id
    assert {name: new.get(name) for name in old.keys() - changed} == {name: old[name] for name in old.keys() - changed}


def test_what_a_key_serves(roles: Home, keys: KeyMaker) -> None:
    assert "serve" not in roles.json("show", "prod")
    roles.ok("set", "prod", "--serve", "session")
    assert roles.json("show", "prod")["serve"] == "session"
    roles.ok("set", "prod", "--serve", "role")
    assert roles.json("show", "prod")["served_role"] == "admin"
    roles.fails(73, "remove", "-f", "admin", says="'prod' serves the role 'admin'", hints="--serve key")
    roles.ok("rename", "admin", "boss")
    assert roles.json("show", "prod")["served_role"] == "boss"

    add_key(roles, "other", keys())
    roles.fails(64, "set", "other", "--serve", "role", says="no role is assumed with 'other'", hints="role add")
    roles.fails(64, "set", "other", "--serve", "role", "--role", "boss", says="boss < prod", hints="configure boss")
    roles.fails(66, "set", "prod", "--serve", "role", "--role", "missing", says="missing", hints="role list")
    roles.ok("role", "add", "second", "--role-arn", ARN, "--source", "prod")
    roles.ok("role", "add", "deep", "--role-arn", ARN, "--source", "second")
    roles.fails(64, "set", "prod", "--serve", "role", says="with 'prod': boss, second", hints="--role")
    roles.ok("set", "prod", "--serve", "role", "--role", "deep")
    roles.ok("set", "prod", "--serve", "key")
    assert not {"serve", "served_role"} & set(roles.json("show", "prod"))
    roles.fails(64, "set", "prod", "--role", "boss", says="--serve role")
    roles.fails(64, "set", "prod", "--serve", "both")


def test_temporary_credentials_get_no_session(roles: Home, keys: KeyMaker) -> None:
    token = roles.write("token", roles.ledger.secret("token", os.urandom(30).hex().encode()))
    add_key(roles, "lent", keys(prefix="ASIA"), "--session-token-file", str(token))
    roles.fails(64, "set", "lent", "--serve", "session", says="temporary", hints="--serve key")
    roles.ok("role", "add", "of-lent", "--role-arn", ARN, "--source", "lent")
    roles.ok("set", "lent", "--serve", "role")
