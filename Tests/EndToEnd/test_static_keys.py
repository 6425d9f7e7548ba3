"""Plaintext keys in ~/.aws/credentials: found, moved into the vault, and only then removed, to the line."""

from __future__ import annotations

import pytest

from support.home import HELPER, Home, lines, report
from support.keys import Key, KeyMaker
from support.person import Person
from support.profiles import block

OTHERS = "# mine\n[default]\nregion = eu-west-1\ns3 =\n  max_queue_size = 3\n\n[work]\noutput = json"


def sealed_once(home: Home, key: Key) -> bool:
    found = [entry["secret_access_key"] for entry in home.entries().values() if entry["access_key_id"] == key.id]
    return found == [key.secret]


def test_an_import_of_the_file_takes_the_keys_out_and_leaves_the_rest(home: Home, keys: KeyMaker) -> None:
    one, two = keys(), keys("ASIA", token=True)
    home.write(home.credentials, block("one", one) + "region = eu-west-1\n" + block("two", two) + OTHERS)
    home.ok("import", home.credentials, "--no-configure", "--delete-source", "--force")
    assert sealed_once(home, one) and sealed_once(home, two)
    assert home.credentials.read_text() == "[one]\nregion = eu-west-1\n[two]\n" + OTHERS
    assert home.credentials.stat().st_mode & 0o7777 == 0o600


def test_without_being_asked_to_the_file_stays(home: Home, keys: KeyMaker) -> None:
    key = keys()
    content = block("one", key) + OTHERS
    home.write(home.credentials, content)
    home.ok("import", home.credentials, "--no-configure")
    assert home.credentials.read_text() == content
    assert sealed_once(home, key)


@pytest.mark.parametrize("command", ["configure", "import"])
def test_keys_of_the_same_name_are_moved_when_that_is_agreed(stocked: Home, keys: KeyMaker, command: str) -> None:
    static = keys()
    stocked.write(stocked.credentials, block("new", static) + OTHERS)
    if command == "configure":
        result = stocked.ok("configure", "prod", "--profile", "new", "--force")
    else:
        result = stocked.ok("import", stocked.csv(keys()), "--name", "new", "--configure", "--force")
    assert any("plaintext key" in line for line in lines(result, "warning")), report(result)
    assert sealed_once(stocked, static)
    assert static.secret not in stocked.credentials.read_text()
    assert stocked.credentials.read_text().endswith(OTHERS)


def test_keys_that_are_sealed_already_are_only_removed(stocked: Home) -> None:
    stocked.write(stocked.credentials, block("prod", stocked.key) + OTHERS)
    stocked.ok("configure", "prod", "--force")
    assert sealed_once(stocked, stocked.key)
    assert set(stocked.entries()) == {"prod"}
    assert stocked.key.secret not in stocked.credentials.read_text()


def test_without_an_agreement_they_stay_with_a_warning_and_the_cure(stocked: Home, keys: KeyMaker) -> None:
    content = block("prod", keys()) + OTHERS
    stocked.write(stocked.credentials, content)
    result = stocked.ok("import", stocked.csv(stocked.key), "--configure")
    assert any("plaintext key" in line for line in lines(result, "warning")), report(result)
    assert "sealring import" in "\n".join(lines(result, "hint")), report(result)
    assert stocked.credentials.read_text() == content


def test_a_vault_at_another_place_takes_keys_without_a_profile(home: Home, keys: KeyMaker) -> None:
    other = home.outside / "other"
    other.mkdir(mode=0o700)
    (other / "vault").write_bytes(home.vault.read_bytes())
    (other / "vault").chmod(0o600)
    file = home.csv(keys())
    home.fails(64, "import", file, "--vault", other / "vault", "--configure", says="profile", hints="default vault")
    assert home.generation() == int.from_bytes((other / "vault").read_bytes()[32:40], "little")
    home.ok("import", file, "--vault", other / "vault")
    assert set(home.listed(env={"SEALRING_VAULT": str(other / "vault")})) == {"prod"}
    assert not home.config.exists()


# Keys leave the files of the AWS CLI only together with a profile that takes their place.


