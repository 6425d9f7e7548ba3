"""A vault whose saves are killed, and what must be true after each kill."""

from __future__ import annotations

import random
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kill_moments import CREATED, kill_after, watching
from kill_saves import KINDS, WEIGHTS, Entries, Save, essence, note
from support import sealed
from support.home import CHEAPEST, PROGRAM, Home, Run, report
from support.leaks import Ledger

ENTRIES = 3


class Finding(Exception):
    """Something that must not be."""


@dataclass(frozen=True)
class Plan:
    """What is killed, and when. All of it follows from the seed."""

    seed: int
    with_agent: bool
    kind: str
    #: Whether the moment is chosen among the events of the save, or in the whole time of the command.
    is_aimed: bool
    moment: float
    delay: int  # microseconds
    next_with_agent: bool

    @staticmethod
    def of(seed: int) -> tuple[Plan, random.Random]:
        """The plan, and the chance that decides what is saved."""
        chance = random.Random(seed)
        plan = Plan(
            seed,
            with_agent=chance.random() < 0.5,
            kind=chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0],
            is_aimed=chance.random() < 0.9,
            moment=chance.random(),
            delay=chance.choice((0, chance.randrange(300), chance.randrange(2000))),
            next_with_agent=chance.random() < 0.75,
        )
        return plan, chance


@dataclass
class Usual:
    """How a save goes that nobody kills: its seconds, and its events in the vault's directory."""

    seconds: float
    first: int  # the event that creates the temporary file
    events: int


@dataclass
class Outcome:
    was_killed: bool
    is_new: bool
    left_temporary: bool


class Scene:
    def __init__(self, home: Home) -> None:
        self.home = home
        self.use(b"passphrase of the campaign")
        self.home.ok("init", *CHEAPEST, "--no-recovery-code")
        self.home.unlock()
        for number in range(ENTRIES):
            save = KINDS["add"](self.home, {}, random.Random(number))
            self.home.ok(*save.words)
        self.entries = self.read()
        self.usual = {with_agent: self.measure(with_agent) for with_agent in (True, False)}

    def use(self, passphrase: bytes) -> None:
        self.home.passphrase = passphrase
        self.home.write(self.home.passphrase_file, passphrase + b"\n")

    def read(self) -> Entries:
        """The entries as an independent reader finds them."""
        try:
            return essence(sealed.entries(self.home.vault, self.home.passphrase))
        except Exception as error:
            raise Finding(f"the vault does not open: {error}") from error

    def command(self, save: Save, with_agent: bool) -> tuple[list[str | Path], dict[str, str]]:
        """What is run, and where: an agent that does not answer must not go unnoticed."""
        words: list[str | Path] = [PROGRAM, *save.words, *([] if with_agent else ["--no-agent"])]
        environment = dict(self.home.env)
        if not with_agent or save.words[0] == "passwd":
            environment["SEALRING_PASSPHRASE_FILE"] = str(self.home.passphrase_file)
        return words, environment

    def start(self, save: Save, with_agent: bool) -> subprocess.Popen[bytes]:
        words, environment = self.command(save, with_agent)
        return subprocess.Popen(
            words,
            env=environment,
            cwd=self.home.outside,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def measure(self, with_agent: bool) -> Usual:
        """Saves once, and counts."""
        name = min(self.entries)
        save = note(self.home, self.entries, name, f"measured {with_agent}")
        seen: list[tuple[int, bytes]] = []
        with watching(self.home.data) as watch:
            start = time.monotonic()
            process = self.start(save, with_agent)
            while process.poll() is None:
                seen += watch.events(0.005)
            seconds = time.monotonic() - start
            while more := watch.events(0):
                seen += more
        self.ended(process, save.words)
        self.entries = save.after
        first = next(at for at, (kind, name) in enumerate(seen) if kind & CREATED and b".new-" in name)
        return Usual(seconds, first, len(seen))

    def ended(self, process: subprocess.Popen[bytes], words: tuple[str | Path, ...]) -> None:
        result: Run = subprocess.CompletedProcess(words, process.returncode, b"", process.communicate()[1])
        if result.returncode != 0:
            raise Finding(f"a command failed: {report(result)}")

    def kill(self, plan: Plan, chance: random.Random) -> Outcome:
        """Kills one save, checks what is left, and saves once more without a kill."""
        home, usual = self.home, self.usual[plan.with_agent]
        save = KINDS[plan.kind](home, self.entries, chance)
        before, previous = home.vault.read_bytes(), content(home.data / "vault.prev")
        with watching(home.data) as watch:
            process = self.start(save, plan.with_agent)
            if plan.is_aimed:
                count = usual.first + round(plan.moment * (usual.events - usual.first + 1))
                was_in_time = kill_after(process, watch, count, plan.delay)
            else:
                was_in_time = kill_after(process, watch, 0, int(plan.moment * 1.1 * usual.seconds * 1e6))
            stderr = process.communicate()[1]
        if not was_in_time:
            raise Finding("the save hangs")
        was_killed = process.returncode == -9
        if not was_killed and process.returncode != 0:
            raise Finding(f"the save failed by itself: exit {process.returncode}\n{stderr.decode(errors='replace')}")
        is_new = self.settle(save, before, previous)
        if not was_killed and not is_new:
            raise Finding("a false success: the vault is the old one")
        left = bool(self.temporaries())
        self.save_again(plan)
        return Outcome(was_killed, is_new, left)

    def settle(self, save: Save, before: bytes, previous: bytes | None) -> bool:
        """The vault is the old one to the byte, or holds what was saved; tells which."""
        after, kept = self.home.vault.read_bytes(), content(self.home.data / "vault.prev")
        if kept not in (None, previous, before):
            raise Finding("vault.prev is neither absent nor one of the two vaults before")
        if after == before:
            return False
        self.use(save.passphrase)
        if self.read() != save.after:
            raise Finding("the vault holds neither what it held nor what was saved")
        if generation(after) != generation(before) + 1:
            raise Finding(f"generation {generation(after)} follows {generation(before)}")
        # What revokes or removes something keeps no copy of it.
        if kept != (None if save.words[0] in ("passwd", "remove") else before):
            raise Finding("vault.prev is not what it must be after this save")
        self.entries = save.after
        return True

    def save_again(self, plan: Plan) -> None:
        """The next command finds a vault that it can read and write, and cleans up."""
        if plan.kind == "passwd":
            self.home.unlock()
        save = note(self.home, self.entries, min(self.entries), f"after kill {plan.seed}")
        process = self.start(save, plan.next_with_agent)
        process.wait(60)
        self.ended(process, save.words)
        self.entries = save.after
        if self.read() != save.after:
            raise Finding("the next save is not in the vault")
        if left := self.temporaries():
            raise Finding(f"a temporary file remains after the next command: {', '.join(left)}")

    def temporaries(self) -> list[str]:
        """All files in the homes that are not files of the programs by name."""
        known = {"vault", "vault.prev", "vault.lock", "vault.agent.lock"}
        beside = [path.name for path in self.home.data.iterdir() if path.name not in known]
        return beside + [path.name for path in self.home.path.rglob("*.new-*") if path.parent != self.home.data]


def generation(vault: bytes) -> int:
    return int.from_bytes(vault[32:40], "little")


def content(path: Path) -> bytes | None:
    return path.read_bytes() if path.exists() else None


@contextmanager
def scene(folder: Path) -> Iterator[Scene]:
    """A scene in this folder, whose agent ends with it."""
    home = Home(folder / "h", Ledger())
    try:
        yield Scene(home)
    finally:
        home.end_agent()
        shutil.rmtree(home.runtime)
