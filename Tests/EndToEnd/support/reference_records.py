"""The records of vault files of format 1 for tests, with every byte under control and nothing checked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

NOW = 1_750_000_000


def u16(number: int) -> bytes:
    return number.to_bytes(2, "little")


def u32(number: int) -> bytes:
    return number.to_bytes(4, "little")


def u64(number: int) -> bytes:
    return number.to_bytes(8, "little")


def i64(number: int) -> bytes:
    return number.to_bytes(8, "little", signed=True)


@dataclass
class Record:
    """Fields are written in the order given; the lengths told may differ from the true ones."""

    kind: int
    fields: list[tuple[int, bytes]]
    told_length: int | None = None
    told_field_lengths: dict[int, int] = field(default_factory=dict)
    tail: bytes = b""

    def encoded(self) -> bytes:
        body = b""
        for tag, value in self.fields:
            body += u16(tag) + u32(self.told_field_lengths.get(tag, len(value))) + value
        body += self.tail
        return bytes([self.kind]) + u32(len(body) if self.told_length is None else self.told_length) + body

    def having(self, tag: int, value: bytes) -> Record:
        """With this field, in the place of the one with its tag or where it belongs."""
        rest = [each for each in self.fields if each[0] != tag]
        return replace(self, fields=sorted(rest + [(tag, value)], key=lambda each: each[0]))

    def lacking(self, tag: int) -> Record:
        return replace(self, fields=[each for each in self.fields if each[0] != tag])


def record_id(number: int) -> bytes:
    return number.to_bytes(2, "big") + b"\x5a" * 14


def access_key(name: str, number: int) -> Record:
    """The mandatory fields alone."""
    return Record(
        1,
        [
            (1, name.encode()),
            (2, record_id(number)),
            (3, b"AKIA%012d" % number),
            (4, b"secret/of+number/%023d" % number),
            (9, i64(NOW)),
            (11, i64(NOW + 1)),
        ],
    )


def full_access_key(name: str, number: int) -> Record:
    record = access_key(name, number)
    for tag, value in {
        5: b"token==",
        6: i64(NOW + 3600),
        7: b"123456789012",
        8: b"alice",
        10: i64(NOW - 86400),
        12: b"csv: prod_accessKeys.csv",
        13: b"eu-central-1",
        14: b"on call",
        15: u32(3600),
    }.items():
        record = record.having(tag, value)
    return record


def role(name: str, number: int) -> Record:
    return Record(
        2,
        [
            (1, name.encode()),
            (2, record_id(number)),
            (9, i64(NOW)),
            (11, i64(NOW)),
            (33, b"arn:aws:iam::123456789012:role/Admin"),
            (34, record_id(65535)),
        ],
    )


def full_role(name: str, number: int) -> Record:
    record = role(name, number)
    for tag, value in {
        13: b"eu-central-1",
        14: b"on call",
        18: b"https://sts.example/",
        20: b"/etc/ca.pem",
        21: b"arn:aws:iam::123456789012:mfa/alice",
        23: u32(7200),
        35: b"shared:word",
        36: b"{}",
        37: b"arn:aws:iam::aws:policy/One\narn:aws:iam::aws:policy/Two",
        38: b"team=core\nempty=",
        39: b"team",
        40: b"alice",
        41: b"work",
    }.items():
        record = record.having(tag, value)
    return record


def rotating_key(name: str, number: int) -> Record:
    """An access key with all that sessions and a rotation add to it."""
    record = full_access_key(name, number)
    for tag, value in {
        16: b"\2",
        17: record_id(3),
        18: b"https://sts.example/",
        19: b"https://iam.example/",
        20: b"/etc/ca.pem",
        21: b"GAHT12345678",
        22: bytes(range(10)),
        23: u32(3600),
        24: b"\2",
        25: i64(NOW),
        26: b"AKIA000000000001\nAKIA000000000002",
        27: b"AKIA000000000002",
        28: b"the other secret",
        29: i64(NOW),
        30: i64(NOW + 86400),
        31: i64(NOW),
        32: i64(NOW),
    }.items():
        record = record.having(tag, value)
    return record


def tombstone(number: int) -> Record:
    return Record(3, [(2, record_id(number)), (11, i64(NOW))])


def sealed_blob(name: str, number: int) -> Record:
    return Record(4, [(1, name.encode()), (2, record_id(number)), (9, i64(NOW)), (11, i64(NOW))])
