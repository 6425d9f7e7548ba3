"""The facts that scripts rely on, and the small changes of entries."""

from __future__ import annotations

import re
import subprocess

import pytest

from support.home import Home, report
from support.keys import KeyMaker

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
COMMANDS = (
    "init",
    "import",
    "add",
    "list",
    "show",
    "remove",
    "rename",
    "set",
    "configure",
    "passwd",
    "recover",
    "recovery-code",
    "credential-process",
    "role",
    "role add",
    "role list",
    "mfa set",
    "mfa remove",
)


def test_a_list_has_stable_keys_and_leaves_out_what_is_absent(stocked: Home, keys: KeyMaker) -> None:
    stocked.ok("import", stocked.csv(keys(account=42), "abc_accessKeys.csv"), "--region", "eu-west-1", "--no-configure")
    parsed = stocked.json("list")
    assert set(parsed) == {"entries"}
    assert [entry["name"] for entry in parsed["entries"]] == ["abc", "prod"], "sorted by name"
    abc, prod = parsed["entries"]
    assert set(prod) == {"name", "access_key_id", "account_id", "sealed_at", "changed_at", "source", "profiles"}
    assert set(abc) == set(prod) | {"region"}
    assert (abc["account_id"], abc["region"], abc["profiles"]) == ("000000000042", "eu-west-1", [])
    assert abc["source"] == "csv: abc_accessKeys.csv"
    assert TIME.fullmatch(abc["sealed_at"]) and TIME.fullmatch(abc["changed_at"])
    assert stocked.json("show", "abc") == abc


def test_an_empty_vault_is_an_empty_list(home: Home) -> None:
    assert home.json("list") == {"entries": []}


def test_the_answer_is_alone_on_stdout(stocked: Home) -> None:
    assert stocked.key.id in stocked.ok("list").stdout.decode()
    assert stocked.key.id in stocked.ok("show", "prod").stdout.decode()
    for command in (("set", "prod", "--note", "x"), ("rename", "prod", "x"), ("remove", "x", "--force")):
        assert stocked.ok(*command).stdout == b""


def test_values_are_set_and_taken_away(stocked: Home) -> None:
    stocked.ok("set", "prod", "--note", "a ✓ note", "--region", "eu-west-1", "--user-name", "alice")
    shown = stocked.json("show", "prod")
    assert (shown["note"], shown["region"], shown["user_name"]) == ("a ✓ note", "eu-west-1", "alice")
    stocked.ok("set", "prod", "--note", "", "--region", "")
    assert not {"note", "region"} & set(stocked.json("show", "prod"))
    stocked.fails(64, "set", "prod", hints="--help")


def test_a_name_is_changed_and_its_profiles_are_named(stocked: Home) -> None:
    stocked.ok("configure", "prod", "--force")
    result = stocked.ok("rename", "prod", "work")
    assert "sealring configure work --profile prod" in result.stderr.decode(), report(result)
    assert set(stocked.entries()) == {"work"}
    stocked.fails(66, "rename", "prod", "x", says="prod")
    stocked.fails(64, "rename", "work", "work", says="'work' has this name already: nothing was changed")
    stocked.fails(64, "rename", "work", "1x", says="1x")


def test_a_taken_name_is_not_taken_again(stocked: Home, keys: KeyMaker) -> None:
    key = keys()
    secret = stocked.write("s", key.secret)
    before = stocked.snapshot()
    stocked.fails(73, "add", "prod", "--access-key-id", key.id, "--secret-file", secret, says="prod")
    assert stocked.snapshot() == before
    stocked.ok("add", "other", "--access-key-id", key.id, "--secret-file", secret)
    stocked.fails(73, "rename", "other", "prod", says="prod")


def test_entries_are_removed_together_or_not_at_all(stocked: Home, keys: KeyMaker) -> None:
    stocked.ok("import", stocked.csv(keys(), "b_accessKeys.csv"), "--no-configure")
    before = stocked.snapshot()
    stocked.fails(66, "remove", "prod", "missing", "--force", says="missing")
    stocked.fails(64, "remove", "prod", "b", hints="--yes")
    assert stocked.snapshot() == before
    generation = stocked.generation()
    stocked.ok("remove", "prod", "b", "prod", "--force")
    assert (stocked.entries(), stocked.generation()) == ({}, generation + 1)


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_is_an_answer(bare: Home, command: str) -> None:
    result = bare.ok(*command.split(), "--help", passphrase=None)
    assert b"USAGE" in result.stdout and result.stderr == b"", report(result)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions_are_an_answer(bare: Home, shell: str) -> None:
    script = bare.ok("--generate-completion-script", shell, passphrase=None).stdout
    assert b"credential-process" in script
    if shell == "bash":
        subprocess.run(["bash", "-n"], input=script, check=True)


@pytest.mark.parametrize("words", [(), ("bogus",), ("list", "--bogus"), ("show",), ("import",), ("--vault",)])
def test_misuse_has_one_exit_code(bare: Home, words: tuple[str, ...]) -> None:
    result = bare(*words, passphrase=None)
    assert result.returncode == (0 if words == () else 64), report(result)
