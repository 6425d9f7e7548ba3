"""Roles as the vault keeps them: what is taken, what is refused, and what refers to what."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable
from typing import Any

import pytest

from support.home import Home, Run, lines, report
from support.keys import KeyMaker
from support.profiles import SERIAL
from support.reference_records import (
    Record,
    access_key,
    record_id,
    role,
    rotating_key,
)
from support.reference_vault import PASSPHRASE, Slot, Vault

ARN = "arn:aws:iam::123456789012:role/Admin"
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
ADD = ("role", "add", "admin", "--role-arn", ARN, "--source", "prod")


@pytest.fixture
def roles(vault: Home) -> Home:
    vault.ok(*ADD)
    return vault


def add_key(home: Home, name: str, key: Any, *options: str) -> None:
    secret = home.write(f"{name}.secret", key.secret)
    home.ok("add", name, "--access-key-id", key.id, "--secret-file", secret, *options)


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


REFUSED: list[tuple[tuple[str, ...], str]] = [
    (("--role-arn", "arn:aws:iam::12345678901:role/Admin"), "not the ARN of a role"),
    (("--role-arn", "arn:aws:iam::123456789012:user/alice"), "not the ARN of a role"),
    (("--role-arn", "arn:aws-mars:iam::123456789012:role/Admin"), "unknown partition 'aws-mars'"),
    (("--role-arn", ""), "not the ARN of a role"),
    (("--source", ""), "needs a source"),
    (("--external-id", "x"), "external ID"),
    (("--external-id", "a b"), "external ID"),
    (("--external-id", "x" * 1225), "external ID"),
    (("--session-name", "a"), "session name"),
    (("--session-name", "a/b"), "session name"),
    (("--session-name", "n" * 65), "session name"),
    (("--source-identity", "ä" * 3), "source identity"),
    (("--source-identity", "i"), "source identity"),
    (("--duration", "15m"), "clients would ask again"),
    (("--duration", "12h1s"), "12 hours at most"),
    (("--duration", "soon"), "invalid duration 'soon'"),
    (("--mfa-serial", "12345678"), "invalid MFA device"),
    (("--mfa-serial", "arn:aws:iam::1:mfa/a b"), "invalid MFA device"),
    (("--tags", "team"), "invalid tag"),
    (("--tags", "=core"), "invalid tag"),
    (("--tags", "AWS:team=core"), "invalid tag"),
    (("--tags", "k" * 129 + "="), "invalid tag"),
    (("--tags", "k=" + "v" * 257), "invalid tag"),
    (("--tags", "a=b\n"), "invalid tag"),
    (("--tags", "team=a", "--tags", "Team=b"), "twice"),
    (tuple(word for number in range(51) for word in ("--tags", f"k{number}=")), "50 tags"),
    (("--transitive-tag", "team"), "none of the tags"),
    (("--tags", "t=", "--transitive-tag", "t", "--transitive-tag", "t"), "twice"),
    (("--policy-arn", "ReadOnlyAccess"), "invalid policy ARN"),
    (
        tuple(word for number in range(11) for word in ("--policy-arn", f"arn:aws:iam::aws:policy/P{number}")),
        "10 managed policies",
    ),
    (("--region", "EU (Ireland)"), "invalid region"),
    (("--sts-endpoint", "http://sts.example"), "only for this machine"),
    (("--sts-endpoint", "https://a/?b"), "invalid endpoint"),
    (("--sts-endpoint", "sts.example"), "invalid endpoint"),
    (("--iam-endpoint", "https://iam.example"), "makes no IAM requests"),
]


def by_options(value: object) -> str:
    return "-".join(value)[:40] if isinstance(value, tuple) else ""


@pytest.mark.parametrize("options, says", REFUSED, ids=by_options)
def test_what_aws_would_refuse_is_refused_before_the_passphrase_is_asked(
    stocked: Home, options: tuple[str, ...], says: str
) -> None:
    words = [
        word
        for option, value in {"--role-arn": ARN, "--source": "prod"}.items()
        if option not in options
        for word in (option, value)
    ]
    stocked.fails(64, "role", "add", "admin", *words, *options, says=says, passphrase=None)


def test_what_aws_would_refuse_is_not_set(stocked: Home) -> None:
    stocked.unlock()
    stocked.ok(*ADD)
    before = stocked.snapshot()
    for options, says in REFUSED:
        stocked.fails(64, "set", "admin", *options, says=says)
    assert stocked.snapshot() == before


@pytest.mark.parametrize(
    "content, says",
    [
        ("", "'{' is missing"),
        ("[]", "'{' is missing"),
        ('{"Version" 1}', "':' is missing"),
        ("{}{}", "follows its end"),
        (b'{"a":"\xff"}', "not UTF-8 text"),
        ('{"a":"' + "x" * 2041 + '"}', "2048"),
        ("x" * 70_000, "65536"),
    ],
)
def test_a_policy_is_looked_at(stocked: Home, content: str | bytes, says: str) -> None:
    stocked.fails(65, *ADD, "--policy-file", stocked.write("policy.json", content), says=says)


def test_a_policy_of_just_what_aws_takes(stocked: Home) -> None:
    stocked.ok(*ADD, "--policy-file", stocked.write("policy.json", '{ "a" : "' + "x" * 2040 + '" }'))
    assert len(stocked.json("show", "admin")["policy"]) == 2048


@pytest.mark.parametrize("option", ["--policy-file", "--ca-bundle"])
def test_files_are_files(stocked: Home, option: str) -> None:
    pipe = stocked.outside / "pipe"
    os.mkfifo(pipe)
    link = stocked.outside / "link"
    link.symlink_to("policy.json")
    stocked.fails(66, *ADD, option, stocked.outside / "missing", says="missing")
    stocked.fails(65, *ADD, option, pipe, says="a FIFO")
    stocked.fails(65, *ADD, option, stocked.outside, says="a directory")
    stocked.fails(77, *ADD, option, link, says="symbolic link", hints="target")
    stocked.fails(65, *ADD, option, stocked.write("notes.txt", "hello"))


def test_a_role_needs_its_source_a_free_name_and_its_arn(roles: Home) -> None:
    before = roles.snapshot()
    roles.fails(66, "role", "add", "x", "--role-arn", ARN, "--source", "missing", says="missing")
    roles.fails(66, "role", "add", "x", "--role-arn", ARN, "--source", "x", says="'x'")
    for name in ("prod", "admin"):
        roles.fails(73, "role", "add", name, "--role-arn", ARN, "--source", "prod", says="taken")
    roles.fails(64, "role", "add", "1x", "--role-arn", ARN, "--source", "prod", says="1x")
    roles.fails(64, "role", "add", "x", "--source", "prod", hints="--role-arn arn:aws")
    roles.fails(64, "role", "add", "x", "--role-arn", ARN, hints="--source")
    assert roles.snapshot() == before


def test_a_role_of_a_role_lasts_an_hour(roles: Home) -> None:
    deep = ("role", "add", "deep", "--role-arn", ARN, "--source", "admin")
    roles.fails(64, *deep, "--duration", "61m", says="one hour", hints="--duration 1h")
    roles.ok(*deep, "--duration", "1h")
    roles.fails(64, "set", "deep", "--duration", "2h", says="one hour")
    roles.ok("set", "deep", "--source", "prod", "--duration", "2h")
    roles.fails(64, "set", "deep", "--source", "admin", says="one hour")


def test_loops_and_long_chains_are_refused_with_their_way(roles: Home) -> None:
    names = ["admin", *(f"r{number}" for number in range(2, 9))]
    for source, name in itertools.pairwise(names):
        roles.ok("role", "add", name, "--role-arn", ARN, "--source", source)
    before = roles.snapshot()
    roles.fails(65, "role", "add", "r9", "--role-arn", ARN, "--source", "r8", says="r9 -> r8 -> r7", hints="key")
    roles.fails(65, "set", "admin", "--source", "r3", says="admin -> r3 -> r2 -> admin", hints="--source")
    roles.fails(65, "set", "admin", "--source", "admin", says="admin -> admin")
    assert roles.snapshot() == before


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
    roles.fails(64, "set", "prod", "--serve", "role", says="boss, deep, second", hints="--role")
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


def test_each_kind_has_settings_of_its_own(roles: Home) -> None:
    before = roles.snapshot()
    for option, value in {"--account-id": "1" * 12, "--user-name": "a", "--expose-for": "1h", "--serve": "key"}.items():
        roles.fails(64, "set", "admin", option, value, says="'admin' is a role")
    for option, value in {
        "--role-arn": ARN,
        "--source": "prod",
        "--external-id": "ab",
        "--tags": "a=b",
        "--session-name": "ab",
    }.items():
        roles.fails(64, "set", "prod", option, value, says="'prod' is a key", hints="role add")
    roles.fails(66, "set", "missing", "--note", "x", says="missing")
    roles.fails(64, "set", "prod", "--duration", "37h", says="36 hours")
    assert roles.snapshot() == before


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
        says="AWS clients start the helper without options",
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


def of_another_writer(home: Home, *records: Record) -> Callable[..., Run]:
    """A vault with these records; returns what runs a command on it."""
    content = Vault(records=list(records), slots=[Slot()]).encoded()
    vault = home.write("vaults/vault", content)
    passphrase = home.write("reference-passphrase", PASSPHRASE)
    return lambda *arguments: home("--vault", vault, "--passphrase-file", passphrase, *arguments)


def refused(result: Run, code: int, says: str, hints: str) -> None:
    assert result.returncode == code, report(result)
    assert says in "".join(lines(result, "error")) and hints in "".join(lines(result, "hint")), report(result)


def test_a_loop_and_a_long_chain_of_another_writer_come_to_an_end(stocked: Home) -> None:
    loop = [role("one", 1).having(34, record_id(2)), role("two", 2).having(34, record_id(1))]
    chain = [role(f"c{number}", number).having(34, record_id(number + 1)) for number in range(10, 19)]
    on_vault = of_another_writer(stocked, *loop, *chain, access_key("prod", 19))
    for name in ("one", "two", "c10"):
        refused(on_vault("--no-agent", "session", name), 65, "comes down to no key", "sealring role list")


def test_roles_of_another_writer_that_lost_their_source_are_mended(stocked: Home) -> None:
    on_vault = of_another_writer(stocked, access_key("prod", 1), role("one", 2), role("two", 3))

    def run(*arguments: str) -> Run:
        result = on_vault(*arguments)
        assert result.returncode == 0, report(result)
        return result

    told = json.loads(run("role", "list", "--json").stdout)["roles"]
    assert [(each["name"], each.get("source"), each["chain"]) for each in told] == [
        ("one", None, ["one"]),
        ("two", None, ["two"]),
    ]
    assert b"one < nothing" in run("list").stdout
    result = on_vault("credential-process", "one")
    assert result.returncode == 66 and b"what 'one' is assumed with is gone: name" in result.stderr, report(result)
    run("set", "prod", "--note", "a change of something else")
    run("set", "one", "--note", "still without")
    run("rename", "one", "uno")
    run("set", "uno", "--source", "prod")
    run("remove", "-f", "two")
    told = json.loads(run("role", "list", "--json").stdout)["roles"]
    assert [(each["name"], each["chain"]) for each in told] == [("uno", ["uno", "prod"])]


def test_a_key_under_rotation_is_not_replaced(stocked: Home, keys: KeyMaker) -> None:
    run = of_another_writer(stocked, rotating_key("prod", 1).having(16, b"\1").lacking(17).lacking(6))
    refused(run("import", stocked.csv(keys()), "--name", "prod", "--replace"), 73, "rotation of 'prod'", "--rollback")


def test_a_key_whose_role_is_gone_is_not_replaced_by_one_that_is_handed_out(stocked: Home, keys: KeyMaker) -> None:
    run = of_another_writer(stocked, access_key("prod", 1).having(16, b"\2").having(17, record_id(9)))
    result = run("credential-process", "prod")
    assert result.returncode == 66 and b"the role that 'prod' serves is gone: say" in result.stderr, report(result)
    refused(run("import", stocked.csv(keys()), "--name", "prod", "--replace"), 65, "is gone", "--serve key")
    assert run("set", "prod", "--serve", "key").returncode == 0
    assert run("import", stocked.csv(keys()), "--name", "prod", "--replace").returncode == 0


def test_a_rotation_of_a_later_version_is_left_to_it(stocked: Home) -> None:
    record = rotating_key("prod", 1).lacking(16).lacking(17).lacking(5).lacking(6).having(24, b"\6")
    run = of_another_writer(stocked, record)
    assert json.loads(run("show", "prod", "--json").stdout)["rotation_phase"] == "later"
    for way in ("--resume", "--rollback"):
        refused(run("rotate", "prod", way), 65, "a later version", "that version")
    refused(run("set", "prod", "--note", "x"), 65, "a later version", "")
