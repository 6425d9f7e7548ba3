"""Faults of the sealed content, under good keys, seals and digests."""

from __future__ import annotations

from dataclasses import replace

from support.reference_records import (
    Record,
    access_key,
    role,
    sealed_blob,
    tombstone,
    u16,
    u32,
)
from support.reference_vault import Vault, padded_size
from support.vectors.fields import fields, sessions, texts
from support.vectors.samples import FIELDS, FULL, KIB, LATER, SAMPLES, one
from support.vectors.vector import Vector, faulty


def padding() -> list[Vector]:
    content = Vault().content_bytes()
    room = padded_size(len(content)) - len(content)
    zeros = bytes(room - 1)
    missing = 16384 - len(Vault(records=[FULL]).content_bytes()) - 6
    exact = Vault(records=[FULL.having(40, b"\xee" * missing)])
    assert len(exact.content_bytes()) == 16384
    vectors = [
        faulty("damaged", "padding-of-zeros-alone", padded=content + bytes(room)),
        faulty("damaged", "padding-begins-with-81", padded=content + b"\x81" + zeros),
        faulty("damaged", "padding-begins-with-01", padded=content + b"\x01" + zeros),
        faulty("damaged", "padding-not-zero-after-its-mark", padded=content + b"\x80\x01" + zeros[1:]),
        faulty("damaged", "padding-not-zero-at-its-end", padded=content + b"\x80" + zeros[1:] + b"\x01"),
        faulty("damaged", "padding-marked-twice", padded=content + b"\x80\x80" + zeros[1:]),
        faulty("damaged", "padding-of-length-bytes", padded=content + b"\x80" + b"\x10" * (room - 1)),
        faulty("damaged", "no-padding-byte", padded=exact.content_bytes()),
        faulty("damaged", "padding-without-content", padded=b"\x80" + bytes(16383)),
        faulty("damaged", "nothing-but-zeros", padded=bytes(16384)),
    ]
    for size in (0, 2, 8, 17, 48, 96, 192, 320, 600):
        body = (content + b"\x80").ljust(size * KIB, b"\0")[: size * KIB]
        vectors.append(faulty("damaged", f"padded-to-{size}-kib", padded=body))
    for size in (32, 64, 128, 256, 512, 3840):
        vectors.append(faulty("damaged", f"padded-to-{size}-kib-where-16-do", padded_length=size * KIB))
    vectors.append(faulty("damaged", "padded-to-a-byte-more", padded_length=16385))
    return vectors


def counts() -> list[Vector]:
    content = Vault().content_bytes()
    vectors = [
        *(
            faulty("unsupported", f"content-version-{version}", content_version=version)
            for version in (0, 2, 256, 65535)
        ),
        faulty("damaged", "65-ancestors", ancestors=[b"a" * 32] * 65),
        faulty("damaged", "65535-ancestors-told", told_ancestors=65535),
        faulty("damaged", "an-ancestor-told-that-is-not-there", records=[], told_ancestors=1),
        faulty("damaged", "4097-records", records=[tombstone(number) for number in range(4097)]),
        faulty("damaged", "4294967295-records-told", told_records=2**32 - 1),
        faulty("damaged", "4096-records-told-of-2", told_records=4096),
        faulty("damaged", "a-record-told-that-is-not-there", told_records=3),
        faulty("damaged", "a-record-more-than-told", told_records=1),
        faulty("damaged", "records-where-none-is-told", told_records=0),
        faulty("damaged", "a-byte-after-the-last-record", content_tail=b"\x01"),
        faulty("damaged", "zeros-after-the-last-record", content_tail=bytes(5)),
        faulty("damaged", "a-byte-after-no-records", records=[], content_tail=b"\x01"),
    ]
    for cut in (1, 2, 3, 4, 7, 8, 12, 13, 18, len(content) - 1):
        vectors.append(faulty("damaged", f"content-cut-to-{cut}", content=content[:cut]))
    return vectors


