"""Vault files for the fuzzer: headers, and contents as they are before they are sealed."""

from __future__ import annotations

from support.reference_records import (
    Record,
    access_key,
    full_access_key,
    full_role,
    record_id,
    role,
    rotating_key,
    sealed_blob,
    tombstone,
    u32,
)
from support.reference_vault import EMPTY, Slot, Vault, opaque_slot


def headers() -> dict[str, bytes]:
    sealed = Slot(wrapped=b"\xc3" * 48)
    code = Slot(kind=2, memory=0, passes=0, wrapped=b"\x3c" * 48)
    cases = {
        "passphrase": [sealed],
        "both": [sealed, code],
        "last-slot": [EMPTY] * 7 + [code],
        "unknown-slot": [sealed, opaque_slot(4), opaque_slot(5, 65536, 3)],
        "work-limit": [Slot(wrapped=b"w" * 48, memory=1 << 20, passes=16)],
        "work-beyond": [Slot(wrapped=b"w" * 48, memory=2 << 20, passes=16)] * 2,
        "cost-below": [Slot(wrapped=b"w" * 48, memory=65535, passes=3)],
    }
    body = 16384 + 16
    found = {name: Vault(slots=slots).header_bytes(body) for name, slots in cases.items()}
    one = Vault(slots=[sealed])
    found["largest-body"] = one.header_bytes((3840 << 10) + 16)
    found["impossible-body"] = one.header_bytes(4096)
    found["other-major"] = Vault(slots=[sealed], major=2).header_bytes(body)
    # The target fills what is missing with zeros, and a MAC is not looked at without a key.
    return {name: header[:8160].rstrip(b"\0") for name, header in found.items()}


def contents() -> dict[str, bytes]:
    full = full_access_key("prod", 1)
    cases = {
        "default": Vault(),
        "empty": Vault(records=[]),
        "ancestors": Vault(records=[access_key("a", 1)], ancestors=[b"a" * 32, b"b" * 32]),
        "all-kinds": Vault(
            records=[
                full,
                role("staging", 2),
                tombstone(3),
                sealed_blob("undo", 4),
                Record(9, [(2, record_id(5)), (40, b"later")]),
            ]
        ),
        "unknown-field": Vault(records=[full.having(40, b"later").having(65535, b"\xff")]),
        "unicode": Vault(records=[full.having(14, "ä€😀\u00a0".encode())]),
        "same-name": Vault(records=[access_key("prod", 1), access_key("prod", 2)]),
        "not-sorted": Vault(records=[access_key("a", 2), access_key("b", 1)]),
        "no-secret": Vault(records=[full.lacking(4)]),
        "told-too-many": Vault(told_records=2**32 - 1),
        "roles": Vault(
            records=[
                access_key("prod", 1),
                full_role("admin", 2).having(34, record_id(1)),
                role("deep", 3).having(34, record_id(2)),
            ]
        ),
        "role-of-nothing": Vault(records=[access_key("prod", 1), role("admin", 2)]),
        "loop": Vault(records=[role("one", 1).having(34, record_id(2)), role("two", 2).having(34, record_id(1))]),
        "rotating": Vault(records=[rotating_key("prod", 1).having(17, record_id(2)), role("admin", 2)]),
        "later-phase": Vault(records=[access_key("a", 0), rotating_key("prod", 1).having(24, b"\xc8")]),
        "serves-a-session": Vault(records=[access_key("prod", 1).having(16, b"\1").having(23, u32(900))]),
        "role-with-unknown-fields": Vault(
            records=[access_key("prod", 1), full_role("admin", 2).having(3, b"\xff").having(15, b"?").having(42, b"!")]
        ),
        "tags-with-an-empty-line": Vault(records=[full_role("admin", 2).having(38, b"a=\n\nb=")]),
        "two-byte-words": Vault(records=[full_role("admin", 2).having(35, b"x")]),
        "long-field": Vault(records=[access_key("a", 1).having(4, b"s" * 4096)]),
    }
    return {name: vault.content_bytes() for name, vault in cases.items()}
