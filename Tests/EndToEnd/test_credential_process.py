"""The contract of `credential_process`, as far as a client can see it."""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from calendar import timegm
from pathlib import Path
from typing import Any

import pytest

from support.home import PATIENCE, PROGRAM, Home, Run, report
from support.keys import KeyMaker
from support.straces import strace

OTHER = {"AWS_PROFILE": "other", "AWS_ACCESS_KEY_ID": "AKIAOTHER", "AWS_REGION": "other", "AWS_CONFIG_FILE": "/other"}


def ask(home: Home, name: str = "prod", **options: Any) -> Run:
    return home("credential-process", name, shows_secret=True, **options)


def refused(home: Home, code: int, says: str, *words: str, **options: Any) -> Run:
    """On failure: nothing on stdout, one line of text on stderr."""
    result = home("credential-process", *(words or ("prod",)), **options)
    assert result.returncode == code, report(result)
    assert result.stdout == b"", report(result)
    assert re.fullmatch(r"sealring: [^\x00-\x1f\x7f]+\n", result.stderr.decode()), report(result)
    assert says in result.stderr.decode(), report(result)
    return result


def seal(home: Home, keys: KeyMaker, name: str, **options: Any) -> Any:
    key = keys(**options)
    files = ["--secret-file", home.write(f"{name}.secret", key.secret)]
    if key.token:
        files += ["--session-token-file", home.write(f"{name}.token", key.token)]
    home.ok("add", name, "--access-key-id", key.id, *files)
    return key


def test_the_answer_is_one_compact_object_and_a_newline(stocked: Home) -> None:
    result = ask(stocked)
    key = stocked.key
    expected = {"Version": 1, "AccessKeyId": key.id, "SecretAccessKey": key.secret, "AccountId": "123456789012"}
    answer = json.loads(result.stdout)
    assert answer == expected
    assert result.stdout == json.dumps(answer, separators=(",", ":")).encode() + b"\n"
    assert result.stderr == b""
    assert result.returncode == 0


def test_no_key_is_there_twice(stocked: Home) -> None:
    pairs = json.loads(ask(stocked).stdout, object_pairs_hook=list)
    assert len({name for name, _ in pairs}) == len(pairs)


def test_a_session_token_is_part_of_the_answer(home: Home, keys: KeyMaker) -> None:
    key = seal(home, keys, "temp", prefix="ASIA", token=True)
    answer = home.answer("temp")
    assert answer["SessionToken"] == key.token
    assert "Expiration" not in answer


def test_the_answer_is_written_at_once_and_last(stocked: Home) -> None:
    result, calls = strace(
        stocked, "credential-process", "prod", options=["-e", "trace=write,writev,sendto,read"], shows_secret=True
    )
    writes = [call for call in calls if call.name != "read" and call.arguments.startswith(("1,", "2,"))]
    assert len(writes) == 1, writes
    assert writes[0].result == str(len(result.stdout))
    assert calls[-1] == writes[0], "nothing is read or written after the answer"


def test_standard_input_is_not_read(stocked: Home) -> None:
    read_end, write_end = os.pipe()
    os.write(write_end, b"the client's own data")
    _, calls = strace(
        stocked,
        "credential-process",
        "prod",
        options=["-e", "trace=read,readv,recvfrom,ioctl"],
        stdin=read_end,
        shows_secret=True,
    )
    os.close(write_end)
    assert not [call for call in calls if call.arguments.startswith("0,")]
    assert os.read(read_end, 100) == b"the client's own data"
    os.close(read_end)


@pytest.mark.parametrize("words", [("--bogus", "prod"), (), ("prod", "dev"), ("pro\x1b[31md",), ("",), ("x" * 5000,)])
def test_misuse_fails_in_one_line(stocked: Home, words: tuple[str, ...]) -> None:
    result = stocked("credential-process", *words)
    assert result.returncode in (64, 66), report(result)
    assert result.stdout == b""
    assert re.fullmatch(r"sealring: [^\x00-\x1f\x7f]+\n", result.stderr.decode()), report(result)
    assert len(result.stderr) < 1000


