#!/usr/bin/env python3
"""Measures a call of the helper beside calls of other tools that hand credentials to a program.

All print the same credentials, which is checked, and none asks a person: the table says how that was arranged. Tools
that are missing are named, and so are those that cannot be set up. Each round calls every tool once, in an order of
its own. Built and measured as run.py does it; also SEALRING_BIN_DIR says which programs are measured.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from agent import HELPER, Served
from peer_tools import PACKAGES, TOOLS, Peer, Place
from run import ROOT, Scene, compile_c, install, machine

KEYS = ("AccessKeyId", "SecretAccessKey")


def answers_alike(place: Place, peer: Peer) -> bool:
    given, wanted = json.loads(place.run(*peer.command)), json.loads(place.answer)
    return all(given.get(key) == wanted[key] for key in KEYS)


def peers(place: Place) -> tuple[list[Peer], list[str]]:
    """The tools that are here and work, and a line for each of the others."""
    found, others = [], []
    for tool in TOOLS:
        if missing := tool.missing():
            others.append(f"{tool.name}: not measured, not found in PATH: {', '.join(missing)}")
            continue
        try:
            peer = tool.set_up(place)
            if answers_alike(place, peer):
                found.append(peer)
            else:
                others.append(f"{tool.name}: not measured, it prints other credentials")
        except (RuntimeError, OSError, ValueError, StopIteration, subprocess.TimeoutExpired) as error:
            others.append(f"{tool.name}: not measured, {error}")
    return found, others


def measured(served: Served, all_of_them: Sequence[Peer], rounds: int) -> dict[str, list[float]]:
    """The milliseconds of each call; a first round warms caches and is dropped."""
    chance = random.Random(1)
    times: dict[str, list[float]] = {peer.name: [] for peer in all_of_them}
    for number in range(rounds + 1):
        for peer in chance.sample(all_of_them, len(all_of_them)):
            new = served.times(*peer.command, calls=1)
            if number:
                times[peer.name] += new
    return times


def table(all_of_them: Sequence[Peer], times: dict[str, list[float]], helper: Peer) -> str:
    own = statistics.median(times[helper.name])
    lines = ["| what | ms min/median/max | against the helper | asks nobody, because |", "|---|---|---|---|"]
    for peer in sorted(all_of_them, key=lambda peer: statistics.median(times[peer.name])):
        values = times[peer.name]
        middle = statistics.median(values)
        ratio = middle / own
        spread = f"{min(values):.2f}/{middle:.2f}/{max(values):.2f}"
        lines.append(f"| {peer.name} | {spread} | {ratio:.{2 if ratio < 10 else 0}f}× | {peer.reason} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=50, help="how often each tool is called (default: 50)")
    parser.add_argument("--install", action="store_true", help="install the Debian packages of the tools with apt-get")
    options = parser.parse_args()
    if options.install:
        script = '. "$0/Examples/packages.sh" && install_packages "$@"'
        subprocess.run(["bash", "-c", script, ROOT, *PACKAGES], check=True)
    install()
    compile_c("measure", "crowd")
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="sealring-benchmark.") as folder, ExitStack() as processes:
        served = Served(Scene(Path(folder)), 1)
        processes.callback(served.end)
        served.environment["PATH"] = os.environ["PATH"]
        helper = Peer("`sealring-credential-process`", [HELPER, served.name], "sealring-agent has the vault unlocked")
        answer = subprocess.run([HELPER, served.name], env=served.environment, check=True, capture_output=True).stdout
        found, others = peers(Place(served.home, served.environment, answer, processes))
        every = [helper, *found]
        print(f"{options.rounds} rounds.\n\n{table(every, measured(served, every, options.rounds), helper)}\n")
    for line in others:
        print(line)


if __name__ == "__main__":
    main()
