"""Each vector in Tests/Vectors/vaults, read by Examples/decode-vault.py and by the program from the file alone."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

from support.reference_records import (
    access_key,
)
from support.vectors import VECTORS, files, write
from support.vectors.files import VectorFile

ROOT = Path(__file__).resolve().parents[2]
EXIT = {"ok": 0, "damaged": 65, "unsupported": 65, "cost": 65, "wrong-passphrase": 77}
SECRET = access_key("", 1).fields[3][1][:20]
MIB = 1024  # of ru_maxrss, which counts KiB

# A child's ru_maxrss begins at that of the process it was forked from, and pytest's own is beyond what is to
# be measured: so the program is started, and measured, by a small process.
MEASURE = """
import os, sys
report, program, *arguments = sys.argv[1:]
pid = os.posix_spawn(program, [program, *arguments], os.environ)
_, status, usage = os.wait4(pid, 0)
with open(report, "w") as file:
    file.write(f"{os.waitstatus_to_exitcode(status)} {usage.ru_maxrss}")
"""


class Answer(NamedTuple):
    code: int
    peak: int
    out: bytes
    err: bytes


class Decoder:
    """decode-vault.py in this process, counting derivations and keeping their results."""

    def __init__(self) -> None:
        spec = importlib.util.spec_from_file_location("decode_vault", ROOT / "Examples" / "decode-vault.py")
        assert spec is not None and spec.loader is not None
        self.module: ModuleType = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.module)
        self.derivations = 0
        kept = cache(self.module.argon2id)

        def counted(*arguments: bytes | int) -> bytes:
            self.derivations += 1
            key: bytes = kept(*arguments)
            return key

        self.module.argon2id = counted


@pytest.fixture(scope="module")
def decoder() -> Decoder:
    return Decoder()


@pytest.fixture(scope="module")
def sealring() -> Path:
    named = os.environ.get("SEALRING_BIN_DIR")
    program = Path(named or ROOT / ".build" / "debug").resolve() / "sealring"
    if named is None and not program.exists():
        pytest.skip("build sealring first, or name its directory in SEALRING_BIN_DIR")
    assert os.access(program, os.X_OK), f"{program} cannot be run"
    return program


def private_file(path: Path, content: bytes) -> Path:
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path


def run(program: Path, home: Path, arguments: list[str]) -> Answer:
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8"}
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"):
        directory = home / name.lower()
        directory.mkdir(mode=0o700)
        environment[name] = str(directory)
    report = home / "report"
    command = [sys.executable, "-I", "-S", "-c", MEASURE, str(report), str(program), *arguments]
    child = subprocess.Popen(
        command,
        env=environment,
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    try:
        out, err = child.communicate(timeout=120)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        child.communicate()
        raise
    assert child.returncode == 0, err.decode(errors="replace")
    code, peak = report.read_text().split()
    return Answer(int(code), int(peak), out, err)


NAMES = [vector["name"] for vector in files.index()["vectors"]]


@pytest.fixture
def vector(request: pytest.FixtureRequest) -> VectorFile:
    return files.read(files.FOLDER / f"{request.param}.txt")


def test_the_files_are_what_the_generator_writes() -> None:
    """And no file is left over from a vector that is gone."""
    generated = dict(write.files())
    assert sorted(files.FOLDER.iterdir()) == sorted(generated)
    different = [path.name for path, content in generated.items() if path.read_text() != content]
    assert different == [], "run 'python -m support.vectors.write' in Tests/EndToEnd"


def test_the_files_hold_the_vaults_that_they_describe() -> None:
    for made in VECTORS:
        assert files.read(files.FOLDER / f"{made.name}.txt").build() == made.build(), made.name


def test_the_index_counts_what_is_there() -> None:
    index = files.index()
    found = [(vector.name, vector.expect, vector.may_derive) for vector in files.vectors()]
    assert [(each["name"], each["expect"], each["derive"]) for each in index["vectors"]] == found
    assert index["count"] == len(set(NAMES)) == len(NAMES)
    assert index["expect"] == Counter(expect for _, expect, _ in found)
    assert index["expect"].keys() == EXIT.keys() and index["expect"]["ok"] >= 20
    assert index["count"] - index["expect"]["ok"] >= 150


@pytest.mark.parametrize("vector", NAMES, indirect=True)
def test_decoder(vector: VectorFile, decoder: Decoder, tmp_path: Path) -> None:
    read = decoder.module
    passphrase = read.read_answer(str(private_file(tmp_path / "passphrase", vector.passphrase_file)))
    data = vector.build()
    decoder.derivations = 0
    assert passphrase == vector.passphrase
    if vector.expect == "ok":
        _, _, records = read.open_vault(data, read.PASSPHRASE, passphrase)
        for kind, names in {1: vector.entries, 2: vector.roles}.items():
            assert tuple(record.fields["name"] for record in records if record.kind == kind) == names
        if vector.recovery_code:
            code = read.recovery_code(vector.recovery_code)
            assert read.open_vault(data, read.RECOVERY_CODE, code)[2] == records
        return
    with pytest.raises(read.Refused) as refused:
        read.open_vault(data, read.PASSPHRASE, passphrase)
    assert refused.value.kind == vector.expect, refused.value
    assert vector.may_derive or not decoder.derivations


@pytest.mark.parametrize("vector", NAMES, indirect=True)
def test_program(vector: VectorFile, sealring: Path, tmp_path: Path) -> None:
    data = vector.build()
    vault = private_file(tmp_path / "vaults" / "vault", data)
    passphrase = private_file(tmp_path / "passphrase", vector.passphrase_file)
    answer = run(sealring, tmp_path, ["--vault", str(vault), "--passphrase-file", str(passphrase), "list", "--json"])

    said = answer.err.decode()
    assert answer.code == EXIT[vector.expect], said
    assert vault.read_bytes() == data
    assert SECRET not in answer.out + answer.err
    if vector.expect == "ok":
        listed = json.loads(answer.out)
        entries = listed["entries"]
        assert sorted(entry["name"] for entry in entries if "access_key_id" in entry) == sorted(vector.entries)
        assert sorted(role["name"] for role in listed.get("roles", [])) == sorted(vector.roles)
    else:
        assert answer.out == b""
        assert said.startswith("sealring: error: ") or "\nsealring: error: " in said
    # The cheapest derivation takes 64 MiB: what is refused before stays well below, what derives cannot.
    if not vector.may_derive:
        assert answer.peak < 40 * MIB
    elif vector.expect in ("ok", "wrong-passphrase"):
        assert answer.peak > 64 * MIB