def test_an_unknown_name_fails_and_says_so(stocked: Home) -> None:
    refused(stocked, 66, "staging", "staging")


def test_a_wrong_passphrase_fails(stocked: Home) -> None:
    refused(stocked, 77, "wrong passphrase", passphrase=stocked.new_passphrase())


def test_a_missing_vault_fails(bare: Home) -> None:
    refused(bare, 66, "sealring init")


def test_a_damaged_vault_fails(stocked: Home) -> None:
    sealed = bytearray(stocked.vault.read_bytes())
    sealed[9000] ^= 1
    stocked.vault.write_bytes(sealed)
    refused(stocked, 65, "damaged")


def test_without_a_passphrase_it_fails_at_once_and_names_the_cure(stocked: Home) -> None:
    start = time.monotonic()
    result = refused(stocked, 77, "the vault is locked", passphrase=None)
    assert time.monotonic() - start < 2
    assert b"run 'sealring unlock', or set SEALRING_PASSPHRASE_FILE" in result.stderr
    stocked.vault.unlink()
    refused(stocked, 66, f"no vault at {stocked.vault}: run 'sealring init'", passphrase=None)


def test_it_never_asks_even_with_a_terminal(stocked: Home) -> None:
    """script(1) gives it a controlling terminal, where a prompt would appear."""
    command = f"{PROGRAM} credential-process prod; echo exit $?"
    result = stocked("-qc", command, "/dev/null", program=Path("/usr/bin/script"), passphrase=None, timeout=10)
    assert b"exit 77" in result.stdout
    assert b"assphrase:" not in result.stdout


def test_an_unlocked_agent_answers_unless_it_is_not_to(stocked: Home) -> None:
    stocked.unlock()
    assert json.loads(ask(stocked, passphrase=None).stdout)["SecretAccessKey"] == stocked.key.secret
    refused(stocked, 66, "no entry 'staging'", "staging", passphrase=None)
    refused(stocked, 77, "SEALRING_PASSPHRASE_FILE", "prod", "--no-agent", passphrase=None)
    assert ask(stocked).returncode == 0
    # A caller that brings the passphrase does not need the agent, whatever is wrong with it.
    stocked.end_agent()
    stocked.socket.parent.mkdir(mode=0o700, exist_ok=True)
    stocked.socket.write_bytes(b"")
    assert ask(stocked).returncode == 0
    refused(stocked, 77, "not a socket", "prod", passphrase=None)


def test_aws_variables_do_not_choose_the_entry(stocked: Home, keys: KeyMaker) -> None:
    seal(stocked, keys, "other")
    assert stocked.answer("prod", env=OTHER)["AccessKeyId"] == stocked.key.id


def test_a_closed_pipe_fails_without_noise(stocked: Home) -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    result = ask(stocked, stdout=write_end)
    os.close(write_end)
    assert result.returncode not in (0, -13), report(result)
    assert result.stderr == b"", report(result)


def test_a_full_disk_behind_stdout_fails(stocked: Home) -> None:
    with open("/dev/full", "wb") as full:
        result = ask(stocked, stdout=full)
    assert result.returncode == 74, report(result)


def test_a_closed_stdout_fails(stocked: Home) -> None:
    result = stocked("-c", '"$0" credential-process prod >&-', PROGRAM, program=Path("/bin/sh"))
    assert result.returncode == 74, report(result)


def test_the_largest_answer_is_under_eight_kibibytes(home: Home, keys: KeyMaker) -> None:
    token = b"t" * 6144
    key = keys("ASIA")
    secret, file = home.write("s", key.secret), home.write("t", token)
    home.ok("add", "big", "--access-key-id", key.id, "--secret-file", secret, "--session-token-file", file)
    answer = ask(home, "big")
    assert answer.returncode == 0, report(answer)
    assert len(answer.stdout) < 8192
    assert json.loads(answer.stdout)["SessionToken"] == token.decode()


