"""What is saved when a campaign kills a save: one change of a vault, and what the vault must hold after it."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.home import Home
from support.keys import BASE32

Entries = dict[str, tuple[Any, ...]]
# What a save decides by itself is left out: times and identifiers of records.
FIELDS = ("access_key_id", "secret_access_key", "note")


def essence(entries: dict[str, dict[str, Any]]) -> Entries:
    """What a person would miss."""
    return {name: tuple(fields.get(field) for field in FIELDS) for name, fields in entries.items()}


@dataclass
class Save:
    words: tuple[str | Path, ...]
    after: Entries
    #: What opens the vault after it.
    passphrase: bytes


def note(home: Home, before: Entries, name: str, text: str) -> Save:
    key, secret, _ = before[name]
    return Save(("set", name, "--note", text), before | {name: (key, secret, text)}, home.passphrase)


def _add(home: Home, before: Entries, chance: random.Random) -> Save:
    key = "AKIA" + "".join(chance.choices(BASE32, k=16))
    secret = "".join(chance.choices(BASE32 + BASE32.lower() + "+/", k=40))
    name = f"entry-{chance.getrandbits(40):010x}"
    words = ("add", name, "--access-key-id", key, "--secret-file", home.write("secret", secret), "--no-configure")
    return Save(words, before | {name: (key, secret, None)}, home.passphrase)


def _remove(home: Home, before: Entries, chance: random.Random) -> Save:
    if len(before) < 2:
        return _add(home, before, chance)
    name = chance.choice(sorted(before))
    return Save(("remove", name, "--force"), {key: before[key] for key in before.keys() - {name}}, home.passphrase)


def _rename(home: Home, before: Entries, chance: random.Random) -> Save:
    old, new = chance.choice(sorted(before)), f"renamed-{chance.getrandbits(40):010x}"
    after = {new if name == old else name: fields for name, fields in before.items()}
    return Save(("rename", old, new), after, home.passphrase)


def _note(home: Home, before: Entries, chance: random.Random) -> Save:
    # Some make the vault larger than the smallest size of the format.
    text = f"{chance.getrandbits(40):010x} " + "n" * chance.choice((0, 10, 1000, 4000))
    return note(home, before, chance.choice(sorted(before)), text)


def _passwd(home: Home, before: Entries, chance: random.Random) -> Save:
    new = f"passphrase {chance.getrandbits(80):020x}"
    words = ("passwd", "--new-passphrase-file", home.write("new-passphrase", f"{new}\n"), "--no-recovery-code")
    return Save(words, before, new.encode())


KINDS: dict[str, Callable[[Home, Entries, random.Random], Save]] = {
    "note": _note,
    "add": _add,
    "rename": _rename,
    "remove": _remove,
    "passwd": _passwd,
}
# Which are killed how often: a change of the passphrase takes much longer than the others.
WEIGHTS = {"note": 40, "add": 20, "rename": 15, "remove": 20, "passwd": 4}
