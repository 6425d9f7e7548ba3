#!/usr/bin/env python3
"""Kills saves of a vault at random moments, towards 100,000 kills, in as many runs as it takes.

After each kill the vault must open, and be the old one to the byte or hold what was saved; after the next command, no
temporary file may remain. The programs are those in SEALRING_BIN_DIR, or in .build/debug. Everything about a kill
follows from its seed, but for what the machine does meanwhile: `--repeat SEED` does the same again and again. A
finding ends the run: the home it happened in is kept in FOLDER/found/SEED.

Exit status: 0 the time is over or the goal reached, 1 something was found, 70 there are no programs, 75 another run
uses the folder, 130 interrupted.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from campaign import FAILED, FOUND, ROOT, Limit, Place, arguments, counted, fail, run

sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))
sys.dont_write_bytecode = True

from kill_scene import Finding, Plan, Scene, scene  # noqa: E402
from support.home import PROGRAM  # noqa: E402

GOAL = 100_000
# After so many the vault, its tombstones and the logs beside it begin anew.
KILLS_OF_A_SCENE = 500
# The last two: commands beside the killed save that fail or hang.
TROUBLES = (Finding, AssertionError, subprocess.TimeoutExpired)


class Campaign:
    def __init__(self, place: Place, goal: int) -> None:
        self.place = place
        self.goal = goal
        counts = dict.fromkeys(("next seed", "kills", "findings", "with agent", "old", "new", "left temporary"), 0)
        self.counts: dict[str, int] = counts | place.load()

    def line(self) -> str:
        counts = self.counts
        findings = counted(counts["findings"], "finding")
        return (
            f"kills: {counts['kills']:,} of {self.goal:,} kills, {findings} ({counts['with agent']:,} with an agent; "
            f"{counts['old']:,} left the old vault, {counts['new']:,} the new one, "
            f"{counts['left temporary']:,} a temporary file until the next command)"
        )

    def is_done(self, limit: Limit) -> bool:
        return self.counts["kills"] >= self.goal or limit.is_over

    def one(self, scene: Scene, seed: int) -> None:
        """Kills one save. It counts when it was killed, and not when it ended before."""
        plan, chance = Plan.of(seed)
        outcome = scene.kill(plan, chance)
        self.counts["next seed"] = seed + 1
        if outcome.was_killed:
            self.counts["kills"] += 1
            self.counts["with agent"] += plan.with_agent
            self.counts["new" if outcome.is_new else "old"] += 1
            self.counts["left temporary"] += outcome.left_temporary
        self.place.save(self.counts)

    def found(self, scene: Scene, seed: int, error: Exception) -> None:
        folder = self.place.folder / "found" / str(seed)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(scene.home.root, folder, symlinks=True)
        report = f"{Plan.of(seed)[0]}\n{type(error).__name__}: {error}\n"
        (folder / "report").write_text(report)
        print(f"seed {seed}: {error}\nsee {folder}, and try --repeat {seed}")

    def spend(self, limit: Limit) -> int:
        try:
            while not self.is_done(limit):
                if self.in_a_scene(limit):
                    return FOUND
            return 0
        finally:
            self.place.report(self.line())

    def in_a_scene(self, limit: Limit) -> bool:
        """Kills in one scene; tells whether something was found."""
        with tempfile.TemporaryDirectory(prefix="sealring-kills.") as folder, scene(Path(folder)) as made:
            for _ in range(KILLS_OF_A_SCENE):
                if self.is_done(limit):
                    break
                seed = self.counts["next seed"]
                try:
                    self.one(made, seed)
                except TROUBLES as error:
                    self.counts["findings"] += 1
                    self.counts["next seed"] = seed + 1
                    self.place.save(self.counts)
                    self.found(made, seed, error)
                    return True
        return False

    def repeat(self, seed: int, limit: Limit) -> int:
        """Does one kill again and again, and counts nothing."""
        number = 0
        with tempfile.TemporaryDirectory(prefix="sealring-kills.") as folder, scene(Path(folder)) as made:
            while number == 0 or not limit.is_over:
                try:
                    made.kill(*Plan.of(seed))
                except TROUBLES as error:
                    self.found(made, seed, error)
                    return FOUND
                number += 1
        print(f"seed {seed}: nothing found in {counted(number, 'time')}")
        return 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments(parser, "kills", GOAL)
    parser.add_argument("--repeat", type=int, metavar="SEED", help="do one kill again and again")
    options = parser.parse_args()
    campaign = Campaign(Place(options.folder, is_read=options.status), options.goal)
    if options.status:
        print(campaign.line())
        return 0
    if not PROGRAM.is_file():
        fail(FAILED, f"{PROGRAM} is missing: run 'swift build', or set SEALRING_BIN_DIR")
    limit = Limit(options.seconds)
    return campaign.spend(limit) if options.repeat is None else campaign.repeat(options.repeat, limit)


if __name__ == "__main__":
    run(main)
