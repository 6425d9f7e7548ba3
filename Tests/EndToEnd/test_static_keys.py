"""Plaintext keys in ~/.aws/credentials: found, moved into the vault, and only then removed, to the line."""
from __future__ import annotations

import pytest

from home import Home, lines, report
from keys import Key, KeyMaker

OTHERS = "# mine\n[default]\nregion = eu-west-1\ns3 =\n  max_queue_size = 3\n\n[work]\noutput = json"


def block(profile: str, key: Key) -> str:
    token = f"aws_session_token = {key.token}\n" if key.token else ""
    return f"[{profile}]\naws_access_key_id = {key.id}\naws_secret_access_key={key.secret}\n{token}"


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
def test_keys_of_the_same_name_are_moved_when_that_is_agreed(
    stocked: Home, keys: KeyMaker, command: str) -> None:
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
