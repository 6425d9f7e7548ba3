"""Edits of ~/.aws/config: our lines and nothing else, taken back to the byte."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from support.home import PROGRAM, Home, lines, report
from support.profiles import COMMAND, READ

# Files as people have them; each is edited, and must come back to the byte.
FILES = {
    "nothing in it": b"",
    "a comment alone": b"# mine\n",
    "blank lines": b"\n\n\n",
    "another profile": b"[profile dev]\nregion = eu-west-1\n",
    "no final newline": b"[profile dev]\nregion = eu-west-1",
    "CRLF": b"[profile dev]\r\nregion = eu-west-1\r\n\r\n; end\r\n",
    "CRLF, no final newline": b"[default]\r\nregion = eu-west-1",
    "a nested block": b"[profile dev]\ns3 =\n  max_concurrent_requests = 20\n  signature_version = s3v4\nregion=x\n",
    "a nested block at the end": b"[default]\ns3 =\n    use_accelerate_endpoint = true",
    "unknown sections": b"[plugins]\ncli_legacy_plugin_path = /x\n[services local]\ns3 =\n  endpoint_url = http://x\n",
    "odd spacing": b"[profile dev]\n   region    =   eu-west-1   \n\t\n[default]\noutput=json  # not a comment\n",
    "the profile, with a region": b"[profile prod]\nregion = eu-west-1\n# after\n[profile z]\nregion = x\n",
    "the profile, empty": b"[profile a]\nregion = x\n[profile prod]\n[profile z]\nregion = x\n",
    "the profile, with a nested block": b"[profile prod]\ns3 =\n  max_queue_size = 3\n\n\n[profile z]\nregion = x\n",
    "the profile at the end, no newline": b"[profile prod]\noutput = json",
}


def configure(home: Home, *more: str) -> None:
    home.ok("configure", "prod", "--force", *more)


def parsed(home: Home, profile: str = "prod") -> list[object]:
    """What botocore makes of the file."""
    result = home("-c", READ, profile, program=Path(sys.executable), passphrase=None)
    assert result.returncode == 0, report(result)
    return json.loads(result.stdout)


@pytest.mark.parametrize("name", FILES)
def test_an_edit_leaves_every_other_byte_alone_and_can_be_taken_back(stocked: Home, name: str) -> None:
    before = FILES[name]
    stocked.write(stocked.config, before, mode=0o640)
    configure(stocked)
    after = stocked.config.read_bytes()
    assert COMMAND.encode() in after
    kept = [line.rstrip(b"\r\n") for line in before.splitlines(keepends=True)]
    rest = iter([line.rstrip(b"\r\n") for line in after.splitlines(keepends=True)])
    assert all(line in rest for line in kept), "every line is still there, in its order"
    if b"\r\n" in before:
        assert after.count(b"\n") == after.count(b"\r\n")
    assert stocked.config.stat().st_mode & 0o7777 == 0o640
    configure(stocked, "--remove")
    assert stocked.config.read_bytes() == before
    assert stocked.config.stat().st_mode & 0o7777 == 0o640
    assert sorted(path.name for path in stocked.config.parent.iterdir()) == ["config"]


@pytest.mark.parametrize("name", FILES)
def test_botocore_reads_what_was_written(stocked: Home, name: str) -> None:
    stocked.write(stocked.config, FILES[name])
    others = parsed(stocked, "default")[2] if b"[default]" in FILES[name] else None
    configure(stocked)
    command, _, profiles = parsed(stocked)
    assert command == COMMAND.split(" = ")[1]
    if isinstance(others, dict) and isinstance(profiles, dict):
        assert {name: profiles[name] for name in others} == others


def test_region_and_output_are_written_and_taken_back(stocked: Home) -> None:
    before = b"[profile prod]\nregion = us-east-1\n"
    stocked.write(stocked.config, before)
    configure(stocked, "--region", "eu-west-3", "--output", "table")
    assert parsed(stocked)[1] == "eu-west-3"
    assert b"output = table\n" in stocked.config.read_bytes()
    configure(stocked, "--remove")
    assert stocked.config.read_bytes() == before


def test_a_file_that_was_not_there_is_not_there_again(stocked: Home) -> None:
    configure(stocked)
    assert stocked.config.read_text() == f"[profile prod]\n{COMMAND}\n"
    assert stocked.config.stat().st_mode & 0o7777 == 0o600
    configure(stocked, "--remove")
    assert not stocked.config.exists()


def test_the_default_profile_has_a_header_of_its_own(stocked: Home) -> None:
    configure(stocked, "--profile", "default")
    assert stocked.config.read_text().startswith("[default]\n")
    assert parsed(stocked, "default")[0] == COMMAND.split(" = ")[1]


def test_the_same_again_changes_nothing(stocked: Home) -> None:
    configure(stocked)
    before = stocked.config.stat()
    configure(stocked)
    assert stocked.config.stat().st_mtime_ns == before.st_mtime_ns


def test_what_was_changed_since_stays_changed(stocked: Home) -> None:
    stocked.write(stocked.config, "[profile a]\nregion = x\n")
    configure(stocked)
    stocked.config.write_bytes(b"# new\n" + stocked.config.read_bytes() + b"[profile b]\nregion = y\n")
    configure(stocked, "--remove")
    assert stocked.config.read_bytes() == b"# new\n[profile a]\nregion = x\n[profile b]\nregion = y\n"


def test_a_dry_run_shows_the_change_and_makes_none(stocked: Home) -> None:
    stocked.write(stocked.config, FILES["another profile"])
    before = stocked.snapshot()
    result = stocked.ok("configure", "prod", "--dry-run")
    assert stocked.snapshot() == before
    shown = (result.stdout + result.stderr).decode().splitlines()
    assert "+[profile prod]" in [line.replace("+ ", "+") for line in shown], report(result)
    assert any(line.startswith("+") and COMMAND in line for line in shown), report(result)


def test_without_a_terminal_the_question_is_an_error(stocked: Home) -> None:
    stocked.write(stocked.config, FILES["another profile"])
    before = stocked.snapshot()
    stocked.fails(64, "configure", "prod", hints="--yes")
    assert stocked.snapshot() == before


def test_a_link_stays_a_link_and_its_target_is_edited(stocked: Home) -> None:
    """People keep the file in a repository of their dotfiles."""
    target = stocked.write("dotfiles/aws-config", FILES["a nested block"], mode=0o644)
    stocked.config.parent.mkdir(mode=0o700, exist_ok=True)
    middle = stocked.path / "middle"
    middle.symlink_to("../outside/dotfiles/aws-config")
    stocked.config.symlink_to(middle)
    configure(stocked)
    assert os.readlink(stocked.config) == str(middle)
    assert os.readlink(middle) == "../outside/dotfiles/aws-config"
    assert COMMAND.encode() in target.read_bytes()
    assert target.stat().st_mode & 0o7777 == 0o644
    configure(stocked, "--remove")
    assert target.read_bytes() == FILES["a nested block"]
    assert sorted(path.name for path in target.parent.iterdir()) == ["aws-config"]


def test_a_link_to_nothing_is_refused(stocked: Home) -> None:
    stocked.config.parent.mkdir(mode=0o700, exist_ok=True)
    stocked.config.symlink_to("/nonexistent/config")
    result = stocked("configure", "prod", "--force")
    assert result.returncode not in (0, -6), report(result)
    assert b"/nonexistent/config" in result.stderr
    assert stocked.config.is_symlink()


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (b"[profile prod\nregion = x\n", "line 1: the section header has no closing bracket"),
        (b"[profile a]\nregion\n", "line 2 is not a section, a setting or a comment"),
        (b"[profile a]\nx = 1\n[profile a]\ny = 2\n", "line 3 repeats the section [profile a] of line 1"),
        (b"x = 1\n[profile a]\nx = 2\n", "line 1 comes before the first section"),
        (b"# caf\xe9\n[profile dev]\nregion = x\n", "line 1 is not valid UTF-8"),
        (b"\xef\xbb\xbf[profile a]\nregion = x\n", "byte order mark"),
    ],
)
def test_a_file_that_the_cli_cannot_read_is_not_edited(stocked: Home, broken: bytes, reason: str) -> None:
    """The profile would be written and no client would find it."""
    stocked.write(stocked.config, broken)
    before = stocked.snapshot()
    stocked.fails(65, "configure", "prod", "--force", says=reason, hints="fix the file")
    assert stocked.snapshot() == before


@pytest.mark.parametrize(
    "other",
    [
        "role_arn = arn:aws:iam::1:role/x",
        "sso_session = x",
        "source_profile = a",
        "aws_access_key_id = AKIAIOSFODNN7EXAMPLE",
        "credential_process = /bin/other x",
    ],
)
def test_a_profile_with_another_source_of_keys_is_refused(stocked: Home, other: str) -> None:
    stocked.write(stocked.config, f"[profile prod]\n{other}\n")
    before = stocked.snapshot()
    result = stocked("configure", "prod")
    assert result.returncode not in (0, 64, -6), report(result)
    assert b"prod" in result.stderr and b"hint" in result.stderr, report(result)
    assert stocked.snapshot() == before


def test_a_vault_at_another_place_is_refused(stocked: Home) -> None:
    """The helper knows the default vault only."""
    other = stocked.path / "other-vault"
    other.write_bytes(stocked.vault.read_bytes())
    other.chmod(0o600)
    stocked.fails(64, "configure", "--vault", other, "prod", "--force", says="vault")
    assert not stocked.config.exists()


def test_an_unknown_entry_is_not_configured(stocked: Home) -> None:
    stocked.fails(66, "configure", "staging", "--force", says="staging")
    assert not stocked.config.exists()


def test_the_config_may_lie_elsewhere(stocked: Home) -> None:
    elsewhere = stocked.outside / "aws-config"
    stocked.ok("configure", "prod", "--force", env={"AWS_CONFIG_FILE": str(elsewhere)})
    assert COMMAND in elsewhere.read_text()
    assert not stocked.config.exists()


def test_entries_know_their_profiles(stocked: Home) -> None:
    configure(stocked)
    configure(stocked, "--profile", "second")
    assert sorted(stocked.listed()["prod"]["profiles"]) == ["prod", "second"]


def test_a_program_in_a_directory_with_a_space_names_the_links_to_make(stocked: Home) -> None:
    folder = stocked.outside / "my programs"
    folder.mkdir()
    for name in ("sealring", "sealring-credential-process", "sealring-agent"):
        (folder / name).symlink_to(PROGRAM.parent / name)
    result = stocked.fails(64, "configure", "prod", "--force", program=folder / "sealring", says="a space")
    programs = f"'{folder}/sealring' '{folder}/sealring-credential-process'"
    assert f"ln -s {programs} /usr/local/bin/" in "\n".join(lines(result, "hint")), report(result)
