"""`exec`: a program that gets its credentials from one entry, finds no others, and is otherwise as it was started."""

from __future__ import annotations

import configparser
import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.home import HELPER, PROGRAM, Home, report

EVERY_SOURCE = {
    "AWS_ACCESS_KEY_ID": "AKIAINHERITED0000000",
    "AWS_SECRET_ACCESS_KEY": "inherited",
    "AWS_SESSION_TOKEN": "inherited",
    "AWS_PROFILE": "inherited",
    "AWS_DEFAULT_PROFILE": "inherited",
    "AWS_ROLE_ARN": "inherited",
    "AWS_WEB_IDENTITY_TOKEN_FILE": "inherited",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://inherited",
    "AWS_BEARER_TOKEN_BEDROCK": "inherited",
    "SEALRING_PROMPT": "tty",
}
SHOW = "import json, os, sys; json.dump(dict(os.environ), sys.stdout)"


def environment(home: Home, *options: str, **more: str) -> dict[str, str]:
    words = ("exec", *options, "prod", "--", sys.executable, "-c", SHOW)
    return json.loads(home.ok(*words, passphrase=None, env=more).stdout)


def test_no_secret_and_no_other_source_is_in_the_environment(unlocked: Home) -> None:
    found = environment(unlocked, **EVERY_SOURCE)
    assert "inherited" not in json.dumps(found) and unlocked.key.secret not in json.dumps(found)
    ours = {name for name in found if name.startswith(("AWS_", "SEALRING_"))}
    assert ours == {
        "AWS_PROFILE",
        "AWS_CONFIG_FILE",
        "AWS_SHARED_CREDENTIALS_FILE",
        "AWS_SDK_LOAD_CONFIG",
        "SEALRING_ENTRY",
    }
    assert found["AWS_PROFILE"] == found["SEALRING_ENTRY"] == "prod"


def test_the_files_are_private_and_lead_to_the_entry(unlocked: Home) -> None:
    unlocked.config.parent.mkdir()
    unlocked.config.write_text(
        "[default]\nregion = eu-west-3\naws_secret_access_key = plain\n"
        "[profile prod]\nrole_arn = x\nsource_profile = y\nregion = eu-west-1\n"
    )
    found = environment(unlocked)
    config, credentials = Path(found["AWS_CONFIG_FILE"]), Path(found["AWS_SHARED_CREDENTIALS_FILE"])
    assert config.parent == credentials.parent and config.parent.stat().st_mode & 0o777 == 0o700
    assert config.stat().st_mode & 0o777 == credentials.stat().st_mode & 0o777 == 0o600
    read = configparser.RawConfigParser()
    read.read([config])
    assert dict(read["profile prod"]) == {"credential_process": f"{HELPER} prod", "region": "eu-west-1"}
    assert dict(read["default"]) == {"region": "eu-west-3"}
    assert credentials.read_text() == f"[prod]\ncredential_process = {HELPER} prod\n"
    # The next program has the same files, and they are not written again.
    written = config.stat().st_mtime_ns, config.stat().st_ino
    assert environment(unlocked)["AWS_CONFIG_FILE"] == str(config)
    assert written == (config.stat().st_mtime_ns, config.stat().st_ino)
    unlocked.config.write_text("[default]\nregion = eu-west-2\n")
    assert environment(unlocked)["AWS_CONFIG_FILE"] != str(config)


def test_a_config_file_that_nobody_can_read_is_left_out(unlocked: Home) -> None:
    unlocked.config.parent.mkdir()
    unlocked.config.write_text("region = eu-west-3\n[default]\n")
    result = unlocked("exec", "prod", "--", sys.executable, "-c", SHOW, passphrase=None)
    assert result.returncode == 0 and b"is left out" in result.stderr, report(result)
    assert "region" not in Path(json.loads(result.stdout)["AWS_CONFIG_FILE"]).read_text()


def test_the_region_is_the_entrys_unless_one_is_set(unlocked: Home) -> None:
    unlocked.ok("set", "prod", "--region", "eu-central-1", passphrase=None)
    assert environment(unlocked)["AWS_REGION"] == environment(unlocked)["AWS_DEFAULT_REGION"] == "eu-central-1"
    own = environment(unlocked, AWS_REGION="us-west-2")
    assert own["AWS_REGION"] == own["AWS_DEFAULT_REGION"] == "us-west-2", "some clients read only one of them"
    both = environment(unlocked, AWS_REGION="us-west-2", AWS_DEFAULT_REGION="us-west-1")
    assert (both["AWS_REGION"], both["AWS_DEFAULT_REGION"]) == ("us-west-2", "us-west-1")
    assert environment(unlocked, AWS_DEFAULT_REGION="")["AWS_DEFAULT_REGION"] == "eu-central-1"


def test_botocore_and_the_cli_get_the_key_from_there(unlocked: Home) -> None:
    code = "import botocore.session; s = botocore.session.Session(); c = s.get_credentials(); print(c.method, c.access_key)"
    words = ("exec", "prod", "--", sys.executable, "-c", code)
    result = unlocked.ok(*words, passphrase=None, env=EVERY_SOURCE)
    assert result.stdout.split() == [b"custom-process", unlocked.key.id.encode()]
    listed = unlocked.ok("exec", "prod", "--", "aws", "configure", "list", passphrase=None, env=EVERY_SOURCE)
    assert listed.stdout.count(b"custom-process") == 2


