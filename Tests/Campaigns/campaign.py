"""What the campaigns share: a folder that holds how far they are, their time limit and their result lines."""

from __future__ import annotations

import argparse
import datetime
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".build-campaigns"
FOUND, FAILED, IN_USE, INTERRUPTED = 1, 70, 75, 130


def fail(code: int, message: str) -> NoReturn:
    print(f"{Path(sys.argv[0]).name}: error: {message}", file=sys.stderr)
    raise SystemExit(code)


class Place:
    """The folder of one campaign. It survives the run: another run of the same command goes on from there.

    One run at a time writes it; how far it is can be read meanwhile.
    """

    def __init__(self, folder: Path, *, is_read: bool = False) -> None:
        self.folder = folder.resolve()
        self.state = self.folder / "state.json"
        if is_read:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock = (self.folder / "lock").open("w")
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            fail(IN_USE, f"another run of the campaign uses {self.folder}")

    def load(self) -> dict[str, Any]:
        """How far the campaign is; empty before its first run."""
        return json.loads(self.state.read_text()) if self.state.exists() else {}

    def save(self, state: dict[str, Any]) -> None:
        """A run that is killed loses no more than what it did since."""
        new = self.state.with_suffix(".new")
        new.write_text(json.dumps(state, indent=1) + "\n")
        new.replace(self.state)

    def report(self, line: str) -> None:
        """Prints a result line, and keeps it with the time and the commit."""
        print(line, flush=True)
        now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        with (self.folder / "results").open("a") as results:
            results.write(f"{now} {commit()} {line}\n")


def commit() -> str:
    """What is checked out, marked when it was changed."""
    words = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--abbrev=10", "--exclude=*"]
    return subprocess.run(words, capture_output=True, text=True).stdout.strip() or "unknown"


def counted(number: int, what: str) -> str:
    return f"{number:,} {what if number == 1 else what + 's'}"


class Limit:
    """The seconds that a run may take."""

    def __init__(self, seconds: int) -> None:
        self.end = time.monotonic() + seconds

    @property
    def is_over(self) -> bool:
        return time.monotonic() >= self.end


def arguments(parser: argparse.ArgumentParser, name: str, goal: int) -> None:
    """The options that all campaigns have."""
    parser.add_argument("--seconds", type=int, default=3600, help="when to stop (default: 3600)")
    parser.add_argument("--goal", type=int, default=goal, help=f"when the campaign is complete (default: {goal:,})")
    parser.add_argument("--status", action="store_true", help="only print how far the campaign is")
    parser.add_argument(
        "--folder",
        type=Path,
        default=FOLDER / name,
        help=f"where the campaign keeps how far it is and what it found (default: {FOLDER.name}/{name})",
    )


def run(main: Callable[[], int]) -> NoReturn:
    """Runs a campaign; a signal ends it as the time limit does, but for the exit status."""

    def interrupted(*_: object) -> NoReturn:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupted)
    signal.signal(signal.SIGINT, interrupted)
    os.umask(0o077)
    try:
        raise SystemExit(main())
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
