"""The manual pages say what the programs accept: each command, each option, each default and each variable."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
from functools import cache
from typing import Any

import pytest

from support.home import AGENT, HELPER, PROGRAM, ROOT

MANUAL = ROOT / "Sources/sealring/Manual"
ENVIRONMENT = {"HOME": "/nonexistent", "PATH": "/usr/bin:/bin"}
# Pages of programs that are no command of sealring; its help belongs to the parser.
OTHER_PROGRAMS = {"agent", "aws"}
TYPE = re.compile(r"(array of )*(string|number|boolean|object (?P<name>[a-z][a-z ]*))")


@cache
def command_tree() -> dict[str, Any]:
    dumped = subprocess.run([PROGRAM, "--experimental-dump-help"], check=True, capture_output=True, env=ENVIRONMENT)
    tree: dict[str, Any] = json.loads(dumped.stdout)["command"]
    return tree


def commands(tree: dict[str, Any] | None = None, above: str = "") -> dict[str, dict[str, Any]]:
    """What can be typed behind `sealring`, such as `role add`."""
    found: dict[str, dict[str, Any]] = {}
    for command in (tree or command_tree()).get("subcommands", []):
        name = f"{above} {command['commandName']}".strip()
        found[name] = command
        found |= commands(command, name)
    return found


def spelled(name: dict[str, str]) -> str:
    return ("--" if name["kind"] == "long" else "-") + name["name"]


def options(command: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The options that the help shows, without those that every command has."""
    shown = [each for each in command.get("arguments", []) if each["shouldDisplay"] and each.get("names")]
    named = {spelled(name): each for each in shown for name in each["names"]}
    return {name: each for name, each in named.items() if name not in global_options() | {"--help", "-h", "--version"}}


@cache
def global_options() -> frozenset[str]:
    return frozenset({"--vault", "--passphrase-file", "--passphrase-command", "--no-agent", "--accept-rollback"})


def lines(page: str) -> list[str]:
    return (MANUAL / page).read_text().splitlines()


def section(page: str, title: str) -> list[str]:
    """The lines of a section or a subsection."""
    all_lines = lines(page)
    for kind, ends in ((".Ss ", (".Ss ", ".Sh ")), (".Sh ", (".Sh ",))):
        if kind + title in all_lines:
            rest = all_lines[all_lines.index(kind + title) + 1 :]
            end = next((at for at, line in enumerate(rest) if line.startswith(ends)), len(rest))
            return rest[:end]
    raise AssertionError(f"{page} has no section {title!r}")


def described(text: list[str]) -> dict[str, str]:
    """The options that these lines describe, each with what is said of it."""
    found: dict[str, str] = {}
    names: list[str] = []
    for line in text:
        if line.startswith((".It", ".El")):
            names = ["-" + name for name in re.findall(r"\bFl (\S+)", line)] if line.startswith(".It Fl") else []
        for name in names:
            found[name] = found.get(name, "") + line + "\n"
    return found


def page_of(name: str) -> str:
    return f"sealring-{name.split()[0]}.1"


def test_every_command_has_a_page_and_every_page_a_command() -> None:
    names = {name.split()[0] for name in commands()}
    pages = {page.stem.removeprefix("sealring-") for page in MANUAL.glob("sealring-*.1")}
    assert names <= pages, f"no page for {sorted(names - pages)}"
    assert pages - names <= OTHER_PROGRAMS, sorted(pages - names)


def test_the_first_page_lists_every_command() -> None:
    listed = [name for line in lines("sealring.1") for name in re.findall(r"^\.It Xr sealring-(\S+) 1$", line)]
    assert sorted(listed) == sorted(set(listed))
    assert {name.split()[0] for name in commands()} == set(listed)


def test_the_first_page_has_the_groups_of_the_help() -> None:
    shown = subprocess.run([PROGRAM, "--help"], check=True, capture_output=True, env=ENVIRONMENT, text=True).stdout
    groups: dict[str, set[str]] = {}
    for block in re.findall(r"^[A-Z ]+:\n(?:  .*\n)+", shown, re.M):
        title, _, rest = block.partition(":")
        groups[title] = set(re.findall(r"^  ([a-z][\w-]*)", rest, re.M)) & commands().keys()
    groups = {title: names for title, names in groups.items() if names}
    assert len(groups) > 4
    for title, names in groups.items():
        listed = re.findall(
            r"^\.It Xr sealring-(\S+) 1$",
            "\n".join(section("sealring.1", title.capitalize().replace("mfa", "MFA"))),
            re.M,
        )
        assert names == set(listed) - {"help"}, title


@pytest.mark.parametrize("name", sorted(commands()))
def test_a_page_describes_each_option_of_its_command_and_no_other(name: str) -> None:
    parts = [sub for sub in commands() if sub.startswith(name + " ")]
    if parts:
        # The subsections have the options; the command itself has none.
        assert not options(commands()[name])
        return
    text = section(page_of(name), name) if " " in name else lines(page_of(name))
    real, written = options(commands()[name]), described(text)
    assert real.keys() <= written.keys(), f"{page_of(name)} lacks {sorted(real.keys() - written.keys())}"
    surplus = written.keys() - real.keys()
    if name == "credential-process":
        surplus -= {"--help", "--version"}
    assert not surplus, f"{page_of(name)} describes {sorted(surplus)}, which 'sealring {name}' does not have"
    for option, argument in real.items():
        default = argument.get("defaultValue")
        assert default is None or f"The default is {default}." in written[option], f"{option}: {default}"


