"""Settings of roles that AWS would refuse, chains that end nowhere, and files that are none."""

from __future__ import annotations

import itertools
import os

import pytest

from support.home import Home
from support.profiles import ADMIN as ARN
from support.roles import ADD


@pytest.fixture
def roles(vault: Home) -> Home:
    vault.ok(*ADD)
    return vault


REFUSED: list[tuple[tuple[str, ...], str]] = [
    (("--role-arn", "arn:aws:iam::12345678901:role/Admin"), "not the ARN of a role"),
    (("--role-arn", "arn:aws:iam::123456789012:user/alice"), "not the ARN of a role"),
    (("--role-arn", "arn:aws-mars:iam::123456789012:role/Admin"), "unknown partition 'aws-mars'"),
    (("--role-arn", ""), "not the ARN of a role"),
    (("--source", ""), "needs a source"),
    (("--external-id", "x"), "external ID"),
    (("--external-id", "a b"), "external ID"),
    (("--external-id", "x" * 1225), "external ID"),
    (("--session-name", "a"), "session name"),
    (("--session-name", "a/b"), "session name"),
    (("--session-name", "n" * 65), "session name"),
    (("--source-identity", "ä" * 3), "source identity"),
    (("--source-identity", "i"), "source identity"),
    (("--duration", "15m"), "at least 30m"),
    (("--duration", "12h1s"), "at most 12h"),
    (("--duration", "soon"), "invalid duration 'soon'"),
    (("--mfa-serial", "12345678"), "invalid MFA device"),
    (("--mfa-serial", "arn:aws:iam::1:mfa/a b"), "invalid MFA device"),
    (("--tags", "team"), "invalid tag"),
    (("--tags", "=core"), "invalid tag"),
    (("--tags", "AWS:team=core"), "invalid tag"),
    (("--tags", "k" * 129 + "="), "invalid tag"),
    (("--tags", "k=" + "v" * 257), "invalid tag"),
    (("--tags", "a=b\n"), "invalid tag"),
    (("--tags", "team=a", "--tags", "Team=b"), "duplicate session tag"),
    (tuple(word for number in range(51) for word in ("--tags", f"k{number}=")), "at most 50"),
    (("--transitive-tag", "team"), "no session tag has the key 'team'"),
    (("--tags", "t=", "--transitive-tag", "t", "--transitive-tag", "t"), "duplicate transitive tag"),
    (("--policy-arn", "ReadOnlyAccess"), "invalid policy ARN"),
    (
        tuple(word for number in range(11) for word in ("--policy-arn", f"arn:aws:iam::aws:policy/P{number}")),
        "at most 10",
    ),
    (("--region", "EU (Ireland)"), "invalid region"),
    (("--sts-endpoint", "http://sts.example"), "only for this machine"),
    (("--sts-endpoint", "https://a/?b"), "invalid endpoint"),
    (("--sts-endpoint", "sts.example"), "invalid endpoint"),
    (("--iam-endpoint", "https://iam.example"), "does not apply to a role"),
]


def by_options(value: object) -> str:
    return "-".join(value)[:40] if isinstance(value, tuple) else ""


@pytest.mark.parametrize("options, says", REFUSED, ids=by_options)
def test_what_aws_would_refuse_is_refused_before_the_passphrase_is_asked(
    stocked: Home, options: tuple[str, ...], says: str
) -> None:
    words = [
        word
        for option, value in {"--role-arn": ARN, "--source": "prod"}.items()
        if option not in options
        for word in (option, value)
    ]
    stocked.fails(64, "role", "add", "admin", *words, *options, says=says, passphrase=None)


def test_what_aws_would_refuse_is_not_set(stocked: Home) -> None:
    stocked.unlock()
    stocked.ok(*ADD)
    before = stocked.snapshot()
    for options, says in REFUSED:
        stocked.fails(64, "set", "admin", *options, says=says)
    assert stocked.snapshot() == before


