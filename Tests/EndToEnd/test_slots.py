"""Passphrase and recovery code: what opens the vault, and what no longer does."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import sealed
from support.home import Home, Run, report
from support.recovery import CODE, adopt, change_passphrase, issue_code


def epoch(home: Home) -> int:
    return int.from_bytes(home.vault.read_bytes()[44:48], "little")


def recover(home: Home, code: Path, new: Path) -> Run:
    return home("recover", "--code-file", code, "--new-passphrase-file", new, passphrase=None)


def test_a_new_passphrase_opens_and_the_old_one_does_not(stocked: Home) -> None:
    before = sealed.read(stocked.vault, stocked.passphrase)[0]
    old = change_passphrase(stocked)
    assert stocked.answer("prod")["SecretAccessKey"] == stocked.key.secret
    stocked.fails(77, "list", says="wrong passphrase", passphrase=old)
    after = sealed.read(stocked.vault, stocked.passphrase)[0]
    assert (after.epoch, after.generation, after.vault_id) == (before.epoch + 1, before.generation + 1, before.vault_id)
    assert not {before.slots[0].salt, before.slots[0].wrapped} & {after.slots[0].salt, after.slots[0].wrapped}


def test_what_kept_the_old_key_is_gone_after_a_change(stocked: Home) -> None:
    stocked.ok("set", "prod", "--note", "x")
    assert (stocked.data / "vault.prev").exists()
    change_passphrase(stocked)
    assert not (stocked.data / "vault.prev").exists()


def test_what_kept_a_removed_entry_is_gone(stocked: Home) -> None:
    stocked.ok("set", "prod", "--note", "x")
    stocked.ok("remove", "prod", "--force")
    assert not (stocked.data / "vault.prev").exists()
    assert stocked.entries() == {}
    stocked.fails(66, "show", "prod")


def test_an_old_copy_still_opens_and_the_program_says_so(stocked: Home) -> None:
    new = stocked.new_passphrase()
    result = stocked.ok("passwd", "--new-passphrase-file", new)
    assert "rotate" in result.stderr.decode()


def test_the_recovery_code_opens_when_the_passphrase_is_forgotten(stocked: Home) -> None:
    code = issue_code(stocked)
    new = stocked.new_passphrase()
    result = recover(stocked, code, new)
    assert result.returncode == 0, report(result)
    stocked.fails(77, "list", says="wrong passphrase")
    adopt(stocked, new)
    assert stocked.answer("prod")["SecretAccessKey"] == stocked.key.secret
    # The code was typed in, and goes on being valid.
    again = stocked.new_passphrase("third")
    assert recover(stocked, code, again).returncode == 0


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda text: text.lower(),
        lambda text: text.replace("-", " "),
        lambda text: text.replace("-", ""),
        lambda text: text.replace("0", "O").replace("1", "l"),
        lambda text: " " + text + "\r\n",
    ],
)
def test_a_code_may_be_written_in_many_ways(stocked: Home, rewrite: object) -> None:
    code = issue_code(stocked)
    assert callable(rewrite)
    written = stocked.write("written", rewrite(code.read_text().strip()))
    result = recover(stocked, written, stocked.new_passphrase())
    assert result.returncode == 0, report(result)


def test_a_mistyped_code_is_told_from_a_wrong_one(stocked: Home) -> None:
    right = issue_code(stocked).read_text().strip()
    mistyped = right[:-2] + ("0" if right[-2] != "0" else "2") + right[-1]
    before = stocked.snapshot()
    result = recover(stocked, stocked.write("mistyped", mistyped), stocked.new_passphrase())
    assert result.returncode == 65 and b"mistyped" in result.stderr, report(result)
    other = stocked.copy_to(stocked.root.parent / "other")
    wrong = issue_code(other, "other-code")
    result = recover(stocked, wrong, stocked.outside / "other-passphrase")
    assert result.returncode == 77 and b"recovery code" in result.stderr, report(result)
    stocked.outside.joinpath("mistyped").unlink()
    stocked.outside.joinpath("other-passphrase").unlink()
    assert stocked.snapshot() == before


def test_a_new_code_makes_the_old_one_worthless(stocked: Home) -> None:
    first = issue_code(stocked)
    before = epoch(stocked)
    second = issue_code(stocked, "second")
    assert epoch(stocked) == before + 1
    assert recover(stocked, first, stocked.new_passphrase()).returncode == 77
    assert recover(stocked, second, stocked.new_passphrase("third")).returncode == 0


def test_a_removed_code_opens_nothing(stocked: Home) -> None:
    code = issue_code(stocked)
    before = epoch(stocked)
    stocked.ok("recovery-code", "remove")
    assert epoch(stocked) == before + 1
    result = recover(stocked, code, stocked.new_passphrase())
    assert result.returncode == 66 and b"no recovery code" in result.stderr, report(result)
    assert stocked.answer("prod")["SecretAccessKey"] == stocked.key.secret


def test_a_changed_passphrase_renews_the_code(stocked: Home) -> None:
    old_code = issue_code(stocked)
    new, renewed = stocked.new_passphrase(), stocked.outside / "renewed"
    stocked.ok("passwd", "--new-passphrase-file", new, "--recovery-code-file", renewed)
    assert CODE.fullmatch(renewed.read_bytes())
    stocked.write(renewed, renewed.read_bytes())
    assert recover(stocked, old_code, stocked.new_passphrase("third")).returncode == 77
    assert recover(stocked, renewed, stocked.new_passphrase("fourth")).returncode == 0


@pytest.mark.parametrize(
    "command, says",
    [
        ("passwd", "passphrase changed; recovery codes issued earlier no longer work"),
        ("passwd with the code", "passphrase changed; the recovery code still works"),
        ("recover", "passphrase changed; the recovery code still works"),
        ("recovery-code new", "recovery codes issued earlier no longer work"),
        ("recovery-code remove", "recovery code removed; it no longer opens the vault"),
    ],
)
def test_a_new_key_locks_the_agent_and_the_fate_of_the_code_is_told(stocked: Home, command: str, says: str) -> None:
    code = issue_code(stocked)
    stocked.unlock()
    words: dict[str, tuple[str | Path, ...]] = {
        "passwd": ("passwd", "--recovery-code-file", stocked.outside / "next"),
        "passwd with the code": ("passwd", "--code-file", code),
        "recover": ("recover", "--code-file", code),
        "recovery-code new": ("recovery-code", "new", "--recovery-code-file", stocked.outside / "next"),
        "recovery-code remove": ("recovery-code", "remove"),
    }
    new = [] if command.startswith("recovery-code") else ["--new-passphrase-file", stocked.new_passphrase()]
    told = stocked.ok(*words[command], *new).stderr.decode()
    assert f"sealring: {says}\n" in told
    assert "sealring: locked: the agent had the old key; run 'sealring unlock'\n" in told
    # No request but this one made the agent look at the file.
    assert stocked.json("status")["locked"] is True
    if (stocked.outside / "next").exists():
        stocked.write("next", (stocked.outside / "next").read_bytes())


def test_a_new_key_locks_an_agent_of_another_environment(stocked: Home) -> None:
    stocked.unlock()
    told = stocked.ok("passwd", "--new-passphrase-file", stocked.new_passphrase(), env={"XDG_RUNTIME_DIR": ""})
    assert "sealring: locked: the agent had the old key" in told.stderr.decode()
    assert stocked.json("status")["locked"] is True


def test_a_first_code_leaves_the_agent_unlocked(stocked: Home) -> None:
    stocked.unlock()
    issue_code(stocked)
    assert stocked.json("status")["locked"] is False


def test_a_code_that_cannot_be_given_to_anybody_changes_nothing(stocked: Home) -> None:
    issue_code(stocked)
    new = stocked.new_passphrase()
    before = stocked.snapshot()
    stocked.fails(64, "passwd", "--new-passphrase-file", new, says="recovery code", hints="--recovery-code-file")
    stocked.fails(64, "recovery-code", "new", says="recovery code", hints="--recovery-code-file")
    assert stocked.snapshot() == before


def test_a_codes_file_is_never_overwritten(stocked: Home) -> None:
    file = stocked.write("code", "mine\n")
    before = stocked.snapshot()
    stocked.fails(73, "recovery-code", "new", "--recovery-code-file", file, says="already exists")
    assert stocked.snapshot() == before
