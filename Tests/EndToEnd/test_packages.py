"""The packages that are made of the installed programs: what is in them, and that each file works from there."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from support.home import PROGRAM, ROOT

pytestmark = [
    pytest.mark.skipif("SEALRING_BIN_DIR" not in os.environ, reason="nothing is installed"),
    pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="packages are made on Debian"),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can read the installed programs"),
]
# Nobody downloads these.
QUICKLY = {**os.environ, "DPKG_DEB_COMPRESSOR_TYPE": "none"}
PROGRAMS = {"sealring", "sealring-agent", "sealring-aws", "sealring-credential-process"}


def make(folder: Path) -> Path:
    output = folder / "dist"
    command = [ROOT / "Examples/package.sh", "--from", PROGRAM.parents[1], "--output", output]
    subprocess.run([*command, "--scratch-path", folder / "scratch"], check=True, capture_output=True, env=QUICKLY)
    return output


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("packages"))


@pytest.fixture(scope="module")
def package(packages: Path) -> Path:
    (found,) = packages.glob("sealring_*.deb")
    return found


@pytest.fixture(scope="module")
def unpacked(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    subprocess.run(["dpkg-deb", "-x", package, folder], check=True)
    return folder


def field(package: Path, name: str) -> str:
    return subprocess.run(["dpkg-deb", "-f", package, name], check=True, capture_output=True, text=True).stdout.strip()


def test_the_package_has_everything_and_starts_nothing(package: Path, unpacked: Path) -> None:
    files = {str(path.relative_to(unpacked)) for path in unpacked.rglob("*") if path.is_file()}
    assert {f"usr/bin/{name}" for name in PROGRAMS} <= files
    pages = {page.name for page in (ROOT / "Sources/sealring/Manual").glob("*.[1-8]")}
    assert {f"usr/share/man/man{name[-1]}/{name}.gz" for name in pages} <= files
    assert {
        "usr/share/bash-completion/completions/sealring",
        "usr/share/zsh/vendor-completions/_sealring",
        "usr/share/fish/vendor_completions.d/sealring.fish",
        "usr/lib/systemd/user/sealring-agent.service",
        "usr/lib/systemd/user/sealring-agent.socket",
        "usr/share/doc/sealring/README.md",
        "usr/share/doc/sealring/SECURITY.md",
        "usr/share/doc/sealring/copyright",
        "usr/share/doc/sealring/changelog.gz",
        "usr/share/doc/sealring/samples/accessKeys.csv",
    } <= files
    control = subprocess.run(["dpkg-deb", "-I", package], check=True, capture_output=True, text=True).stdout
    for script in ("preinst", "postinst", "prerm", "postrm"):
        assert script not in control, "a package that runs something could start an agent, or delete a vault"


def test_the_programs_are_those_that_were_installed_and_cannot_be_read(unpacked: Path) -> None:
    for name in PROGRAMS:
        program = unpacked / "usr/bin" / name
        assert program.read_bytes() == PROGRAM.with_name(name).read_bytes()
        assert program.stat().st_mode & 0o7777 == 0o711
        assert subprocess.run([program, "--version"], env={}, capture_output=True, check=True).stderr == b""


def test_it_depends_on_what_the_program_that_speaks_to_aws_is_linked_with(package: Path) -> None:
    depends = field(package, "Depends")
    assert "libcurl" in depends and "libxml2" in depends and "libc6" in depends
    assert "sodium" not in depends and "swift" not in depends
    assert int(field(package, "Installed-Size")) < 40_000


def test_the_unit_starts_the_agent_of_the_package(unpacked: Path) -> None:
    unit = (unpacked / "usr/lib/systemd/user/sealring-agent.service").read_text()
    assert "ExecStart=/usr/bin/sealring-agent\n" in unit and ".local" not in unit


def test_pages_have_no_time_of_their_own(unpacked: Path) -> None:
    for page in unpacked.rglob("*.gz"):
        content = page.read_bytes()
        assert content[4:8] == bytes(4) and gzip.decompress(content)


def test_the_tarball_has_the_same_programs_for_a_home(packages: Path, tmp_path: Path) -> None:
    (found,) = packages.glob("sealring-*.tar.gz")
    with tarfile.open(found) as archive:
        members = archive.getmembers()
        assert {(member.uid, member.gid) for member in members} == {(0, 0)} and len({m.mtime for m in members}) == 1
        modes = {member.name.split("/")[-1]: member.mode for member in members if "/bin/" in member.name}
        assert modes == dict.fromkeys(PROGRAMS, 0o111), "whose user could read them"
        archive.extractall(tmp_path, filter="fully_trusted")
    (folder,) = tmp_path.iterdir()
    assert {path.name for path in folder.iterdir()} == {"bin", "share"}
    assert {path.name for path in (folder / "bin").iterdir()} == PROGRAMS
    assert (folder / "share/man/man1/sealring.1").is_file()


def test_the_checksums_are_those_of_both(packages: Path) -> None:
    lines = (packages / "SHA256SUMS").read_text().splitlines()
    assert len(lines) == 2
    subprocess.run(["sha256sum", "-c", "--strict", "--quiet", "SHA256SUMS"], cwd=packages, check=True)


def test_the_same_programs_give_the_same_packages(packages: Path, tmp_path: Path) -> None:
    assert (make(tmp_path) / "SHA256SUMS").read_text() == (packages / "SHA256SUMS").read_text()


def test_nothing_else_of_a_home_is_packaged_or_changed(tmp_path: Path) -> None:
    """`~/.local` is where the programs are installed, and where the vault is."""
    prefix = tmp_path / "prefix"
    shutil.copytree(PROGRAM.parents[1], prefix)
    other = tmp_path / "other"
    other.write_text("#!/bin/sh\n")
    other.chmod(0o755)
    (prefix / "bin/other").symlink_to(other)
    (prefix / "share/sealring").mkdir()
    (prefix / "share/sealring/vault").write_text("a vault")
    output = tmp_path / "dist"
    command = [ROOT / "Examples/package.sh", "--from", prefix, "--output", output, "--scratch-path", tmp_path / "s"]
    subprocess.run(command, check=True, capture_output=True, env=QUICKLY)
    (package,) = output.glob("*.deb")
    listed = subprocess.run(["dpkg-deb", "-c", package], check=True, capture_output=True, text=True).stdout
    assert "vault\n" not in listed and "other" not in listed and "usr/bin/sealring\n" in listed
    assert other.stat().st_mode & 0o777 == 0o755
    (prefix / "bin/sealring-aws").unlink()
    (prefix / "bin/sealring-aws").symlink_to(other)
    refused = subprocess.run(command, capture_output=True, env=QUICKLY)
    assert refused.returncode == 1 and b"is a link" in refused.stderr
