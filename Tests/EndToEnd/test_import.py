"""Every kind of file that people import, through the command line, read back by the independent decoder."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from support.home import Home, lines, report
from support.imports import sealed
from support.keys import Key, KeyMaker, number

LINK = "https://123456789012.signin.aws.amazon.com/console"
# What a file looks like with a key in it, under the name that it has when it comes from AWS.
CONSOLE: dict[str, tuple[str, Callable[[Key], str]]] = {
    "about 2012": (
        "credentials.csv",
        lambda key: f'"User Name","Access Key Id","Secret Access Key"\n"alice","{key.id}","{key.secret}"\n',
    ),
    "to 2022": (
        "new_user_credentials.csv",
        lambda key: (
            "User name,Password,Access key ID,Secret access key,Console login link\n"
            f'alice,"Pa""ss,word",{key.id},{key.secret},{LINK}\n'
        ),
    ),
    "today": ("alice_accessKeys.csv", lambda key: f"Access key ID,Secret access key\n{key.id},{key.secret}"),
    "edited": ("keys.csv", lambda key: f"User Name,Access key ID,Secret access key\nalice,{key.id},{key.secret}\n"),
    "root, old": ("rootkey.csv", lambda key: f"AWSAccessKeyId={key.id}\r\nAWSSecretKey={key.secret}\r\n"),
    "root, newer": ("rootkey.csv", lambda key: f"Access key ID,Secret access key\r\n{key.id},{key.secret}\r\n"),
}
WRITTEN: dict[str, Callable[[str], bytes]] = {
    "BOM": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "UTF-16": lambda text: text.encode("utf-16"),
    "UTF-16 big-endian": lambda text: b"\xfe\xff" + text.encode("utf-16-be"),
    "LF": lambda text: text.replace("\r\n", "\n").encode(),
    "CR": lambda text: text.replace("\r\n", "\r").encode(),
    "CRLF": lambda text: text.encode(),
    "blank lines": lambda text: text.encode() + b"\r\n\r\n  \r\n",
    "semicolons": lambda text: text.replace(",", ";").encode(),
    "spaces": lambda text: text.replace(",", "  ,\t ").encode(),
    "no end": lambda text: text.rstrip().encode(),
    "quotes": lambda text: "\r\n".join(
        ",".join(f'"{field}"' for field in line.split(",")) for line in text.splitlines()
    ).encode(),
    "other case": lambda text: text.replace("Access key ID", "ACCESS KEY id").encode(),
    "another column before": lambda text: "\n".join(
        f'"x,\n""y""",{line}' for line in text.split("\r\n") if line
    ).encode(),
}


@pytest.mark.parametrize("kind", CONSOLE)
def test_every_file_of_the_console_is_taken(home: Home, keys: KeyMaker, kind: str) -> None:
    key = keys(account=123456789012)
    name, content = CONSOLE[kind]
    result = home.ok("import", home.write(name, content(key)), "--no-configure")
    expected = "rootkey" if "root" in kind else "alice"
    sealed(home, key, expected)
    assert home.entries()[expected]["account_id"] == "123456789012"
    assert any("root user" in line for line in lines(result, "warning")) == ("root" in kind), report(result)


def test_several_users_of_one_file_are_sealed_by_one_save(home: Home, keys: KeyMaker) -> None:
    users = {f"user{number}": keys() for number in range(5)}
    rows = "".join(f"{user},,{key.id},{key.secret},{LINK}\n" for user, key in users.items())
    header = "User name,Password,Access key ID,Secret access key,Console login link\n"
    home.ok("import", home.write("credentials.csv", header + rows), "--no-configure")
    for user, key in users.items():
        sealed(home, key, user)
    assert home.generation() == 2


@pytest.mark.parametrize("way", WRITTEN)
def test_every_way_of_writing_a_table_is_understood(home: Home, keys: KeyMaker, way: str) -> None:
    key = keys()
    home.ok("import", home.write("my_accessKeys.csv", WRITTEN[way](key.csv())), "--no-configure")
    sealed(home, key, "my")


@pytest.mark.parametrize("shape", ["create-access-key", "credential_process", "export-credentials", "sts"])
def test_json_of_aws_is_taken(home: Home, keys: KeyMaker, shape: str) -> None:
    key = keys("AKIA" if shape == "create-access-key" else "ASIA", token=shape != "create-access-key")
    pair = {"AccessKeyId": key.id, "SecretAccessKey": key.secret}
    temporary = pair | {"SessionToken": key.token, "Expiration": "2099-01-01T00:00:00+00:00"}
    content = {
        "create-access-key": {
            "AccessKey": pair | {"UserName": "alice", "Status": "Active", "CreateDate": "2025-01-02T03:04:05+00:00"}
        },
        "credential_process": {"Version": 1} | temporary,
        "export-credentials": {"Version": 1} | temporary,
        "sts": {"Credentials": temporary},
    }[shape]
    home.ok("import", home.write("key.json", json.dumps(content, indent=4)), "--name", "it", "--no-configure")
    sealed(home, key, "it")
    entry = home.entries()["it"]
    if shape == "create-access-key":
        assert (entry["user_name"], entry["created_at"]) == ("alice", 1735787045)
    else:
        assert (entry["session_token"], entry["expiration"]) == (key.token, 4070908800)


def test_profiles_of_a_credentials_file_become_entries(home: Home, keys: KeyMaker) -> None:
    one, two = keys(), keys("ASIA", token=True)
    content = (
        f"# mine\n[default]\naws_access_key_id={one.id}\naws_secret_access_key = {one.secret}\nregion = eu-west-1\n"
        f"s3 =\n  max_concurrent_requests = 2\n[two]\naws_access_key_id = {two.id}\n"
        f"aws_secret_access_key = {two.secret}\naws_session_token = {two.token}\n"
    )
    home.ok("import", home.write("credentials", content), "--no-configure")
    sealed(home, one, "default")
    sealed(home, two, "two")
    assert home.entries()["default"]["region"] == "eu-west-1"
    assert home.entries()["two"]["session_token"] == two.token


