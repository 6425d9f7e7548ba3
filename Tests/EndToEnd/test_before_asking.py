"""Options that are refused: before a passphrase is asked for, with the value and what it may be, and with status 64."""

from __future__ import annotations

import pytest

from support.home import Home, lines, report
from support.profiles import ADMIN

ROLE = ("role", "add", "admin", "--role-arn", ADMIN, "--source", "prod")

REFUSED: list[tuple[tuple[str, ...], str]] = [
    (("init", "--vault", "new", "--kdf-memory", "32"), "invalid --kdf-memory '32': use 64 to 2048 (MiB)"),
    (("passwd", "--kdf-memory", "32"), "invalid --kdf-memory '32': use 64 to 2048 (MiB)"),
    (("passwd", "--kdf-memory", "4294967295"), "invalid --kdf-memory '4294967295'"),
    (("passwd", "--kdf-passes", "17"), "invalid --kdf-passes '17': use 3 to 16"),
    (("recover", "--kdf-passes", "2"), "invalid --kdf-passes '2': use 3 to 16"),
    (("passwd", "--kdf-memory", "2048", "--kdf-passes", "9"), "2048 MiB with 9 passes cost too much"),
    (("set", "prod", "--account-id", "bad"), "invalid account ID 'bad': it must have 12 digits"),
    (("set", "prod", "--note", "a\nb"), "invalid note: it must have 1 to 4096 bytes"),
    (("set", "prod", "--user-name", "u" * 5000), "invalid user name: it must have"),
    ((*ROLE, "--note", "a\nb"), "invalid note: it must have 1 to 4096 bytes"),
    (("set", "prod", "--region", "EU (Ireland)"), "invalid region"),
    (("set", "prod", "--duration", "20m"), "a session must last at least 30m"),
    (("set", "prod", "--duration", "37h"), "a session can last at most 36h"),
    (("set", "prod", "--expose-for", "5m"), "duration '5m' is out of range: use 15m to 12h"),
    (("set", "prod", "--sts-endpoint", "sts.example"), "invalid endpoint 'sts.example'"),
    (("set", "prod", "--mfa-serial", "12345678"), "invalid MFA device '12345678'"),
    (("set", "admin", "--role-arn", "Admin"), "invalid role 'Admin'"),
    (("set", "admin", "--tags", "team"), "invalid tag 'team'"),
    (("mfa", "set", "prod", "--mfa-serial", "12345678", "--seed"), "invalid MFA device '12345678'"),
    (("add", "new", "--access-key-id", "AKIA1"), "invalid access key ID"),
    (("add", "new", "--region", "EU (Ireland)"), "invalid region"),
    (("add", "new", "--profile", "a]b"), "a]b"),
    ((*ROLE, "--profile", "a]b"), "a]b"),
    (("import", "key.csv", "--profile", "a]b"), "a]b"),
    (("configure", "prod", "--profile", "a]b"), "a]b"),
    (("configure", "prod", "--output", "xml"), "xml"),
    (("configure", "prod", "--region", "EU (Ireland)"), "EU (Ireland)"),
    (("rotate", "prod", "--keep-old", "1s"), "duration '1s' is out of range: use 1m to 30d"),
    (("rotate", "prod", "--settle", "11m"), "duration '11m' is out of range: use 0s to 10m"),
    (("age", "--max-age", "1m"), "duration '1m' is out of range: use 1h to 3650d"),
    (("unlock", "--for", "8d"), "duration '8d' is out of range: use 1m to 7d"),
    (("session", "prod", "--mfa-token", "1234567"), "invalid --mfa-token: an MFA code has 6 digits"),
]


@pytest.mark.parametrize("words, says", REFUSED, ids=lambda value: " ".join(value) if isinstance(value, tuple) else "")
def test_a_value_is_refused_before_the_passphrase_is_asked_for(
    stocked: Home, words: tuple[str, ...], says: str
) -> None:
    stocked.csv(stocked.key, "key.csv")
    before = stocked.snapshot()
    # Without a passphrase, and without a terminal to ask for it.
    stocked.fails(64, *words, passphrase=None, says=says)
    assert stocked.snapshot() == before


@pytest.mark.parametrize(
    "words",
    [
        ("passwd", "--new-passphrase-file", "missing", "--no-recovery-code"),
        ("passwd", "--code-file", "missing", "--no-recovery-code"),
        ("recovery-code", "new", "--recovery-code-file", "missing/code"),
        ("mfa", "set", "prod", "--mfa-serial", "GAHT12345678", "--seed-file", "missing"),
    ],
)
def test_a_file_is_read_before_the_passphrase_is_asked_for(stocked: Home, words: tuple[str, ...]) -> None:
    code = stocked.outside / "code"
    stocked.ok("recovery-code", "new", "--recovery-code-file", code)
    stocked.write(code, stocked.ledger.secret("recovery code", code.read_bytes().strip()) + b"\n")
    stocked.fails(66, *words, passphrase=None, says="missing")


@pytest.mark.parametrize(
    "region, says",
    [("eu-cental-1", "check that AWS has it"), ("auto", "AWS has no such region"), ("eu-central-1", ""), ("", "")],
)
def test_an_unknown_region_is_stored_with_a_warning(stocked: Home, region: str, says: str) -> None:
    result = stocked.ok("set", "prod", "--region", region)
    assert stocked.json("show", "prod").get("region", "") == region
    stocked.ok(*ROLE, "--no-configure")
    again = stocked.ok("set", "admin", "--region", region)
    for told in (result, again):
        warnings = lines(told, "warning")
        assert (len(warnings), says in "".join(warnings)) == (1 if says else 0, True), report(told)
        assert not says or f"unknown region '{region}'" in warnings[0]
