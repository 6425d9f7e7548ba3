"""Unlocked once: what the agent answers, when it locks, and what others change underneath it."""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.home import AGENT, CHEAPEST, HELPER, Home, report
from support.keys import KeyMaker

LOCKED = b"sealring: the vault is locked: run 'sealring unlock'\n"


def is_locked(home: Home) -> None:
    result = home.helper()
    assert (result.returncode, result.stdout, result.stderr) == (77, b"", LOCKED), report(result)
    assert home.json("status", passphrase=None)["locked"] is True


def is_gone(process: int) -> None:
    deadline = time.monotonic() + 10
    while Path(f"/proc/{process}").exists():
        assert time.monotonic() < deadline, "the agent still runs"
        time.sleep(0.01)


def answers(home: Home, name: str = "prod") -> dict[str, str]:
    result = home.helper(name)
    assert result.returncode == 0 and result.stderr == b"", report(result)
    return json.loads(result.stdout)


def test_unlocked_once_everything_works_without_the_passphrase(stocked: Home, keys: KeyMaker) -> None:
    stocked.unlock("--for", "2h", "--idle", "30m")
    assert answers(stocked) == {
        "Version": 1,
        "AccessKeyId": stocked.key.id,
        "SecretAccessKey": stocked.key.secret,
        "AccountId": "123456789012",
    }
    key = keys()
    before = stocked.generation()
    stocked.ok("import", stocked.csv(key, "new.csv"), "--name", "new", "--no-configure", passphrase=None)
    assert stocked.generation() == before + 1
    assert answers(stocked, "new")["SecretAccessKey"] == key.secret
    stocked.ok("rename", "new", "renamed", passphrase=None)
    stocked.ok("set", "renamed", "--note", "ä note", "--region", "eu-west-1", passphrase=None)
    stocked.ok("configure", "renamed", "--force", passphrase=None)
    assert f"credential_process = {HELPER} renamed" in stocked.config.read_text()
    shown = stocked.json("show", "renamed", passphrase=None)
    assert (shown["note"], shown["region"], shown["profiles"]) == ("ä note", "eu-west-1", ["renamed"])
    assert set(stocked.listed(passphrase=None)) == {"prod", "renamed"}
    stocked.ok("remove", "prod", "--force", passphrase=None)
    found = stocked.entries()
    assert set(found) == {"renamed"}
    assert stocked.helper().returncode == 66


def kernel_call(number: int, *arguments: object) -> int:
    """The result of a system call; what it opened is closed."""
    result = int(ctypes.CDLL(None).syscall(number, *arguments))
    if result > 2 and number == 447:
        os.close(result)
    return result


def test_status_says_where_it_stands(stocked: Home) -> None:
    absent = stocked.json("status", passphrase=None)
    assert absent == {
        "vault": str(stocked.vault),
        "generation": stocked.generation(),
        "freshness": "current",
        "agent": "absent",
        "locked": True,
    }
    stocked.unlock("--for", "2h", "--idle", "30m")
    status = stocked.json("status", passphrase=None)
    assert (status["agent"], status["locked"], status["entries"]) == ("running", False, 1)
    for name, seconds in (("locks_at", 7200), ("idle_locks_at", 1800)):
        left = datetime.fromisoformat(status[name].replace("Z", "+00:00")) - datetime.now(UTC)
        assert abs(left.total_seconds() - seconds) < 20
    told = status["hardening"]
    expected = {
        "core_dumps": "off",
        "dumpable": "no",
        "crash_handlers": "off",
        "new_privileges": "off",
        "hidden_memory": "memfd_secret",
        "seccomp": "on",
        "tracer": "none",
    }
    # What this kernel does not have is said, with its reason.
    version = kernel_call(444, None, 0, 1)
    expected["landlock"] = f"version {version}" if version > 0 else told["landlock"]
    if kernel_call(447, 0) < 0:
        expected["hidden_memory"] = told["hidden_memory"]
        assert told["hidden_memory"].startswith("no: ")
    assert version > 0 or told["landlock"].startswith("no: ")
    assert expected.items() <= told.items()
    # The kernel says so too; what the sandbox forbids is tried by SandboxTests.
    of_the_kernel = Path(f"/proc/{status['pid']}/status").read_text()
    assert "NoNewPrivs:\t1\n" in of_the_kernel and "Seccomp:\t2\n" in of_the_kernel
    stocked.ok("lock", passphrase=None)
    status = stocked.json("status", passphrase=None)
    assert (status["agent"], status["locked"]) == ("running", True)
    assert "locks_at" not in status and "entries" not in status


