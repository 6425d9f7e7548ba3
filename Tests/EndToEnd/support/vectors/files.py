"""Reads the vectors in Tests/Vectors/vaults, whose README describes them; nothing here knows how they were made."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nacl.bindings import crypto_secretbox

FOLDER = Path(__file__).resolve().parents[3] / "Vectors" / "vaults"
FIRST_LINE = "sealring vault vector 1"


@dataclass(frozen=True)
class VectorFile:
    name: str
    about: str
    #: `ok`, `damaged`, `unsupported`, `cost` or `wrong-passphrase`.
    expect: str
    #: Whether a reader may derive a key before it decides.
    may_derive: bool
    passphrase: bytes
    #: A file from which programs read this passphrase.
    passphrase_file: bytes
    recovery_code: str | None
    entries: tuple[str, ...]
    roles: tuple[str, ...]
    size: int
    sha256: str
    #: What the file is made of, a step a line.
    steps: tuple[str, ...]

    def build(self) -> bytes:
        data = assemble(self.steps)
        assert len(data) == self.size, self.name
        assert hashlib.sha256(data).hexdigest() == self.sha256, self.name
        return data


def read(path: Path) -> VectorFile:
    head, _, body = path.read_text("utf-8").partition("\n\n")
    first, *lines = head.split("\n")
    assert first == FIRST_LINE, path.name
    known = dict(line.split(" ", 1) for line in lines)
    assert known["name"] == path.stem
    passphrase = written(known["passphrase"])
    file = known.get("passphrase-file")
    return VectorFile(
        known["name"], known["about"], known["expect"], known["derive"] == "yes", passphrase,
        passphrase + b"\n" if file is None else written(file), known.get("recovery-code"),
        tuple(json.loads(known.get("entries", "[]"))), tuple(json.loads(known.get("roles", "[]"))),
        int(known["size"]), known["sha256"], tuple(body.rstrip("\n").split("\n")),
    )  # fmt: skip


def written(value: str) -> bytes:
    """A JSON string, or bytes in hexadecimal."""
    return json.loads(value).encode() if value.startswith('"') else bytes.fromhex(value)


def assemble(steps: tuple[str, ...]) -> bytes:
    data, sealed = bytearray(), bytearray()
    key = nonce = b""
    for step in steps:
        word, _, rest = step.strip().partition(" ")
        target = sealed if step.startswith("  ") else data
        if word in ("hex", "text"):
            target += written(rest)
        elif word == "fill":
            value, count = rest.split()
            target += bytes.fromhex(value) * int(count)
        elif word == "seal":
            key, nonce = map(bytes.fromhex, rest.split())
            sealed = bytearray()
        elif word == "end":
            data += crypto_secretbox(bytes(sealed), nonce, key)
        elif word == "patch":
            at, value = rest.split()
            data[int(at) : int(at) + len(value) // 2] = bytes.fromhex(value)
        elif word == "cut":
            del data[int(rest) :]
        else:
            assert word == "#" or not step, step
    return bytes(data)


def vectors() -> list[VectorFile]:
    """All of them, in the order of the index."""
    return [read(FOLDER / f"{vector['name']}.txt") for vector in index()["vectors"]]


def index() -> dict[str, Any]:
    return json.loads((FOLDER / "index.json").read_text())
