"""What a vector is: a vault file with one fault, or none, and what every reader must make of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from support.reference_vault import PASSPHRASE, Vault

OUTCOMES = ("ok", "damaged", "unsupported", "cost", "wrong-passphrase")


@dataclass(frozen=True)
class Vector:
    """`before`: to be refused before any key is derived. `names`, `roles`: of the access keys and the roles, when
    it opens."""

    name: str
    outcome: str
    build: Callable[[], bytes]
    before: bool = False
    passphrase_file: bytes = PASSPHRASE + b"\n"
    names: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()


def faulty(outcome: str, name: str, before: bool = False, **parts: Any) -> Vector:
    """A vault that is as it should be except for these parts of it."""
    return Vector(name, outcome, lambda: Vault(**parts).encoded(), before)


def changed(outcome: str, name: str, build: Callable[[], bytes], before: bool = False) -> Vector:
    """A good file that somebody changed afterwards."""
    return Vector(name, outcome, build, before)


def good(name: str, passphrase_file: bytes = PASSPHRASE + b"\n", **parts: Any) -> Vector:
    vault = Vault(**parts)
    names, roles = (
        tuple(
            value.decode()
            for record in vault.records
            if record.kind == kind
            for tag, value in record.fields
            if tag == 1
        )
        for kind in (1, 2)
    )
    return Vector(name, "ok", vault.encoded, passphrase_file=passphrase_file, names=names, roles=roles)