@pytest.mark.parametrize("name", sorted(commands()))
def test_a_page_shows_how_its_command_is_called(name: str) -> None:
    synopsis = "\n".join(section(page_of(name), "SYNOPSIS")) + "\n"
    subcommands = [sub for sub in commands() if sub.startswith(name + " ")]
    assert all(f".Nm sealring {each}\n" in synopsis for each in subcommands or [name])
    for argument in commands()[name].get("arguments", []):
        if argument["kind"] == "positional" and not subcommands:
            assert re.search(r"^\.(Op )?Ar\b", synopsis, re.M), f"{argument['valueName']} is missing"


def test_aliases_are_those_of_the_programs() -> None:
    for page in MANUAL.glob("sealring-*.1"):
        command = commands().get(page.stem.removeprefix("sealring-"))
        words = set(re.findall(r"^\.Nm sealring (\S+)", "\n".join(section(page.name, "SYNOPSIS")), re.M))
        if command is not None:
            expected = {command["commandName"], *command.get("aliases", [])}
            assert words == expected, page.name


def test_the_global_options_are_those_of_every_command_on_a_vault() -> None:
    written = described(section("sealring.1", "GLOBAL OPTIONS"))
    assert written.keys() == global_options() | {"--help", "-h", "--version"}
    on_a_vault = [each for each in commands().values() if "--vault" in map(spelled, all_names(each))]
    assert len(on_a_vault) > 20
    for command in on_a_vault:
        assert global_options() <= {spelled(name) for name in all_names(command)}, command["commandName"]


def all_names(command: dict[str, Any]) -> list[dict[str, str]]:
    return [name for each in command.get("arguments", []) for name in each.get("names") or []]


def test_the_pages_of_the_other_programs_describe_their_options() -> None:
    usage = subprocess.run([AGENT, "--help"], check=True, capture_output=True, env=ENVIRONMENT, text=True).stdout
    asked = {"--help", "--version"}
    assert set(re.findall(r"--[a-z-]+", usage)) | asked == described(lines("sealring-agent.1")).keys()
    for program, page in ((AGENT, "sealring-agent.1"), (HELPER, "sealring-credential-process.1")):
        for option in asked:
            subprocess.run([program, option], check=True, capture_output=True, env=ENVIRONMENT)
            assert any(option[1:] in re.findall(r"\bFl (\S+)", line) for line in lines(page)), f"{page}: {option}"


def test_the_variables_of_the_environment_are_those_that_the_sources_read() -> None:
    read = {
        name
        for file in (ROOT / "Sources").rglob("*.swift")
        for name in re.findall(r'"(SEALRING_[A-Z_]+)[="]', file.read_text())
    }
    written = {
        name
        for line in section("sealring.1", "ENVIRONMENT")
        if line.startswith(".It Ev")
        for name in re.findall(r"SEALRING_[A-Z_]+", line)
    }
    assert len(read) > 5
    assert read == written


def test_the_page_of_json_describes_each_object_that_it_names() -> None:
    objects: dict[str, set[str]] = {}
    named: set[str] = set()
    current = ""
    for line in section("sealring-json.5", "OBJECTS"):
        if line.startswith(".Ss "):
            current = line[4:]
            objects[current] = set()
        elif line.startswith(".It"):
            key = re.fullmatch(r"\.It Va ([a-z_]+) Pq (.+?)(, optional)?", line)
            assert key, line
            kind = TYPE.fullmatch(key[2])
            assert kind, line
            assert key[1] not in objects[current], f"{current}: {key[1]} is there twice"
            objects[current].add(key[1])
            named |= {kind["name"]} - {None}
    assert named <= objects.keys(), f"not described: {sorted(named - objects.keys())}"
    printing = {name for name, command in commands().items() if "--json" in options(command)}
    assert printing <= objects.keys()
    assert {name for name in objects if objects[name]} <= printing | named


def test_the_pages_refer_to_pages_that_exist() -> None:
    pages = {f"{page.stem} {page.suffix[1:]}" for page in MANUAL.glob("sealring*.[15]")}
    for page in MANUAL.glob("sealring*.[15]"):
        for name in re.findall(r"^\.(?:It )?Xr (sealring\S* \d)", page.read_text(), re.M):
            assert name in pages, f"{page.name}: {name}"
        own = re.search(r"^\.Sh NAME\n\.Nm (\S+)\n\.Nd \S", page.read_text(), re.M)
        assert own and own[1] == page.stem


def test_the_format_has_the_fields_that_the_decoder_reads() -> None:
    decoder = runpy.run_path(str(ROOT / "Examples/decode-vault.py"))
    types: dict[int, set[int]] = {}
    mandatory: dict[int, set[int]] = {}
    tags = []
    for row in re.findall(
        r"^\.It (\d+) Ta (all\*|[\d* ]+) Ta .+ Ta .+$", "\n".join(section("sealring-vault.5", "Fields")), re.M
    ):
        tag, records = int(row[0]), row[1].replace("all*", "1* 2* 3* 4*").split()
        tags.append(tag)
        for record in records:
            types.setdefault(int(record[0]), set()).add(tag)
            if record.endswith("*"):
                mandatory.setdefault(int(record[0]), set()).add(tag)
    assert tags == sorted(decoder["FIELDS"])
    assert types == {kind: known for kind, (_, known, _) in decoder["RECORDS"].items()}
    assert mandatory == {kind: needed for kind, (_, _, needed) in decoder["RECORDS"].items()}
