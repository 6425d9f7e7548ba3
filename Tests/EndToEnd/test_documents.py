"""What the documents point to exists: files, sections, modules, tests, and code that compiles."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from support import wire
from support.home import PROGRAM, ROOT

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CITED = re.compile(r"`((?:test_\w+|conftest)\.py)(?:::(test_\w+))?`|`((?:\w+/)?\w+Tests\.swift)`(?: \(\"([^\"]+)\"\))?")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


@cache
def documents() -> list[Path]:
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard", "*.md"]
    listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("\0")
    return [ROOT / name for name in listed if name and (ROOT / name).is_file()]


def prose(document: Path) -> str:
    return FENCE.sub("", document.read_text())


def headings(document: Path) -> set[str]:
    """The anchors of a document's headings, as code hosts make them."""
    titles = re.findall(r"^#+ (.+)$", prose(document), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_links_to_what_exists(document: Path) -> None:
    for target in LINK.findall(prose(document)):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (document.parent / path).resolve() if path else document
        assert file.exists(), f"{document.name}: {target}"
        assert not anchor or anchor in headings(file), f"{document.name}: {target}"
    for name in re.findall(r"<doc:(\w+)>", document.read_text()):
        assert (document.parent / f"{name}.md").is_file(), f"{document.name}: {name}"


def test_every_article_of_a_catalogue_is_listed_on_its_first_page() -> None:
    catalogues = {document.parent for document in documents() if document.parent.suffix == ".docc"}
    assert len(catalogues) >= 3
    for catalogue in catalogues:
        first = (catalogue / f"{catalogue.stem}.md").read_text()
        articles = {page.stem for page in catalogue.glob("*.md")} - {catalogue.stem}
        assert articles == set(re.findall(r"^- <doc:(\w+)>$", first, re.M)), catalogue.name


def test_the_architecture_names_every_module() -> None:
    text = (ROOT / "Sources/sealring/sealring.docc/Architecture.md").read_text()
    modules = {folder.name for folder in (ROOT / "Sources").iterdir() if folder.is_dir()}
    named = set(re.findall(r"`([\w-]+)`", text))
    assert modules <= named, f"not named: {sorted(modules - named)}"


def test_swift_in_the_documents_is_part_of_a_package_that_is_built() -> None:
    sources = [file for file in (ROOT / "Examples").rglob("*.swift") if ".build" not in str(file)]
    compiled = "".join(file.read_text() for file in sources)
    found = 0
    for document in documents():
        for language, code in FENCE.findall(document.read_text()):
            if language != "swift":
                continue
            for line in filter(None, map(str.strip, code.splitlines())):
                found += 1
                assert line in compiled, f"{document.relative_to(ROOT)}: {line}"
    assert found > 5


def printed() -> list[re.Pattern[str]]:
    """What the string literals of the sources can become, with anything in the place of an interpolation."""
    found: list[re.Pattern[str]] = []
    for file in (ROOT / "Sources").rglob("*.swift"):
        code = "\n".join(line for line in file.read_text().splitlines() if not line.lstrip().startswith("//"))
        for literal in re.findall(r'"((?:[^"\\\n]|\\\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|\\.)*)"', code):
            pieces = re.split(r"\\\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)", literal)
            if len("".join(pieces)) > 4:
                found.append(re.compile(".+".join(map(re.escape, pieces))))
    return found


def test_messages_in_the_documents_are_those_of_the_programs() -> None:
    patterns = printed()
    pages = (ROOT / "Sources/sealring/Manual").iterdir()
    found = 0
    for document in [*documents(), *pages]:
        for line in document.read_text().splitlines():
            message = re.match(r"(?:.*: )?sealring: (?:error: |hint: |warning: )?(.+)$", line)
            if message:
                found += 1
                assert any(pattern.fullmatch(message[1]) for pattern in patterns), f"{document.name}: {message[1]}"
    assert found > 10


def test_the_protocol_has_the_kinds_and_fields_of_the_messages() -> None:
    text = (ROOT / "Sources/AgentProtocol/AgentProtocol.docc/Wire.md").read_text()
    rows = re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]*)\|", text, re.M)
    # A semicolon begins a remark.
    fields = {int(kind): len(list(filter(str.strip, cell.split(";")[0].split(" · ")))) for kind, cell in rows}
    numbers: dict[tuple[str, str], int] = {}
    sources = ROOT / "Sources/AgentProtocol"
    kinds = (sources / "Messages/AgentRequest.swift").read_text()
    for which in ("Request", "Answer"):
        block = re.search(rf"enum {which}: .*?\n    \}}\n", kinds, re.S)
        assert block
        numbers |= {(which, case): int(number) for case, number in re.findall(r"case (\w+) = (\d+)", block[0])}
    assert fields.keys() == set(numbers.values())
    named = (sources / "Messages/Message.swift").read_text().split("extension NamedRequest")[1]
    written = 0
    for file in (sources / "Messages").glob("*.swift"):
        for message in re.split(r"^package struct ", file.read_text(), flags=re.M):
            kind = re.search(r"AgentMessage\.(\w+)\.(\w+)\.rawValue", message)
            # Requests that name an entry are written in one place.
            body = re.search(
                r"func writeFields\(.*?\{(.*?)\n    \}", named if ": NamedRequest" in message else message, re.S
            )
            if kind and body:
                written += 1
                assert body[1].count("appendField(") == fields[numbers[kind[1], kind[2]]], kind[2]
    assert written > 10
    recorded = {message for conversation in wire.conversations() for _, message in conversation.messages}
    assert len(recorded) > 5
    for message in recorded:
        assert len(message.fields) == fields[message.kind], f"kind {message.kind}: {message.fields}"


def test_every_promise_has_a_test_that_exists() -> None:
    text = (ROOT / "SECURITY.md").read_text()
    promises = re.search(r"^## Promises$(.*?)^## ", text, re.M | re.S)
    assert promises
    rows = [row for row in re.findall(r"^\| (.+) \| (.+) \|$", promises[1], re.M) if row != ("promise", "tested by")]
    assert len(rows) > 40
    for promise, tests in rows:
        assert CITED.search(tests), f"no test: {promise}"
    for script, function, suite, name in CITED.findall(text):
        found = list((ROOT / "Tests").rglob(script or suite))
        assert len(found) == 1, f"{script or suite}: {len(found)} files have this name"
        code = found[0].read_text()
        assert not function or re.search(rf"^def {function}\(", code, re.M), f"{script} has no {function}"
        assert not name or f'"{name}"' in code, f"{suite} has no test {name!r}"
    # Whatever looks like a test is looked up.
    named = set(re.findall(r"`(test_\w+[^`]*|[\w/]+Tests\b[^`]*)`", text))
    cited = {match[0][1 : match[0].index("`", 1)] for match in CITED.finditer(text)}
    assert named == cited - {"conftest.py"}, named ^ cited


def test_the_terminal_of_the_readme_shows_what_the_programs_print() -> None:
    recorder = ROOT / "Examples/record-terminal.py"
    done = subprocess.run([sys.executable, recorder, PROGRAM.parent, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "](Examples/terminal.svg)" in (ROOT / "README.md").read_text()
