"""Vaults that must open: the far ends of every bound, and what a later release may have written."""

from __future__ import annotations

from support.reference_records import (
    NOW,
    Record,
    access_key,
    full_access_key,
    full_role,
    i64,
    record_id,
    role,
    rotating_key,
    sealed_blob,
    tombstone,
    u32,
)
from support.reference_vault import EMPTY, PASSPHRASE, Slot, Vault, opaque_slot, recovery_slot
from support.vectors.vector import Vector, good

KIB = 1024
LAST_TIME = 253402300799
UNICODE_NOTE = "Schlüssel für 本番, \u00a0\u2028 שלום 🗝\ufe0f e\u0301".encode()


def filled(length: int) -> list[Record]:
    """One access key and unknown fields, so that the content has exactly this length."""
    record = access_key("prod", 1)
    left = length - len(Vault(records=[record]).content_bytes())
    tag = 100
    while left:
        size = min(left - 6, 1024 * KIB)
        # What is left must be nothing, or enough for a field of its own.
        if 0 < left - 6 - size < 7:
            size -= 7
        record = record.having(tag, b"\xee" * size)
        left, tag = left - 6 - size, tag + 1
    return [record]


def sizes() -> list[Vector]:
    """The largest content of each padded size, and the smallest of the next."""
    vectors = []
    for padded in (16, 32, 64, 128, 256, 512, 768, 3840):
        limit = padded * KIB
        vectors.append(good(f"content-fills-{padded}-kib", records=filled(limit - 1)))
        if padded < 3840:
            vectors.append(good(f"content-just-beyond-{padded}-kib", records=filled(limit)))
    return vectors


def headers() -> list[Vector]:
    dear = 2024 * KIB  # 8 passes of it, and the cheapest slot's 192 MiB, make 16 GiB
    return [
        good("as-it-should-be"),
        good("minor-1", minor=1),
        good("minor-65535", minor=65535),
        good("generation-at-its-end", generation=2**64 - 1),
        good("epoch-at-its-end", epoch=2**32 - 1),
        good("no-recovery-code", slots=[Slot()]),
        good("passphrase-in-the-last-slot", slots=[EMPTY] * 7 + [Slot()]),
        good("recovery-code-before-the-passphrase", slots=[recovery_slot(), Slot()]),
        good("two-passphrases-the-second-given", slots=[Slot(secret=b"another"), Slot(salt=b"1" * 16)]),
        *(good(f"unknown-slot-type-{kind}", slots=[opaque_slot(kind), Slot()]) for kind in (3, 4, 5, 6, 65535)),
        good("unknown-slot-type-3-with-a-cost", slots=[Slot(), opaque_slot(3, 64 * KIB, 3)]),
        good("all-eight-slots-used", slots=[opaque_slot(4)] * 6 + [recovery_slot(), Slot()]),
        good("slots-together-at-16-gib", slots=[Slot(), Slot(memory=dear, passes=8, wrapped=b"w" * 48)]),
        good("another-slot-at-2-gib", slots=[Slot(), Slot(memory=2048 * KIB, passes=3, wrapped=b"w" * 48)]),
        good("another-slot-at-16-passes", slots=[Slot(), Slot(passes=16, wrapped=b"w" * 48)]),
        good("slot-created-at-0", slots=[Slot(created=0)]),
        good("slot-created-at-the-end-of-time", slots=[Slot(created=LAST_TIME)]),
        good("memory-of-70001-kib", slots=[Slot(memory=70001)]),
        good("4-passes", slots=[Slot(passes=4)]),
    ]


def passphrases() -> list[Vector]:
    def slots(secret: bytes) -> list[Slot]:
        return [Slot(secret=secret)]

    return [
        good("passphrase-of-1-byte", b"x\n", slots=slots(b"x")),
        good("passphrase-of-1024-bytes", b"p" * 1024 + b"\n", slots=slots(b"p" * 1024)),
        good("passphrase-without-newline", PASSPHRASE),
        good("passphrase-with-crlf", PASSPHRASE + b"\r\n"),
        good("passphrase-ending-in-a-newline", PASSPHRASE + b"\n\n", slots=slots(PASSPHRASE + b"\n")),
        good("passphrase-ending-in-a-return", PASSPHRASE + b"\r\r\n", slots=slots(PASSPHRASE + b"\r")),
        good("passphrase-of-two-lines", b"one\ntwo\n", slots=slots(b"one\ntwo")),
        good("passphrase-with-spaces-around", b" two words \n", slots=slots(b" two words ")),
        good("passphrase-not-normalised", "ne\u0301e".encode(), slots=slots("ne\u0301e".encode())),
    ]


