"""Files of other users, and directories that this user cannot write: root does not notice the latter."""

from __future__ import annotations

import os

import pytest

from support.home import Home, report
from support.keys import KeyMaker
from support.users import AS_NOBODY, NOBODY

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")


def run(home: Home, code: int, *command: str, **options: str) -> None:
    program = home.root.parent / "bin" / "sealring"
    home.fails(code, *command, program=program, under=AS_NOBODY, **options)


@only_root
def test_a_vault_of_somebody_else(stocked: Home) -> None:
    os.chown(stocked.vault, NOBODY, NOBODY)
    before = stocked.snapshot()
    for command in (("list",), ("set", "prod", "--note", "x")):
        stocked.fails(77, *command, says="belongs to another user", hints="sudo -H")
    assert stocked.snapshot() == before


@only_root
def test_a_passphrase_file_of_somebody_else(stocked: Home) -> None:
    os.chown(stocked.passphrase_file, NOBODY, NOBODY)
    stocked.fails(77, "list", says="belongs to another user")


@only_root
def test_a_directory_of_somebody_else(stocked: Home) -> None:
    os.chown(stocked.data, NOBODY, NOBODY)
    stocked.fails(77, "set", "prod", "--note", "x", says="belongs to another user")


@only_root
def test_a_user_without_rights_of_root_does_all_the_same(nobodys: Home) -> None:
    program = nobodys.root.parent / "bin" / "sealring"
    result = nobodys("set", "prod", "--note", "x", program=program, under=AS_NOBODY)
    assert result.returncode == 0, report(result)
    assert nobodys.entries()["prod"]["note"] == "x"


@only_root
def test_a_directory_that_may_not_be_written(nobodys: Home) -> None:
    nobodys.data.chmod(0o500)
    before = nobodys.snapshot()
    run(nobodys, 74, "set", "prod", "--note", "x", says="permission denied", hints="permissions")
    assert nobodys.snapshot() == before


@only_root
def test_an_import_whose_profile_cannot_be_written_keeps_the_source(nobodys: Home, keys: KeyMaker) -> None:
    key = keys()
    file = nobodys.csv(key, "new.csv")
    nobodys.write(nobodys.config, "[profile dev]\nregion = x\n")
    for path in (file, nobodys.config, nobodys.config.parent):
        os.chown(path, NOBODY, NOBODY)
    nobodys.config.parent.chmod(0o500)
    config = nobodys.config.read_bytes()
    run(
        nobodys,
        74,
        "import",
        "new.csv",
        "--name",
        "new",
        "--configure",
        "--delete-source",
        "--force",
        says=".aws",
        hints="permissions",
    )
    assert nobodys.config.read_bytes() == config
    assert file.exists(), "the job was not done: the source stays"


@only_root
def test_a_file_that_may_not_be_read(nobodys: Home) -> None:
    file = nobodys.write("closed.csv", "x")
    os.chown(file, 0, 0)
    run(nobodys, 77, "import", "closed.csv", "--name", "x", "--no-configure", says="closed.csv")
