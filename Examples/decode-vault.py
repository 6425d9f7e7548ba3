#!/usr/bin/env python3
"""Reads a Sealring vault, format 1, without Sealring: you are never locked in.

    pip install pynacl
    python3 decode-vault.py ~/.local/share/sealring/vault --show-secrets

It is also a second implementation of the format, to be read beside sealring-vault(5): header, keys, content. It is
strict: what the format forbids is refused, nothing is repaired, nothing is written.

Python cannot keep secrets in locked memory: the passphrase, the vault key and every secret may reach swap, a
core dump or a debugger, and nothing wipes them. Use it on a machine you trust, to get your keys out or to
check Sealring, not day by day.

Exit codes: 0 done, 2 usage, 65 damaged or not understood, 66 no such file, 69 PyNaCl is missing, 71 not enough
memory, 74 input or output failed, 77 wrong passphrase, mistyped recovery code, or permissions.
"""

from __future__ import annotations

import argparse
import base64
import getpass
import hashlib
import hmac
import json
import os
import re
import stat
import struct
import sys
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any, NamedTuple

try:
    import nacl.bindings
    import nacl.exceptions
except ImportError:
    print("decode-vault: error: PyNaCl is missing: install it with 'pip install pynacl'", file=sys.stderr)
    sys.exit(69)

KIB, MIB = 1024, 1024 * 1024
HEADER, PREAMBLE, SLOT, DIGEST, TAG = 8192, 128, 1004, 32, 16
PASSPHRASE, RECOVERY_CODE = 1, 2
LAST_TIME = 253402300799
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
EXIT = {
    "damaged": 65,
    "unsupported": 65,
    "cost": 65,
    "memory": 71,
    "wrong-passphrase": 77,
    "mistyped": 77,
    "permissions": 77,
}


class Refused(Exception):
    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


def require(condition: bool, message: str, kind: str = "damaged") -> None:
    if not condition:
        raise Refused(kind, message)


# The header: all of it is checked before a single expensive operation.


class Slot(NamedTuple):
    kind: int
    zero: int
    salt: bytes
    memory: int  # KiB
    passes: int
    nonce: bytes
    wrapped: bytes
    created: int
    raw: bytes


class Header(NamedTuple):
    minor: int
    vault_id: bytes
    generation: int
    epoch: int
    nonce: bytes
    slots: list[Slot]


