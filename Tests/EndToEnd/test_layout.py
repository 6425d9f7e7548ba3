"""What the tree, the imports and the installed programs must look like."""

from __future__ import annotations

import itertools
import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "Sources"

# What each module may import besides the C library and Swift's own: the arrows of the architecture point one way.
SYSTEM = {"Platform", "Synchronization"}
IMPORTS = {
    # The C library and its shims: nothing else names them.
    "Platform": {"CPlatform", "Darwin", "Glibc"},
    "SecureMemory": set(),
    "DurableFiles": {"AWSValues", "SecureMemory"},
    "VaultCrypto": {"CSodium", "SecureMemory"},
    "CredentialVault": {"AWSValues", "DurableFiles", "SecureMemory", "VaultCrypto"},
    "AWSValues": set(),
    "AWSConfigGrammar": {"AWSValues"},
    "CredentialImport": {"AWSConfigGrammar", "AWSValues", "SecureMemory"},
    "AWSConfigFile": {"AWSConfigGrammar", "AWSValues", "DurableFiles", "SecureMemory"},
    "AgentProtocol": {"AWSValues", "SecureMemory"},
    "AWSRequests": {"AgentProtocol", "AWSValues", "SecureMemory", "VaultCrypto"},
    # For other programs: the agent's answers, and nothing that could open a vault.
    "SealringCredentials": {"AgentProtocol", "AWSValues", "SecureMemory"},
    "AWSExchange": {"AgentProtocol", "AWSValues", "DurableFiles", "SecureMemory"},
    "ProgramSupport": {
        "AgentProtocol",
        "AWSRequests",
        "AWSValues",
        "CredentialVault",
        "DurableFiles",
        "SecureMemory",
    },
    "CredentialAgent": {
        "AgentProtocol",
        "AWSRequests",
        "AWSValues",
        "CSandbox",
        "CredentialVault",
        "DurableFiles",
        "ProgramSupport",
        "SecureMemory",
        "VaultCrypto",
    },
    "sealring-agent": {
        "AgentProtocol",
        "CredentialAgent",
        "CredentialVault",
        "DurableFiles",
        "ProgramSupport",
        "SecureMemory",
    },
    # No libsodium, no files, no strings to speak of: the hot path.
    "sealring-credential-process": {"AgentProtocol", "AWSValues", "SecureMemory"},
    # TLS and XML, and nothing that could open a vault.
    "sealring-aws": {"AgentProtocol", "AWSExchange", "CCurl", "CLibXML2", "CWipingMemory", "SecureMemory"},
    # What any client does. It speaks with a person only through what the program hands it.
    "VaultClient": {
        "AgentProtocol",
        "AWSConfigFile",
        "AWSConfigGrammar",
        "AWSExchange",
        "AWSRequests",
        "AWSValues",
        "CredentialAgent",
        "CredentialImport",
        "CredentialVault",
        "DurableFiles",
        "ProgramSupport",
        "SecureMemory",
        "VaultCrypto",
    },
    "sealring": {
        "AgentProtocol",
        "ArgumentParser",
        "AWSConfigFile",
        "AWSConfigGrammar",
        "AWSExchange",
        "AWSRequests",
        "AWSValues",
        "CredentialAgent",
        "CredentialImport",
        "CredentialVault",
        "DurableFiles",
        "ProgramSupport",
        "SecureMemory",
        "VaultClient",
        "VaultCrypto",
    },
}
C_MODULES = {"CCurl", "CLibXML2", "CPlatform", "CEmbeddedEntry", "CSandbox", "CSodium", "CWipingMemory"}
# What must not be in a program, by the names of symbols: the network, other cryptography, Foundation.
FOREIGN = re.compile(rb"curl_easy|xmlRead|SSL_CTX|EVP_|FoundationEssentials|CFString|getaddrinfo|ArgumentParser")

# Each of these copies what it is given to memory that is neither locked nor wiped.
LEAKY = re.compile(
    r"\bData\(|\bNSData\b|\bNSString\b|\bCodable\b|\bEncodable\b|\bJSONEncoder\b|\bFileManager\b"
    r"|\bdebugPrint\(|\bdump\(|\bprint\("
)
IMPORT = re.compile(
    r"^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?"
    r"import\s+(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)",
    re.M,
)


