"""Import of the files of the AWS CLI and of other files with keys: what is sealed, left out, kept and removed."""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest

from support.home import Home, lines, report
from support.keys import Key, KeyMaker

ROOT = Path(__file__).resolve().parents[2]
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
LOCALSTACK = "[localstack]\naws_access_key_id = test\naws_secret_access_key = test\n"


def block(header: str, key: Key, *more: str) -> str:
    token = [f"aws_session_token = {key.token}"] if key.token else []
    return (
        "\n".join(
            [f"[{header}]", f"aws_access_key_id = {key.id}", f"aws_secret_access_key = {key.secret}", *token, *more]
        )
        + "\n"
    )


def stderr(result) -> str:
    return result.stderr.decode()


def test_a_profile_that_cannot_be_sealed_does_not_hold_up_the_others(home: Home, keys: KeyMaker) -> None:
    dev = keys()
    home.write(home.credentials, LOCALSTACK + block("dev", dev, "region = eu-west-1"))
    home.fails(65, "import", home.credentials, "--no-configure", hints="--skip-invalid")
    result = home.ok("import", home.credentials, "--no-configure", "--delete-source", "--skip-invalid")
    assert home.entries()["dev"]["secret_access_key"] == dev.secret
    assert home.credentials.read_text() == LOCALSTACK + "[dev]\nregion = eu-west-1\n"
    # What was left out, and why, is the last word.
    last = stderr(result).strip().splitlines()[-1]
    assert "left out: credentials, line 2: profile 'localstack'" in last, report(result)


def test_keys_in_the_config_file_are_taken_out_as_from_the_credentials_file(home: Home, keys: KeyMaker) -> None:
    key = keys()
    home.write(home.config, "[default]\noutput = json\n" + block("profile eb-cli", key, "region = eu-west-1"))
    home.ok("import", home.config, "--no-configure", "--delete-source")
    assert home.entries()["eb-cli"]["secret_access_key"] == key.secret
    assert home.config.read_text() == "[default]\noutput = json\n[profile eb-cli]\nregion = eu-west-1\n"


@pytest.mark.parametrize(
    "words", [("import", "--force"), ("import", "--force", "--delete-source"), ("configure", "--force")]
)
def test_a_profile_with_keys_in_the_config_file_is_moved_into_the_vault(
    home: Home, keys: KeyMaker, words: tuple[str, ...]
) -> None:
    """The EB CLI writes them there, and most SDKs take them before a command."""
    key = keys()
    home.write(home.config, block("profile eb-cli", key, "region = eu-west-1"))
    if words[0] == "configure":
        home.ok("import", home.csv(key), "--name", "eb-cli", "--no-configure")
        home.ok("configure", "eb-cli", *words[1:])
    else:
        home.ok("import", home.config, *words[1:])
    assert {name: entry["secret_access_key"] for name, entry in home.entries().items()} == {"eb-cli": key.secret}
    content = home.config.read_text()
    assert key.secret not in content and "aws_" not in content
    assert re.fullmatch(
        r"\[profile eb-cli\]\nregion = eu-west-1\ncredential_process = /\S+/sealring-credential-process eb-cli\n",
        content,
    )


def test_a_key_that_configure_moves_in_keeps_its_end(stocked: Home, keys: KeyMaker) -> None:
    key = keys("ASIA", token=True)
    ends = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() + 7200))
    stocked.write(stocked.credentials, block("new", key, f"expiration = {ends}"))
    stocked.ok("configure", "prod", "--profile", "new", "--force")
    moved = [name for name, entry in stocked.entries().items() if entry["access_key_id"] == key.id]
    assert stocked.answer(moved[0])["Expiration"] == ends.replace(" ", "T") + "Z"
    old = keys("ASIA", token=True)
    content = block("old", old, "expiration = 2021-01-17 18:20:09")
    stocked.write(stocked.credentials, content)
    stocked.fails(65, "configure", "prod", "--profile", "old", "--force", says="2021-01-17 18:20 UTC")
    assert stocked.credentials.read_text() == content


ENDS = [
    "x_security_token_expires = 2021-01-17T19:20:09+01:00",
    "aws_expiration = 2021-01-17T18:20:09.000Z",
    "aws_credential_expiration = 2021-01-17T18:20:09+00:00",
    "aws_session_expiration = 2021-01-17T18:20:09+0000",
    "expiration = 2021-01-17 18:20:09",
]


@pytest.mark.parametrize("end", ENDS)
def test_credentials_that_have_ended_are_refused_with_their_date(home: Home, keys: KeyMaker, end: str) -> None:
    key = keys("ASIA", token=True)
    home.write(home.credentials, block("saml", key, end))
    result = home.fails(65, "import", home.credentials, "--no-configure")
    assert "line 5: profile 'saml': these temporary credentials expired at 2021-01-17 18:20 UTC" in stderr(result)
    assert not home.entries()


