#!/usr/bin/env python3
"""Builds release programs, measures them beside C programs that do the same, and prints one table.

Every pair is measured in turn, A B A B, so that what else the machine does falls on both. Run it on a quiet
machine; the load before is printed. With SEALRING_BIN_DIR, the programs there are measured instead of new ones.
"""

from __future__ import annotations

import argparse
import base64
import os
import platform
import random
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUILD = ROOT / ".build-benchmarks"
INSTALLED = os.environ.get("SEALRING_BIN_DIR")
SEALRING = Path(INSTALLED or BUILD / "prefix" / "bin").resolve() / "sealring"
MEBIBYTE = 1024  # KiB
KDF_MIB, KDF_PASSES = 64, 3
ENTRIES = 4000


@dataclass
class Row:
    what: str
    ours: Sequence[float]
    unit: str
    limit: float
    result: float
    beside: Sequence[float] = ()

    def cells(self) -> tuple[str, ...]:
        def spread(values: Sequence[float]) -> str:
            if not values:
                return ""
            return "/".join(f"{value:.2f}" for value in (min(values), statistics.median(values), max(values)))

        verdict = "ok" if self.result < self.limit else "MISSED"
        return (
            self.what,
            spread(self.ours),
            spread(self.beside),
            f"{self.result:.2f} {self.unit}",
            f"{self.limit:g}",
            verdict,
        )


@dataclass
class Run:
    milliseconds: float
    peak: int  # KiB


def install() -> None:
    BUILD.mkdir(exist_ok=True)
    if INSTALLED is None:
        subprocess.run([ROOT / "Examples" / "install.sh", "--prefix", SEALRING.parents[1]], check=True)


def compile_c(*names: str, libraries: Sequence[str] = ()) -> None:
    static = ["-static"] if platform.system() == "Linux" else []
    for name in names:
        subprocess.run(["cc", "-O2", *static, "-o", BUILD / name, HERE / f"{name}.c", *libraries], check=True)


def build() -> None:
    install()
    # The library beside the program, linked in the same way.
    flags = ["-Xswiftc", "-static-executable"] if platform.system() == "Linux" else []
    quiet = subprocess.run(
        ["swift", "build", "-c", "release", "--package-path", HERE / "OpenVault", "--scratch-path", BUILD, *flags],
        capture_output=True,
        text=True,
    )
    if quiet.returncode:
        raise SystemExit(quiet.stdout + quiet.stderr)
    compile_c("hello", "measure")
    compile_c("argon2", libraries=["-lsodium", "-lpthread"])


def start(home: Path, *words: str | Path) -> Run:
    environment = {
        "HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "SEALRING_PASSPHRASE_FILE": str(home / "passphrase"),
    }
    result = subprocess.run([BUILD / "measure", *words], env=environment, cwd=home, capture_output=True, text=True)
    milliseconds, peak, code = result.stdout.split()
    if code != "0":
        raise SystemExit(f"{' '.join(map(str, words))} ended with {code}: {result.stderr}")
    return Run(float(milliseconds), int(peak))


def numbers(*words: str | Path) -> list[float]:
    answer = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    return [float(line) for line in answer.split()]


def interleaved(rounds: int, *sides: Callable[[], Iterable[float]]) -> list[list[float]]:
    """Calls the sides in turn; a first turn warms caches and is dropped."""
    found: list[list[float]] = [[] for _ in sides]
    for number in range(rounds + 1):
        for values, side in zip(found, sides, strict=True):
            new = list(side())
            if number:
                values.extend(new)
    return found


def credentials(path: Path, rows: int) -> Path:
    """A credentials.csv of the console with random keys."""
    maker = random.Random(4)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    lines = ["User name,Password,Access key ID,Secret access key,Console login link"]
    for number in range(rows):
        key_id = "AKIA" + "".join(maker.choices(letters, k=16))
        secret = base64.b64encode(maker.randbytes(30)).decode()
        lines.append(f"user-{number},,{key_id},{secret},https://123456789012.signin.aws.amazon.com/console")
    path.write_bytes("\r\n".join(lines).encode() + b"\r\n")
    path.chmod(0o600)
    return path