def test_status_is_three_lines_and_an_exit_status(stocked: Home) -> None:
    def told(status: int, *words: str) -> list[list[str]]:
        result = stocked("status", *words, passphrase=None, env={"TZ": "UTC-3"})
        assert result.returncode == status, report(result)
        assert stocked("status", "--json", *words, passphrase=None).returncode == status
        return [re.split("  +", line) for line in result.stdout.decode().splitlines()]

    none = ["vault", "/none"], ["state", "no vault: run 'sealring init'"], ["agent", "none found"]
    assert told(3, "--vault", "/none") == [*none]
    assert told(2) == [["vault", str(stocked.vault)], ["state", "locked"], ["agent", "none found"]]
    stocked.unlock("--for", "9m", "--idle", "2m")
    lines = told(0)
    assert [line[0] for line in lines] == ["vault", "state", "agent"]
    clock = r"([A-Z][a-z]{2} [ \d]\d [A-Z][a-z]{2} )?(\d\d:\d\d)"
    shown = re.fullmatch(rf"unlocked until {clock}; locks at {clock} without use", lines[1][1])
    assert shown, lines
    # In the zone of the user, and the two times as far apart as they are.
    ends = {(datetime.now(UTC) + timedelta(hours=3, minutes=9, seconds=late)).strftime("%H:%M") for late in (-30, 0)}
    assert shown[2] in ends, lines
    assert lines[2][1] == f"process {stocked.agent()}"
    verbose = told(0, "--verbose")
    assert verbose[:3] == lines and {"saves", "entries", "seccomp", "core dumps"} <= {line[0] for line in verbose}
    stocked.ok("lock", passphrase=None)
    assert told(1)[1] == ["state", "locked"]


def test_status_says_what_is_wrong_with_the_file(stocked: Home) -> None:
    stocked.helper()
    assert b"last refusals" in stocked.ok("status").stdout
    result = stocked.unlock("--for", "2h", "--idle", "3h")
    assert b"unlocked for up to 2h; --idle 3h has no effect\n" in result.stderr, report(result)
    # What a locked vault refused is cured now.
    assert b"last refusals" not in stocked.ok("status").stdout
    assert [one.get("cured") for one in stocked.json("status")["refusals"]] == [True]
    content = stocked.vault.read_bytes()
    stocked.vault.unlink()
    shown = stocked.json("status")
    assert (shown["locked"], shown["problem"]) == (False, f"no vault file at {stocked.vault}")
    assert f"no vault file at {stocked.vault}".encode() in stocked.ok("status").stdout
    stocked.ok("lock")
    assert "problem" not in stocked.json("status"), "there may never have been one"
    stocked.write(stocked.vault, content[:-1])
    shown = stocked.json("status")
    assert shown["locked"] and f"the vault {stocked.vault} is damaged: " in shown["problem"]
    assert re.search(r"problem +the vault .* is damaged: ", stocked.ok("status").stdout.decode())


def test_unlocking_again_extends(unlocked: Home) -> None:
    process = unlocked.agent()
    unlocked.unlock("--for", "2d", "--idle", "1d")
    status = unlocked.json("status", passphrase=None)
    assert status["pid"] == process
    left = datetime.fromisoformat(status["locks_at"].replace("Z", "+00:00")) - datetime.now(UTC)
    assert left.total_seconds() > 47 * 3600


def test_a_locked_vault_fails_at_once_with_the_cure(unlocked: Home) -> None:
    answers(unlocked)
    unlocked.ok("lock", passphrase=None)
    start = time.monotonic()
    is_locked(unlocked)
    assert time.monotonic() - start < 1


def test_no_agent_is_a_locked_vault(stocked: Home) -> None:
    is_locked(stocked)