def framing() -> list[Vector]:
    key = access_key("prod", 1)
    length = len(key.encoded()) - 5
    vectors = [
        one("record-length-a-byte-beyond", replace(key, told_length=length + 1)),
        one("record-length-a-byte-short", replace(key, told_length=length - 1)),
        one("record-length-0", replace(key, told_length=0)),
        one("record-length-ffffffff", replace(key, told_length=2**32 - 1)),
        one("record-length-80000000", replace(key, told_length=2**31)),
        faulty(
            "damaged",
            "record-length-over-the-next-record",
            records=[replace(key, told_length=length + 5), access_key("staging", 2)],
        ),
        one("record-of-no-fields", Record(1, [])),
        one("unknown-record-of-no-fields", Record(9, [])),
    ]
    for tag in (1, 4, 11):
        for told in (2**32 - 1, 2**31, 2**24):
            lying = replace(key, told_field_lengths={tag: told})
            vectors.append(one(f"{FIELDS[tag]}-length-{told:x}", lying))
    past = replace(key, told_field_lengths={11: 9})
    vectors.append(one("last-field-a-byte-beyond-its-record", past))
    vectors += [
        one(f"{size}-bytes-after-the-last-field", replace(key, tail=(u16(40) + u32(1))[:size])) for size in range(1, 7)
    ]
    return vectors


def tags() -> list[Vector]:
    vectors = []
    for kind, record in SAMPLES.items():
        first, last = record.fields[0], record.fields[-1]
        zero = replace(record, fields=[(0, b"0"), *record.fields])
        descending = replace(record, fields=list(reversed(record.fields)))
        vectors += [
            one(f"{kind}-with-tag-0", zero),
            one(f"{kind}-with-its-first-tag-twice", replace(record, fields=[first, *record.fields])),
            one(f"{kind}-with-its-last-tag-twice", replace(record, fields=[*record.fields, last])),
            one(f"{kind}-with-tags-descending", descending),
        ]
    unknown = FULL.having(40, b"?")
    vectors.append(one("unknown-tag-twice", replace(unknown, fields=[*unknown.fields, (40, b"!")])))
    vectors.append(one("unknown-tag-out-of-order", replace(unknown, fields=[(40, b"?"), *FULL.fields])))
    vectors.append(one("tag-1-after-tag-256", replace(FULL, fields=[(256, b"?"), *FULL.fields])))
    return vectors


def together() -> list[Vector]:
    first, second = access_key("prod", 1), access_key("staging", 2)
    low, high = first.having(2, b"\x7f" * 16), second.having(2, b"\x80" * 16)
    cases = {
        "two-access-keys-of-one-name": [first, access_key("prod", 2)],
        "an-access-key-and-a-role-of-one-name": [first, role("prod", 2)],
        "two-roles-of-one-name": [role("prod", 1), role("prod", 2)],
        "names-twice-far-apart": [first, second, tombstone(3), access_key("prod", 4)],
        "records-not-sorted": [second, first],
        "records-sorted-as-signed-bytes": [high, low],
        "records-sorted-by-name": [access_key("a", 2), access_key("b", 1)],
        "unknown-record-not-sorted": [second, LATER],
        "records-not-sorted-in-their-last-byte": [
            first.having(2, b"i" * 15 + b"\2"),
            second.having(2, b"i" * 15 + b"\1"),
        ],
        "two-records-of-one-id": [first, access_key("staging", 1)],
        "the-same-record-twice": [sealed_blob("undo", 1)] * 2,
        "a-tombstone-of-a-record-that-is-there": [first, tombstone(1)],
        "an-unknown-record-of-a-known-id": [first, LATER],
    }
    return [faulty("damaged", name, records=records) for name, records in cases.items()]


CONTENT = padding() + counts() + framing() + tags() + fields() + sessions() + texts() + together()