def swift_files(module: str) -> list[Path]:
    files = sorted((SOURCES / module).rglob("*.swift"))
    assert files, f"{module} has no sources"
    return files


def test_the_top_level_holds_the_package_and_nothing_else() -> None:
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("\0")
    top = {name.split("/")[0] for name in listed if name}
    visible = {name for name in top if not name.startswith(".")}
    assert visible == {"Package.swift", "Sources", "Tests", "Examples", "README.md", "SECURITY.md"}


def test_every_module_has_its_arrows_written_down() -> None:
    assert {folder.name for folder in SOURCES.iterdir() if folder.is_dir()} == IMPORTS.keys() | C_MODULES


@pytest.mark.parametrize("module", IMPORTS)
def test_a_module_imports_only_what_lies_below_it(module: str) -> None:
    for file in swift_files(module):
        beyond = set(IMPORT.findall(file.read_text())) - IMPORTS[module] - SYSTEM
        assert not beyond, f"{file.relative_to(ROOT)} imports {', '.join(sorted(beyond))}"


@pytest.mark.parametrize("module", sorted(IMPORTS.keys() - {"sealring"}))
def test_a_module_that_handles_secrets_uses_no_type_that_copies_them(module: str) -> None:
    for file in swift_files(module):
        for number, line in enumerate(file.read_text().splitlines(), 1):
            code = line.split("//")[0]
            assert not LEAKY.search(code), f"{file.relative_to(ROOT)}:{number}: {line.strip()}"


@pytest.mark.parametrize("module, header", [("CSodium", "sodium.h"), ("CPlatform", None)])
def test_a_c_module_wraps_one_library(module: str, header: str | None) -> None:
    texts = [file.read_text() for file in (SOURCES / module).rglob("*.h")]
    included = set(re.findall(r"#include <([^>]+)>", "".join(texts)))
    assert texts and (included == {header} if header else not any("sodium" in name for name in included))


def test_other_packages_can_depend_on_this_one() -> None:
    # A package with unsafe flags is refused as a dependency. The fuzzer has some, in builds of its own.
    environment = {name: value for name, value in os.environ.items() if name != "SEALRING_FUZZ"}
    described = subprocess.run(
        ["swift", "package", "--package-path", ROOT, "dump-package"],
        check=True,
        capture_output=True,
        env=environment,
        text=True,
    ).stdout
    assert '"unsafeFlags"' not in described and "sealring-fuzz" not in described


@pytest.mark.skipif("SEALRING_BIN_DIR" not in os.environ, reason="nothing is installed")
@pytest.mark.parametrize("name, limit", [("sealring-agent", 12), ("sealring-credential-process", 0.3)])
def test_the_programs_of_the_trusted_base_hold_nothing_foreign(name: str, limit: float) -> None:
    program = (Path(os.environ["SEALRING_BIN_DIR"]) / name).read_bytes()
    assert not FOREIGN.search(program), FOREIGN.search(program)
    assert len(program) < limit * 1_000_000
    # The search finds what is there.
    assert re.search(rb"ArgumentParser", (Path(os.environ["SEALRING_BIN_DIR"]) / "sealring").read_bytes())


@pytest.mark.skipif("SEALRING_BIN_DIR" not in os.environ, reason="nothing is installed")
def test_an_installed_program_needs_no_library_of_the_machine() -> None:
    folder = Path(os.environ["SEALRING_BIN_DIR"])
    programs = sorted(set(folder.glob("sealring*")) - {folder / "sealring-aws"})
    assert len(programs) >= 3
    for program in programs:
        answer = subprocess.run(
            ["ldd", program], capture_output=True, text=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
        )
        assert re.search("statically linked|not a dynamic executable", answer.stdout + answer.stderr), answer.stdout
        started = subprocess.run([program, "--version"], capture_output=True, env={})
        assert started.returncode == 0 and started.stderr == b""