@pytest.mark.parametrize("duration, seconds", [("1h", 3600), ("20m", 1200), ("12h", 43200)])
def test_an_exposure_gives_an_expiration(stocked: Home, duration: str, seconds: int) -> None:
    stocked.ok("set", "prod", "--expose-for", duration)
    before = int(time.time())
    expiration = stocked.answer("prod")["Expiration"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", expiration)
    moment = timegm(time.strptime(expiration, "%Y-%m-%dT%H:%M:%SZ"))
    assert before + seconds <= moment <= time.time() + seconds


def test_an_exposure_can_be_taken_back(stocked: Home) -> None:
    stocked.ok("set", "prod", "--expose-for", "1h")
    stocked.ok("set", "prod", "--expose-for", "")
    assert "Expiration" not in stocked.answer("prod")


@pytest.mark.parametrize("duration", ["1m", "14m", "13h", "-1h", "1", "h", "99999999999h", "1 h"])
def test_an_exposure_that_clients_would_not_bear_is_refused(stocked: Home, duration: str) -> None:
    stocked.fails(64, "set", "prod", f"--expose-for={duration}")


def test_the_time_of_temporary_credentials_is_told(home: Home, keys: KeyMaker) -> None:
    key = keys("ASIA", token=True)
    temporary = {
        "Version": 1,
        "AccessKeyId": key.id,
        "SecretAccessKey": key.secret,
        "SessionToken": key.token,
        "Expiration": "2099-12-31T23:59:59+00:00",
    }
    home.ok("import", home.write("new.json", json.dumps(temporary)), "--name", "new", "--no-configure")
    assert home.answer("new")["Expiration"] == "2099-12-31T23:59:59Z"


def test_a_rollback_is_answered_silently(stocked: Home) -> None:
    """Clients merge stderr into the answer: the warning is left to `list` and `status`."""
    older = stocked.vault.read_bytes()
    stocked.ok("set", "prod", "--note", "newer")
    stocked.vault.write_bytes(older)
    assert ask(stocked).stderr == b""
    assert b"sealring: warning:" in stocked.ok("list").stderr


def test_open_permissions_are_narrowed_silently(stocked: Home) -> None:
    stocked.vault.chmod(0o644)
    assert ask(stocked).stderr == b""
    assert stocked.vault.stat().st_mode & 0o7777 == 0o600


def test_an_unwritable_state_directory_does_not_keep_anyone_from_the_keys(stocked: Home) -> None:
    stocked.write("file", "")
    result = ask(stocked, env={"SEALRING_STATE_DIR": str(stocked.outside / "file")})
    assert (result.returncode, result.stderr) == (0, b""), report(result)


def test_it_ends_when_the_passphrase_command_does_not(stocked: Home) -> None:
    start = time.monotonic()
    refused(stocked, 75, "passphrase command", passphrase=None, env={"SEALRING_PASSPHRASE_COMMAND": "sleep 600"})
    assert time.monotonic() - start < PATIENCE / 2


def test_the_passphrase_command_is_silent_and_blind(stocked: Home) -> None:
    """It could write into what the client reads, or read what is meant for the client."""
    command = f"echo noise >&2; echo seen >&3; cat; cat {stocked.passphrase_file}"
    result = ask(stocked, passphrase=None, input=b"the client's own data", env={"SEALRING_PASSPHRASE_COMMAND": command})
    assert (result.returncode, result.stderr) == (0, b""), report(result)


def test_no_child_keeps_the_answer_open(stocked: Home) -> None:
    command = f"sleep 30 >&2 & cat {stocked.passphrase_file}"
    start = time.monotonic()
    process = subprocess.Popen(
        [PROGRAM, "credential-process", "prod"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        env=stocked.env | {"SEALRING_PASSPHRASE_COMMAND": command},
        start_new_session=True,
    )
    answer, _ = process.communicate(timeout=20)
    assert json.loads(answer)["AccessKeyId"] == stocked.key.id
    assert time.monotonic() - start < 10
    os.killpg(process.pid, 9)