def test_the_environment_is_a_source(home: Home, keys: KeyMaker) -> None:
    key = keys("ASIA", token=True)
    home.ok(
        "import",
        "--from-env",
        "--name",
        "env",
        "--no-configure",
        holds_secret=True,
        env={"AWS_ACCESS_KEY_ID": key.id, "AWS_SECRET_ACCESS_KEY": key.secret, "AWS_SESSION_TOKEN": key.token or ""},
    )
    sealed(home, key, "env")
    assert home.entries()["env"]["session_token"] == key.token


def test_standard_input_is_a_source(home: Home, keys: KeyMaker) -> None:
    key = keys()
    home.ok("import", "-", "--name", "piped", "--no-configure", input=key.csv().encode())
    sealed(home, key, "piped")


def test_a_dry_run_changes_nothing_and_says_what_would_be(home: Home, keys: KeyMaker) -> None:
    key = keys()
    file = home.csv(key)
    before = home.snapshot()
    result = home.ok("import", file, "--name", "prod", "--configure", "--delete-source", "--dry-run")
    assert home.snapshot() == before
    shown = (result.stdout + result.stderr).decode()
    assert "prod" in shown and key.id in shown, report(result)


def test_the_same_key_again_is_no_error(stocked: Home) -> None:
    generation = stocked.generation()
    result = stocked.ok("import", stocked.csv(stocked.key), "--name", "again", "--no-configure")
    assert b"already sealed as" in result.stdout + result.stderr and b"prod" in result.stdout + result.stderr
    assert (stocked.generation(), set(stocked.entries())) == (generation, {"prod"})


@pytest.mark.parametrize("what", ["name", "key id"])
def test_what_is_taken_is_refused_unless_it_may_be_replaced(stocked: Home, keys: KeyMaker, what: str) -> None:
    new = keys()
    if what == "key id":
        new = Key(stocked.key.id, new.secret)
    name = "prod" if what == "name" else "other"
    file = stocked.csv(new, "new.csv")
    before = stocked.snapshot()
    result = stocked.fails(73, "import", file, "--name", name, "--no-configure", hints="--replace")
    assert "prod" in result.stderr.decode(), report(result)
    assert stocked.snapshot() == before
    stocked.ok("import", file, "--name", name, "--replace", "--no-configure")
    assert [(entry["access_key_id"], entry["secret_access_key"]) for entry in stocked.entries().values()] == [
        (new.id, new.secret)
    ]


def test_one_name_for_several_keys_is_misuse(home: Home, keys: KeyMaker) -> None:
    one, two = keys(), keys()
    file = home.write("keys.csv", one.csv() + f"{two.id},{two.secret}\r\n")
    home.fails(64, "import", file, "--name", "x", "--no-configure", says="--name")


def test_several_files_are_imported_together(home: Home, keys: KeyMaker) -> None:
    one, two = keys(), keys()
    home.ok("import", home.csv(one, "one_accessKeys.csv"), home.csv(two, "two_accessKeys.csv"), "--no-configure")
    sealed(home, one, "one")
    sealed(home, two, "two")


def test_four_thousand_rows_are_one_save(home: Home, keys: KeyMaker) -> None:
    first = keys()
    rows = "".join(f"u{n},AKIA{number(n)},{'s' * 36}{n:04d}\n" for n in range(3999))
    content = f"User name,Access key ID,Secret access key\nfirst,{first.id},{first.secret}\n{rows}"
    home.ok("import", home.write("many.csv", content), "--no-configure")
    assert home.generation() == 2
    assert len(home.entries()) == 4000
    sealed(home, first, "first")
    assert len(home.listed()) == 4000


def test_a_new_secret_keeps_the_name_that_profiles_have(stocked: Home, keys: KeyMaker) -> None:
    stocked.ok("configure", "prod", "--force")
    new, other = Key(stocked.key.id, keys().secret), keys()
    rows = f"User name,{other.csv()}".replace(other.id, f"prod,{other.id}") + f"c,{new.id},{new.secret}\n"
    result = stocked.ok("import", stocked.write("c.csv", rows), "--replace")
    assert f"replaced the secret of {new.id} in prod" in result.stderr.decode()
    assert {name: entry["secret_access_key"] for name, entry in stocked.entries().items()} == {
        "prod": new.secret,
        "prod-2": other.secret,
    }
    file = stocked.csv(Key(new.id, keys().secret), "d.csv")
    result = stocked.ok("import", file, "--replace", "--name", "d", "--no-configure")
    assert any("the profile 'prod' still names prod" in line for line in lines(result, "warning")), report(result)
    assert "sealring configure d --profile prod" in "\n".join(lines(result, "hint"))
    last = keys()
    result = stocked.ok("import", stocked.csv(last, "e.csv"), "--replace", "--name", "d", "--no-configure")
    assert f"replaced {new.id} with {last.id} in d" in result.stderr.decode()
    result = stocked.ok("import", stocked.csv(last, "e.csv"), "--name", "prod-2", "--no-configure")
    assert "another entry" in "\n".join(lines(result, "hint")) and "rename" not in result.stderr.decode()


def test_a_file_gives_its_entry_a_name_that_is_told(home: Home, keys: KeyMaker) -> None:
    result = home.ok("import", home.csv(keys(), "Müller_accessKeys.csv"), "--no-configure")
    assert "'Müller' became the entry name 'M-ller'" in result.stderr.decode(), report(result)
