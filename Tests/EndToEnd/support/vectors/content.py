"""Faults of the sealed content, under good keys, seals and digests."""

from __future__ import annotations

from dataclasses import replace

from support.reference_vault import (
    Record,
    Vault,
    access_key,
    full_access_key,
    full_role,
    i64,
    padded_size,
    record_id,
    role,
    rotating_key,
    sealed_blob,
    tombstone,
    u16,
    u32,
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


def fields() -> list[Vector]:
    vectors = []
    for kind, tags_needed in {
        "access-key": (1, 2, 3, 4, 9, 11),
        "role": (1, 2, 9, 11, 33, 34),
        "tombstone": (2, 11),
        "blob": (1, 2, 9, 11),
        "unknown-record": (2,),
    }.items():
        sample = SAMPLES[kind]
        vectors += [one(f"{kind}-without-{FIELDS[tag]}", sample.lacking(tag)) for tag in tags_needed]
        vectors += [one(f"{kind}-with-an-empty-{FIELDS[tag]}", sample.having(tag, b"")) for tag, _ in sample.fields]
        vectors += [one(f"{kind}-with-an-id-of-{size}", sample.having(2, b"i" * size)) for size in (1, 15, 17, 32)]
        large = sample.having(50, bytes(KIB * KIB + 1))
        vectors.append(one(f"{kind}-with-an-unknown-field-beyond-1-mib", large))
        for tag in (9, 11):
            if tag in tags_needed and kind != "access-key":
                vectors.append(one(f"{kind}-with-{FIELDS[tag]}-before-1970", sample.having(tag, i64(-1))))
                vectors.append(one(f"{kind}-with-{FIELDS[tag]}-of-4-bytes", sample.having(tag, u32(1))))
        if 1 in tags_needed and kind != "access-key":
            vectors.append(one(f"{kind}-with-a-space-in-its-name", sample.having(1, b"a b")))
    vectors.append(one("unknown-field-empty", FULL.having(40, b"")))
    for tag in (6, 9, 10, 11):
        vectors += [one(f"{FIELDS[tag]}-of-{size}-bytes", FULL.having(tag, bytes(size))) for size in (4, 7, 9)]
        vectors += [
            one(f"{FIELDS[tag]}-at-{when}", FULL.having(tag, i64(when)))
            for when in (-1, -(2**63), 253402300800, 2**63 - 1)
        ]
    vectors += [one(f"expose-for-of-{size}-bytes", FULL.having(15, bytes(size))) for size in (1, 3, 5, 8)]
    return vectors


def sessions() -> list[Vector]:
    """What sessions, roles and rotations have added."""
    key, grown = rotating_key("prod", 1), full_role("admin", 1)
    bad: dict[int, dict[str, bytes]] = {
        16: {"0": b"\0", "3": b"\3", "two-bytes": b"\1\0"},
        17: {"15-bytes": b"i" * 15},
        18: {"513-bytes": b"u" * 513, "a-line": b"https://a\nb"},
        19: {"513-bytes": b"u" * 513},
        20: {"1025-bytes": b"/" * 1025},
        21: {"257-bytes": b"m" * 257},
        22: {"9-bytes": b"s" * 9, "129-bytes": b"s" * 129},
        23: {"899": u32(899), "129601": u32(129601), "eight-bytes": i64(3600)},
        24: {"0": b"\0", "two-bytes": b"\1\1"},
        25: {"before-1970": i64(-1)},
        26: {"an-empty-line": b"A\n\nB", "a-last-line": b"A\n", "17-lines": b"\n".join([b"A"] * 17)},
        27: {"lower-case": b"akia000000000001"},
        28: {"4097-bytes": b"s" * 4097, "an-escape": b"\x1b"},
        29: {"4-bytes": u32(1)},
        30: {"after-9999": i64(253402300800)},
        31: {"4-bytes": u32(1)},
        32: {"4-bytes": u32(1)},
    }
    vectors = [
        one(f"key-field-{tag}-of-{name}", key.having(tag, value))
        for tag, values in bad.items()
        for name, value in values.items()
    ]
    bad = {
        23: {"899": u32(899), "43201": u32(43201)},
        33: {"2049-bytes": b"a" * 2049, "byte-ff": b"\xff"},
        34: {"15-bytes": b"i" * 15, "17-bytes": b"i" * 17},
        35: {"1-byte": b"x", "1225-bytes": b"x" * 1225},
        36: {"2049-bytes": b"{" * 2049},
        37: {"11-lines": b"\n".join([b"p"] * 11), "an-empty-line": b"\np"},
        38: {
            "51-lines": b"\n".join([b"a="] * 51),
            "an-escape": b"a=\x1b",
            "24577-bytes": b"t" * 24577,
            "an-empty-line": b"a=1\n\nb=2",
        },
        39: {"51-lines": b"\n".join([b"a"] * 51), "8193-bytes": b"t" * 8193},
        40: {"1-byte": b"i", "65-bytes": b"i" * 65},
        41: {"1-byte": b"i", "65-bytes": b"i" * 65},
        13: {"4097-bytes": b"r" * 4097},
        14: {"a-tab": b"a\tb"},
        18: {"513-bytes": b"u" * 513},
        20: {"1025-bytes": b"/" * 1025},
        21: {"257-bytes": b"m" * 257},
    }
    return vectors + [
        one(f"role-field-{tag}-of-{name}", grown.having(tag, value))
        for tag, values in bad.items()
        for name, value in values.items()
    ]


def texts() -> list[Vector]:
    vectors = [one(f"note-with-{name}", FULL.having(14, value)) for name, value in NOT_TEXT.items()]
    for tag in (4, 5, 8, 12, 13):
        vectors += [
            one(f"{FIELDS[tag]}-with-{name}", FULL.having(tag, NOT_TEXT[name]))
            for name in ("byte-ff", "lf", "escape", "del", "csi")
        ]
    for tag, limit in {4: 4096, 5: 6144, 8: 4096, 12: 4096, 13: 4096, 14: 4096}.items():
        vectors.append(one(f"{FIELDS[tag]}-of-{limit + 1}", FULL.having(tag, b"x" * (limit + 1))))
    for name, value in {
        "of-129": b"n" * 129,
        "beginning-with-a-digit": b"1prod",
        "beginning-with-a-dash": b"-prod",
        "beginning-with-a-dot": b"..",
        "beginning-with-a-slash": b"/etc",
        "with-a-space": b"a b",
        "with-a-colon": b"a:b",
        "with-a-bracket": b"a]b",
        "with-a-backslash": b"a\\b",
        "with-a-newline": b"prod\n",
        "with-a-nul": b"prod\0",
        "with-an-umlaut": "pröd".encode(),
        "with-byte-ff": b"prod\xff",
        "of-a-full-width-letter": "ｐrod".encode(),
    }.items():
        vectors.append(one(f"name-{name}", FULL.having(1, value)))
    for name, value in {
        "of-15": b"A" * 15,
        "of-129": b"A" * 129,
        "in-lower-case": b"akia000000000001",
        "with-a-dash": b"AKIA-00000000001",
        "with-a-newline": b"AKIA000000000001\n",
        "with-a-space": b"AKIA00000000000 ",
        "with-other-digits": "AKIA00000000000\u0661".encode(),
    }.items():
        vectors.append(one(f"access-key-id-{name}", FULL.having(3, value)))
    for name, value in {
        "of-11": b"1" * 11,
        "of-13": b"1" * 13,
        "with-a-letter": b"12345678901a",
        "with-dashes": b"1234-5678-90",
        "with-a-newline": b"12345678901\n",
        "negative": b"-12345678901",
        "with-other-digits": ("1" * 11 + "\u0661").encode(),
    }.items():
        vectors.append(one(f"account-id-{name}", FULL.having(7, value)))
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
