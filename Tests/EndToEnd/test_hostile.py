"""Hostile names and values in every sink: no terminal obeys them, no JSON and no INI breaks."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from support.home import Home, Run, report
from support.hostile_text import HOSTILE, SAMPLE
from support.keys import Key, KeyMaker, number

NAME = re.compile(r"[A-Za-z][A-Za-z0-9._@+/-]{0,127}")
# C0 but the newline, DEL, C1, and what turns the direction of text or ends a line.
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")


def is_calm(result: Run) -> None:
    """What a terminal would get: text in UTF-8, without anything that it obeys."""
    for stream in (result.stdout, result.stderr):
        text = stream.decode("utf-8", "strict")
        assert not CONTROL.search(text), report(result)
        assert not re.search(r"^(?!sealring: |\+|-| |@)forged", text, re.MULTILINE), report(result)
    assert max(map(len, result.stderr.splitlines()), default=0) < 20_000, "nobody reads this"
    assert result.returncode in (0, 64, 65, 66, 73, 74, 77), report(result)


def distinct(value: bytes, place: int) -> bytes:
    """Made-up names must differ: two of one name are refused."""
    return value + b"%d" % place if len(value) < 100 else b"%d" % place + value


def rows(count: int) -> list[Key]:
    return [Key(f"AKIA{number(n)}", f"{n:040d}") for n in range(count)]


def names(home: Home) -> set[str]:
    """All names that the vault holds; what it shows of them is calm and can be parsed."""
    entries = home.entries()
    plain, parsed = home.ok("list"), home.ok("list", "--json")
    is_calm(plain)
    is_calm(parsed)
    assert {entry["name"] for entry in json.loads(parsed.stdout)["entries"]} == set(entries)
    assert len(plain.stdout.splitlines()) == len(entries) + 1
    assert all(NAME.fullmatch(name) for name in entries)
    return set(entries)


def field(value: bytes) -> bytes:
    return b'"' + value.replace(b'"', b'""') + b'"'


def test_there_are_enough() -> None:
    assert len(set(HOSTILE)) >= 500


def test_user_names_of_a_table(home: Home) -> None:
    keys = rows(len(HOSTILE))
    table = b"User name,Access key ID,Secret access key\n" + b"".join(
        b"%s,%s,%s\n" % (field(distinct(value, at)), key.id.encode(), key.secret.encode())
        for at, (value, key) in enumerate(zip(HOSTILE, keys, strict=True))
    )
    file = home.write("hostile.csv", table)
    before = home.snapshot()
    is_calm(home("import", file, "--no-configure"))
    assert home.snapshot() == before, "one bad row stops all"
    result = home("import", file, "--no-configure", "--skip-invalid", "--replace")
    is_calm(result)
    assert result.returncode == 0, report(result)
    assert len(names(home)) > 50
    for entry in home.entries().values():
        assert "\n" not in entry.get("user_name", "")


def test_profiles_of_a_settings_file(home: Home) -> None:
    blocks = [
        b"[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n"
        % (distinct(value, at), key.id.encode(), key.secret.encode())
        for at, (value, key) in enumerate(zip(HOSTILE, rows(len(HOSTILE)), strict=True))
        if b"\n" not in value
    ]
    result = home(
        "import", home.write("credentials", b"".join(blocks)), "--no-configure", "--skip-invalid", "--replace"
    )
    is_calm(result)
    assert result.returncode == 0, report(result)
    assert len(names(home)) > 50


def test_user_names_of_json(home: Home) -> None:
    """One at a time: a file of `aws iam create-access-key` holds one key."""
    for number_, value in enumerate(SAMPLE[:16]):
        key = rows(number_ + 1)[-1]
        text = json.dumps(
            {
                "AccessKey": {
                    "UserName": value.decode("latin-1"),
                    "AccessKeyId": key.id,
                    "SecretAccessKey": key.secret,
                    "Status": "Active",
                }
            }
        )
        is_calm(home("import", home.write("key.json", text), "--no-configure", "--replace"))
    names(home)


def test_values_in_every_other_place_of_a_table(home: Home, keys: KeyMaker) -> None:
    key = keys()
    for value in SAMPLE[::3]:
        for row in (b"%s,%s" % (field(value), key.secret.encode()), b"%s,%s" % (key.id.encode(), field(value)), value):
            file = home.write("hostile.csv", b"Access key ID,Secret access key\n" + row + b"\n")
            result = home("import", file, "--name", "x", "--no-configure", "--dry-run", passphrase=None)
            is_calm(result)
            assert key.secret not in result.stderr.decode()


MEGABYTE = 1 << 20
HEADER = b"User name,Access key ID,Secret access key\n"
HUGE = {
    "id": HEADER + b"u," + b"A" * MEGABYTE + b",x\n",
    "secret": HEADER + b"u,AKIAIOSFODNN7EXAMPLE," + b"s" * MEGABYTE,
    "user name": HEADER + b"\x1b[31m" * 200_000 + b",AKIAIOSFODNN7EXAMPLE,x\n",
    "one word": b"A" * MEGABYTE,
    "an open quote": b'"' + b"," * MEGABYTE,
    "commas": b"," * MEGABYTE,
    "a profile": b"[" + b"x" * MEGABYTE + b"]\n",
    "brackets": b"[" * MEGABYTE,
    "deep JSON": b'{"a":' * 200_000,
    "no text": b"\xff" * MEGABYTE,
    "JSON": b'{"AccessKey":{"UserName":"' + b"\\u001b" * 150_000 + b'"}}',
    "lines": b"\n" * MEGABYTE + b"x",
    "settings": b"[p]\n" + b"a = b\n" * 150_000,
    "blanks": b"[p]\n" + b" " * MEGABYTE + b"= x\n",
}


@pytest.mark.parametrize("kind", HUGE)
def test_huge_fields(home: Home, kind: str) -> None:
    file = home.write("huge.csv", HUGE[kind])
    before = home.snapshot()
    result = home("import", file, "--name", "x", "--no-configure", passphrase=None, timeout=10)
    is_calm(result)
    assert result.returncode in (64, 65), report(result)
    assert len(result.stderr) < 4096, report(result)
    assert home.snapshot() == before


COMMANDS = {
    "add": ("add", "{}", "--access-key-id", "AKIAIOSFODNN7EXAMPLE"),
    "id": ("add", "x", "--access-key-id", "{}"),
    "rename": ("rename", "prod", "{}"),
    "file": ("import", "{}"),
    "import": ("import", "good.csv", "--name", "{}"),
    "command": ("{}",),
    "option": ("list", "--{}"),
    "vault": ("list", "--vault", "/nonexistent/{}"),
    "passphrase file": ("list", "--passphrase-file", "{}"),
    "duration": ("set", "prod", "--expose-for", "{}"),
    "profile": ("configure", "prod", "--dry-run", "--profile", "{}"),
    "region": ("configure", "prod", "--dry-run", "--region", "{}"),
    "output": ("configure", "prod", "--dry-run", "--output", "{}"),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_arguments(stocked: Home, keys: KeyMaker, command: str) -> None:
    """Without a passphrase: what gets as far as asking for one was not refused for the value."""
    stocked.csv(keys(), "good.csv")
    stocked.write(stocked.config, "[profile dev]\nregion = x\n")
    before = stocked.snapshot()
    # Every value with some of the commands, every command with some of the values.
    for value in SAMPLE[list(COMMANDS).index(command) % 4 :: 4]:
        words = [word.encode().replace(b"{}", value) for word in COMMANDS[command]]
        is_calm(stocked(*words, passphrase=None))
    assert stocked.snapshot() == before


def test_names_that_are_asked_for(stocked: Home) -> None:
    for value in SAMPLE[:12]:
        for command in ("show", "remove", "configure"):
            result = stocked(command, "--", value)
            is_calm(result)
            assert result.returncode in (64, 66), report(result)


def test_notes(stocked: Home) -> None:
    taken = 0
    for value in SAMPLE[:24] + [b"-", b"--", b"a\xc3\xa9\xe2\x82\xac\xf0\x9f\x92\xa9"]:
        result = stocked("set", "prod", b"--note=" + value)
        is_calm(result)
        if result.returncode:
            continue
        taken += 1
        # What is no UTF-8 does not get through as it is; all else does.
        kept = stocked.entries()["prod"]["note"]
        assert kept.encode() == value or "\ufffd" in kept
        if taken % 4 == 0:
            is_calm(stocked.ok("show", "prod"))
            assert stocked.json("show", "prod")["note"] == kept
    assert taken > 5


READ = "import botocore.session, json\nprint(json.dumps(botocore.session.Session().full_config))"


def test_profiles_that_are_written_are_read_back_by_botocore(stocked: Home) -> None:
    """Either a name is refused and the file stays, or botocore finds the profile under this very name."""
    stocked.write(stocked.config, "[profile dev]\nregion = x\n")
    written = set()
    good = ["a", "a.b", "a-b", "a_b", "a@b", "a/b", "a+b", "a%b", "a:b", "1a", "default", "profile"]
    for value in SAMPLE[:20] + [name.encode() for name in good]:
        before = stocked.config.read_bytes()
        result = stocked("configure", "prod", "--force", b"--profile=" + value)
        is_calm(result)
        if result.returncode == 0:
            written.add(value.decode())
        else:
            assert stocked.config.read_bytes() == before
    result = stocked("-c", READ, program=Path(sys.executable), passphrase=None)
    profiles = json.loads(result.stdout)["profiles"]
    assert set(profiles) == written | {"dev"}
    assert set(good) - {"profile"} <= written
    assert all(profiles[name]["credential_process"].endswith("sealring-credential-process prod") for name in written)
    assert profiles["dev"] == {"region": "x"}


def test_a_hostile_environment(stocked: Home) -> None:
    for variable in ("SEALRING_VAULT", "SEALRING_STATE_DIR", "XDG_DATA_HOME", "HOME", "SEALRING_PASSPHRASE_FILE"):
        for value in (b"/\x1b[31m", b"/a\nforged: line", b"/\xff", b"/" + b"x" * 5000, b"\x1b", b"/%s%n"):
            is_calm(stocked("list", env={variable: value.decode("utf-8", "surrogateescape")}))


def test_a_hostile_config(stocked: Home) -> None:
    lines = b"".join(b"[profile %s]\nregion = %s\n" % (value, value) for value in HOSTILE if b"\n" not in value)
    stocked.write(stocked.config, lines)
    result = stocked("configure", "prod", "--force", "--profile", "mine")
    is_calm(result)
    if result.returncode == 0:
        assert stocked.config.read_bytes().startswith(lines)
    else:
        assert stocked.config.read_bytes() == lines
    is_calm(stocked("list", "--json"))