def test_a_wrong_passphrase_unlocks_nothing(stocked: Home) -> None:
    stocked.fails(77, "unlock", passphrase=stocked.new_passphrase(), says="wrong passphrase")
    is_locked(stocked)


@pytest.mark.parametrize(
    "words", [("passwd",), ("recovery-code", "new", "--recovery-code-file", "code"), ("list", "--no-agent")]
)
def test_some_things_ask_always(unlocked: Home, words: tuple[str, ...]) -> None:
    unlocked.fails(77, *words, passphrase=None, says="no passphrase")


def test_an_unknown_name_is_told_and_locks_nothing(unlocked: Home) -> None:
    result = unlocked.helper("missing")
    assert result.returncode == 66 and result.stdout == b""
    assert result.stderr == b"sealring: no entry 'missing' in the vault: 'sealring list' shows the names\n"
    answers(unlocked)


def test_another_writer_is_seen_at_the_next_request(unlocked: Home, keys: KeyMaker) -> None:
    key = keys()
    unlocked.ok("import", unlocked.csv(key, "n.csv"), "--name", "new", "--no-configure", "--no-agent")
    assert answers(unlocked, "new")["SecretAccessKey"] == key.secret


def test_two_writers_at_once_both_succeed(unlocked: Home, keys: KeyMaker) -> None:
    made = [keys() for _ in range(8)]
    environment = unlocked.env | {"SEALRING_PASSPHRASE_FILE": str(unlocked.passphrase_file)}
    running = []
    for number, key in enumerate(made):
        path = unlocked.csv(key, f"{number}.csv")
        mode = ["--no-agent"] if number % 2 else []
        words = [HELPER.with_name("sealring"), "import", path, "--name", f"k{number}", "--no-configure", *mode]
        running.append(
            subprocess.Popen(
                words,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        )
    ended = [(process.communicate(timeout=60), process.returncode) for process in running]
    assert all(code == 0 for _, code in ended), ended
    assert set(unlocked.entries()) == {"prod"} | {f"k{number}" for number in range(8)}


def test_an_older_copy_is_answered_with_a_warning_and_not_written(unlocked: Home, keys: KeyMaker) -> None:
    older = unlocked.vault.read_bytes()
    unlocked.ok("import", unlocked.csv(keys(), "n.csv"), "--name", "new", "--no-configure", passphrase=None)
    unlocked.vault.write_bytes(older)
    answers(unlocked)
    result = unlocked.ok("list", passphrase=None)
    assert b"sealring: warning: the vault: an older copy" in result.stderr
    unlocked.fails(65, "set", "prod", "--note", "x", passphrase=None, says="is not written", hints="--accept-rollback")
    assert unlocked.vault.read_bytes() == older
    unlocked.ok("set", "prod", "--note", "x", "--accept-rollback", passphrase=None)
    assert unlocked.json("show", "prod", passphrase=None)["note"] == "x"


def test_a_changed_passphrase_locks(unlocked: Home) -> None:
    new = unlocked.new_passphrase()
    unlocked.ok("passwd", "--new-passphrase-file", new)
    assert unlocked.helper().returncode != 0
    is_locked(unlocked)
    unlocked.unlock(passphrase=new)
    answers(unlocked)


def test_a_file_of_before_the_new_passphrase_locks(unlocked: Home) -> None:
    older = unlocked.vault.read_bytes()
    new = unlocked.new_passphrase()
    unlocked.ok("passwd", "--new-passphrase-file", new)
    unlocked.unlock(passphrase=new)
    unlocked.vault.write_bytes(older)
    assert unlocked.helper().returncode != 0
    is_locked(unlocked)


def test_another_vault_in_its_place_locks(unlocked: Home) -> None:
    unlocked.ok("init", *CHEAPEST, "--no-recovery-code", "--vault", "other")
    shutil.copy(unlocked.outside / "other", unlocked.vault)
    assert unlocked.helper().returncode != 0
    is_locked(unlocked)


@pytest.mark.parametrize("harm", ["flip", "cut", "empty", "remove", "directory", "open"])
def test_a_file_that_turns_bad_is_told_and_heals(unlocked: Home, harm: str) -> None:
    good = unlocked.vault.read_bytes()
    unlocked.vault.unlink()
    if harm == "directory":
        unlocked.vault.mkdir()
    elif harm != "remove":
        bad = {
            "flip": good[:9000] + bytes([good[9000] ^ 1]) + good[9001:],
            "cut": good[:5000],
            "empty": b"",
            "open": good,
        }[harm]
        if harm == "flip":
            # A flip behind the header is not looked for as long as the header is the same.
            bad = good[:40] + bytes([good[40] ^ 1]) + good[41:]
        unlocked.vault.write_bytes(bad)
        unlocked.vault.chmod(0o622 if harm == "open" else 0o600)
    result = unlocked.helper()
    expected = {"remove": 66, "open": 77}.get(harm, 65)
    assert result.returncode == expected and result.stdout == b"", report(result)
    assert result.stderr.startswith(b"sealring: ") and result.stderr.count(b"\n") == 1, report(result)
    if harm == "directory":
        unlocked.vault.rmdir()
    elif harm != "remove":
        unlocked.vault.unlink()
    unlocked.vault.write_bytes(good)
    unlocked.vault.chmod(0o600)
    answers(unlocked)


@pytest.mark.parametrize("number", [signal.SIGUSR1, signal.SIGHUP, signal.SIGTERM])
def test_a_signal_locks(unlocked: Home, number: signal.Signals) -> None:
    os.kill(unlocked.agent(), number)
    time.sleep(0.2)
    is_locked(unlocked)


def test_a_killed_agent_does_not_stand_in_the_way(unlocked: Home) -> None:
    os.kill(unlocked.agent(), signal.SIGKILL)
    time.sleep(0.1)
    is_locked(unlocked)
    unlocked.unlock()
    answers(unlocked)


def test_of_agents_that_start_at_once_one_stays(stocked: Home) -> None:
    environment = stocked.env | {"SEALRING_VAULT": str(stocked.vault)}
    running = [
        subprocess.Popen(
            [AGENT],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        for _ in range(6)
    ]
    time.sleep(1)
    alive = [process for process in running if process.poll() is None]
    assert len(alive) == 1
    assert all(process.returncode == 0 for process in running if process is not alive[0])
    stocked.unlock()
    assert stocked.agent() == alive[0].pid
    stocked.ok("lock", "--stop", passphrase=None)
    assert alive[0].wait(10) == 0
    for process in running:
        process.communicate()


def test_an_agent_that_lost_its_socket_ends_for_the_next_one(unlocked: Home) -> None:
    old = unlocked.agent()
    unlocked.socket.unlink()
    is_locked(unlocked)
    unlocked.unlock()
    # Nobody could have locked the first one any more.
    assert unlocked.agent() != old
    is_gone(old)
    answers(unlocked)


def test_an_agent_takes_no_socket_but_its_own_away(unlocked: Home) -> None:
    agent = unlocked.agent()
    unlocked.socket.unlink()
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(unlocked.socket))
        os.kill(agent, signal.SIGTERM)
        is_gone(agent)
        assert unlocked.socket.exists()
    unlocked.socket.unlink()


def test_a_replaced_directory_is_told_and_ends_the_agent(unlocked: Home) -> None:
    unlocked.data.rename(unlocked.data.with_name("old"))
    shutil.copytree(unlocked.data.with_name("old"), unlocked.data)
    result = unlocked.helper()
    assert result.returncode == 69 and b"was replaced" in result.stderr and b"sealring unlock" in result.stderr, report(
        result
    )
    is_locked(unlocked)
    unlocked.unlock()
    answers(unlocked)


def test_the_agent_has_an_environment_of_its_own_and_no_files_of_others(stocked: Home) -> None:
    read, write = os.pipe()
    os.set_inheritable(write, True)
    stocked.unlock(env={"LD_PRELOAD": "", "AWS_PROFILE": "x", "SECRET_OF_OTHERS": "x"}, pass_fds=[write])
    os.close(write)
    # Nobody holds the pipe any more, or this would wait for ever.
    os.set_blocking(read, False)
    assert os.read(read, 1) == b""
    os.close(read)
    if os.geteuid() == 0:
        variables = Path(f"/proc/{stocked.agent()}/environ").read_bytes().split(b"\0")
        names = {variable.split(b"=")[0].decode() for variable in variables if variable}
        assert names <= {"HOME", "SEALRING_VAULT", "SEALRING_STATE_DIR", "XDG_RUNTIME_DIR", "SEALRING_AGENT_SOCKET"}
        assert os.readlink(f"/proc/{stocked.agent()}/cwd") == "/"


def test_an_agent_of_another_vault_is_told_of(unlocked: Home) -> None:
    unlocked.ok("init", *CHEAPEST, "--no-recovery-code", "--vault", "other")
    other = unlocked.outside / "other"
    result = unlocked.helper(env={"SEALRING_VAULT": str(other)})
    assert result.returncode == 66 and b"another vault" in result.stderr, report(result)
    # The command line does without it.
    unlocked.fails(77, "list", "--vault", other, passphrase=None, says="no passphrase")
    unlocked.fails(75, "unlock", "--vault", other, says="another vault", hints="sealring lock --stop")
    answers(unlocked)
    # A locked one makes room.
    unlocked.ok("lock", passphrase=None)
    unlocked.ok("unlock", "--vault", other)
    assert unlocked.json("status", "--vault", other, passphrase=None)["locked"] is False
    assert unlocked.json("status", passphrase=None)["locked"] is True


def test_a_thousand_rows_are_one_save(unlocked: Home, keys: KeyMaker) -> None:
    made = [keys() for _ in range(1000)]
    rows = "".join(f"u{number},{key.id},{key.secret}\n" for number, key in enumerate(made))
    path = unlocked.write("many.csv", "User name,Access key ID,Secret access key\n" + rows)
    before = unlocked.generation()
    unlocked.ok("import", path, "--no-configure", passphrase=None)
    assert unlocked.generation() == before + 1
    assert len(unlocked.listed(passphrase=None)) == 1001
    assert answers(unlocked, "u777")["SecretAccessKey"] == made[777].secret


def test_a_socket_that_a_service_manager_made_is_served_and_stays(stocked: Home) -> None:
    stocked.socket.parent.mkdir(mode=0o700)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(stocked.socket))
    stocked.socket.chmod(0o600)
    listener.listen()
    environment = stocked.env | {"SEALRING_VAULT": str(stocked.vault), "LISTEN_FDS": "1"}
    child = subprocess.Popen(
        ["/bin/sh", "-c", 'LISTEN_PID=$$ exec "$0"', AGENT],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        pass_fds=[3],
        preexec_fn=lambda: os.dup2(listener.fileno(), 3),
    )
    stocked.unlock()
    assert stocked.agent() == child.pid
    answers(stocked)
    stocked.ok("lock", "--stop", passphrase=None)
    _, shown = child.communicate(timeout=10)
    assert child.returncode == 0 and shown == b""
    assert stocked.socket.exists(), "it is the service manager's to remove"
    listener.close()
    stocked.socket.unlink()


@pytest.mark.parametrize("case", ["file", "directory open to others", "long", "no directory"])
def test_an_agent_that_cannot_listen_says_why(stocked: Home, case: str) -> None:
    folder = stocked.socket.parent
    env = {}
    if case == "file":
        folder.mkdir(mode=0o700)
        stocked.socket.write_bytes(b"")
    elif case == "directory open to others":
        folder.mkdir()
        folder.chmod(0o777)
    elif case == "long":
        env = {"SEALRING_AGENT_SOCKET": "/tmp/" + "x" * 103}
    else:
        # Under the short path of the runtime directory: that of a HOME may be too long for a socket.
        (stocked.runtime / "file").touch()
        env = {"SEALRING_AGENT_SOCKET": f"{stocked.runtime}/file/agent.sock"}
    code = {"file": 77, "directory open to others": 77, "long": 64, "no directory": 77}[case]
    says = {
        "file": "not a socket",
        "directory open to others": "others may write",
        "long": "107 bytes",
        "no directory": "its parent is not a directory",
    }[case]
    stocked.fails(code, "unlock", env=env, says=says)
    if case == "file":
        stocked.socket.unlink()
