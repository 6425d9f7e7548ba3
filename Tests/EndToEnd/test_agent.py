"""Unlocked once: what the agent answers, and what others change underneath it."""

from __future__ import annotations

import shutil
import subprocess
from datetime import UTC, datetime

import pytest

from support.agents import answers, is_locked
from support.home import CHEAPEST, HELPER, Home, report
from support.keys import KeyMaker


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


def test_unlocking_again_extends(unlocked: Home) -> None:
    process = unlocked.agent()
    unlocked.unlock("--for", "2d", "--idle", "1d")
    status = unlocked.json("status", passphrase=None)
    assert status["pid"] == process
    left = datetime.fromisoformat(status["locks_at"].replace("Z", "+00:00")) - datetime.now(UTC)
    assert left.total_seconds() > 47 * 3600


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
