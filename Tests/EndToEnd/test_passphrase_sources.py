"""Where a passphrase may come from, in which order, and what a child of the program gets to see."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from support import reference_vault
from support.home import CHEAPEST, Home, lines, report

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


@pytest.mark.parametrize("ending", [b" \n", b"\r", b"\0"])
def test_all_else_is_part_of_it(stocked: Home, ending: bytes) -> None:
    stocked.fails(77, "list", says="wrong passphrase", passphrase=stocked.write("p", stocked.passphrase + ending))


@pytest.mark.parametrize("source", ["file", "command"])
@pytest.mark.parametrize("form", [b"%s\nlogin: alice\nurl: https://example.com\n", b"\xef\xbb\xbf%s\r\n"])
def test_the_first_line_is_the_passphrase(stocked: Home, source: str, form: bytes) -> None:
    """An entry of `pass`, and a file that was written with Notepad."""
    file = stocked.write("entry", form.replace(b"%s", stocked.passphrase))
    options = (
        {"passphrase": file}
        if source == "file"
        else {"passphrase": None, "env": {"SEALRING_PASSPHRASE_COMMAND": f"cat {file}"}}
    )
    result = stocked("credential-process", "prod", shows_secret=True, **options)
    assert (result.returncode, result.stderr) == (0, b""), report(result)


def test_all_lines_are_tried_after_the_first(stocked: Home) -> None:
    """Vaults may have such a passphrase, of a version that took the text as a whole."""
    wrong = stocked.write("wrong", b"horse\nlogin: alice\n")
    stocked.fails(77, "list", says="(tried the first line, then the whole text)", passphrase=wrong)
    slot = reference_vault.Slot(secret=b"horse\nlogin: alice")
    other = stocked.write("other-vault", reference_vault.Vault(slots=[slot]).encoded())
    stocked.ok("list", "--vault", other, passphrase=wrong)


@pytest.mark.parametrize("source", ["file", "command"])
def test_a_new_passphrase_is_the_first_line_with_a_word(bare: Home, source: str) -> None:
    file = bare.write("entry", bare.passphrase + b"\nlogin: alice\n")
    options = (
        {"passphrase": file}
        if source == "file"
        else {"passphrase": None, "env": {"SEALRING_PASSPHRASE_COMMAND": f"cat {file}"}}
    )
    result = bare.ok("init", *CHEAPEST, "--no-recovery-code", **options)
    assert f"only the first line is the passphrase: the passphrase {source} has more" in lines(result, "warning")[0]
    bare.ok("list", "--no-agent")


@pytest.mark.parametrize("content", [b"\nhorse\n", b"ho\0rse\n", b"\x1b[A\n", b"\t\n"])
def test_a_new_passphrase_that_nobody_can_type_is_refused(bare: Home, content: bytes) -> None:
    file = bare.write("entry", content)
    bare.fails(65, "init", *CHEAPEST, "--no-recovery-code", says="new passphrase", passphrase=file)
    assert not bare.vault.exists()


def test_a_weak_passphrase_is_told_and_not_shown(bare: Home) -> None:
    result = bare.ok("init", *CHEAPEST, "--no-recovery-code", passphrase=bare.write("weak", "hunter2\n"))
    assert "passphrase is weak" in lines(result, "warning")[0] and b"hunter2" not in result.stderr
    stronger = bare.ok("passwd", "--new-passphrase-file", bare.passphrase_file, passphrase=bare.outside / "weak")
    assert not lines(stronger, "warning"), report(stronger)


@pytest.mark.parametrize("kind", ["open", "link", "other"])
def test_a_mounted_secret_has_a_way_that_works(stocked: Home, kind: str) -> None:
    """As Docker and Kubernetes mount them, where neither the mode nor the owner can be changed."""
    file = stocked.outside / kind
    if kind == "link":
        stocked.write("..data/p", stocked.passphrase)
        file.symlink_to("..data/p")
    else:
        stocked.write(kind, stocked.passphrase, mode=0o444 if kind == "open" else 0o440)
    if kind == "other":
        if os.geteuid() != 0:
            pytest.skip("only root can give files away")
        os.chown(file, 65534, 65534)
    hint = f'SEALRING_PASSPHRASE_COMMAND="cat {file}"'
    stocked.fails(77, "list", passphrase=file, hints=hint)
    stocked.ok("list", passphrase=None, env={"SEALRING_PASSPHRASE_COMMAND": f"cat {file}"})


@pytest.mark.parametrize("name", ["-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"])
def test_the_input_of_an_aws_client_is_no_passphrase(stocked: Home, name: str) -> None:
    """It belongs to what the client itself reads, such as `aws s3 cp -`."""
    result = stocked("credential-process", "prod", passphrase=Path(name), input=stocked.passphrase + b"\n")
    assert (result.returncode, result.stdout) == (64, b""), report(result)
    assert b"the passphrase cannot come from stdin" in result.stderr


def test_a_descriptor_is_a_file(stocked: Home) -> None:
    read_end, write_end = os.pipe()
    os.write(write_end, stocked.passphrase + b"\n")
    os.close(write_end)
    stocked.ok("list", "--passphrase-file", f"/dev/fd/{read_end}", passphrase=None, pass_fds=[read_end])
    os.close(read_end)
    stocked.fails(66, "list", "--passphrase-file", "/dev/fd/99", passphrase=None, says="99")


def test_global_options_stand_before_the_command_too(stocked: Home) -> None:
    stocked.ok("--passphrase-file", stocked.passphrase_file, "--vault", stocked.vault, "list", passphrase=None)


@pytest.mark.parametrize(
    "command, code",
    [("exit 3", 77), ("kill -9 $$", 77), ("/nonexistent/program", 77), ("true", 65), ("head -c 2000000 /dev/zero", 65)],
)
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
