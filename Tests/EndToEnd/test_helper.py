"""What AWS clients start, against agents of our own: what it asks of the kernel, and every way to fail."""

from __future__ import annotations

import os
import re
import socket
import stat
import subprocess
import time

import pytest

from support import frames
from support.fake_agent import agent, error
from support.frames import frame, u32
from support.home import HELPER, Home, report
from support.straces import strace

LINE = b'{"Version":1,"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"made-up"}\n'
GOOD = frame(frames.JSON, LINE)


def fails(home: Home, code: int, says: str, *words: str, **options: object) -> None:
    result = home.helper(*(words or ("prod",)), **options) if not options.get("raw") else home.helper()
    assert result.returncode == code and result.stdout == b"", report(result)
    text = result.stderr.decode("utf-8", "strict")
    assert text.startswith("sealring: ") and text.count("\n") == 1 and text.endswith("\n"), report(result)
    assert says in text and len(result.stderr) < 1000 and text.isprintable is not None, report(result)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text), report(result)


def test_the_answer_is_printed_as_it_came(bare: Home) -> None:
    with agent(bare, GOOD) as requests:
        result = bare.helper(env={"AWS_PROFILE": "x", "AWS_ACCESS_KEY_ID": "x", "AWS_SESSION_TOKEN": "x"})
    assert (result.returncode, result.stdout, result.stderr) == (0, LINE, b""), report(result)
    assert requests == [frame(frames.CREDENTIALS, os.fsencode(bare.vault), b"prod", b"")]


@pytest.mark.parametrize(
    "env, path",
    [
        ({"SEALRING_VAULT": "/a/vault"}, "/a/vault"),
        ({"XDG_DATA_HOME": "/data"}, "/data/sealring/vault"),
        ({"XDG_DATA_HOME": "relative"}, None),
        ({"SEALRING_VAULT": ""}, None),
        ({"SEALRING_VAULT": "b"}, "cwd"),
    ],
)
def test_the_vault_that_is_meant_is_named(bare: Home, env: dict[str, str], path: str | None) -> None:
    expected = str(bare.vault) if path is None else str(bare.outside / "b") if path == "cwd" else path
    with agent(bare, GOOD) as requests:
        assert bare.helper(env=env).returncode == 0
    assert requests == [frame(frames.CREDENTIALS, expected.encode(), b"prod", b"")]


@pytest.mark.skipif("SEALRING_BIN_DIR" not in os.environ, reason="only the installed helper is linked as it shall be")
def test_it_opens_no_file_and_makes_few_calls(bare: Home) -> None:
    with agent(bare, GOOD):
        result, calls = strace(bare, "prod", options=["-s", "300"], program=HELPER, passphrase=None, shows_secret=True)
    assert result.returncode == 0, report(result)
    names = [call.name for call in calls]
    assert len(names) <= 41, names
    assert not {"access", "readlink"} & set(names), names
    # It looks whether another process traces it.
    own = {str(HELPER), "/proc/self/status"}
    assert names.count("open") + names.count("openat") == 1, names
    touched = {match for call in calls for match in re.findall(r'"(/[^"]*)"', call.arguments)} - own
    assert touched <= {str(bare.socket), str(bare.socket.parent), str(bare.runtime)}, touched
    written = [call for call in calls if call.name.startswith(("write", "send"))]
    assert [call.name for call in written] == ["sendto", "write"]
    assert not [call for call in calls if call.name == "read" and call.arguments.startswith("0,")]
    assert "execve" in names and names.count("execve") == 1 and not {"fork", "clone", "vfork", "clone3"} & set(names)


def test_stdin_belongs_to_the_client(bare: Home) -> None:
    read, write = os.pipe()
    os.write(write, b"for the client")
    os.close(write)
    with agent(bare, GOOD):
        assert bare.helper(stdin=read).returncode == 0
    assert os.read(read, 100) == b"for the client"
    os.close(read)


