"""The campaign that kills saves counts, goes on where it stopped, and reports what it finds."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from support.home import PROGRAM, ROOT

# The program, but for what a test breaks in it once the scene is made: `kill` is a save that is killed, `next` the
# command after it.
WRAPPER = """#!/bin/sh
here=$(dirname "$0") words="$*" vault=$HOME/.local/share/sealring/vault
case "$words" in
    *'measured False'*) touch "$here/made" && exec {program} "$@" ;;
    *'after kill'*) which=next ;;
    set*|add*|remove*|rename*|passwd*) which=kill ;;
    *) which=other ;;
esac
if [ -e "$here/made" ]; then
    case "$which $(cat "$here/broken" 2>/dev/null)" in
        'kill lies') exit 0 ;;
        'kill damages') echo damaged >"$vault" && exit 0 ;;
        'kill fails') echo 'made to fail' >&2 && exit 9 ;;
        'next forgets') exit 0 ;;
        'next leaves') {program} "$@" && touch "$vault.new-1" && exit 0 ;;
    esac
fi
exec {program} "$@"
"""


class Kills:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "state"
        self.programs = folder / "bin"
        self.programs.mkdir()
        wrapper = self.programs / "sealring"
        wrapper.write_text(WRAPPER.format(program=PROGRAM))
        wrapper.chmod(0o755)

    def __call__(self, *words: str, code: int = 0) -> str:
        result = subprocess.run(
            [sys.executable, ROOT / "Tests/Campaigns/kills.py", "--folder", self.folder, *words],
            env=os.environ | {"SEALRING_BIN_DIR": str(self.programs)},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert result.returncode == code, result.stdout + result.stderr
        return result.stdout

    def counts(self) -> dict[str, int]:
        return json.loads((self.folder / "state.json").read_text())

    def breaks(self, what: str) -> None:
        (self.programs / "broken").write_text(what)


@pytest.fixture
def kills(tmp_path: Path) -> Kills:
    return Kills(tmp_path)


def test_kills_are_counted_and_go_on_where_they_stopped(kills: Kills) -> None:
    assert kills("--goal", "3").startswith("kills: 3 of 3 kills, 0 findings (")
    first = kills.counts()
    assert first["next seed"] >= 3 and first["old"] + first["new"] == 3
    assert kills("--goal", "4").startswith("kills: 4 of 4 kills, 0 findings (")
    second = kills.counts()
    assert second["next seed"] > first["next seed"] and second["old"] + second["new"] == 4
    # Neither is there time, nor anything to do.
    assert kills("--seconds", "0").startswith("kills: 4 of 100,000 kills, 0 findings (")
    assert kills("--goal", "4").startswith("kills: 4 of 4 kills, 0 findings (")
    assert kills.counts() == second
    assert kills("--status").startswith("kills: 4 of 100,000 kills, 0 findings (")
    assert len((kills.folder / "results").read_text().splitlines()) == 4


@pytest.mark.parametrize(
    "broken, says",
    [
        ("lies", "a false success: the vault is the old one"),
        ("damages", "the vault does not open: "),
        ("fails", "the save failed by itself: exit 9"),
        ("forgets", "the next save is not in the vault"),
        ("leaves", "a temporary file remains after the next command: vault.new-1"),
    ],
)
def test_what_a_kill_shows_stops_the_campaign_and_is_kept(kills: Kills, broken: str, says: str) -> None:
    kills.breaks(broken)
    output = kills("--seconds", "60", code=1)
    found = re.match(r"seed (\d+): (.*)", output)
    assert found and found[2].startswith(says), output
    assert ", 1 finding (" in output.splitlines()[-1]
    kept = kills.folder / "found" / found[1]
    assert (kept / "home/.local/share/sealring/vault").exists()
    assert f"Plan(seed={found[1]}, " in (kept / "report").read_text() and says in (kept / "report").read_text()
    assert kills.counts()["next seed"] == int(found[1]) + 1


def test_one_kill_is_repeated_by_its_seed(kills: Kills) -> None:
    assert re.fullmatch(r"seed 7: nothing found in 1 time\n", kills("--repeat", "7", "--seconds", "0"))
    kills.breaks("forgets")
    assert kills("--repeat", "7", code=1).startswith("seed 7: the next save is not in the vault\n")
    assert not (kills.folder / "state.json").exists(), "it counts nothing"
