"""Faults of single fields."""

from __future__ import annotations

from support.reference_records import (
    full_role,
    i64,
    rotating_key,
    u32,
)
from support.vectors.samples import FIELDS, FULL, KIB, NOT_TEXT, SAMPLES, one
from support.vectors.vector import Vector


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