@pytest.mark.skipif("SEALRING_BIN_DIR" not in os.environ, reason="nothing is installed")
@pytest.mark.parametrize("name", ["sealring", "sealring-agent", "sealring-credential-process", "sealring-aws"])
def test_an_installed_program_has_no_fixed_place_and_cannot_be_read(name: str) -> None:
    program = Path(os.environ["SEALRING_BIN_DIR"]) / name
    head = program.read_bytes()[:64]
    shared_object = 3
    assert int.from_bytes(head[16:18], "little") == shared_object, "an ELF file that is loaded at any address"
    # What its user may not read, no other process of that user may look into while it runs.
    assert program.stat().st_mode & 0o777 == 0o111 or os.geteuid() != 0, "the tests of another user than root open it"


@pytest.mark.skipif("SEALRING_BIN_DIR" not in os.environ, reason="nothing is installed")
def test_the_program_that_speaks_tls_is_small_and_holds_no_foundation() -> None:
    program = Path(os.environ["SEALRING_BIN_DIR"]) / "sealring-aws"
    content = program.read_bytes()
    assert len(content) < 15_000_000
    assert not re.search(rb"FoundationEssentials|CFString|ArgumentParser|crypto_secretbox|crypto_pwhash", content)
    linked = subprocess.run(
        ["ldd", program], capture_output=True, text=True, env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}
    )
    assert "libcurl" in linked.stdout and "libxml2" in linked.stdout
    assert "Foundation" not in linked.stdout and "libswift" not in linked.stdout and "sodium" not in linked.stdout


def test_no_source_file_is_longer_than_300_lines() -> None:
    # It opens a vault where nothing of this package is left: one file, to be copied by itself.
    alone = ROOT / "Examples" / "decode-vault.py"
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(
        [*command, "Sources", "Tests", "Examples"], capture_output=True, check=True, text=True
    ).stdout.split("\0")
    sources = {ROOT / name for name in listed if name.endswith((".py", ".swift", ".sh"))} - {alone}
    lengths = {file: len(file.read_text().splitlines()) for file in sources if file.is_file()}
    assert len(lengths) > 500
    long = {str(file.relative_to(ROOT)): length for file, length in lengths.items() if length > 300}
    assert long == {}


def test_what_tests_share_is_in_the_package_beside_them() -> None:
    """A test that another one stands on cannot be moved, split or read alone."""
    folder = ROOT / "Tests" / "EndToEnd"
    scripts = {path.name for path in folder.glob("*.py") if not path.name.startswith("test_")}
    assert scripts == {"conftest.py"}
    shared = [
        path.name
        for path in folder.rglob("*.py")
        if re.search(r"^\s*(from|import) (test_|conftest)", path.read_text(), re.M)
    ]
    assert shared == []


def parameters(text: str, start: int) -> list[str]:
    """The parameters of the list that begins behind the parenthesis before `start`."""
    found, depth = [""], 0
    for before, character in itertools.pairwise(text[start - 1 :]):
        opens = character in "([{" or (character == "<" and before.isidentifier())
        depth += opens - (character in ")]}" or (character == ">" and before not in "- "))
        if depth < 0:
            return found
        if character == "," and depth == 0:
            found.append("")
        else:
            found[-1] += character
    raise AssertionError("a list of parameters does not end")


@pytest.mark.parametrize("module", IMPORTS)
def test_a_call_says_what_its_arguments_mean(module: str) -> None:
    for file in swift_files(module):
        text = file.read_text()
        for head in re.finditer(r"\b(?:func\s+[\w]+|init[?!]?)\s*(?:<[^>]*>)?\s*\(", text):
            unlabelled = [each for each in parameters(text, head.end()) if re.match(r"\s*_\s+\w+\s*:", each)]
            assert len(unlabelled) < 4, f"{file.relative_to(ROOT)}: {head[0]}{', '.join(unlabelled)}"


@pytest.mark.parametrize("module", sorted(IMPORTS.keys() - {"Platform"}))
def test_one_module_knows_which_c_library_this_is(module: str) -> None:
    for file in swift_files(module):
        assert "canImport(" not in file.read_text(), file
