#!/usr/bin/env python3
"""Measures the helper and the agent beside C programs that do the same, and prints one table.

Built and measured as run.py does it. `aws` and `moto_server` are taken from beside the Python that runs this (the
environment of the tests has them); without them their rows are left out, with a word.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from run import (
    BUILD,
    HERE,
    KDF_MIB,
    KDF_PASSES,
    MEBIBYTE,
    SEALRING,
    Row,
    Scene,
    build,
    compile_c,
    credentials,
    interleaved,
    machine,
    numbers,
    start,
    table,
)

HELPER = SEALRING.with_name("sealring-credential-process")
TOOLS = Path(sys.executable).parent
CALLS = 100
MUSL_CLIENT = "client-musl"


class Served:
    """A home with a vault of so many entries, unlocked."""

    def __init__(self, scene: Scene, entries: int) -> None:
        self.home = scene.copy(f"served-{entries}")
        self.environment = {
            "HOME": str(self.home),
            "PATH": f"{TOOLS}:/usr/bin:/bin",
            "LANG": "C.UTF-8",
            "SEALRING_PASSPHRASE_FILE": str(self.home / "passphrase"),
        }
        csv = credentials(scene.folder / f"{entries}.csv", entries)
        start(self.home, SEALRING, "import", csv, "--no-configure")
        self.sealring("unlock")
        # Only unlock needs it; the rest must do without.
        del self.environment["SEALRING_PASSPHRASE_FILE"]
        self.vault = self.home / ".local/share/sealring/vault"
        self.socket = self.home / ".local/state/sealring/agent.sock"
        self.name = f"user-{entries // 2}"

    def sealring(self, *words: str) -> str:
        return subprocess.run(
            [SEALRING, *words], env=self.environment, check=True, capture_output=True, text=True
        ).stdout

    def times(self, *words: str | Path, calls: int = CALLS, processes: int = 1) -> list[float]:
        answer = subprocess.run(
            [BUILD / "crowd", str(processes), str(calls), *words],
            env=self.environment,
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        found = [float(line) for line in answer.split()]
        if len(found) != calls * processes or min(found) < 0:
            raise SystemExit(f"{words[0]}: {sum(value < 0 for value in found)} of {len(found)} calls failed")
        return found

    def helper(self, **options: int) -> list[float]:
        return self.times(HELPER, self.name, **options)

    def client(self, program: str = "client") -> list[float]:
        return self.times(BUILD / program, self.socket, self.vault, self.name)

    def requests(self, address: Path | None = None) -> list[float]:
        """The microseconds of each of many requests, from one client on whatever core it is put."""
        return [1e6 / numbers(BUILD / "client", address or self.socket, self.vault, self.name, "10000")[0]]

    def agent(self) -> int:
        return json.loads(self.sealring("status", "--json"))["pid"]

    def agent_peak(self) -> float:
        lines = Path(f"/proc/{self.agent()}/status").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / MEBIBYTE

    def end(self) -> None:
        self.sealring("lock", "--stop")


def ratio(what: str, ours: list[float], beside: list[float], limit: float) -> Row:
    return Row(what, ours, "x", limit, statistics.median(ours) / statistics.median(beside), beside)


def calls(one: Served, thousand: Served, full: Served, rounds: int) -> list[Row]:
    lone, floor = interleaved(rounds, one.helper, one.client)
    rows = [ratio("a call of the helper, against a static client in C with glibc", lone, floor, 0.8)]
    if (BUILD / MUSL_CLIENT).exists():
        again, least = interleaved(rounds, one.helper, partial(one.client, MUSL_CLIENT))
        rows.append(ratio("the same, with musl", again, least, 1.5))
    for served, entries, limit in ((thousand, 1000, 1.15), (full, 4000, 1.3)):
        many, single = interleaved(rounds, served.helper, one.helper)
        rows.append(ratio(f"the same with {entries} entries, against 1", many, single, limit))
    commands: list[list[str | Path]] = [[HELPER, one.name], [BUILD / "client", one.socket, one.vault, one.name]]
    crowds = [one.times(*command, processes=50, calls=40) for command in commands]
    late, floor_late = (sorted(crowd)[len(crowd) * 99 // 100] for crowd in crowds)
    what = "2,000 calls from 50 processes, 99th percentile against that of the client in C"
    rows.append(Row(what, crowds[0], "x", 1, late / floor_late, crowds[1]))
    peak = max(start(one.home, HELPER, one.name).peak for _ in range(5)) / MEBIBYTE
    rows.append(Row("peak memory of the helper", [peak], "MiB", 1, peak))
    return rows


def lists(one: Served, thousand: Served, full: Served, rounds: int) -> Row:
    """What a `list` costs beyond its start: 4 is linear."""

    def listing(served: Served) -> list[float]:
        return served.times(SEALRING, "list", calls=3)

    few, some, many = interleaved(rounds, *(lambda served=served: listing(served) for served in (one, thousand, full)))
    start_alone = statistics.median(few)
    result = (statistics.median(many) - start_alone) / (statistics.median(some) - start_alone)
    return Row("`list` of 4,000 entries through the agent, against 1,000", many, "x", 5, result, some)


def one_core(process: int | None = None) -> None:
    """Puts a process, or this one and what it starts, on the first core: no waking of the other one is measured."""
    os.sched_setaffinity(process or 0, {min(os.sched_getaffinity(0))})


def agents(scene: Scene, one: Served, thousand: Served) -> list[Row]:
    """Below is better in this table: the time that a request takes, beside a server in C."""
    rows = []
    address = scene.folder / "server.sock"
    server = subprocess.Popen([BUILD / "server", address, "200"])
    everywhere = os.sched_getaffinity(0)
    for served, entries, limit in ((one, 1, 6), (thousand, 1000, 6)):
        for where in ("any core", "one core"):
            if where == "one core":
                for process in (served.agent(), server.pid, 0):
                    one_core(process)
            ours, beside = interleaved(7, served.requests, partial(served.requests, address))
            rows.append(
                Row(
                    f"a request to the agent with {entries} entries, fresh connection, {where}",
                    ours,
                    "us",
                    125,
                    statistics.median(ours),
                    beside,
                )
            )
        os.sched_setaffinity(0, everywhere)
        os.sched_setaffinity(server.pid, everywhere)
        peak = served.agent_peak()
        rows.append(Row(f"peak memory of the agent with {entries} entries", [peak], "MiB", limit, peak))
    server.kill()
    server.wait()
    return rows


def comparisons(scene: Scene, one: Served, rounds: int) -> Iterator[tuple[str, list[float]]]:
    answer = scene.folder / "answer.json"
    answer.write_bytes(subprocess.run([HELPER, one.name], env=one.environment, check=True, capture_output=True).stdout)
    sides = {
        "cat of a JSON file": ["/bin/cat", answer],
        "python3 -c pass": ["/usr/bin/python3", "-c", "pass"],
        "the helper": [HELPER, one.name],
    }
    found = interleaved(rounds, *(lambda words=words: one.times(*words, calls=20) for words in sides.values()))
    yield from zip(sides, found, strict=True)
    yield (f"Argon2id, {KDF_MIB} MiB, {KDF_PASSES} passes", [scene.derivation().milliseconds for _ in range(rounds)])


def clients(one: Served, rounds: int) -> Iterator[tuple[str, list[float]]]:
    """The AWS CLI with the key from the helper and from a plaintext file."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [TOOLS / "moto_server", "-H", "127.0.0.1", "-p", str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{url}/moto-api/data.json", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        answer = json.loads(
            subprocess.run([HELPER, one.name], env=one.environment, check=True, capture_output=True).stdout
        )
        folder = one.home / ".aws"
        folder.mkdir(exist_ok=True)
        (folder / "config").write_text(f"[profile sealed]\ncredential_process = {HELPER} {one.name}\n")
        (folder / "credentials").write_text(
            f"[plain]\naws_access_key_id = {answer['AccessKeyId']}\n"
            f"aws_secret_access_key = {answer['SecretAccessKey']}\n"
        )
        one.environment |= {"AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "eu-central-1", "AWS_PAGER": ""}

        def caller(profile: str) -> list[float]:
            return one.times(TOOLS / "aws", "sts", "get-caller-identity", "--profile", profile, calls=1)

        sealed, plain = interleaved(rounds, lambda: caller("sealed"), lambda: caller("plain"))
        yield "aws sts get-caller-identity, key from the helper", sealed
        yield "aws sts get-caller-identity, key from a plaintext file", plain
    finally:
        server.terminate()
        server.wait(10)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="how often each side runs (default: 15)")
    rounds = parser.parse_args().rounds
    build()
    compile_c("client", "crowd", "server")
    if shutil.which("musl-gcc"):
        subprocess.run(["musl-gcc", "-O2", "-static", "-o", BUILD / MUSL_CLIENT, HERE / "client.c"], check=True)
    else:
        print("no musl-gcc (Debian: musl-tools): the client with musl is left out")
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="sealring-benchmark.") as folder:
        scene = Scene(Path(folder))
        one, thousand, full = (Served(scene, entries) for entries in (1, 1000, 4000))
        try:
            rows = [
                *calls(one, thousand, full, rounds),
                lists(one, thousand, full, rounds),
                *agents(scene, one, thousand),
            ]
            besides = list(comparisons(scene, one, rounds))
            if all((TOOLS / name).exists() for name in ("aws", "moto_server")):
                besides += clients(one, rounds)
            else:
                print("no aws and moto_server beside this Python: their rows are left out")
        finally:
            for served in (one, thousand, full):
                served.end()
    print("Times in ms unless said otherwise. A rate of 8,000 requests a second is 125 us for each.\n")
    print(table(rows))
    print("\n| for comparison | ms min/median/max |\n| --- | --- |")
    for what, values in besides:
        print(f"| {what} | {min(values):.2f}/{statistics.median(values):.2f}/{max(values):.2f} |")
    raise SystemExit(any(row.result >= row.limit for row in rows))


if __name__ == "__main__":
    main()