@pytest.mark.parametrize(
    "content, says",
    [
        ("", "'{' is missing"),
        ("[]", "'{' is missing"),
        ('{"Version" 1}', "':' is missing"),
        ("{}{}", "follows its end"),
        (b'{"a":"\xff"}', "not UTF-8 text"),
        ('{"a":"' + "x" * 2041 + '"}', "2048"),
        ("x" * 70_000, "65536"),
    ],
)
def test_a_policy_is_looked_at(stocked: Home, content: str | bytes, says: str) -> None:
    stocked.fails(65, *ADD, "--policy-file", stocked.write("policy.json", content), says=says)


def test_a_policy_of_just_what_aws_takes(stocked: Home) -> None:
    stocked.ok(*ADD, "--policy-file", stocked.write("policy.json", '{ "a" : "' + "x" * 2040 + '" }'))
    assert len(stocked.json("show", "admin")["policy"]) == 2048


@pytest.mark.parametrize("option", ["--policy-file", "--ca-bundle"])
def test_files_are_files(stocked: Home, option: str) -> None:
    pipe = stocked.outside / "pipe"
    os.mkfifo(pipe)
    link = stocked.outside / "link"
    link.symlink_to("policy.json")
    stocked.fails(66, *ADD, option, stocked.outside / "missing", says="missing")
    stocked.fails(65, *ADD, option, pipe, says="a FIFO")
    stocked.fails(65, *ADD, option, stocked.outside, says="a directory")
    stocked.fails(77, *ADD, option, link, says="symbolic link", hints="target")
    stocked.fails(65, *ADD, option, stocked.write("notes.txt", "hello"))


def test_a_role_needs_its_source_a_free_name_and_its_arn(roles: Home) -> None:
    before = roles.snapshot()
    roles.fails(66, "role", "add", "x", "--role-arn", ARN, "--source", "missing", says="missing")
    roles.fails(66, "role", "add", "x", "--role-arn", ARN, "--source", "x", says="'x'")
    for name in ("prod", "admin"):
        roles.fails(73, "role", "add", name, "--role-arn", ARN, "--source", "prod", says="taken")
    roles.fails(64, "role", "add", "1x", "--role-arn", ARN, "--source", "prod", says="1x")
    roles.fails(64, "role", "add", "x", "--source", "prod", hints="--role-arn arn:aws")
    roles.fails(64, "role", "add", "x", "--role-arn", ARN, hints="--source")
    assert roles.snapshot() == before


def test_a_role_of_a_role_lasts_an_hour(roles: Home) -> None:
    deep = ("role", "add", "deep", "--role-arn", ARN, "--source", "admin")
    roles.fails(64, *deep, "--duration", "61m", says="at most 1h", hints="--duration 1h")
    roles.ok(*deep, "--duration", "1h")
    roles.fails(64, "set", "deep", "--duration", "2h", says="at most 1h")
    roles.ok("set", "deep", "--source", "prod", "--duration", "2h")
    roles.fails(64, "set", "deep", "--source", "admin", says="at most 1h")


def test_loops_and_long_chains_are_refused_with_their_way(roles: Home) -> None:
    names = ["admin", *(f"r{number}" for number in range(2, 9))]
    for source, name in itertools.pairwise(names):
        roles.ok("role", "add", name, "--role-arn", ARN, "--source", source)
    before = roles.snapshot()
    roles.fails(65, "role", "add", "r9", "--role-arn", ARN, "--source", "r8", says="r9 -> r8 -> r7", hints="key")
    roles.fails(65, "set", "admin", "--source", "r3", says="admin -> r3 -> r2 -> admin", hints="--source")
    roles.fails(65, "set", "admin", "--source", "admin", says="admin -> admin")
    assert roles.snapshot() == before


def test_each_kind_has_settings_of_its_own(roles: Home) -> None:
    before = roles.snapshot()
    for option, value in {"--account-id": "1" * 12, "--user-name": "a", "--expose-for": "1h", "--serve": "key"}.items():
        roles.fails(64, "set", "admin", option, value, says="'admin' is a role")
    for option, value in {
        "--role-arn": ARN,
        "--source": "prod",
        "--external-id": "ab",
        "--tags": "a=b",
        "--session-name": "ab",
    }.items():
        roles.fails(64, "set", "prod", option, value, says="'prod' is a key", hints="role add")
    roles.fails(66, "set", "missing", "--note", "x", says="missing")
    roles.fails(64, "set", "prod", "--duration", "37h", says="at most 36h")
    assert roles.snapshot() == before
