"""The long campaigns go on where they stopped, count, keep to their limits, and report what they find."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from support.home import ROOT
from support.waiting import wait_until

CAMPAIGNS = ROOT / "Tests" / "Campaigns"
NAMES = ("header", "records", "config", "csv", "ini", "json", "frames", "replies")

# What libFuzzer prints and leaves behind, without its work: each turn, a hundred executions and an input.
FUZZER = """
import os, signal, sys, time
from pathlib import Path
here, target = Path(__file__).parent, os.environ["SEALRING_FUZZ_TARGET"]
options = dict(word[1:].split("=", 1) for word in sys.argv[1:] if word.startswith("-"))
corpus, committed = [Path(word) for word in sys.argv[1:] if not word.startswith("-")]
replayed = len([*corpus.iterdir(), *committed.iterdir()]) + 1
done = replayed + min(100, int(options["runs"]) - replayed)
with open(here / "calls", "a") as calls:
    print(target, options["max_total_time"], options["max_len"], file=calls)
print(f"#{replayed}\\tINITED cov: 1", file=sys.stderr, flush=True)
(corpus / f"kept-{done}-{replayed}").touch()
def sum_up(*_):
    print(f"stat::number_of_executed_units: {done}", file=sys.stderr, flush=True)
    os._exit(72)
if (here / "waits").exists():
    signal.signal(signal.SIGINT, sum_up)
    (here / "waits").rename(here / "waiting")
    time.sleep(60)
if (here / f"dies-{target}").exists():
    print(f"#{replayed + 7}\\tNEW cov: 2", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
if (here / f"crashes-{target}").exists():
    Path(options["artifact_prefix"] + "crash-1").write_bytes(b"bad")
    sum_up()
print(f"stat::number_of_executed_units: {done}", file=sys.stderr)
"""


class Fuzzing:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "state"
        self.stub = folder / "fuzzer"
        self.stub.write_text(f"#!{sys.executable}\n{FUZZER}")
        self.stub.chmod(0o755)

    def words(self, *words: str) -> list[str | Path]:
        return [sys.executable, CAMPAIGNS / "fuzz.py", "--folder", self.folder, "--fuzzer", self.stub, *words]

    def __call__(self, *words: str, code: int = 0) -> list[str]:
        result = subprocess.run(self.words(*words), capture_output=True, text=True, timeout=60)
        assert result.returncode == code, result.stdout + result.stderr
        return result.stdout.splitlines() + result.stderr.splitlines()

    def mark(self, name: str) -> Path:
        self.stub.with_name(name).touch()
        return self.stub.with_name(name)

    def calls(self) -> list[tuple[str, int]]:
        lines = self.stub.with_name("calls").read_text().splitlines()
        return [(line.split()[0], int(line.split()[1])) for line in lines]


@pytest.fixture
def fuzz(tmp_path: Path) -> Fuzzing:
    return Fuzzing(tmp_path)


def line(target: str, executions: str, findings: str = "0 findings") -> str:
    return f"fuzz {target}: {executions} of 100,000,000 executions, {findings}"


def test_fuzzing_shares_its_time_and_goes_on_where_it_stopped(fuzz: Fuzzing) -> None:
    assert fuzz("--seconds", "80") == [line(name, "100") for name in NAMES]
    assert fuzz.calls() == [(name, 10) for name in NAMES]
    assert fuzz("--seconds", "80") == [line(name, "200") for name in NAMES]
    assert len(list((fuzz.folder / "csv/corpus").iterdir())) == 2
    assert fuzz("--status", "csv") == [line("csv", "200")]
    results = (fuzz.folder / "results").read_text().splitlines()
    assert len(results) == 16 and results[-1].endswith(line("replies", "200"))


def test_fuzzing_begins_with_the_target_that_ran_least(fuzz: Fuzzing) -> None:
    fuzz("--seconds", "3")
    fuzz("--seconds", "3")
    assert fuzz.calls() == [(name, 1) for name in NAMES[:6]], "no more seconds than were given"


def test_fuzzing_ends_at_its_goal(fuzz: Fuzzing) -> None:
    assert fuzz("--goal", "150", "--seconds", "5000", "ini", "csv") == [
        "fuzz ini: 100 of 150 executions, 0 findings",
        "fuzz csv: 100 of 150 executions, 0 findings",
        "fuzz ini: 150 of 150 executions, 0 findings",
        "fuzz csv: 150 of 150 executions, 0 findings",
    ]
    assert {seconds for _, seconds in fuzz.calls()} == {600}, "a turn is short"
    assert fuzz("--goal", "150", "ini", "csv") == []


def test_what_fuzzing_finds_stops_it_and_is_kept(fuzz: Fuzzing) -> None:
    fuzz.mark("crashes-config")
    lines = fuzz("--seconds", "80", code=1)
    kept = fuzz.folder / "config/found/crash-1"
    assert kept.read_bytes() == b"bad" and b"INITED" in kept.with_suffix(".log").read_bytes()
    assert lines[2:] == [f"found {kept}, see crash-1.log beside it", line("config", "100", "1 finding")]
    assert [name for name, _ in fuzz.calls()] == ["header", "records", "config"]
    # The same input again is no second finding, and still one.
    assert fuzz("config", code=1)[1:] == [line("config", "200", "1 finding")]


def test_a_fuzzer_that_fails_is_no_finding(fuzz: Fuzzing) -> None:
    fuzz.mark("dies-header")
    first, error = fuzz("--seconds", "80", code=70)
    assert first == line("header", "7")
    assert error.startswith("fuzz.py: error: the fuzzer ended with -9 and without an input: see ")


def test_fuzzing_that_is_interrupted_keeps_its_counts(fuzz: Fuzzing) -> None:
    waits = fuzz.mark("waits")
    process = subprocess.Popen(fuzz.words("header"), stdout=subprocess.PIPE, text=True)
    wait_until(waits.with_name("waiting").exists, 30)
    assert fuzz(code=75)[0].startswith("fuzz.py: error: another run of the campaign uses ")
    assert fuzz("--status", "header") == [line("header", "0")]
    process.send_signal(signal.SIGTERM)
    output, _ = process.communicate(timeout=30)
    assert (process.returncode, output) == (130, line("header", "100") + "\n")
    assert json.loads((fuzz.folder / "state.json").read_text())["header"]["executions"] == 100


def test_the_script_that_fuzzes_names_the_targets() -> None:
    listed = subprocess.run([ROOT / "Tests/Fuzzing/fuzz.sh", "--targets"], check=True, capture_output=True, text=True)
    assert tuple(each.split("\t")[0] for each in listed.stdout.splitlines()) == NAMES
    assert set(os.listdir(ROOT / "Tests/Fuzzing/corpus")) == set(NAMES)
