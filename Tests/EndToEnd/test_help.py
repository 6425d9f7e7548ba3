"""Commands as people look for them: groups, examples, aliases, and what belongs to every command last."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import pytest

from support.home import PROGRAM, Home, report
from support.profiles import ADMIN

GROUPS = ["EVERYDAY", "PROFILES", "ROLES AND MFA", "CARE OF KEYS", "VAULT AND PASSPHRASE", "MORE"]
GLOBAL = ["--vault", "--passphrase-file", "--passphrase-command", "--no-agent", "--accept-rollback"]


def sections(text: str) -> dict[str, str]:
    """The parts of a help text by their titles, in order."""
    parts = re.split(r"^([A-Z][A-Z ]*):(?: |\n)", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def commands(home: Home, *words: str) -> Iterator[tuple[str, ...]]:
    """Every command below this one, and itself."""
    yield words
    for title, part in sections(home.ok(*words, "--help").stdout.decode()).items():
        if title in {*GROUPS, "COMMANDS"}:
            for name in re.findall(r"^  ([a-z-]+)", part, re.M):
                yield from commands(home, *words, name)


def test_the_commands_stand_in_groups(bare: Home) -> None:
    found = sections(bare.ok("--help").stdout.decode())
    assert [title for title in found if title not in {"USAGE", "EXAMPLES", "GLOBAL OPTIONS"}] == GROUPS
    assert list(found)[-1] == "GLOBAL OPTIONS"


def test_every_command_has_two_examples_which_the_parser_takes(bare: Home) -> None:
    every = list(commands(bare))
    assert len(every) > 30 and ("role", "add") in every
    for words in every:
        text = bare.ok(*words, "--help").stdout.decode()
        examples = sections(text)["EXAMPLES"].strip().splitlines()
        assert len(examples) >= 2, words
        for example in examples:
            called = shlex.split(example.split(" > ")[0])
            if called[0] != PROGRAM.name:
                continue
            assert tuple(called[1 : 1 + len(words)]) == words or not words, example
            result = bare(*called[1:])
            # There is no vault, and no terminal: it gets that far.
            misused = f"see 'sealring {' '.join(words)} --help'"
            assert misused.encode() not in result.stderr, f"{example}: {report(result)}"


def test_what_every_command_has_stands_last_under_one_heading(bare: Home) -> None:
    for words in commands(bare):
        text = bare.ok(*words, "--help").stdout.decode()
        found = sections(text)
        assert list(found)[-1] == "GLOBAL OPTIONS" and "--help" in found["GLOBAL OPTIONS"]
        before = text[: text.index("GLOBAL OPTIONS:")]
        own = "".join(part for title, part in found.items() if title not in {"EXAMPLES", "GLOBAL OPTIONS"})
        assert not re.search(rf"({'|'.join(GLOBAL)}|--version|-h, --help)\b", own), own
        assert "<subcommand>" not in text and "OVERVIEW" not in text
        assert all(len(line) <= 80 for line in before.splitlines() if not line.startswith(("  sealring ", "USAGE")))


def test_help_has_help(bare: Home) -> None:
    assert b"USAGE: sealring help" in bare.ok("help", "help").stdout
    assert bare.ok("help").stdout == bare.ok("--help").stdout


@pytest.mark.parametrize("alias, name", [("ls", "list"), ("rm", "remove"), ("mv", "rename")])
def test_short_names(bare: Home, alias: str, name: str) -> None:
    assert bare.ok(alias, "--help").stdout == bare.ok("help", name).stdout


def test_short_names_work(stocked: Home) -> None:
    assert b"prod" in stocked.ok("ls").stdout
    stocked.ok("mv", "prod", "other")
    stocked.ok("rm", "-y", "other")
    assert not stocked.listed()


@pytest.mark.parametrize(
    "shell, says", [("bash", b"complete -o"), ("zsh", b"#compdef sealring"), ("fish", b"complete -c")]
)
def test_completions(bare: Home, shell: str, says: bytes) -> None:
    printed = bare.ok("completion", shell).stdout
    assert says in printed and b"rotate" in printed


def test_names_are_completed_while_the_vault_is_unlocked(stocked: Home) -> None:
    def completed(*words: str) -> list[str]:
        result = stocked("---completion", *words, passphrase=None)
        assert result.returncode == 0 and result.stderr == b"", report(result)
        return result.stdout.decode().split()

    show = ("show", "--", "positional@0", "2", "0", "sealring", "show", "")
    assert completed(*show) == []
    stocked.unlock()
    stocked.ok("role", "add", "admin", "--role-arn", ADMIN, "--source", "prod", "--no-configure")
    assert completed(*show) == ["prod", "admin"]
    assert completed("rotate", "--", "positional@0", "2", "0", "sealring", "rotate", "") == ["prod"]
    assert completed("set", "--", "--role", "4", "0", "sealring", "set", "prod", "--role", "") == ["admin"]
    stocked.ok("lock")
    assert completed(*show) == []


def test_completions_for_another_shell_are_refused(bare: Home) -> None:
    bare.fails(64, "completion", "ksh", says="invalid shell 'ksh'", hints="bash, zsh or fish")


@pytest.mark.parametrize(
    "words, says, page",
    [
        (("nosuch",), "unknown command 'nosuch'", ""),
        (("nosuch", "--help"), "unknown command 'nosuch'", ""),
        (("help", "nosuch"), "unknown command 'nosuch'", ""),
        (("roles", "list"), "unknown command 'roles': did you mean 'role'?", "role"),
        (("role", "lst"), "unknown command 'role lst': did you mean 'role list'?", "role list"),
        (("role", "remove", "x"), "unknown command 'role remove': did you mean 'remove'?", "remove"),
        (("role", "rm", "--help"), "unknown command 'role rm': did you mean 'remove'?", "remove"),
        (("help", "role", "nosuch"), "unknown command 'role nosuch'", "role"),
        (("help", "role", "add", "x"), "unexpected argument 'x'", "role add"),
        (("--no-agent", "mfa", "shw"), "unknown command 'mfa shw': did you mean 'mfa set'?", "mfa set"),
    ],
)
def test_a_command_that_is_not_there_is_an_error(bare: Home, words: tuple[str, ...], says: str, page: str) -> None:
    result = bare.fails(64, *words)
    command = f"sealring {page}".strip()
    assert result.stderr.decode() == f"sealring: error: {says}\nsealring: hint: see '{command} --help'\n"


@pytest.mark.parametrize(
    "words, says, page",
    [
        (("import", "--nam", "x"), "unknown option '--nam': did you mean '--name'?", "import"),
        (("set", "prod", "--regio", "x"), "unknown option '--regio': did you mean '--region'?", "set"),
        (("ls", "extra"), "unexpected argument 'extra'", "list"),
        (("role", "add"), "missing argument '<name>'", "role add"),
        (("set", "prod", "--serve", "both"), "invalid value 'both' for '--serve <key|session|role>'", "set"),
        (("init", "--kdf-memory", "abc"), "invalid value 'abc' for '--kdf-memory <mib>'", "init"),
        (("list", "--json=1"), "the option '--json' does not take any value, but '1' was specified", "list"),
        (
            ("import", "x", "--configure", "--no-configure"),
            "'--configure' and '--no-configure' cannot be used together",
            "import",
        ),
        (("session", "prod", "--mfa-token", "12345"), "invalid --mfa-token", "session"),
    ],
)
def test_misuse_names_the_page_of_its_command(bare: Home, words: tuple[str, ...], says: str, page: str) -> None:
    result = bare.fails(64, *words, says=says, hints=f"see 'sealring {page} --help'")
    assert len(result.stderr.splitlines()) == 2, report(result)


def test_the_version(bare: Home) -> None:
    version = bare.ok("--version").stdout
    assert bare.ok("version").stdout == version
    told = bare.json("version")
    assert told["version"] == version.decode().strip() and re.fullmatch(r"1\.0\.\d+", told["libsodium"])


def test_yes_answers_questions_and_forces_nothing(stocked: Home) -> None:
    stocked.fails(64, "configure", "prod", says="no terminal", hints="add --yes")
    stocked.ok("configure", "prod", "--yes")
    assert b"[profile prod]" in stocked.config.read_bytes()
    stocked.write(stocked.config, "[profile prod]\ncredential_process = other-program\n")
    before = stocked.snapshot()
    assert stocked("configure", "prod", "--yes").returncode != 0 and stocked.snapshot() == before
    stocked.ok("configure", "prod", "--force")
