#!/usr/bin/env python3
"""Fuzzes every parser of untrusted bytes towards 10^8 executions each, in as many runs as it takes.

The time of a run is shared among the targets that are not done, the least-run first. Inputs that libFuzzer found worth
keeping stay for the next run. Executions that only replay them are not counted. A finding ends the run: its input and
the fuzzer's log are kept in FOLDER/TARGET/found.

Exit status: 0 the time is over or the goal reached, 1 something was found, 70 the fuzzer does not build or run,
75 another run uses the folder, 130 interrupted.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from campaign import FAILED, FOUND, ROOT, Place, arguments, counted, fail, run

SCRIPT = ROOT / "Tests" / "Fuzzing" / "fuzz.sh"
CORPUS = ROOT / "Tests" / "Fuzzing" / "corpus"
GOAL = 100_000_000
# How long a target runs before the next one has its turn: what a run that is killed loses at most.
LONGEST = 600


@dataclass
class Target:
    name: str
    options: list[str]
    executions: int = 0
    findings: int = 0

    def line(self, goal: int) -> str:
        reached = f"{self.executions:,} of {goal:,} executions"
        return f"fuzz {self.name}: {reached}, {counted(self.findings, 'finding')}"


def targets(place: Place) -> dict[str, Target]:
    """All targets that fuzz.sh knows, as far as they are."""
    listed = subprocess.run([SCRIPT, "--targets"], check=True, capture_output=True, text=True).stdout
    lines = (line.split("\t") for line in listed.splitlines())
    known = {name: Target(name, options) for name, *options in lines}
    for name, values in place.load().items():
        if name in known:
            known[name].executions, known[name].findings = values["executions"], values["findings"]
    return known


def executions(log: bytes) -> int:
    """The new executions in a log of libFuzzer, also of a fuzzer that was killed before it could sum up."""
    start = re.search(rb"^#(\d+)\tINITED", log, re.MULTILINE)
    if start is None:
        return 0
    reached = re.findall(rb"^(?:#|stat::number_of_executed_units: +)(\d+)", log, re.MULTILINE)
    return max(map(int, reached)) - int(start[1])


class Campaign:
    def __init__(self, place: Place, fuzzer: Path, goal: int) -> None:
        self.place = place
        self.fuzzer = fuzzer
        self.goal = goal
        self.targets = targets(place)

    def pending(self, names: list[str]) -> list[Target]:
        """Those that have not reached the goal, the least-run first."""
        found = [self.targets[name] for name in names if self.targets[name].executions < self.goal]
        return sorted(found, key=lambda target: target.executions)

    def turn(self, target: Target, seconds: int) -> int:
        """Fuzzes one target for some seconds; gives its number of findings."""
        folder = self.place.folder / target.name
        corpus, fresh, log = folder / "corpus", folder / "fresh", folder / "log"
        corpus.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        # libFuzzer counts what it replays, too: at least all inputs that it is given.
        replayed = sum(1 for kept in (corpus, CORPUS / target.name) for _ in kept.iterdir())
        words: list[str | Path] = [
            self.fuzzer,
            *target.options,
            f"-max_total_time={seconds}",
            f"-runs={self.goal - target.executions + replayed + 1}",
            "-print_final_stats=1",
            f"-artifact_prefix={fresh}/",
            # It writes into the first folder, and only reads the second.
            corpus,
            CORPUS / target.name,
        ]
        try:
            verdict = watched(words, target, log)
        finally:
            inputs = sorted(fresh.iterdir())
            target.executions += executions(log.read_bytes())
            target.findings += self.settle(folder / "found", inputs, log)
            self.keep()
            self.place.report(target.line(self.goal))
        if verdict != 0 and not inputs:
            fail(FAILED, f"the fuzzer ended with {verdict} and without an input: see {log}")
        return len(inputs)

    def settle(self, found: Path, inputs: list[Path], log: Path) -> int:
        """Keeps what was found, with the log; gives the number of inputs that were not known."""
        found.mkdir(exist_ok=True)
        new = 0
        for each in inputs:
            target = found / each.name
            new += not target.exists()
            each.replace(target)
            shutil.copy(log, f"{target}.log")
            print(f"found {target}, see {target.name}.log beside it")
        return new

    def keep(self) -> None:
        self.place.save(
            {
                target.name: {"executions": target.executions, "findings": target.findings}
                for target in self.targets.values()
            }
        )

    def spend(self, names: list[str], seconds: int) -> int:
        """Shares the seconds among the targets; stops at a finding. A turn costs its share at least."""
        while seconds > 0 and (round := self.pending(names)):
            for number, target in enumerate(round):
                share = min(LONGEST, max(1, seconds // (len(round) - number)))
                start = time.monotonic()
                if self.turn(target, share):
                    return FOUND
                took = round_up(time.monotonic() - start)
                seconds -= took if target.executions >= self.goal else max(share, took)
                if seconds <= 0:
                    break
        return 0


def round_up(seconds: float) -> int:
    # libFuzzer, which counts whole seconds, goes a little beyond its own limit.
    return int(seconds + 0.2)


def watched(words: list[str | Path], target: Target, log: Path) -> int:
    """Runs the fuzzer; an interrupt ends it, too, once it has summed up."""
    environment = os.environ | {"SWIFT_BACKTRACE": "enable=no", "SEALRING_FUZZ_TARGET": target.name}
    with log.open("wb") as output:
        # A session of its own: a terminal interrupts this program alone.
        process = subprocess.Popen(
            words, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
        try:
            return process.wait()
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGINT)
                try:
                    process.wait(20)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments(parser, "fuzz", GOAL)
    parser.add_argument("--fuzzer", type=Path, help="a fuzzer that is built already (default: build it)")
    parser.add_argument("targets", nargs="*", help="the targets to fuzz (default: all)")
    options = parser.parse_args()
    place = Place(options.folder, is_read=options.status)
    fuzzer = options.fuzzer or ROOT / ".build-fuzz" / "release" / "sealring-fuzz"
    campaign = Campaign(place, fuzzer, options.goal)
    names = options.targets or list(campaign.targets)
    for name in names:
        if name not in campaign.targets:
            parser.error(f"unknown target '{name}': use {', '.join(campaign.targets)}")
    if options.status:
        for name in names:
            print(campaign.targets[name].line(options.goal))
        return 0
    if options.fuzzer is None and subprocess.run([SCRIPT, "--build"], stdin=subprocess.DEVNULL).returncode != 0:
        return FAILED
    return campaign.spend(names, options.seconds)


if __name__ == "__main__":
    run(main)