def test_an_exec_within_another_one_wins(unlocked: Home) -> None:
    secret = unlocked.write("second.secret", "s" * 40)
    unlocked.ok("add", "second", "--access-key-id", "AKIASECOND0000000000", "--secret-file", secret, passphrase=None)
    words = ("exec", "prod", "--", PROGRAM, "exec", "second", "--", sys.executable, "-c", SHOW)
    found = json.loads(unlocked.ok(*words, passphrase=None).stdout)
    assert found["AWS_PROFILE"] == "second" and "second" in Path(found["AWS_CONFIG_FILE"]).read_text()


@pytest.mark.parametrize(
    "command, code", [(["sh", "-c", "exit 7"], 7), (["no-such-program"], 127), (["/etc/passwd"], 126), (["/"], 126)]
)
def test_the_exit_status_is_the_programs_or_says_that_there_is_none(
    unlocked: Home, command: list[str], code: int
) -> None:
    result = unlocked("exec", "prod", "--", *command, passphrase=None)
    assert result.returncode == code, report(result)
    assert (b"sealring: error" in result.stderr) == (code >= 126), report(result)


def test_the_program_is_as_if_it_had_been_started_itself(unlocked: Home) -> None:
    """Its file mask, its limits and its signals are those that we were started with, and so are its process and stdin."""
    script = "umask; ulimit -Sc; ulimit -Hc; ulimit -Sl; grep -E 'SigIgn|SigBlk|NoNewPrivs' /proc/self/status; cat"
    start = ["sh", "-c", "trap '' QUIT PIPE SEGV; umask 022; ulimit -Sc 0; ulimit -Sl 64; exec \"$@\"", "sh"]
    expected = subprocess.run([*start, "sh", "-c", script], input=b"x", capture_output=True, env=unlocked.env).stdout
    result = unlocked.ok("exec", "prod", "--", "sh", "-c", script, under=start, input=b"x", passphrase=None)
    assert result.stdout == expected and expected.endswith(b"x")


def test_a_signal_ends_the_program_itself(unlocked: Home) -> None:
    process = subprocess.Popen(
        [PROGRAM, "exec", "prod", "--", "sh", "-c", "echo $$; exec sleep 60"], stdout=subprocess.PIPE, env=unlocked.env
    )
    assert process.stdout is not None
    assert int(process.stdout.readline()) == process.pid
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == -signal.SIGTERM
    process.stdout.close()


def test_a_broken_pipe_ends_the_program_as_everywhere(unlocked: Home) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    # Python ignores the signal, and with it what it starts, unless it is told otherwise.
    command = [PROGRAM, "exec", "prod", "--", "sh", "-c", "trap - PIPE; echo x; exit 9"]
    process = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, env=unlocked.env, restore_signals=True)
    os.close(writing)
    assert process.returncode == -signal.SIGPIPE


def test_a_locked_vault_is_an_error_without_a_terminal_and_unlocked_with_a_passphrase(stocked: Home) -> None:
    locked = stocked("exec", "prod", "--", "true", passphrase=None)
    assert locked.returncode == 77 and b"sealring unlock" in locked.stderr, report(locked)
    stocked.ok("exec", "prod", "--", "true")
    assert stocked.helper().returncode == 0, "it stays unlocked"


@pytest.mark.parametrize(
    "words, code",
    [(("nobody", "--", "true"), 66), (("prod", "true"), 64), ((), 64), (("--no-agent", "prod", "--", "true"), 64)],
)
def test_what_is_wrong_is_said_before_anything_is_started(unlocked: Home, words: tuple[str, ...], code: int) -> None:
    result = unlocked("exec", *words, passphrase=None)
    assert result.returncode == code and b"sealring: error" in result.stderr, report(result)


def test_a_program_without_the_two_dashes_is_shown_with_them(unlocked: Home) -> None:
    result = unlocked("exec", "prod", "aws", "s3", "ls", passphrase=None)
    assert result.returncode == 64 and b"missing '--'" in result.stderr, report(result)
    assert b"sealring exec prod -- aws s3 ls" in result.stderr, report(result)


def test_without_a_program_it_is_the_users_shell(unlocked: Home) -> None:
    shell = unlocked.write("shell", "#!/bin/sh\necho shell $SEALRING_ENTRY\n", mode=0o700)
    result = unlocked.ok("exec", "prod", passphrase=None, env={"SHELL": str(shell)})
    assert result.stdout == b"shell prod\n"


def test_another_vault_is_told_to_the_program(stocked: Home) -> None:
    other = stocked.outside / "other"
    shutil.copy(stocked.vault, other)
    stocked.ok("unlock", "--vault", str(other))
    assert environment(stocked, "--vault", str(other), SEALRING_VAULT="/elsewhere")["SEALRING_VAULT"] == str(other)
    words = ("exec", "--vault", str(other), "prod", "--", HELPER, "prod")
    result = stocked.ok(*words, passphrase=None, shows_secret=True)
    assert stocked.key.secret.encode() in result.stdout


def test_a_vault_is_found_through_a_link_to_its_folder(unlocked: Home) -> None:
    link = unlocked.outside / "link"
    link.symlink_to(unlocked.data)
    words = ("exec", "--vault", str(link / "vault"), "prod", "--", HELPER, "prod")
    result = unlocked.ok(*words, passphrase=None, shows_secret=True)
    assert unlocked.key.secret.encode() in result.stdout