@pytest.mark.parametrize(
    "answer, code, says",
    [
        (error(77, b"the vault is locked", b"run 'sealring unlock'"), 77, "the vault is locked: run 'sealring unlock'"),
        (error(66, b"no entry"), 66, "no entry: do so"),
        (error(0, b"odd"), 74, "odd"),
        (error(1, b"odd"), 74, "odd"),
        (error(2**32 - 1, b"odd"), 74, "odd"),
        (error(65, b"\x1b[31mred\nforged: line\xff\xe2\x80\xae"), 65, "forged"),
        (error(65, b"x" * 512, b"y" * 512), 65, ""),
        (error(65, b""), 69, "an invalid answer"),
        (frame(frames.ERROR, u32(77), b"x"), 69, "an invalid answer"),
        (frame(frames.DONE), 69, "an invalid answer"),
        (frame(frames.JSON), 69, "an invalid answer"),
        (frame(frames.JSON, LINE, b""), 69, "an invalid answer"),
        (frame(frames.JSON, b""), 69, "an invalid answer"),
        (frame(frames.JSON, LINE[:-1]), 69, "an invalid answer"),
        (frame(frames.JSON, LINE + LINE), 69, "an invalid answer"),
        (frame(frames.JSON, b"{" + b"x" * 9000 + b"}\n"), 69, ""),
        (GOOD[:-1], 69, "an invalid answer"),
        (GOOD + b"x", 69, "an invalid answer"),
        (frame(frames.JSON, LINE, version=2), 69, "an invalid answer"),
        (b"", 69, "closed the connection without an answer"),
        (u32(0), 69, "an invalid answer"),
        (u32(2**32 - 1) + b"\1\x43", 69, ""),
        (u32(65536) + b"\1\x43" + bytes(65534), 69, ""),
        (b"HTTP/1.1 200 OK\r\n\r\n", 69, "an invalid answer"),
    ],
)
def test_an_answer_that_is_no_line_is_told(home: Home, answer: bytes, code: int, says: str) -> None:
    with agent(home, answer):
        fails(home, code, says)


def test_an_agent_that_hangs_is_given_up(bare: Home) -> None:
    start = time.monotonic()
    with agent(bare, lambda connection: time.sleep(7)):
        fails(bare, 69, "does not respond")
        assert 4 < time.monotonic() - start < 7


def test_a_client_that_is_gone_is_not_waited_for(bare: Home) -> None:
    with agent(bare, lambda connection: time.sleep(4)):
        read, write = os.pipe()
        child = subprocess.Popen(
            [HELPER, "prod"], env=bare.env, stdin=subprocess.DEVNULL, stdout=write, stderr=subprocess.PIPE
        )
        os.close(write)
        time.sleep(0.2)
        start = time.monotonic()
        os.close(read)
        _, shown = child.communicate(timeout=10)
        assert child.returncode == 74 and shown == b"" and time.monotonic() - start < 2


@pytest.mark.parametrize("closed", ["/dev/full", None])
def test_an_answer_that_cannot_be_written_is_a_failure(bare: Home, closed: str | None) -> None:
    with agent(bare, GOOD):
        if closed:
            with open(closed, "wb") as full:
                result = bare.helper(stdout=full)
        else:
            read, write = os.pipe()
            os.close(read)
            result = bare.helper(stdout=write)
            os.close(write)
    assert result.returncode == 74, report(result)
    # A client that is gone reads no message.
    said = b"sealring: could not write the credentials to stdout: No space left on device: check stdout\n"
    assert result.stderr == (said if closed else b""), report(result)


def test_no_agent_is_a_locked_vault(home: Home) -> None:
    fails(home, 77, "the vault is locked: run 'sealring unlock'")
    # A stale socket.
    home.socket.parent.mkdir(mode=0o700, exist_ok=True)
    stale = socket.socket(socket.AF_UNIX)
    stale.bind(str(home.socket))
    stale.close()
    fails(home, 77, "the vault is locked")
    home.socket.unlink()


def test_no_vault_is_told_as_such_by_every_program(bare: Home) -> None:
    fails(bare, 66, f"no vault at {bare.vault}: run 'sealring init'")
    with agent(bare, error(77, b"the vault is locked", b"run 'sealring unlock'")):
        fails(bare, 66, "run 'sealring init'")
    # An agent that was named may serve a vault that is not on this machine.
    fails(bare, 77, "run 'sealring unlock'", env={"SEALRING_AGENT_SOCKET": str(bare.runtime / "none")})
    bare.fails(66, "unlock", says=f"no vault at {bare.vault}", hints="run 'sealring init'")
    assert b"no vault: run 'sealring init'\n" in bare.ok("status").stdout
    assert bare.json("status") == {
        "vault": str(bare.vault),
        "agent": "absent",
        "locked": True,
        "refusals": bare.json("status")["refusals"],
    }