def padded_length(content_length: int) -> int:
    """The only allowed length of the padded content, one byte of padding at least."""
    for size in (16 * KIB, 32 * KIB, 64 * KIB, 128 * KIB):
        if content_length < size:
            return size
    return (content_length // (256 * KIB) + 1) * 256 * KIB


def read_header(data: bytes) -> Header:
    require(HEADER + 16 * KIB + TAG + DIGEST <= len(data) <= 4 * MIB, "not of the length of a vault")
    magic, major, minor, flags, vault_id, generation, body, epoch, nonce = struct.unpack_from("<8sHHI16sQII24s", data)
    require(magic == b"\x89SRNG\r\n\x1a", "not a sealring vault, or broken by a transfer in text mode")
    require(major == 1, f"format {major} is not format 1", "unsupported")
    require(flags == 0, f"unknown flags {flags:#x}", "unsupported")
    require(not any(data[72:PREAMBLE]), "the end of the preamble is not zero")
    require(len(data) == HEADER + body + DIGEST, f"{len(data)} bytes, where {HEADER + body + DIGEST} must be")
    require(body - TAG == padded_length(body - TAG - 1), f"a body of {body} bytes is not of a padded size")
    slots = [read_slot(data[at : at + SLOT]) for at in range(PREAMBLE, PREAMBLE + 8 * SLOT, SLOT)]
    require(
        sum(slot.memory * slot.passes for slot in slots) <= 16 * MIB,
        "the slots together cost more than 16 GiB of key derivation",
        "cost",
    )
    return Header(minor, vault_id, generation, epoch, nonce, slots)


def read_slot(raw: bytes) -> Slot:
    slot = Slot._make(struct.unpack_from("<HH16sII24s48sq", raw) + (raw,))
    if slot.kind == 0:
        require(not any(raw), "an empty slot is not all zero")
        return slot
    require(slot.zero == 0, "the reserved bytes of a slot are not zero")
    require(0 <= slot.created <= LAST_TIME, "the time of a slot is out of range")
    require(slot.kind > RECOVERY_CODE or not any(raw[108:]), "the parameters of a slot are not zero")
    if slot.kind == RECOVERY_CODE:
        require(slot.memory == 0 and slot.passes == 0, "a slot for a recovery code has a cost")
    # A slot of an unknown type may do without Argon2id, but a cost that it states is held to the bounds.
    elif slot.kind == PASSPHRASE or slot.memory or slot.passes:
        require(64 * KIB <= slot.memory <= 2 * MIB, f"{slot.memory} KiB is not 64 MiB to 2 GiB", "cost")
        require(3 <= slot.passes <= 16, f"{slot.passes} passes is not 3 to 16", "cost")
    return slot


# The keys.


def keyed(key: bytes, message: bytes, name: str) -> bytes:
    """The format's `B`; hashlib itself pads the personal string with zeros."""
    return hashlib.blake2b(message, digest_size=32, key=key, person=name.encode()).digest()


def hashed(message: bytes, key: bytes = b"") -> bytes:
    return hashlib.blake2b(message, digest_size=32, key=key).digest()


def argon2id(passphrase: bytes, salt: bytes, passes: int, memory: int) -> bytes:
    algorithm = nacl.bindings.crypto_pwhash_ALG_ARGON2ID13
    try:
        return nacl.bindings.crypto_pwhash_alg(32, passphrase, salt, passes, memory * KIB, algorithm)
    except nacl.exceptions.RuntimeError:
        raise Refused("memory", f"not enough memory here: {memory // KIB} MiB are needed") from None


def open_box(box: bytes, nonce: bytes, key: bytes) -> bytes | None:
    try:
        return nacl.bindings.crypto_secretbox_open(box, nonce, key)
    except nacl.exceptions.CryptoError:
        return None


def unwrap(header: Header, kind: int, secret: bytes) -> bytes:
    """The vault key, from the first slot that the passphrase or the recovery code opens."""
    for slot in (slot for slot in header.slots if slot.kind == kind):
        if kind == PASSPHRASE:
            derived = argon2id(secret, slot.salt, slot.passes, slot.memory)
        else:
            derived = keyed(secret, slot.salt, "sealring1-rec")
        bound = slot.raw[:52] + bytes(48) + slot.raw[100:]
        kek = keyed(derived, header.vault_id + struct.pack("<I", header.epoch) + bound, "sealring1-kek")
        vault_key = open_box(slot.wrapped, slot.nonce, kek)
        if vault_key is not None:
            return vault_key
    raise Refused("wrong-passphrase", "wrong passphrase" if kind == PASSPHRASE else "wrong recovery code")


def unpad(padded: bytes) -> bytes:
    content, mark, zeros = padded.rpartition(b"\x80")
    require(mark != b"" and not any(zeros), "wrong padding")
    require(len(padded) == padded_length(len(content)), "padded to a larger size than needed")
    return content


def open_vault(data: bytes, kind: int, secret: bytes) -> tuple[Header, list[bytes], list[Record]]:
    header = read_header(data)
    require(hashed(data[:-DIGEST]) == data[-DIGEST:], "the file is damaged: its digest does not match")
    vault_key = unwrap(header, kind, secret)
    mac = hashed(data[: HEADER - 32], keyed(vault_key, b"", "sealring1-mac"))
    require(hmac.compare_digest(mac, data[HEADER - 32 : HEADER]), "the header was changed: wrong MAC")
    body_key = keyed(vault_key, data[:HEADER], "sealring1-body")
    padded = open_box(data[HEADER:-DIGEST], header.nonce, body_key)
    if padded is None:
        raise Refused("damaged", "the body was changed, or belongs to another header")
    return header, *read_content(unpad(padded))


def recovery_code(text: str) -> bytes:
    """The 20 bytes that 36 letters of Crockford's base32 stand for; two more bytes are a checksum."""
    letters = text.upper().replace(" ", "").replace("-", "").translate(str.maketrans("OIL", "011"))
    if text.isascii() and len(letters) == 36 and all(letter in CROCKFORD for letter in letters):
        number = 0
        for letter in letters:
            number = number << 5 | CROCKFORD.index(letter)
        written = (number >> 4).to_bytes(22, "big")
        if number & 15 == 0 and written[20:] == hashed(written[:20])[:2]:
            return written[:20]
    raise Refused("mistyped", "the recovery code is mistyped: compare its nine groups of four")


# The content. A rule returns the value of a field, or refuses it.

Rule = Callable[[bytes], Any]


def exactly(length: int) -> Rule:
    def rule(value: bytes) -> bytes:
        require(len(value) == length, f"{len(value)} bytes in place of {length}")
        return value

    return rule


def text(pattern: str = ".*", limit: int = 4 * KIB, least: int = 1) -> Rule:
    def rule(value: bytes) -> str:
        require(least <= len(value) <= limit, f"{len(value)} bytes, not {least} to {limit}")
        try:
            decoded = value.decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("damaged", "not UTF-8") from None
        require(re.search("[\x00-\x1f\x7f-\x9f]", decoded) is None, "a control character")
        require(re.fullmatch(pattern, decoded) is not None, "not of the form it must have")
        return decoded

    return rule


def time(value: bytes) -> int:
    seconds = int.from_bytes(exactly(8)(value), "little", signed=True)
    require(0 <= seconds <= LAST_TIME, "a time out of range")
    return seconds


def duration(value: bytes) -> int:
    return int.from_bytes(exactly(4)(value), "little")


def number(size: int, least: int, most: int) -> Rule:
    def read(value: bytes) -> int:
        found = int.from_bytes(exactly(size)(value), "little")
        require(least <= found <= most, f"{found} is not {least} to {most}")
        return found

    return read


def some(least: int, most: int) -> Rule:
    def read(value: bytes) -> bytes:
        require(least <= len(value) <= most, f"{len(value)} bytes, not {least} to {most}")
        return value

    return read


def lines(most: int, limit: int = 4 * KIB) -> Rule:
    def read(value: bytes) -> list[str]:
        require(len(value) <= limit, f"{len(value)} bytes are more than {limit}")
        found = value.split(b"\n")
        require(len(found) <= most, f"{len(found)} lines are more than {most}")
        for line in found:
            require(line != b"", "an empty line")
        return [text(limit=limit)(line) for line in found]

    return read


FIELDS: dict[int, tuple[str, Rule]] = {
    1: ("name", text("[A-Za-z][A-Za-z0-9._@+/-]{0,127}")),
    2: ("record_id", exactly(16)),
    3: ("access_key_id", text("[A-Z0-9]{16,128}")),
    4: ("secret_access_key", text()),
    5: ("session_token", text(limit=6 * KIB)),
    6: ("expiration", time),
    7: ("account_id", text("[0-9]{12}")),
    8: ("user_name", text()),
    9: ("sealed_at", time),
    10: ("created_at", time),
    11: ("changed_at", time),
    12: ("source", text()),
    13: ("region", text()),
    14: ("note", text()),
    15: ("expose_for", duration),
    16: ("serve", number(1, 1, 2)),
    17: ("served_role", exactly(16)),
    18: ("sts_endpoint", text(limit=512)),
    19: ("iam_endpoint", text(limit=512)),
    20: ("ca_bundle", text(limit=KIB)),
    21: ("mfa_serial", text(limit=256)),
    22: ("mfa_seed", some(10, 128)),
    23: ("session_seconds", number(4, 900, 129600)),
    24: ("rotation_phase", number(1, 1, 255)),
    25: ("rotation_began_at", time),
    26: ("keys_before", lines(16)),
    27: ("other_access_key_id", text("[A-Z0-9]{16,128}")),
    28: ("other_secret_access_key", text()),
    29: ("other_created_at", time),
    30: ("other_delete_after", time),
    31: ("last_used_at", time),
    32: ("last_used_asked_at", time),
    33: ("role_arn", text(limit=2 * KIB)),
    34: ("role_source", exactly(16)),
    35: ("external_id", text(limit=1224, least=2)),
    36: ("policy", text(limit=2 * KIB)),
    37: ("policy_arns", lines(10)),
    38: ("session_tags", lines(50, 24 * KIB)),
    39: ("transitive_tag_keys", lines(50, 8 * KIB)),
    40: ("source_identity", text(limit=64, least=2)),
    41: ("session_name", text(limit=64, least=2)),
}
ROLE = {1, 2, 9, 11, 13, 14, 18, 20, 21, 23, *range(33, 42)}
# Per type of record: what it is, the tags that mean something in it, and those of them that must be there.
RECORDS: dict[int, tuple[str, set[int], set[int]]] = {
    1: ("access key", set(range(1, 33)), {1, 2, 3, 4, 9, 11}),
    2: ("role", ROLE, {1, 2, 9, 11, 33, 34}),
    3: ("tombstone", {2, 11}, {2, 11}),
    4: ("sealed blob", {1, 2, 9, 11}, {1, 2, 9, 11}),
}


FIELD_RULES = dict(FIELDS.values())
SECRETS = {"secret_access_key", "session_token", "mfa_seed", "other_secret_access_key"}


class Record(NamedTuple):
    kind: int
    fields: dict[str, Any]
    unknown: dict[int, bytes]


class Cursor:
    """Takes bytes from the front, never more than there are."""

    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def take(self, length: int) -> bytes:
        require(length <= len(self.data) - self.at, "the content ends within a value")
        self.at += length
        return self.data[self.at - length : self.at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")


def read_content(content: bytes) -> tuple[list[bytes], list[Record]]:
    cursor = Cursor(content)
    version = cursor.number(2)
    require(version == 1, f"content version {version} is not 1", "unsupported")
    count = cursor.number(2)
    require(count <= 64, f"{count} ancestors are more than 64")
    ancestors = [cursor.take(32) for _ in range(count)]
    count = cursor.number(4)
    require(count <= 4096, f"{count} records are more than 4096")
    records = [read_record(cursor) for _ in range(count)]
    require(cursor.at == len(content), "bytes after the last record")
    ids = [record.fields["record_id"] for record in records]
    require(all(one < other for one, other in zip(ids, ids[1:])), "records not sorted by id, or an id twice")
    names = [record.fields["name"] for record in records if record.kind in (1, 2)]
    require(len(names) == len(set(names)), "a name is there twice")
    return ancestors, records


def read_record(cursor: Cursor) -> Record:
    record = Record(cursor.number(1), {}, {})
    what, known, mandatory = RECORDS.get(record.kind, (f"record of type {record.kind}", {2}, {2}))
    fields, last = Cursor(cursor.take(cursor.number(4))), 0
    while fields.at < len(fields.data):
        tag, length = fields.number(2), fields.number(4)
        require(tag > last, f"{what}: tag {tag} after {last}")
        require(1 <= length <= MIB, f"{what}: tag {tag} has {length} bytes")
        value, last = fields.take(length), tag
        if tag not in known:
            record.unknown[tag] = value
            continue
        name, rule = FIELDS[tag]
        try:
            record.fields[name] = rule(value)
            # A role has twelve hours at most.
            require((record.kind, tag) != (2, 23) or record.fields[name] <= 43200, "more than 43200")
        except Refused as refused:
            raise Refused(refused.kind, f"{what}: {name}: {refused}") from None
    missing = [FIELDS[tag][0] for tag in sorted(mandatory) if FIELDS[tag][0] not in record.fields]
    require(not missing, f"{what}: without " + ", ".join(missing))
    return record


# Files and output.


def read_vault(path: str) -> bytes:
    require(not os.path.islink(path), "the vault is a symbolic link", "permissions")
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    status = os.fstat(descriptor)
    require(stat.S_ISREG(status.st_mode), "the vault is not a regular file")
    require(status.st_uid == os.geteuid(), "the vault belongs to another user", "permissions")
    require(not status.st_mode & 0o022, "others may write the vault: chmod 600 it", "permissions")
    with open(descriptor, "rb") as file:
        return file.read(4 * MIB + 1)


def read_answer(path: str) -> bytes:
    with open(path, "rb") as file:
        answer = file.read(4 * KIB)
    return answer[:-2] if answer.endswith(b"\r\n") else answer.removesuffix(b"\n")


def describe(record: Record, show_secrets: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {"type": RECORDS.get(record.kind, (f"unknown type {record.kind}",))[0]}
    for name, value in record.fields.items():
        if name in SECRETS and not show_secrets:
            continue
        if FIELD_RULES[name] is time:
            value = datetime.fromtimestamp(value, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        shown[name] = value.hex() if isinstance(value, bytes) else value
    for tag, value in record.unknown.items():  # perhaps a secret, to whoever understands it
        shown[f"field_{tag}"] = base64.b64encode(value).decode() if show_secrets else f"{len(value)} bytes"
    return shown


def printable(value: Any) -> str:
    """Without what the format lets pass and a terminal should not see, such as bidirectional overrides."""
    return "".join(c if c.isprintable() else f"\\u{{{ord(c):x}}}" for c in str(value))


def run(options: argparse.Namespace) -> None:
    data = read_vault(options.vault)
    read_header(data)  # nobody should type a passphrase for a file that is refused anyway
    if options.recovery_code_file:
        kind, secret = RECOVERY_CODE, recovery_code(read_answer(options.recovery_code_file).decode("latin-1"))
    elif options.passphrase_file:
        kind, secret = PASSPHRASE, read_answer(options.passphrase_file)
    else:
        kind, secret = PASSPHRASE, getpass.getpass("Passphrase: ").encode("utf-8", "surrogateescape")
    require(1 <= len(secret) <= 1024, "a passphrase has 1 to 1024 bytes", "wrong-passphrase")
    header, ancestors, records = open_vault(data, kind, secret)
    shown = [describe(record, options.show_secrets) for record in records]
    shown.sort(key=lambda record: record.get("name", ""))
    if options.json:
        state = {
            "vault_id": header.vault_id.hex(),
            "generation": header.generation,
            "epoch": header.epoch,
            "minor": header.minor,
            "ancestors": [mac.hex() for mac in ancestors],
        }
        print(json.dumps(state | {"records": shown}, indent=2))
        return
    for record in shown:
        print(*(f"{name:18} {printable(value)}" for name, value in record.items()), "", sep="\n")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("vault", metavar="VAULT")
    answer = parser.add_mutually_exclusive_group()
    answer.add_argument("--recovery-code-file", metavar="PATH")
    answer.add_argument("--passphrase-file", metavar="PATH", help="without it, the passphrase is asked for")
    parser.add_argument("--show-secrets", action="store_true", help="and unknown fields, in base64")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    print("decode-vault: note: Python cannot keep secrets in locked memory", file=sys.stderr)
    try:
        run(options)
        return
    except Refused as refused:
        message, code = str(refused), EXIT[refused.kind]
    except (FileNotFoundError, NotADirectoryError) as error:
        message, code = f"{error.filename!r}: no such file", 66
    except OSError as error:
        message = f"{error.filename!r}: {error.strerror}"
        code = 77 if isinstance(error, PermissionError) else 74
    except (EOFError, KeyboardInterrupt):
        message, code = "no passphrase given", 77
    print(f"decode-vault: error: {message}", file=sys.stderr)
    sys.exit(code)


if __name__ == "__main__":
    main()
