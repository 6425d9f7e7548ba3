"""Where a passphrase may come from, in which order, and what a child of the program gets to see."""
from __future__ import annotations

import os
from pathlib import Path

import pytest

from home import Home, report

# What stands on the command line beats the environment.
ORDER = ["option file", "option command", "file", "command", "systemd"]


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_the_first_source_that_is_there_is_taken(stocked: Home, first: int) -> None:
    """The right passphrase in one, wrong ones in all that come after."""
    wrong, credentials = stocked.new_passphrase("wrong"), stocked.outside / "credentials"
    options: list[str | Path] = []
    env: dict[str, str] = {}
    for at, source in reversed(list(enumerate(ORDER))):
        if at < first:
            continue
        file = stocked.passphrase_file if at == first else wrong
        if source == "systemd":
            stocked.write("credentials/sealring-passphrase", file.read_bytes(), mode=0o440)
            env["CREDENTIALS_DIRECTORY"] = str(credentials)
        elif source == "command":
            env["SEALRING_PASSPHRASE_COMMAND"] = f"cat {file}"
        elif source == "option command":
            options += ["--passphrase-command", f"cat {file}"]
        elif source == "file":
            env["SEALRING_PASSPHRASE_FILE"] = str(file)
        else:
            options += ["--passphrase-file", file]
    stocked.ok("list", *options, env=env, passphrase=None)


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_one_line_end_is_no_part_of_it(stocked: Home, ending: bytes) -> None:
    stocked.ok("list", passphrase=stocked.write("p", stocked.passphrase + ending))


@pytest.mark.parametrize("ending", [b"\n\n", b" \n", b"\r", b"\0", b"\n\r"])
def test_all_else_is_part_of_it(stocked: Home, ending: bytes) -> None:
    stocked.fails(77, "list", says="wrong passphrase", passphrase=stocked.write("p", stocked.passphrase + ending))


def test_a_descriptor_is_a_file(stocked: Home) -> None:
    read_end, write_end = os.pipe()
    os.write(write_end, stocked.passphrase + b"\n")
    os.close(write_end)
    stocked.ok("list", "--passphrase-file", f"/dev/fd/{read_end}", passphrase=None, pass_fds=[read_end])
    os.close(read_end)
    stocked.fails(66, "list", "--passphrase-file", "/dev/fd/99", passphrase=None, says="99")


def test_global_options_stand_before_the_command_too(stocked: Home) -> None:
    stocked.ok("--passphrase-file", stocked.passphrase_file, "--vault", stocked.vault, "list", passphrase=None)


@pytest.mark.parametrize("command, code", [("exit 3", 77), ("kill -9 $$", 77), ("/nonexistent/program", 77),
                                           ("true", 65), ("head -c 2000000 /dev/zero", 65)])
def test_a_command_that_fails_is_told(stocked: Home, command: str, code: int) -> None:
    before = stocked.snapshot()
    stocked.fails(code, "list", "--passphrase-command", command, passphrase=None, timeout=20)
    assert stocked.snapshot() == before


def test_the_environment_of_the_command_is_free_of_ours(stocked: Home) -> None:
    log = stocked.root.parent / "log"
    command = f"{{ env; ls -l /proc/$$/fd; }} > {log}; cat {stocked.passphrase_file}"
    result = stocked.ok("list", passphrase=None, env={"SEALRING_PASSPHRASE_COMMAND": command, "KEPT": "yes"})
    seen = log.read_text()
    assert "KEPT=yes" in seen and "SEALRING_" not in seen, report(result)
    assert "vault" not in seen, "no file of ours is open in it"


@pytest.mark.parametrize("variable", ["SEALRING_PASSPHRASE", "SEALRING_SECRET"])
def test_a_passphrase_is_never_an_environment_value(stocked: Home, variable: str) -> None:
    env = {variable: stocked.passphrase.decode()}
    stocked.fails(77, "list", passphrase=None, env=env, holds_secret=True, hints="--passphrase-file")