def contents() -> list[Vector]:
    prod = access_key("prod", 1)
    full = full_access_key("prod", 1)
    later = Record(9, [(1, b"\xff\x00"), (2, record_id(7)), (4, b"\x1b"), (9, b"short"), (65535, b"?")])
    return [
        good("no-records", records=[]),
        good("1-ancestor", ancestors=[b"\x01" * 32]),
        good("64-ancestors", ancestors=[bytes([number]) * 32 for number in range(64)]),
        good("4096-records", records=[access_key(f"k{number}", number) for number in range(4096)]),
        good("tombstones", records=[tombstone(1), access_key("prod", 2), tombstone(3)]),
        good("tombstone-with-an-unknown-tag", records=[tombstone(1).having(40, b"\x00")]),
        good("roles", records=[role("admin", 1), access_key("prod", 2), role("audit", 3)]),
        good("role-with-unknown-tags", records=[role("admin", 1).having(3, b"\x00\xff").having(16, b"arn")]),
        good("role-of-a-source-that-is-gone", records=[role("admin", 1)]),
        good("role-with-everything", records=[full_role("admin", 1), access_key("prod", 2)]),
        good("access-key-with-everything", records=[rotating_key("prod", 1), role("admin", 3)]),
        good("access-key-in-an-unknown-phase", records=[rotating_key("prod", 1).having(24, b"\xff")]),
        good(
            "session-fields-at-their-ends",
            records=[
                rotating_key("prod", 1).having(22, b"s" * 128).having(23, u32(129600)).having(16, b"\1"),
                full_role("admin", 2).having(23, u32(43200)).having(38, b"\n".join([b"k=v"] * 50)),
            ],
        ),
        good(
            "role-fields-at-their-other-ends",
            records=[
                full_role("admin", 2)
                .having(23, u32(900))
                .having(35, b"x" * 1224)
                .having(36, b"p" * 2048)
                .having(37, b"\n".join([b"p"] * 10))
                .having(38, b"t" * 24576)
                .having(39, b"t" * 8192)
                .having(40, b"i" * 64)
                .having(41, b"n" * 64)
            ],
        ),
        good(
            "role-words-of-two-bytes",
            records=[full_role("admin", 2).having(35, b"xx").having(40, b"ii").having(41, b"nn")],
        ),
        good(
            "roles-that-lead-back-to-themselves",
            records=[
                role("one", 1).having(34, record_id(2)),
                role("two", 2).having(34, record_id(1)),
                prod.having(2, record_id(3)),
            ],
        ),
        good("access-key-that-serves-a-role-that-is-gone", records=[prod.having(16, b"\2").having(17, record_id(9))]),
        good("access-key-that-serves-a-role-untold", records=[prod.having(16, b"\2")]),
        good(
            "access-key-with-an-intended-rotation-and-a-time",
            records=[rotating_key("prod", 1).having(24, b"\1").lacking(27).lacking(28).lacking(29)],
        ),
        good("access-key-with-half-a-rotation", records=[prod.having(28, b"a secret of no key")]),
        good("role-with-tags-of-a-key", records=[role("admin", 1).having(22, b"?").having(28, b"\x00")]),
        good("access-key-with-tags-of-a-role", records=[prod.having(33, b"\x00").having(41, b"\xff")]),
        good(
            "sealed-blobs",
            records=[sealed_blob("undo", 1).having(16, bytes(range(256)) * 64), prod.having(2, record_id(2))],
        ),
        good("sealed-blob-named-as-an-access-key", records=[sealed_blob("prod", 0), prod]),
        good("two-sealed-blobs-of-one-name", records=[sealed_blob("undo", 0), sealed_blob("undo", 1)]),
        good("unknown-record-type-9", records=[prod, later]),
        good("unknown-record-type-255-with-its-id-only", records=[prod, Record(255, [(2, record_id(8))])]),
        good("unknown-tag-42", records=[prod.having(42, b"\xff")]),
        good("unknown-tag-65535", records=[prod.having(65535, b"\x00")]),
        good("unknown-field-of-1-mib", records=[prod.having(42, b"\xa0" * 1024 * KIB)]),
        good(
            "ids-sorted-as-unsigned-bytes",
            records=[access_key("a", 1).having(2, b"\x7f" * 16), access_key("b", 2).having(2, b"\x80" * 16)],
        ),
        good(
            "ids-0-and-last",
            records=[access_key("a", 1).having(2, bytes(16)), access_key("b", 2).having(2, b"\xff" * 16)],
        ),
        good("names-differing-in-case", records=[access_key("prod", 1), access_key("Prod", 2)]),
        good("name-of-1", records=[access_key("p", 1)]),
        good("name-of-128", records=[access_key("n" * 128, 1)]),
        good("name-of-every-sign", records=[access_key("a.b_c@d+e/f-0Z", 1)]),
        good("access-key-id-of-16", records=[prod.having(3, b"A" * 16)]),
        good("access-key-id-of-128", records=[prod.having(3, b"Z9" * 64)]),
        good("secret-of-1", records=[prod.having(4, b"s")]),
        good("secret-of-4096", records=[prod.having(4, b"s" * 4096)]),
        good("token-of-6144", records=[full.having(5, b"t" * 6144)]),
        good("note-of-4096", records=[full.having(14, b"n" * 4096)]),
        good("note-in-unicode", records=[full.having(14, UNICODE_NOTE)]),
        good("times-at-0", records=[full.having(6, i64(0)).having(9, i64(0)).having(10, i64(0))]),
        good("times-at-their-end", records=[full.having(6, i64(LAST_TIME)).having(11, i64(LAST_TIME))]),
        good("expired-long-ago", records=[full.having(6, i64(NOW - 10**9))]),
        good("expose-for-at-its-end", records=[full.having(15, u32(2**32 - 1))]),
        good("account-id-of-zeros", records=[full.having(7, b"0" * 12)]),
    ]


VALID = sizes() + headers() + passphrases() + contents()
