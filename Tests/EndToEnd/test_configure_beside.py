"""What stands beside a key or a role in its profile: it goes into the vault too, or is named."""

from __future__ import annotations

import pytest

from support.home import Home, lines, report
from support.keys import Key, KeyMaker
from support.profiles import ADMIN_PROFILE, SERIAL, block, plaintext


def test_what_stands_beside_a_key_goes_with_it_or_is_named(vault: Home, keys: KeyMaker) -> None:
    vault.write(vault.credentials, plaintext("base", keys()))
    vault.write(
        vault.config,
        f"[profile base]\nmfa_serial = {SERIAL}\ninclude_profile = x\nregion = eu-west-3\n"
        + ADMIN_PROFILE
        + "source_profile = base\nsession_tags = a=b\n",
    )
    result = vault.ok("configure", "admin", "--force")
    warned = "\n".join(lines(result, "warning"))
    assert "profile 'base' has include_profile (line 3)" in warned, report(result)
    assert "profile 'admin' has session_tags (line 8)" in warned, report(result)
    base = vault.json("show", "base")
    assert (base["mfa_serial"], base["region"]) == (SERIAL, "eu-west-3")


def test_what_stands_beside_a_key_is_imported_with_it(stocked: Home, keys: KeyMaker) -> None:
    one, two, temporary = keys(), keys(), keys("ASIA", token=True)
    stocked.write(
        stocked.credentials,
        plaintext("one", one)
        + f"mfa_serial = {SERIAL}\n"
        + plaintext("two", two)
        + block("three", temporary)
        + f"mfa_serial = {SERIAL}\n"
        + plaintext("prod", stocked.key),
    )
    stocked.write(
        stocked.config,
        f"[profile two]\nmfa_serial = {SERIAL}2\nregion = eu-west-3\nmfa_process = x\n"
        f"[profile one]\nmfa_serial = {SERIAL}3\n[profile prod]\nmfa_serial = {SERIAL}\n",
    )
    result = stocked.ok("import", stocked.credentials, "--no-configure")
    found = {
        entry["name"]: (entry.get("mfa_serial"), entry.get("region"))
        for entry in (stocked.json("show", name) for name in ("one", "two", "three", "prod"))
    }
    assert found == {
        "one": (SERIAL, None),
        "two": (SERIAL + "2", "eu-west-3"),
        "three": (None, None),
        "prod": (None, None),
    }
    assert "profile 'two' has mfa_process (line 4)" in "\n".join(lines(result, "warning")), report(result)
    assert f"sealring mfa set prod --mfa-serial {SERIAL}" in "\n".join(lines(result, "hint"))
    # A copy elsewhere has nothing to do with the config, and what an entry has stays when its key is replaced.
    copy = stocked.write("copy", plaintext("two", Key(two.id, keys().secret)) + f"mfa_serial = {SERIAL}9\n")
    stocked.ok("import", copy, "--no-configure", "--replace")
    assert stocked.json("show", "two")["mfa_serial"] == SERIAL + "2"


def test_a_device_beside_a_key_of_the_vault_is_named_with_the_command(vault: Home) -> None:
    vault.write(vault.config, f"[profile prod]\nmfa_serial = {SERIAL}\n" + ADMIN_PROFILE + "source_profile = prod\n")
    result = vault.ok("configure", "admin", "--force")
    assert f"sealring mfa set prod --mfa-serial {SERIAL}" in "\n".join(lines(result, "hint")), report(result)
    vault.ok("mfa", "set", "prod", "--mfa-serial", SERIAL)
    vault.ok("configure", "admin", "--remove", "--force")
    assert "mfa set" not in "\n".join(lines(vault.ok("configure", "admin", "--force"), "hint"))


def test_a_device_that_cannot_be_sealed_does_not_keep_the_key_out(home: Home, keys: KeyMaker) -> None:
    home.write(home.credentials, plaintext("base", keys()) + "mfa_serial = x\n")
    home.write(home.config, ADMIN_PROFILE + "source_profile = base\n")
    result = home.ok("configure", "admin", "--force")
    assert "the mfa_serial of profile 'base' (line 4) was not sealed" in "\n".join(lines(result, "warning")), report(
        result
    )
    assert "base" in home.entries()


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (f"mfa_serial = {SERIAL} # yubikey", "mfa_serial (line 4)"),
        ("region = eu-west-1 # home", "region (line 4)"),
        ("duration_seconds = 3600 ; 1h", "duration_seconds (line 4)"),
        ("role_session_name = Alice Smith", "role_session_name (line 4)"),
        ("external_id = x", "external_id (line 4)"),
        ("ca_bundle = /nonexistent", "ca_bundle (line 4)"),
    ],
)
def test_an_error_of_a_role_names_the_line_of_the_setting(stocked: Home, line: str, says: str) -> None:
    stocked.write(stocked.config, ADMIN_PROFILE + f"source_profile = prod\n{line}\n")
    result = stocked("configure", "admin", "--force")
    assert result.returncode in (65, 66) and says in lines(result, "error")[0], report(result)
    has_comment = " # " in line or " ; " in line
    assert ("part of the value for the AWS CLI" in lines(result, "error")[0]) == has_comment
    assert ("line of its own" in lines(result, "hint")[0]) == has_comment


def test_a_comment_behind_the_source_is_no_part_of_its_name(stocked: Home) -> None:
    stocked.write(stocked.config, ADMIN_PROFILE + "source_profile = prod # the key\n")
    stocked.fails(66, "configure", "admin", "--force", says="'# the key' is part of the value", hints="line of its own")
