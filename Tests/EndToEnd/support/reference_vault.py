"""Writes vault files of format 1 for tests, with every byte under control and nothing checked.

Written from the specification alone and apart from Examples/decode-vault.py, which reads what this writes:
that the two agree says something only as long as neither borrows from the other. Keys, salts and nonces are
fixed, and Argon2id runs once for each passphrase, salt and cost: hundreds of vaults cost one derivation.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from functools import cache
from hashlib import blake2b
from typing import NamedTuple

from nacl.bindings import crypto_generichash_blake2b_salt_personal, crypto_secretbox
from nacl.pwhash import argon2id

from support.reference_records import NOW, Record, access_key, full_access_key, i64, u16, u32, u64

HEADER_LENGTH = 8192
MAC_AT = 8160
SLOTS_AT = 128
SLOT_LENGTH = 1004
CHEAPEST_MEMORY = 65536
CHEAPEST_PASSES = 3
MAGIC = bytes.fromhex("8953524E470D0A1A")
PASSPHRASE = b"correct horse battery staple"
RECOVERY_CODE = bytes(range(100, 120))


def hash32(message: bytes, key: bytes = b"") -> bytes:
    return blake2b(message, key=key, digest_size=32).digest()


def derive(key: bytes, message: bytes, name: bytes) -> bytes:
    """`B`, by libsodium's own function, where the decoder has hashlib's."""
    return crypto_generichash_blake2b_salt_personal(
        message, digest_size=32, key=key, salt=b"", person=name.ljust(16, b"\0")
    )


class Sealed(NamedTuple):
    plaintext: bytes
    nonce: bytes
    key: bytes
    box: bytes


#: What was sealed, for those who write vaults out as they are made.
SEALED: list[Sealed] = []


def seal(plaintext: bytes, nonce: bytes, key: bytes) -> bytes:
    SEALED.append(Sealed(plaintext, nonce, key, crypto_secretbox(plaintext, nonce, key)))
    return SEALED[-1].box


@cache
def stretched(passphrase: bytes, salt: bytes, memory: int, passes: int) -> bytes:
    return argon2id.kdf(32, passphrase, salt, opslimit=passes, memlimit=memory * 1024)


@dataclass
class Slot:
    """A passphrase slot as it should be. With `wrapped` nothing is derived, with `raw` nothing is built."""

    kind: int = 1
    secret: bytes = PASSPHRASE
    reserved: int = 0
    salt: bytes = b"salt of slot one"
    memory: int = CHEAPEST_MEMORY
    passes: int = CHEAPEST_PASSES
    nonce: bytes = b"nonce of the wrapped key"
    wrapped: bytes | None = None
    created: int = NOW
    parameters: bytes = bytes(896)
    raw: bytes | None = None

    def layout(self, wrapped: bytes) -> bytes:
        cost = u32(self.memory) + u32(self.passes)
        before = u16(self.kind) + u16(self.reserved) + self.salt + cost + self.nonce
        return before + wrapped + i64(self.created) + self.parameters

    def encoded(self, vault_id: bytes, epoch: int, vault_key: bytes) -> bytes:
        if self.raw is not None:
            return self.raw
        if self.wrapped is not None:
            return self.layout(self.wrapped)
        if self.kind == 2:
            secret = derive(self.secret, self.salt, b"sealring1-rec")
        else:
            secret = stretched(self.secret, self.salt, self.memory, self.passes)
        kek = derive(secret, vault_id + u32(epoch) + self.layout(bytes(48)), b"sealring1-kek")
        return self.layout(crypto_secretbox(vault_key, self.nonce, kek))


EMPTY = Slot(raw=bytes(SLOT_LENGTH))


def recovery_slot(code: bytes = RECOVERY_CODE) -> Slot:
    return Slot(kind=2, secret=code, salt=b"salt of the code", memory=0, passes=0)


def opaque_slot(kind: int, memory: int = 0, passes: int = 0) -> Slot:
    """A slot that only a later release understands."""
    return Slot(kind=kind, memory=memory, passes=passes, wrapped=b"\xc3" * 48, parameters=b"\xa5" * 896)


def padded_size(length: int) -> int:
    sizes = [16384, 32768, 65536, 131072] + list(range(262144, 8 * 1024 * 1024, 262144))
    return next(size for size in sizes if size >= length + 1)


@dataclass
class Vault:
    """A vault as it should be, unless told otherwise; what is None is computed over what is there."""

    records: list[Record] = field(default_factory=lambda: [full_access_key("prod", 1), access_key("staging", 2)])
    slots: list[Slot] = field(default_factory=lambda: [Slot(), recovery_slot()])
    ancestors: list[bytes] = field(default_factory=list)
    vault_key: bytes = b"the vault key of the test vaults"
    magic: bytes = MAGIC
    major: int = 1
    minor: int = 0
    flags: int = 0
    vault_id: bytes = b"id of test vault"
    generation: int = 1
    epoch: int = 0
    body_nonce: bytes = b"nonce of the vault body."
    preamble_tail: bytes = bytes(56)
    content_version: int = 1
    told_ancestors: int | None = None
    told_records: int | None = None
    content_tail: bytes = b""
    content: bytes | None = None
    padded: bytes | None = None
    padded_length: int | None = None
    told_body_length: int | None = None
    mac: bytes | None = None
    body_key: bytes | None = None
    body: bytes | None = None
    digest: bytes | None = None

    def content_bytes(self) -> bytes:
        if self.content is not None:
            return self.content
        ancestors = len(self.ancestors) if self.told_ancestors is None else self.told_ancestors
        records = len(self.records) if self.told_records is None else self.told_records
        head = u16(self.content_version) + u16(ancestors) + b"".join(self.ancestors) + u32(records)
        return head + b"".join(record.encoded() for record in self.records) + self.content_tail

    def padded_bytes(self) -> bytes:
        if self.padded is not None:
            return self.padded
        content = self.content_bytes()
        return (content + b"\x80").ljust(self.padded_length or padded_size(len(content)), b"\0")

    def header_bytes(self, body_length: int) -> bytes:
        preamble = self.magic + u16(self.major) + u16(self.minor) + u32(self.flags) + self.vault_id
        preamble += u64(self.generation) + u32(body_length) + u32(self.epoch) + self.body_nonce
        slots = self.slots + [EMPTY] * (8 - len(self.slots))
        unsigned = (
            preamble
            + self.preamble_tail
            + b"".join(slot.encoded(self.vault_id, self.epoch, self.vault_key) for slot in slots)
        )
        assert len(unsigned) == MAC_AT
        mac_key = derive(self.vault_key, b"", b"sealring1-mac")
        return unsigned + (hash32(unsigned, mac_key) if self.mac is None else self.mac)

    def encoded(self) -> bytes:
        padded = self.padded_bytes()
        told = self.told_body_length
        header = self.header_bytes(len(padded) + 16 if told is None else told)
        body = self.body
        if body is None:
            key = self.body_key or derive(self.vault_key, header, b"sealring1-body")
            body = seal(padded, self.body_nonce, key)
        return header + body + (hash32(header + body) if self.digest is None else self.digest)


def with_digest(file: bytes) -> bytes:
    """The file with its digest made right again, as anyone can who may write it."""
    return file[:-32] + hash32(file[:-32])


def patched(file: bytes, at: int, value: bytes) -> bytes:
    return file[:at] + value + file[at + len(value) :]


def flipped(file: bytes, bit: int) -> bytes:
    return patched(file, bit // 8, bytes([file[bit // 8] ^ 1 << bit % 8]))


def slot_at(index: int, offset: int = 0) -> int:
    return SLOTS_AT + index * SLOT_LENGTH + offset


def written_code(code: bytes) -> str:
    """Crockford's base32 by way of RFC 4648's, which differs in its alphabet alone."""
    standard = base64.b32encode(code + hash32(code)[:2]).decode().rstrip("=")
    letters = standard.translate(str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
    return "-".join(letters[at : at + 4] for at in range(0, 36, 4))