@pytest.mark.parametrize("answer", [b"y", b"n"])
def test_one_question_writes_the_profiles_before_the_keys_go(home: Home, keys: KeyMaker, answer: bytes) -> None:
    one, two, odd, last = keys(), keys(), keys(), keys()
    content = block("one", one) + block("default", two) + block("my work", odd) + block("Größe", last)
    home.write(home.credentials, content)
    asked = Person(
        home, "import", home.credentials, "--delete-source", env={"SEALRING_PASSPHRASE_FILE": str(home.passphrase_file)}
    )
    asked.child.expect_exact("Write these 2 profiles into")
    asked.child.expect_exact("[y/N] ")
    asked.types(answer)
    assert asked.ends() == 64
    said = asked.shown.getvalue().decode()
    assert said.count("[y/N]") == 1 and "+[profile one]" in said and "+[default]" in said
    assert len(home.entries()) == 4
    if answer == b"n":
        assert "nothing was deleted" in said and home.credentials.read_text() == content and not home.config.exists()
        home.credentials.unlink()
        return
    assert f"{HELPER} one" in home.config.read_text() and f"{HELPER} default" in home.config.read_text()
    assert home.credentials.read_text() == block("my work", odd) + block("Größe", last)
    assert said.count("its key stays in credentials") == 2
    home.credentials.unlink()
    assert "left out the profile 'my work'" in said and "left out the profile 'Größe'" in said
    assert "use A to Z, a to z, 0 to 9" in said


@pytest.mark.parametrize("where", ["credentials", "config"])
def test_without_a_terminal_keys_are_not_taken_from_their_profiles(home: Home, keys: KeyMaker, where: str) -> None:
    one, two = keys(), keys()
    file = home.credentials if where == "credentials" else home.config
    prefix = "" if where == "credentials" else "profile "
    home.write(file, block(prefix + "one", one) + block(prefix + "two", two))
    before = home.snapshot()
    home.fails(64, "import", file, "--delete-source", says="2 profiles", hints="--no-configure")
    shown = home.ok("import", file, "--delete-source", "--dry-run").stderr.decode()
    assert "would be refused: --delete-source would leave 2 profiles" in shown
    assert f"would remove the key of the profile 'two' from {file}" in shown
    assert home.snapshot() == before
    home.ok("import", file, "--delete-source", "--configure")
    assert all(f"{HELPER} {name}" in home.config.read_text() for name in ("one", "two"))
    assert "aws_secret" not in file.read_text()


def test_a_key_is_not_taken_for_a_profile_of_another_name(home: Home, keys: KeyMaker) -> None:
    home.write(home.credentials, block("one", keys()))
    before = home.snapshot()
    words = ("import", home.credentials, "--delete-source", "--configure", "--profile", "other")
    home.fails(64, *words, says="the profile 'one' without credentials", hints="--profile")
    assert home.snapshot() == before


def test_a_key_in_the_config_stays_when_its_profile_cannot_be_written(home: Home, keys: KeyMaker) -> None:
    content = block("profile one", keys()) + "sso_session = x\n"
    home.write(home.config, content)
    home.fails(73, "import", home.config, "--delete-source", "--force", says="sso_session")
    assert home.config.read_text() == content


def test_a_role_that_loses_its_key_is_named(home: Home, keys: KeyMaker) -> None:
    home.write(home.credentials, block("base", keys()))
    home.write(home.config, "[profile admin]\nrole_arn = arn:aws:iam::123456789012:role/A\nsource_profile = base\n")
    words = ("import", home.credentials, "--delete-source", "--no-configure")
    lost = "the profile 'admin' assumes its role with the key of 'base'"
    assert lost in home.ok(*words, "--dry-run").stderr.decode()
    assert lost in home.ok(*words).stderr.decode()
    home.write(home.credentials, block("base", keys()))
    assert lost not in home.ok(*words[:3], "--configure", "--name", "base2").stderr.decode()


def test_each_key_without_a_profile_gets_its_command(home: Home, keys: KeyMaker) -> None:
    names = ["one", "two", "three", "four", "1st", "Größe"]
    home.write(home.credentials, "".join(block(name, keys()) for name in names))
    result = home.ok("import", home.credentials)
    hints = [line.partition("with '")[2].rstrip("'") for line in lines(result, "hint") if "write a profile" in line]
    assert hints == [f"sealring configure {name}" for name in names[:4]] + [
        "sealring configure k-1st --profile 1st",
        "sealring configure Gr--e --profile NAME",
    ]
    assert "'Größe' became the entry name 'Gr--e'" in result.stderr.decode()


def test_an_entry_that_is_still_in_a_file_is_named_with_the_command(vault: Home, keys: KeyMaker) -> None:
    vault.write(vault.credentials, block("base", keys()))
    vault.fails(66, "configure", "base", says="no entry 'base'", hints=f"sealring import {vault.credentials}")


def test_a_key_in_the_config_that_is_sealed_and_stays_names_the_command_that_removes_it(
    home: Home, keys: KeyMaker
) -> None:
    content = block("profile one", keys())
    home.write(home.config, content)
    home.fails(
        73,
        "import",
        home.config,
        "--configure",
        says="still holds its plaintext key",
        hints=f"sealring import {home.config} --configure --delete-source",
    )
    assert home.config.read_text() == content
    home.config.unlink()
