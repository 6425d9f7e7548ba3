"""What else stands where profiles are written: other files, other keys, other tools, and what is said of them."""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest

from support.home import HELPER, Home, lines, report
from support.keys import KeyMaker
from support.person import answers, person
from support.profiles import ADMIN, ADMIN_PROFILE, COMMAND, READ, block
from support.straces import strace
from support.users import AS_NOBODY

only_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
FOREIGN = "[profile prod]\ncredential_process = /opt/other get --x\nregion = x\n"
ENVIRONMENT = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "x"}


# What stands in the state directory.


def test_a_replaced_command_comes_back_though_the_state_directory_does_not_know_it(stocked: Home) -> None:
    stocked.write(stocked.config, FOREIGN)
    stocked.ok("configure", "prod", "--force")
    assert stocked.config.read_text() == (
        f"[profile prod]\n{COMMAND}\n# sealring replaced: credential_process = /opt/other get --x\nregion = x\n"
    )
    assert not [
        file
        for file in stocked.state.rglob("*")
        if file.is_file() and b"/opt/other".hex().encode() in file.read_bytes()
    ]
    stocked.ok("configure", "prod", "--remove", "--force")
    assert stocked.config.read_text() == FOREIGN


def test_a_command_planted_in_the_state_directory_does_not_get_into_the_config(stocked: Home) -> None:
    stocked.write(stocked.config, "[profile prod]\nregion = x\n")
    stocked.ok("configure", "prod", "--force")
    record = next(file for file in (stocked.state / "profiles").iterdir() if file.is_file() and file.stat().st_size)
    ours, command = COMMAND.encode().hex(), COMMAND.split(" = ")[1].encode().hex()
    text = record.read_text()
    assert f"inserted credential_process - {ours}" in text
    evil = b"/tmp/evil".hex()
    record.write_text(
        text.replace(f"inserted credential_process - {ours}", f"replaced credential_process {evil} {command}")
    )
    result = stocked.ok("configure", "prod", "--remove", "--force")
    assert any("removed only the credential_process line" in line for line in lines(result, "warning")), report(result)
    assert stocked.config.read_text() == "[profile prod]\nregion = x\n"


# Keys that win over the vault.


@pytest.mark.parametrize("answer", ["force", "y", "n", "nobody to ask"])
def test_a_key_that_was_imported_and_still_wins_is_told_and_offered_to_be_removed(
    home: Home, keys: KeyMaker, answer: str
) -> None:
    content = block("one", keys())
    home.write(home.credentials, content)
    command = ("import", home.credentials, "--configure")
    wins = "has a plaintext key under 'one', which most SDKs use instead of the vault"
    if answer in ("y", "n"):
        asked = person(home, *command)
        assert answers(asked, "The vault holds this key as 'one'. Remove it from", answer.encode()) == 0
        said = asked.shown.getvalue().decode()
    else:
        result = home.ok(*command, *(["--force"] if answer == "force" else []))
        said = result.stderr.decode()
        assert ("sealring import" in "\n".join(lines(result, "hint"))) == (answer != "force"), report(result)
    assert wins in said.replace("\r\n", "\n")
    assert home.credentials.read_text() == ("" if answer in ("force", "y") else content)
    assert ("still holds plaintext keys" in said) == (answer not in ("force", "y"))
    assert f"{HELPER} one" in home.config.read_text()


@pytest.mark.parametrize("more", [["--force"], ["--configure", "--delete-source"]])
def test_keys_in_the_config_itself_make_room_for_the_profile(home: Home, keys: KeyMaker, more: list[str]) -> None:
    key = keys()
    home.write(home.config, "[default]\noutput = json\n" + block("profile eb", key) + "region = eu-west-1\n")
    result = home.ok("import", home.config, *more)
    assert home.config.read_text() == (
        f"[default]\noutput = json\n[profile eb]\nregion = eu-west-1\ncredential_process = {HELPER} eb\n"
    )
    assert home.entries()["eb"]["secret_access_key"] == key.secret
    assert "still holds" not in result.stderr.decode(), report(result)
    other = keys()
    home.write(home.config, block("profile more", other))
    home.fails(73, "configure", "eb", "--profile", "more", says="plaintext access key", hints="sealring import")
    home.ok("configure", "eb", "--profile", "more", "--force")
    assert home.entries()["more-credentials"]["secret_access_key"] == other.secret


