"""Roles with lines in `~/.aws/credentials`, which AWS clients join with those of the config file."""

from __future__ import annotations

import pytest

from support.home import HELPER, Home, lines, report
from support.keys import KeyMaker
from support.profiles import ADMIN, SERIAL, plaintext


def test_a_role_of_the_credentials_file_is_refused_with_what_to_do(vault: Home, keys: KeyMaker) -> None:
    own, role = plaintext("base", keys()), f"\n[admin]\nmfa_serial = {SERIAL}\nrole_arn = {ADMIN}\n"
    vault.write(vault.config, "[profile admin]\nsource_profile = base\nexternal_id = a+b\nduration_seconds = 900\n")
    vault.write(vault.credentials, own + role)
    before = vault.config.read_bytes(), vault.credentials.read_bytes()
    result = vault.fails(73, "configure", "admin", "--force", says=f"role_arn (line 7) of {vault.credentials}")
    add = f"role add admin --role-arn {ADMIN} --source base --mfa-serial {SERIAL} --external-id a+b --duration 1800s"
    assert f"source_profile (line 2) of {vault.config}" in "\n".join(lines(result, "hint")), report(result)
    assert f"run 'sealring {add} --no-configure'" in "\n".join(lines(result, "hint")), report(result)
    assert (vault.config.read_bytes(), vault.credentials.read_bytes()) == before
    # What it says works, step by step.
    vault.ok("import", vault.credentials, "--no-configure")
    vault.ok(*add.split(" "), "--no-configure")
    vault.write(vault.config, "[profile admin]\nexternal_id = a+b\nduration_seconds = 900\n")
    vault.write(vault.credentials, own + role.replace(f"role_arn = {ADMIN}\n", ""))
    vault.ok("configure", "admin", "--force")
    assert f"credential_process = {HELPER} admin\n" in vault.config.read_text()


def test_a_device_of_the_credentials_file_goes_with_a_role_of_the_config_file(stocked: Home) -> None:
    stocked.write(stocked.config, f"[profile admin]\nrole_arn = {ADMIN}\nsource_profile = prod\nmfa_serial = x\n")
    stocked.write(stocked.credentials, f"[admin]\nmfa_serial = {SERIAL}\nregion = eu-west-2\n")
    stocked.ok("configure", "admin", "--force")
    role = stocked.json("show", "admin")
    assert (role["mfa_serial"], role["region"]) == (SERIAL, "eu-west-2")
    assert "role_arn" not in stocked.config.read_text()
    stocked.ok("configure", "admin", "--remove", "--force")
    assert "mfa_serial = x\n" in stocked.config.read_text()


@pytest.mark.parametrize("file", ["config", "credentials"])
def test_a_role_that_import_passes_over_is_named_last(home: Home, keys: KeyMaker, file: str) -> None:
    prefix, name = ("profile ", '"my role"') if file == "config" else ("", "my role")
    path, key = getattr(home, file), plaintext(f"{prefix}base", keys())
    home.write(path, key + f"[{prefix}{name}]\nrole_arn = {ADMIN}\nsource_profile = base\n")
    result = home.ok("import", path, "--no-configure")
    last = [line for line in result.stderr.decode().splitlines() if "left out" in line]
    assert last and "'my role'" in last[-1] and f"({file}, line 5)" in last[-1], report(result)
    assert "sealring configure my-role --profile 'my role'" in last[-1], report(result)