def test_the_end_of_credentials_is_kept_and_handed_out(home: Home, keys: KeyMaker) -> None:
    made = {name: keys("ASIA", token=True) for name in ("ini", "json")}
    ends = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 7200))
    home.write(home.credentials, block("ini", made["ini"], f"x_security_token_expires = {ends}"))
    document = {
        "Version": 1,
        "AccessKeyId": made["json"].id,
        "SecretAccessKey": made["json"].secret,
        "SessionToken": made["json"].token,
        "Expiration": ends,
    }
    home.ok("import", home.credentials, home.write("json.json", json.dumps(document)), "--no-configure")
    for name, key in made.items():
        answer = home.answer(name)
        assert (answer["Expiration"], answer["SessionToken"]) == (ends, key.token)
    document["Expiration"] = "2021-01-01T00:00:00Z"
    home.fails(65, "import", home.write("old.json", json.dumps(document)), "--no-configure")


def test_keys_that_profiles_share_are_sealed_once(home: Home, keys: KeyMaker) -> None:
    shared, other = keys(), keys()
    home.write(home.credentials, block("default", shared) + block("prod", shared) + block("dev", other))
    home.ok("import", home.credentials, "--no-configure", "--delete-source")
    assert {name: entry["secret_access_key"] for name, entry in home.entries().items()} == {
        "default": shared.secret,
        "dev": other.secret,
    }
    assert home.credentials.read_text() == ""


def test_a_key_that_comes_with_two_secrets_is_refused(home: Home, keys: KeyMaker) -> None:
    one, other, third = keys(), keys(), keys()
    home.write(home.credentials, block("a", one) + block("b", Key(one.id, other.secret)) + block("c", third))
    before = home.snapshot()
    home.fails(73, "import", home.credentials, "--no-configure", says="line 1", hints="--skip-invalid")
    assert home.snapshot() == before
    result = home.ok("import", home.credentials, "--no-configure", "--skip-invalid", "--delete-source")
    assert set(home.entries()) == {"c"}
    assert one.id in stderr(result).splitlines()[-1]
    left = block("a", one) + block("b", Key(one.id, other.secret))
    assert home.credentials.read_text() == left
    home.write(home.credentials, left)


def test_a_name_that_is_taken_does_not_hold_up_the_others(stocked: Home, keys: KeyMaker) -> None:
    made = {"prod": keys(), "dev": keys()}
    content = "".join(block(name, key) for name, key in made.items())
    stocked.write(stocked.credentials, content)
    stocked.fails(73, "import", stocked.credentials, "--no-configure", says="'prod' is taken")
    result = stocked.ok("import", stocked.credentials, "--no-configure", "--skip-invalid", "--delete-source")
    assert stocked.entries()["dev"]["secret_access_key"] == made["dev"].secret
    assert stocked.entries()["prod"]["secret_access_key"] == stocked.key.secret
    assert "'prod' is taken" in stderr(result).splitlines()[-1]
    left = block("prod", made["prod"])
    assert stocked.credentials.read_text() == left
    stocked.write(stocked.credentials, left)
    stocked.fails(73, "import", stocked.credentials, "--no-configure", "--skip-invalid", says="'prod' is taken")


@pytest.mark.parametrize("way", ["written in place", "replaced"])
def test_a_source_that_changed_since_it_was_read_is_not_deleted(home: Home, keys: KeyMaker, way: str) -> None:
    """The passphrase is asked for between the two."""
    old, new = keys(), keys()
    file = home.csv(old)
    other = home.write("other.csv", new.csv())
    times = f"touch -r {home.passphrase_file} {file}"
    command = {"written in place": f"cat {other} > {file}", "replaced": f"cp {other} {other}2 && mv {other}2 {file}"}[
        way
    ]
    words = (
        "--no-configure",
        "--delete-source",
        "--passphrase-command",
        f"{command}; {times}; cat {home.passphrase_file}",
    )
    home.fails(75, "import", file, *words, passphrase=None, says="was not deleted", hints="again")
    assert file.read_bytes() == new.csv().encode()
    assert home.entries()["prod"]["secret_access_key"] == old.secret


def test_a_file_that_the_commands_rewrite_alike_is_deleted(home: Home, keys: KeyMaker) -> None:
    """So that the test above does not pass because nothing is ever deleted."""
    file = home.csv(keys())
    command = f"touch {file}; cat {home.passphrase_file}"
    home.ok("import", file, "--no-configure", "--delete-source", "--passphrase-command", command, passphrase=None)
    assert not file.exists()


