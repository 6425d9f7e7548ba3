#!/usr/bin/env python3
"""Writes Tests/VaultCryptoTests/KnownAnswers.swift from implementations that are not ours.

secretbox comes from PyNaCl, BLAKE2b from hashlib, and Argon2id from PyNaCl and from argon2-cffi (the
reference implementation), which have to agree. Needs: pip install pynacl argon2-cffi
"""

import hashlib
import pathlib
from collections.abc import Iterable, Iterator

import argon2.low_level
import nacl.pwhash
import nacl.secret

Row = tuple[bytes | str | int, ...]


def pattern(count: int, seed: int) -> bytes:
    """Bytes that are the same everywhere and look like nothing."""
    return hashlib.shake_128(b"sealring known answers %d" % seed).digest(count)


def boxes() -> Iterator[Row]:
    for seed, count in enumerate([0, 1, 15, 16, 31, 32, 33, 64, 200]):
        key, nonce, text = pattern(32, seed), pattern(24, seed + 100), pattern(count, seed + 200)
        yield key, nonce, text, nacl.secret.SecretBox(key).encrypt(text, nonce).ciphertext


def hashes() -> Iterator[Row]:
    cases = [
        (0, 0, ""),
        (0, 129, ""),
        (32, 0, "sealring1-mac"),
        (32, 0, "sealring1-kid"),
        (32, 200, "sealring1-body"),
        (32, 128, "sealring1-kek"),
        (20, 16, "sealring1-rec"),
        (64, 3, "sixteen letters!"),
        (32, 5, ""),
    ]
    for seed, (key_count, count, name) in enumerate(cases):
        key, message = pattern(key_count, seed + 300), pattern(count, seed + 400)
        digest = hashlib.blake2b(message, digest_size=32, key=key, person=name.encode())
        yield key, message, name, digest.digest()


def passwords() -> Iterator[Row]:
    cases = [
        (b"correct horse battery staple", 65536, 3),
        ("pässwörd ☂".encode(), 65536, 4),
        (b"\0", 66560, 3),
        (b"x" * 1024, 65536, 3),
    ]
    for seed, (passphrase, memory, passes) in enumerate(cases):
        salt = pattern(16, seed + 500)
        one = nacl.pwhash.argon2id.kdf(32, passphrase, salt, opslimit=passes, memlimit=memory << 10)
        other = argon2.low_level.hash_secret_raw(passphrase, salt, passes, memory, 1, 32, argon2.low_level.Type.ID, 19)
        assert one == other
        yield passphrase, salt, memory, passes, one


def literal(value: bytes | str | int) -> str:
    if isinstance(value, bytes):
        return f'"{value.hex()}"'
    return f'"{value}"' if isinstance(value, str) else str(value)


TYPES = {"boxes": "Box", "hashes": "Hash", "passwords": "Password"}


def table(name: str, labels: list[str], rows: Iterable[Row]) -> Iterator[str]:
    yield f"    static let {name} = ["
    for row in rows:
        fields = ",\n            ".join(f"{label}: {literal(value)}" for label, value in zip(labels, row, strict=True))
        yield f"        {TYPES[name]}(\n            {fields}),"
    yield "    ]"


def wrap(line: str) -> str:
    """Splits a hexadecimal literal that is wider than a line."""
    head, quote, rest = line.partition('"')
    text, _, tail = rest.rpartition('"')
    if len(line) <= 110 or not quote:
        return line
    parts = [text[i : i + 80] for i in range(0, len(text), 80)]
    joined = '"\n                + "'.join(parts)
    return f'{head}"{joined}"{tail}'


lines = [
    "// Written by Tests/Oracles/known-answers.py; not to be edited.",
    "",
    "/// What PyNaCl, hashlib and the reference implementation of Argon2 answer, in hexadecimal.",
    "enum KnownAnswers {",
    "    struct Box: Sendable { let key, nonce, text, box: String }",
    "    struct Hash: Sendable {",
    "        let key, message: String",
    "        let name: StaticString",
    "        let digest: String",
    "    }",
    "    struct Password: Sendable {",
    "        let passphrase, salt: String",
    "        let memory, passes: UInt32",
    "        let output: String",
    "    }",
    "",
    *table("boxes", ["key", "nonce", "text", "box"], boxes()),
    "",
    *table("hashes", ["key", "message", "name", "digest"], hashes()),
    "",
    *table("passwords", ["passphrase", "salt", "memory", "passes", "output"], passwords()),
    "}",
]
lines = [wrap(part) for line in lines for part in line.split("\n")]
target = pathlib.Path(__file__).parent.parent / "VaultCryptoTests" / "KnownAnswers.swift"
target.write_text("\n".join(lines) + "\n")
