"""Roles and keys that another program wrote into the vault."""

from __future__ import annotations

import json
from collections.abc import Callable

from support.home import Home, Run, lines, report
from support.keys import KeyMaker
from support.reference_records import (
    Record,
    access_key,
    record_id,
    role,
    rotating_key,
)
from support.reference_vault import PASSPHRASE, Slot, Vault


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
        refused(on_vault("--no-agent", "session", name), 65, "is not assumed with a key", "sealring role list")


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
    assert result.returncode == 66 and b"the source of 'one' is gone: name" in result.stderr, report(result)
    run("set", "prod", "--note", "a change of something else")
    run("set", "one", "--note", "still without")
    run("rename", "one", "uno")
    run("set", "uno", "--source", "prod")
    run("remove", "-f", "two")
    told = json.loads(run("role", "list", "--json").stdout)["roles"]
    assert [(each["name"], each["chain"]) for each in told] == [("uno", ["uno", "prod"])]


def test_a_key_under_rotation_is_not_replaced(stocked: Home, keys: KeyMaker) -> None:
    run = of_another_writer(stocked, rotating_key("prod", 1).having(16, b"\1").lacking(17).lacking(6))
    refused(
        run("import", stocked.csv(keys()), "--name", "prod", "--replace"), 73, "'prod' is being rotated", "--rollback"
    )


def test_a_key_whose_role_is_gone_is_not_replaced_by_one_that_is_handed_out(stocked: Home, keys: KeyMaker) -> None:
    run = of_another_writer(stocked, access_key("prod", 1).having(16, b"\2").having(17, record_id(9)))
    result = run("credential-process", "prod")
    assert result.returncode == 66 and b"the role that 'prod' serves is gone: choose" in result.stderr, report(result)
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