class Scene:
    """Homes with an empty vault and with a full one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.empty = folder / "empty"
        self.empty.mkdir(mode=0o700)
        passphrase = self.empty / "passphrase"
        passphrase.write_text("a passphrase of a benchmark\n")
        passphrase.chmod(0o600)
        self.init(self.empty)
        self.csv = credentials(folder / "credentials.csv", ENTRIES)
        self.full = self.copy("full")
        start(self.full, SEALRING, "import", self.csv, "--no-configure")

    def init(self, home: Path) -> Run:
        return start(
            home, SEALRING, "init", "--kdf-memory", str(KDF_MIB), "--kdf-passes", str(KDF_PASSES), "--no-recovery-code"
        )

    def copy(self, name: str) -> Path:
        target = self.folder / name
        shutil.rmtree(target, ignore_errors=True)
        return shutil.copytree(self.empty, target, symlinks=True)

    def derivation(self) -> Run:
        return start(self.empty, BUILD / "argon2", str(KDF_MIB * 1024), str(KDF_PASSES), "1")


def opening(scene: Scene, rounds: int) -> list[Row]:
    rows = []
    for entries, limit in ((100, 1), (ENTRIES, 10)):
        values: list[float] = []
        for _ in range(3):
            with tempfile.TemporaryDirectory(dir=scene.folder) as place:
                values += numbers(BUILD / "release" / "OpenVault", "code", place, str(entries), str(rounds))
        rows.append(Row(f"open {entries} entries, no derivation", values, "ms", limit, statistics.median(values)))
    return rows


def commands(scene: Scene, rounds: int) -> list[Row]:
    def listing() -> list[float]:
        return [start(scene.full, SEALRING, "list").milliseconds]

    def importing() -> list[float]:
        home = scene.copy("import")
        return [start(home, SEALRING, "import", scene.csv, "--no-configure").milliseconds]

    def derivation() -> list[float]:
        return [scene.derivation().milliseconds]

    rows = []
    for what, side, limit in ((f"import of {ENTRIES} rows", importing, 1500), (f"list of {ENTRIES}", listing, 100)):
        ours, beside = interleaved(rounds, side, derivation)
        more = statistics.median(ours) - statistics.median(beside)
        rows.append(Row(f"{what}, beyond Argon2id in C", ours, "ms more", limit, more, beside))
    return rows


def derivations(scene: Scene, rounds: int) -> Row:
    def ours() -> list[float]:
        with tempfile.TemporaryDirectory(dir=scene.folder) as place:
            return numbers(BUILD / "release" / "OpenVault", "passphrase", place, "0", "5")

    def beside() -> list[float]:
        return numbers(BUILD / "argon2", str(KDF_MIB * 1024), str(KDF_PASSES), "5")

    swift, c = interleaved(rounds, ours, beside)
    ratio = statistics.median(swift) / statistics.median(c)
    return Row("open an empty vault, against Argon2id in C", swift, "x", 1.03, ratio, c)


def starting(scene: Scene, rounds: int) -> Row:
    ours, beside = interleaved(
        10 * rounds,
        lambda: [start(scene.empty, SEALRING, "--version").milliseconds],
        lambda: [start(scene.empty, BUILD / "hello").milliseconds],
    )
    ratio = statistics.median(ours) / statistics.median(beside)
    return Row("sealring --version, against hello in C", ours, "x", 6, ratio, beside)


def memory(scene: Scene) -> list[Row]:
    """Peaks beyond the memory that Argon2id is asked to fill, most of them on the full vault."""
    one = credentials(scene.folder / "one_accessKeys.csv", 1)
    code = scene.folder / "code"
    new = scene.folder / "new-passphrase"
    new.write_text("another passphrase\n")
    new.chmod(0o600)
    fresh = scene.copy("fresh")
    shutil.rmtree(fresh / ".local")
    full = scene.full
    runs: dict[str, Callable[[], Run]] = {
        "init": lambda: scene.init(fresh),
        "import of one row": lambda: start(scene.copy("one"), SEALRING, "import", one, "--no-configure"),
        f"import of {ENTRIES} rows": lambda: start(scene.copy("many"), SEALRING, "import", scene.csv, "--no-configure"),
        "list --json": lambda: start(full, SEALRING, "list", "--json"),
        "show": lambda: start(full, SEALRING, "show", "user-7"),
        "set": lambda: start(full, SEALRING, "set", "user-7", "--note", "seven"),
        "rename": lambda: start(full, SEALRING, "rename", "user-7", "seven"),
        "remove": lambda: start(full, SEALRING, "remove", "user-8", "--force"),
        "configure": lambda: start(full, SEALRING, "configure", "user-9", "--force"),
        "credential-process": lambda: start(full, SEALRING, "credential-process", "user-9"),
        "recovery-code new": lambda: start(full, SEALRING, "recovery-code", "new", "--recovery-code-file", code),
        "passwd": lambda: start(
            full, SEALRING, "passwd", "--new-passphrase-file", new, "--recovery-code-file", scene.folder / "code2"
        ),
    }
    rows = []
    for what, measure in runs.items():
        more = max(0, measure().peak - KDF_MIB * MEBIBYTE) / MEBIBYTE
        rows.append(Row(f"peak memory of {what}, beyond Argon2id's", [more], "MiB more", 24, more))
    return rows


def machine() -> str:
    model = platform.processor() or platform.machine()
    information = Path("/proc/cpuinfo")
    if information.exists():
        named = [
            line.split(":")[1].strip() for line in information.read_text().splitlines() if line.startswith("model name")
        ]
        model = named[0] if named else model
    swift = subprocess.run(["swift", "--version"], capture_output=True, text=True).stdout.splitlines()[0]
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    return f"{model}, {os.cpu_count()} cores, {platform.platform()}; {swift}; load {load}"


def table(rows: Sequence[Row]) -> str:
    head = ("what", "ours min/median/max", "beside", "result", "below", "")
    lines = [head, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in lines
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="how often each side runs (default: 15)")
    rounds = parser.parse_args().rounds
    build()
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="sealring-benchmark.") as folder:
        scene = Scene(Path(folder))
        rows = [
            *opening(scene, rounds),
            *commands(scene, rounds),
            derivations(scene, rounds),
            starting(scene, rounds),
            *memory(scene),
        ]
    print(f"Argon2id: {KDF_MIB} MiB, {KDF_PASSES} passes. Times in ms, memory in MiB.\n")
    print(table(rows))
    raise SystemExit(any(row.result >= row.limit for row in rows))


if __name__ == "__main__":
    main()
