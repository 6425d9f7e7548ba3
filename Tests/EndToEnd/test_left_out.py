"""Questions about keys and profiles: what is checked before, what a no keeps from being done, what is left out."""

from __future__ import annotations

import pytest

from support.home import HELPER, Home, lines, report
from support.keys import KeyMaker
from support.person import answers, person
from support.profiles import ADMIN, block


@pytest.mark.parametrize("what", ["name", "role", "key id", "token", "form", "region"])
def test_no_secret_is_asked_for_a_key_that_cannot_be_added(vault: Home, keys: KeyMaker, what: str) -> None:
    key = keys()
    vault.ok("role", "add", "admin", "--role-arn", ADMIN, "--source", "prod", "--no-configure")
    name = {"name": "prod", "role": "admin"}.get(what, "new")
    id = {"key id": vault.key.id, "token": "ASIA" + key.id[4:], "form": "AKIA1"}.get(what, key.id)
    before = vault.snapshot()
    asked = person(
        vault, "add", name, "--access-key-id", id, "--region", "Nowhere!" if what == "region" else "eu-west-1"
    )
    assert asked.ends() == {"token": 64, "form": 64, "region": 64}.get(what, 73)
    said = asked.shown.getvalue().decode()
    assert ("Secret access key" not in said and "sealring: hint:" in said) or what == "region"
    assert vault.snapshot() == before


@pytest.mark.parametrize("answer", [b"y", b"n"])
def test_a_key_that_was_added_is_offered_a_profile(home: Home, keys: KeyMaker, answer: bytes) -> None:
    key = keys()
    asked = person(home, "add", "hand", "--access-key-id", key.id, "--region", "eu-west-3")
    asked.asked("Secret access key: ")
    asked.types(key.secret.encode())
    assert answers(asked, "Write this into", answer) == 0
    assert home.entries()["hand"]["secret_access_key"] == key.secret
    written = f"[profile hand]\ncredential_process = {HELPER} hand\nregion = eu-west-3\n"
    assert (home.config.read_text() if home.config.exists() else None) == (written if answer == b"y" else None)


def test_a_profile_that_is_there_is_not_hinted_at(home: Home, keys: KeyMaker) -> None:
    files = [home.csv(keys(), f"{name}.csv") for name in ("one", "two")]
    said = home.ok("import", *files).stderr.decode()
    assert {f"write a profile for {name}" in said for name in home.listed()} == {True}
    first, second = home.listed()
    home.ok("configure", first, "--profile", "other", "--force")
    said = home.ok("import", *files).stderr.decode()
    assert f"write a profile for {first}" not in said and f"write a profile for {second}" in said


def test_a_taken_name_is_refused_before_anything_is_asked(stocked: Home) -> None:
    asked = person(stocked, "add", "prod")
    assert asked.ends() == 73
    assert "Access key id" not in asked.shown.getvalue().decode()


def test_the_token_of_temporary_credentials_is_asked_for(home: Home, keys: KeyMaker) -> None:
    key = keys("ASIA", token=True)
    asked = person(home, "add", "hand", "--no-configure")
    asked.child.expect_exact("Access key ID: ")
    asked.types(key.id.encode())
    asked.asked("Secret access key: ")
    asked.types(key.secret.encode())
    asked.asked("Session token: ")
    asked.types((key.token or "").encode())
    assert asked.ends() == 0
    entry = home.entries()["hand"]
    assert (entry["secret_access_key"], entry["session_token"]) == (key.secret, key.token)


@pytest.mark.parametrize("answer", [b"y", b"n"])
def test_a_secret_that_looks_cut_off_is_asked_about(home: Home, keys: KeyMaker, answer: bytes) -> None:
    key = keys()
    asked = person(home, "add", "hand", "--access-key-id", key.id, "--no-configure")
    asked.asked("Secret access key: ")
    asked.types(key.secret[:5].encode())
    assert answers(asked, "Seal it anyway?", answer) == (0 if answer == b"y" else 64)
    assert ("hand" in home.entries()) == (answer == b"y")
    words = ("add", "file", "--access-key-id", keys().id, "--secret-file", home.write("s", key.secret[:5]))
    home.fails(65, *words, says="fewer than 16 characters", hints="--force")
    assert "file" not in home.entries()


def test_a_key_is_sealed_twice_when_that_is_asked_for(stocked: Home) -> None:
    secret = stocked.write("s", stocked.key.secret)
    words = ("add", "twin", "--access-key-id", stocked.key.id, "--secret-file", secret)
    stocked.fails(73, *words, says="sealed as 'prod' already", hints="--force")
    stocked.ok(*words, "--force", "--configure", "--profile", "two")
    assert f"[profile two]\ncredential_process = {HELPER} twin\n" == stocked.config.read_text()


def test_a_declined_profile_stops_before_the_source_is_deleted(home: Home, keys: KeyMaker) -> None:
    file = home.csv(keys())
    asked = person(home, "import", file, "--delete-source")
    assert answers(asked, "Write this into", b"n") == 64
    said = asked.shown.getvalue().decode()
    assert "nothing was deleted" in said and "--no-configure" in said
    assert file.exists() and not home.config.exists() and "prod" in home.entries()
    home.ok("import", file, "--delete-source", "--no-configure")
    assert not file.exists()


def test_one_profile_that_cannot_be_written_holds_up_no_other(home: Home, keys: KeyMaker) -> None:
    one, odd, last = keys(), keys(), keys()
    home.write(home.credentials, block("one", one) + block("odd name", odd) + block("last", last))
    home.write(home.config, "[profile last]\nsso_session = x\n")
    result = home("import", home.credentials, "--configure", "--delete-source", "--force")
    assert result.returncode == 64, report(result)
    said = result.stderr.decode().splitlines()
    left_out = [line for line in said if "left out the profile" in line]
    assert len(left_out) == 2 and "'odd name'" in left_out[0] and "sso_session (line 2)" in left_out[1], report(result)
    assert said.index(left_out[0]) > max(at for at, line in enumerate(said) if "removed the key" in line)
    assert "2 of 3 profiles could not be written" in lines(result, "error")[0]
    assert f"{HELPER} one" in home.config.read_text()
    assert home.credentials.read_text() == block("odd name", odd) + block("last", last)
    assert {entry["access_key_id"] for entry in home.entries().values()} == {one.id, odd.id, last.id}
    home.credentials.unlink()


def test_a_name_that_meets_a_known_key_is_told(stocked: Home) -> None:
    result = stocked.ok("import", stocked.csv(stocked.key), "--name", "again", "--no-configure")
    assert "sealring rename prod again" in "\n".join(lines(result, "hint")), report(result)