@pytest.mark.parametrize("command", ["import", "configure", "unlock", "role"])
def test_keys_in_the_environment_are_named_where_they_win(stocked: Home, keys: KeyMaker, command: str) -> None:
    stocked.write(stocked.config, ADMIN_PROFILE + "source_profile = prod\n")
    words: dict[str, list[str | Path]] = {
        "import": ["import", stocked.csv(keys()), "--name", "new", "--configure"],
        "unlock": ["unlock"],
        "configure": ["configure", "prod", "--force"],
        "role": ["configure", "admin", "--force"],
    }
    result = stocked.ok(*words[command], env=ENVIRONMENT)
    assert lines(result, "warning") == [
        "sealring: warning: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are set: "
        "most SDKs use them instead of the vault, even with AWS_PROFILE"
    ], report(result)
    assert "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY" in lines(result, "hint")[0]


def test_status_names_keys_in_the_environment(stocked: Home) -> None:
    said = {
        len(env): stocked.ok("status", env=env).stdout.decode().count("environment")
        for env in (ENVIRONMENT, {"AWS_SESSION_TOKEN": "x", "AWS_ACCESS_KEY_ID": "", "AWS_REGION": "x"})
    }
    assert said == {2: 1, 3: 0}


# Other places.


@only_root
def test_a_config_in_a_store_shows_the_lines_to_paste(nobodys: Home) -> None:
    store = Path(tempfile.mkdtemp(prefix="sealring-store-"))
    store.chmod(0o1775)
    managed = store / "hash-config"
    managed.write_text(f"[default]\n[profile mine]\n{COMMAND}\n")
    managed.chmod(0o444)
    nobodys.config.parent.mkdir(mode=0o700)
    nobodys.config.symlink_to(managed)
    os.chown(nobodys.config.parent, 65534, 65534)
    os.chown(nobodys.config, 65534, 65534, follow_symlinks=False)
    program = nobodys.root.parent / "bin" / "sealring"
    before = nobodys.snapshot(store)

    def run(*words: str) -> tuple[int, str, str]:
        result = nobodys(*words, program=program, under=AS_NOBODY, cwd="/")
        return result.returncode, result.stdout.decode(), result.stderr.decode()

    helper = program.with_name("sealring-credential-process")
    code, out, said = run("configure", "prod", "--dry-run")
    assert (code, out) == (0, f"[profile prod]\ncredential_process = {helper} prod\n"), said
    assert f"another tool manages {nobodys.config}" in said
    for words in (("configure", "prod", "--force"), ("configure", "prod")):
        code, out, said = run(*words)
        assert (code, out) == (77, ""), said
        assert f"{nobodys.config} leads to {managed}" in said and "another tool manages it" in said
        assert "'sealring configure prod --dry-run'" in said
    assert nobodys.snapshot(store) == before
    assert json.loads(run("list", "--json")[1])["entries"][0]["profiles"] == ["mine"]
    shutil.rmtree(store)