def test_status_shows_what_clients_hide(home: Home) -> None:
    assert "refusals" not in home.json("status") and b"refusals" not in home.ok("status").stdout
    for _ in range(3):
        fails(home, 77, "the vault is locked")
    # How it was called is not a failure of a client.
    home("\x1b[31mred", program=HELPER, passphrase=None)
    # The program without an agent keeps them as well.
    home("credential-process", "nothing", passphrase=True)
    shown = home.json("status")["refusals"]
    assert [(one["entry"], one["count"]) for one in shown] == [("nothing", 1), ("prod", 3)]
    assert shown[1] | {"at": ""} == {
        "at": "",
        "entry": "prod",
        "message": "the vault is locked",
        "hint": "run 'sealring unlock'",
        "count": 3,
    }
    text = home.ok("status").stdout.decode()
    assert re.search(
        r"prod, \d{4}-\d\d-\d\d \d\d:\d\d UTC, 3 times\n +the vault is locked: run 'sealring unlock'\n", text
    ), text
    assert "\x1b" not in text
    kept = home.state / "refusals"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    # What another program wrote there is neither believed nor obeyed.
    kept.write_text("x\n" * 5 + "2015-03-09T18:39:23Z\t1\tp\x1b[2J\tm\x9b1m\tc\n" + "y" * 100)
    text = home.ok("status").stdout.decode()
    assert re.search(r"p\\u\{1b\}\[2J, 2015-03-09 18:39 UTC\n +m\\u\{9b\}1m: c\n", text), text
    assert "\x1b" not in text and "\x9b" not in text
    kept.unlink()
    kept.symlink_to(home.write("elsewhere", "2015-03-09T18:39:23Z\t1\tp\tm\tc\n"))
    assert "refusals" not in home.json("status")


@pytest.mark.parametrize("stream", [0, 1, 2])
def test_a_closed_stream_is_no_other_file(stocked: Home, stream: int) -> None:
    stocked.unlock()
    result = stocked("-c", f"exec {HELPER} prod {stream}>&-", program="/bin/sh", shows_secret=True, passphrase=None)
    assert result.returncode == (74 if stream == 1 else 0), report(result)
    assert (stocked.key.secret.encode() in result.stdout) == (stream != 1) and result.stderr.count(b"\n") == (
        stream == 1
    ), report(result)
    # The agent heard nothing but a request.
    assert stocked.helper().returncode == 0


@pytest.mark.parametrize("words", [(), ("a", "b"), ("",), ("1a",), ("-x",), ("a b",), ("a\nb",), ("x" * 129,), ("ä",)])
def test_misuse_is_told_in_one_line(bare: Home, words: tuple[str, ...]) -> None:
    result = bare(*words, program=HELPER, passphrase=None)
    assert result.returncode == 64 and result.stdout == b"", report(result)
    assert result.stderr.count(b"\n") == 1 and result.stderr.startswith(b"sealring: "), report(result)


def test_help_and_version_are_answers(bare: Home) -> None:
    for word in ("--help", "-h", "--version"):
        result = bare(word, program=HELPER, passphrase=None)
        assert result.returncode == 0 and result.stdout and result.stderr == b"", report(result)


@pytest.mark.parametrize("case", ["directory 0777", "file", "fifo", "link", "long", "relative", "no home"])
def test_a_socket_that_is_not_to_be_trusted(bare: Home, case: str) -> None:
    folder = bare.socket.parent
    folder.mkdir(mode=0o700)
    if case == "directory 0777":
        with agent(bare, GOOD):
            folder.chmod(0o777)
            fails(bare, 77, "others may write to its directory")
            folder.chmod(0o700)
    elif case == "file":
        bare.socket.write_bytes(b"")
        fails(bare, 77, "not a socket")
    elif case == "fifo":
        os.mkfifo(bare.socket)
        fails(bare, 77, "not a socket")
    elif case == "link":
        with agent(bare, GOOD):
            link = folder / "link"
            link.symlink_to(bare.socket)
            fails(bare, 77, "not a socket", env={"SEALRING_AGENT_SOCKET": str(link)})
            link.unlink()
    elif case == "long":
        fails(bare, 64, "more than 107 bytes", env={"SEALRING_AGENT_SOCKET": "/tmp/" + "x" * 103})
    elif case == "relative":
        fails(bare, 64, "not an absolute path", env={"SEALRING_AGENT_SOCKET": "agent.sock"})
    else:
        fails(bare, 66, "HOME", env={"HOME": "", "XDG_RUNTIME_DIR": ""})
    bare.socket.unlink(missing_ok=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
@pytest.mark.parametrize("whose", ["directory", "socket"])
def test_a_socket_of_somebody_else(bare: Home, whose: str) -> None:
    with agent(bare, GOOD):
        os.chown(bare.socket.parent if whose == "directory" else bare.socket, 65534, 65534)
        fails(bare, 77, "belongs to another user")
        os.chown(bare.socket.parent, 0, 0)
