"""Messages for the fuzzer: frames of the agent's protocol, and replies of the program that speaks TLS."""

from __future__ import annotations

import struct

from support.frames import frame
from text_inputs import ID, OTHER_ID


def messages() -> dict[str, bytes]:
    def entry(*fields: tuple[int, bytes]) -> bytes:
        return b"".join(struct.pack("<HH", tag, len(value)) + value for tag, value in fields)

    time = struct.pack("<q", 1_700_000_000)
    small = entry((1, b"prod"), (3, ID.encode()))
    large = entry(
        (1, b"prod"),
        (3, ID.encode()),
        (5, struct.pack("<q", 1)),
        (6, time),
        (7, b"123456789012"),
        (8, "ä".encode()),
        (9, time),
        (10, time),
        (11, time),
        (12, b"csv: a.csv"),
        (13, b"eu-west-1"),
        (14, b"n" * 300),
        (15, struct.pack("<q", 3600)),
    )
    keys = b"AKIA000000000001\nAKIA000000000002"
    rotating = entry(
        (1, b"prod"),
        (3, ID.encode()),
        (9, time),
        (11, time),
        (17, b"admin"),
        (18, b"https://sts.example/"),
        (19, b"https://iam.example/"),
        (20, b"/etc/ca.pem"),
        (21, b"GAHT12345678"),
        (22, struct.pack("<q", 1)),
        (23, struct.pack("<q", 3600)),
        (24, struct.pack("<q", 2)),
        (25, time),
        (26, keys),
        (27, OTHER_ID.encode()),
        (29, time),
        (30, time),
        (31, time),
        (32, time),
    )
    arn = b"arn:aws:iam::123456789012:role/Admin"
    admin = entry(
        (1, b"admin"),
        (9, time),
        (11, time),
        (13, b"eu-west-1"),
        (14, "ä".encode()),
        (18, b"https://a/"),
        (20, b"/etc/ca.pem"),
        (21, b"GAHT12345678"),
        (23, struct.pack("<q", 3600)),
        (33, arn),
        (34, b"prod"),
        (35, b"shared:word"),
        (36, b"{}"),
        (37, b"arn:aws:iam::aws:policy/One"),
        (38, b"team=core\nempty="),
        (39, b"team"),
        (40, b"alice"),
        (41, b"work"),
    )
    number, path = (7).to_bytes(4, "little"), b"/home/a/vault"
    return {
        "status": frame(1),
        "unlock": frame(2, path, b"k" * 32, number, number, number),
        "lock": frame(3),
        "credentials": frame(4, path, b"prod", b""),
        "list": frame(6, path, number),
        "begin": frame(7, path, b"m" * 32, number),
        "add": frame(8, b"\1", b"", small, b"secret", b"token"),
        "edit": frame(8, b"\3", b"prod", large, b"", b""),
        "commit": frame(9),
        "error": frame(65, number, b"the vault is locked", b"unlock it"),
        "entries": frame(69, b"m" * 32, b"\0", bytes(8), bytes(8), number, small, large),
        "bad-entry": frame(69, entry((3, b"\xff")), entry((99, time)), entry((9, b"123"))),
        "roles": frame(69, b"m" * 32, b"\0", bytes(8), bytes(8), number, small, rotating, admin),
        "add-role": frame(8, b"\5", b"", admin, b"", b""),
        "edit-role": frame(8, b"\6", b"admin", entry((33, arn)), b"", b""),
        "seed": frame(8, b"\7", b"prod", rotating, bytes(range(20)), b""),
        "other-key": frame(8, b"\x08", b"prod", rotating, b"secret", b""),
        "swap": frame(8, b"\x09", b"prod", rotating, b"", b""),
        "bad-role": frame(69, entry((33, b"\xff")), entry((33, arn), (23, b"1")), entry((33, arn), (3, b"A"))),
        "bad-rotation": frame(69, entry((24, time)), entry((27, b"A")), entry((24, struct.pack("<q", 6)))),
        "largest": frame(71, bytes(65530)),
        "too-large": frame(71, bytes(65531)),
        "other-version": frame(1, version=2),
        "trailing": frame(1) + b"x",
        "cut": frame(4, path)[:-1],
    }


def replies() -> dict[str, bytes]:
    def reply(
        *pairs: tuple[bytes, bytes], outcome: int = 0, detail: bytes = b"", status: int = 200, date: int = 1_700_000_000
    ) -> bytes:
        numbers = status.to_bytes(4, "little"), date.to_bytes(8, "little")
        return frame(101, bytes([outcome]), detail, *numbers, *(field for pair in pairs for field in pair))

    start = b"AssumeRoleResponse/AssumeRoleResult/Credentials/"
    error = b"ErrorResponse/Error/"
    return {
        "session": reply(
            (start + b"AccessKeyId", b"ASIARZPUZDIKOQZFE3JD"),
            (start + b"SecretAccessKey", b"s" * 40),
            (start + b"SessionToken", b"t" * 200),
            (start + b"Expiration", b"2026-11-24T10:27:21Z"),
        ),
        "refusal": reply(
            (error + b"Code", b"AccessDenied"),
            (error + b"Message", "nö\x1b[2J\u202e".encode()),
            (b"ErrorResponse/RequestId", b"r-1"),
            status=403,
        ),
        "expired": reply((error + b"Code", b"RequestExpired"), status=403, date=1),
        "keys": reply(
            (b"L/AccessKeyMetadata/member/AccessKeyId", b"AKIARZPUZDIKOQZFE3JD"),
            (b"L/AccessKeyMetadata/member/Status", b"Active"),
        ),
        "no-host": reply(outcome=1, detail=b"Could not resolve host", status=0, date=0),
        "unknown-outcome": reply(outcome=11),
        "late-date": reply(date=2**63),
        "odd": frame(101, b"\0", b"", b"\0" * 4),
        "many": reply(*[(b"a", b"b")] * 1001),
        "request": frame(100, b"https://a/", b"", b"", b"", b"\0" * 4, b"\0" * 4),
    }