def test_the_credentials_file_gets_a_profile_for_clients_that_read_nothing_else(stocked: Home) -> None:
    before = "[other]\nregion = x"
    stocked.write(stocked.credentials, before, mode=0o640)
    stocked.ok("configure", "prod", "--credentials-file", "--force")
    assert stocked.credentials.read_text() == f"{before}\n\n[prod]\n{COMMAND}\n"
    assert stocked.credentials.stat().st_mode & 0o7777 == 0o640
    assert not stocked.config.exists()
    result = stocked("-c", READ, "prod", program=Path(sys.executable), passphrase=None)
    assert json.loads(result.stdout)[0] == COMMAND.split(" = ")[1]
    # It is ours: listed, no rival of the profile in the config, and one that is when it names another entry.
    assert stocked.listed()["prod"]["profiles"] == ["prod"]
    assert lines(stocked.ok("configure", "prod", "--force"), "warning") == []
    assert stocked.listed()["prod"]["profiles"] == ["prod"]
    stocked.ok("role", "add", "admin", "--role-arn", ADMIN, "--source", "prod", "--no-configure")
    result = stocked.ok("configure", "admin", "--profile", "prod", "--force")
    assert "has credential_process under 'prod' (line 5)" in lines(result, "warning")[0], report(result)
    result = stocked.ok("remove", "prod", "admin", "--force")
    assert "--profile prod --credentials-file --remove" in "\n".join(lines(result, "hint")), report(result)
    stocked.ok("configure", "prod", "--credentials-file", "--remove", "--force")
    assert stocked.credentials.read_text() == before


def test_each_file_knows_what_is_in_the_other(stocked: Home) -> None:
    stocked.ok("configure", "prod", "--credentials-file", "--force")
    stocked.fails(66, "configure", "prod", "--remove", "--force", says=".aws/config", hints="add --credentials-file")
    stocked.ok("configure", "prod", "--credentials-file", "--remove", "--force")
    assert not stocked.credentials.exists()
    stocked.ok("configure", "prod", "--force")
    stocked.fails(
        66, "configure", "prod", "--remove", "--credentials-file", "--force", hints="remove --credentials-file"
    )
    stocked.fails(64, "configure", "prod", "--credentials-file", "--region", "eu-west-1", says="--credentials-file")


def test_a_plaintext_key_makes_room_in_the_credentials_file(stocked: Home) -> None:
    content = block("prod", stocked.key) + "region = x\n"
    stocked.write(stocked.credentials, content)
    stocked.fails(73, "configure", "prod", "--credentials-file", says="plaintext access key", hints="sealring import")
    assert stocked.credentials.read_text() == content
    stocked.ok("configure", "prod", "--credentials-file", "--force")
    assert stocked.credentials.read_text() == f"[prod]\nregion = x\n{COMMAND}\n"


@pytest.mark.parametrize(("profile", "character"), [("a.b", "."), ("x@y", "@"), ("a-b_c", "")])
def test_a_name_that_some_clients_do_not_read_is_told(stocked: Home, profile: str, character: str) -> None:
    result = stocked.ok("configure", "prod", "--profile", profile, "--force")
    assert [f"'{character}'" in line and "mountpoint-s3" in line for line in lines(result, "warning")] == [True] * bool(
        character
    )


def test_what_the_disk_did_not_take_is_not_put_in_place(stocked: Home) -> None:
    """A write that says that it was done, and was not: what is read back differs."""
    before = "[default]\nregion = x\n"
    stocked.write(stocked.config, before)
    result, calls = strace(stocked, "configure", "prod", "--force", options=["-e", "trace=write", "-s", "64"])
    assert result.returncode == 0, report(result)
    writes = [call for call in calls if call.name == "write"]
    number = next(at for at, call in enumerate(writes, 1) if '"[default]' in call.arguments)
    stocked.ok("configure", "prod", "--remove", "--force")
    lie = f"inject=write:retval={writes[number - 1].result}:when={number}"
    result, _ = strace(stocked, "configure", "prod", "--force", options=["-e", "trace=write", "-e", lie])
    assert result.returncode == 74 and "does not read back as it was written" in lines(result, "error")[0], report(
        result
    )
    assert stocked.config.read_text() == before
    assert [file.name for file in stocked.config.parent.iterdir()] == ["config"]
