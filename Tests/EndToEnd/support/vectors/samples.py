"""Records that the faults of the content are put into."""

from __future__ import annotations

from support.reference_records import (
    Record,
    full_access_key,
    record_id,
    role,
    sealed_blob,
    tombstone,
)
from support.vectors.vector import Vector, faulty

KIB = 1024
FULL = full_access_key("prod", 1)
LATER = Record(9, [(2, record_id(1)), (40, b"?")])
SAMPLES = {
    "access-key": FULL,
    "role": role("prod", 1),
    "tombstone": tombstone(1),
    "blob": sealed_blob("prod", 1),
    "unknown-record": LATER,
}
FIELDS = {
    1: "name",
    2: "id",
    3: "access-key-id",
    4: "secret",
    5: "token",
    6: "expiration",
    7: "account-id",
    8: "user-name",
    9: "sealed-at",
    10: "created-at",
    11: "changed-at",
    12: "source",
    13: "region",
    14: "note",
    15: "expose-for",
    33: "role-arn",
    34: "source-id",
    40: "unknown-tag",
}
NOT_TEXT = {
    "byte-ff": b"\xff",
    "overlong": b"\xc0\xaf",
    "surrogate": b"\xed\xa0\x80",
    "cut-utf-8": b"ab\xe2\x82",
    "beyond-unicode": b"\xf4\x90\x80\x80",
    "utf-8-continuation": b"a\x80",
    "nul": b"a\0b",
    "lf": b"a\nb",
    "tab": b"a\tb",
    "escape": b"a\x1b[2J",
    "us": b"\x1f",
    "del": b"a\x7f",
    "c1-first": b"\xc2\x80",
    "csi": b"a\xc2\x9b",
    "c1-last": b"\xc2\x9f",
}


def one(name: str, record: Record) -> Vector:
    return faulty("damaged", name, records=[record])
