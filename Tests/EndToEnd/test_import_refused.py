"""Files, rows and streams that hold no key to import: what is said of them, and what is sealed all the same."""

from __future__ import annotations

import subprocess

import pytest

from support.home import PROGRAM, Home, report
from support.imports import sealed
from support.keys import KeyMaker

REFUSED: dict[str, tuple[str, str]] = {
    "User name,Password,Console sign-in URL\nalice,pw,https://x\n": ("console password", "accessKeys.csv"),
    "User Name,Password\nalice-at-1,pw\n": ("CodeCommit", "only access keys"),
    "IAM User Name,Smtp Username,Smtp Password\nses,AKIAIOSFODNN7EXAMPLE,pw\n": ("SES", "mail"),
    "IAM user name,SMTP user name,SMTP password\nses,AKIAIOSFODNN7EXAMPLE,pw\n": ("SES", "mail"),
    "API key\nABSKQmVkcm9ja0FQSUtleS1leGFtcGxl\n": ("Bedrock", "only access keys"),
    "": ("nothing", ""),
    "\n\n": ("nothing", ""),
    "hello\n": ("unknown file format", "rootkey.csv"),
    "Access key ID,Secret access key\n": ("no access key", ""),
    "Access key ID\nAKIAIOSFODNN7EXAMPLE\n": ("Secret access key", "columns"),
    "\0\0\0\0": ("not text", ""),
    '{"AccessKey": [': ("invalid JSON", ""),
    "-----BEGIN RSA PRIVATE KEY-----\nMII\n": ("private key", ""),
    '{"AccessKeyMetadata":[{"AccessKeyId":"AKIAIOSFODNN7EXAMPLE"}]}': ("without secrets", ""),
}
BAD_ROWS = {
    "a short id": "AKIA123,{secret}",
    "no secret": "{id},",
    "one field": "{id}",
    "small letters": "{small},{secret}",
    "a temporary id without its token": "ASIA{rest},{secret}",
    "a control character": "{id},{secret}\x07",
}


def test_an_empty_environment_is_refused(home: Home) -> None:
    home.fails(66, "import", "--from-env", "--name", "env", says="access key ID", hints="AWS_ACCESS_KEY_ID")


@pytest.mark.parametrize("content", REFUSED)
def test_files_without_access_keys_are_refused_with_the_reason(home: Home, content: str) -> None:
    file = home.write("download.csv", content)
    before = home.snapshot()
    says, hints = REFUSED[content]
    home.fails(65, "import", file, "--name", "x", says=says, hints=hints)
    assert home.snapshot() == before


@pytest.mark.parametrize("fault", BAD_ROWS)
def test_one_bad_row_stops_all_and_is_named(home: Home, keys: KeyMaker, fault: str) -> None:
    good, bad = keys(), keys()
    row = BAD_ROWS[fault].format(id=bad.id, secret=bad.secret, small=bad.id.lower(), rest=bad.id[4:])
    file = home.write("keys.csv", f"User name,{good.csv()}".replace(good.id, f"a,{good.id}") + f"b,{row}\r\n")
    before = home.snapshot()
    result = home.fails(65, "import", file, "--no-configure", hints="--skip-invalid")
    assert f"{file.name}" in result.stderr.decode() and "3" in result.stderr.decode(), report(result)
    assert home.snapshot() == before
    skipped = home.ok("import", file, "--skip-invalid", "--no-configure")
    sealed(home, good, "a")
    assert set(home.entries()) == {"a"}
    assert "3" in skipped.stderr.decode(), report(skipped)


def test_a_missing_file_among_several_stops_all(home: Home, keys: KeyMaker) -> None:
    before_files = home.csv(keys(), "one_accessKeys.csv")
    before = home.snapshot()
    home.fails(66, "import", before_files, home.outside / "missing.csv", "--no-configure", says="missing.csv")
    assert home.snapshot() == before


def test_a_secret_that_was_cut_off_is_refused(home: Home, keys: KeyMaker) -> None:
    one, short = keys(), keys()
    file = home.write("keys.csv", one.csv() + f"{short.id},{short.secret[:5]}\n")
    before = home.snapshot()
    home.fails(65, "import", file, says="1 bad row")
    assert home.snapshot() == before
    row = home.write("row.csv", f"Access key ID,Secret access key\n{short.id},{short.secret[:5]}\n")
    shown = home.fails(65, "import", row, "--skip-invalid", says="no usable key").stderr.decode()
    assert "left out: row.csv, line 2: the secret access key has fewer than 16 characters" in shown
    home.ok("import", file, "--force", "--no-configure")
    assert len(home.entries()) == 2


def test_keys_that_were_left_out_are_counted(home: Home, keys: KeyMaker) -> None:
    one, two = keys(), keys()
    rows = f"c,{keys().id},\nd,x,y\n"
    home.write("keys.csv", f"User name,{one.csv()}".replace(one.id, f"a,{one.id}") + f"b,{two.id},{two.secret}\n{rows}")
    home.write(home.config, "[profile b]\nsso_session = x\n")
    home.fails(
        73,
        "import",
        home.outside / "keys.csv",
        "--skip-invalid",
        "--configure",
        says="1 of 2 profiles could not be written; keys sealed: 2, left out: 2",
    )


@pytest.mark.parametrize(
    ("path", "says"), [("/dev/null", "is a device, not a regular file"), ("/tmp", "is a directory, not a regular file")]
)
def test_what_is_not_a_file_is_named(home: Home, path: str, says: str) -> None:
    home.fails(65, "import", path, says=says)


def test_a_closed_stdin_is_named(home: Home) -> None:
    environment = home.env | {"SEALRING_PASSPHRASE_FILE": str(home.passphrase_file)}
    result = subprocess.run(
        ["/bin/sh", "-c", f"exec '{PROGRAM}' import - <&-"],
        env=environment,
        capture_output=True,
        start_new_session=True,
    )
    assert result.returncode == 66 and b"stdin is closed" in result.stderr, result