def test_stdin_is_read_by_each_of_its_names_and_never_deleted(home: Home, keys: KeyMaker) -> None:
    made = {"a": ("-", keys()), "b": ("/dev/stdin", keys()), "c": ("/dev/fd/0", keys())}
    for name, (path, key) in made.items():
        home.fails(
            64,
            "import",
            path,
            "--name",
            name,
            "--no-configure",
            "--delete-source",
            input=key.csv().encode(),
            says="--delete-source cannot delete",
        )
        home.ok("import", path, "--name", name, "--no-configure", input=key.csv().encode())
        with home.csv(key, f"{name}.csv").open("rb") as stream:
            home.fails(64, "import", path, "--no-configure", "--delete-source", stdin=stream)
            home.ok("import", path, "--no-configure", stdin=stream)
        assert (home.outside / f"{name}.csv").exists() and os.path.lexists("/dev/stdin")
    assert {name: entry["secret_access_key"] for name, entry in home.entries().items()} == {
        name: key.secret for name, (_, key) in made.items()
    }


def test_the_configuration_file_of_the_sdk_for_javascript_is_taken(home: Home, keys: KeyMaker) -> None:
    key = keys()
    document = {"accessKeyId": key.id, "secretAccessKey": key.secret, "region": "eu-west-1"}
    home.ok("import", home.write("js.json", json.dumps(document)), "--no-configure")
    assert home.entries()["js"]["secret_access_key"] == key.secret
    assert home.listed()["js"]["region"] == "eu-west-1"


def test_a_password_managers_table_is_named_as_that(home: Home, keys: KeyMaker) -> None:
    key = keys()
    file = home.write("p.csv", f"Title,Url,Username,Password\nAWS,https://x,{key.id},{key.secret}\n")
    home.fails(65, "import", file, says="password manager", hints="Access key ID")


def test_paths_of_the_aws_cli_are_expanded_as_it_does(home: Home, keys: KeyMaker) -> None:
    static = keys()
    home.write(home.path / "dir/keys", block("profile x", static))
    environment = {
        "PLACE": str(home.path / "dir"),
        "AWS_CONFIG_FILE": "$PLACE/profiles",
        "AWS_SHARED_CREDENTIALS_FILE": "~/${NAME}/keys",
        "NAME": "dir",
    }
    # The variable says that it is a credentials file, where a profile's name is all of its header.
    home.ok("import", home.path / "dir/keys", "--no-configure", env=environment)
    assert set(home.entries()) == {"profile-x"}
    home.ok("configure", "profile-x", "--force", env=environment)
    assert "[profile profile-x]" in (home.path / "dir/profiles").read_text()
    assert not home.config.exists()


def test_what_an_entry_had_besides_its_key_stays_when_that_is_replaced(stocked: Home, keys: KeyMaker) -> None:
    bundle = stocked.write("ca.pem", CERTIFICATE)
    settings = ("--ca-bundle", bundle, "--note", "mine", "--expose-for", "1h")
    stocked.ok("set", "prod", *settings)
    key = keys()
    stocked.ok("import", stocked.csv(key, "new.csv"), "--name", "prod", "--replace", "--no-configure")
    shown = stocked.json("show", "prod")
    assert shown["access_key_id"] == key.id
    assert (shown["ca_bundle"], shown["note"]) == (str(bundle), "mine")


def test_an_unusual_key_id_is_warned_of_with_the_rule(home: Home, keys: KeyMaker) -> None:
    key = Key("AKIAI44QH8DHBEXAMPLE", keys().secret)
    result = home.ok("import", home.csv(key, "odd.csv"), "--no-configure")
    assert any(
        "unusual access key ID: AWS issues AKIA or ASIA and 16 characters of A-Z and 2-7" in line
        for line in lines(result, "warning")
    ), report(result)
    assert not lines(home.ok("import", home.csv(keys(), "usual.csv"), "--no-configure"), "warning")


def test_the_examples_follow_the_rule_of_key_ids() -> None:
    documents = [*ROOT.glob("*.md"), *ROOT.glob("Sources/*/*.docc/*.md"), *ROOT.glob("Sources/sealring/Manual/*")]
    files = [*documents, ROOT / "Examples/quickstart.sh", ROOT / "Examples/terminal.svg"]
    found = [key for file in files for key in re.findall(r"A[KS]IA[A-Z0-9]{3,}", file.read_text())]
    assert len(found) > 3
    assert [key for key in found if not re.fullmatch("A[KS]IA[A-Z2-7]{16}", key)] == []
