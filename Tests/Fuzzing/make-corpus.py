#!/usr/bin/env python3
"""Writes the hand-made part of the fuzzing corpus; what fuzzing found lies beside it and stays.

    make-corpus.py [CORPUS]

The vault's inputs come from the reference writer in Tests/EndToEnd, which needs PyNaCl.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parents[1] / "Examples" / "samples"
sys.path.insert(0, str(HERE.parent / "EndToEnd"))
sys.dont_write_bytecode = True

from support.frames import frame  # noqa: E402
from support.reference_records import (  # noqa: E402
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
from support.reference_vault import EMPTY, Slot, Vault, opaque_slot  # noqa: E402

ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
OTHER_ID, OTHER_SECRET = "AKIAI44QH8DHBEXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"
TEMPORARY = "ASIAQNZGKIQY56JQ7WML"


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


def configs() -> dict[str, bytes]:
    ours = "credential_process = /opt/sealring-credential-process prod\n"
    texts = {
        "default": "[default]\nregion = us-east-1\noutput = json\n",
        "profiles": f"# mine\n[default]\nregion=us-east-1\n\n[profile prod]\n{ours}region = eu-west-1\n",
        "nested": "[profile a]\ns3 =\n  max_concurrent_requests = 20\n  addressing_style = path\nregion = x\n",
        "no-final-newline": "[profile fuzzed]\nregion = eu-west-1",
        "crlf": "[profile fuzzed]\r\nregion = eu-west-1\r\n\r\n[default]\r\n",
        "cr": "[default]\rregion: eu-west-1\r",
        "bom": "\ufeff[default]\nregion = a\n",
        "foreign-process": "[profile fuzzed]\ncredential_process = /usr/bin/other --flag\n",
        "quoted": "[profile \"two words\"]\nregion = a\n[profile 'x']\n[ profile y ]\n[profile z] # z\n",
        "indented": "[profile fuzzed]\n  region = a\n  output = text\n\t; note\n",
        "twice": "[profile fuzzed]\nregion = a\nregion = b\n[profile fuzzed]\n",
        "inherited": "[DEFAULT]\nregion = a\n[profile fuzzed]\n",
        "sso": "[sso-session s]\nsso_region = a\n[profile p]\nsso_session = s\n[services v]\ns3 =\n  a = b\n",
        "static": f"[profile fuzzed]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n",
        "unreadable": "before = 1\n[profile fuzzed\nnothing\n = value\n[]\n",
        "empty-values": "[profile fuzzed]\ncredential_process =\nregion =\noutput:\n",
        "white": "[default]\n\u00a0region\u2003=\u3000x\u0085\n\x1c\n",
        "role": "[profile fuzzed]\nregion = a\nrole_arn = r\nsource_profile = p\nmfa_serial = m\n[profile p]\n",
        "role-between": (
            "[profile fuzzed]\n external_id = e\r\n\tregion = a\n s3 =\n  a = b\n role_arn : r\n # c\n\n"
            " duration_seconds=900\n role_session_name = s\n source_profile = fuzzed"
        ),
        "credentials": (
            f"[default]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n"
            f"aws_session_token = t\n\n[user1]\naws_security_token=u\n"
        ),
    }
    return {name: text.encode() for name, text in texts.items()} | {"latin-1": b"[default]\nregion = \xe9\n"}


def tables() -> dict[str, bytes]:
    head = "Access key ID,Secret access key"
    texts = {
        "crlf": f"{head}\r\n{ID},{SECRET}\r\n{OTHER_ID},{OTHER_SECRET}\r\n",
        "quoted": f'"Access key ID","Secret access key","User name"\n"{ID}","{SECRET}","a ""b"", c"\n',
        "semicolon": f"{head.replace(',', ';')}\n{ID};{SECRET}\n",
        "token": f"{head},Session token\n{TEMPORARY},{SECRET},token==\n",
        "bom": f"\ufeff{head}\n{ID},{SECRET}\n",
        "quotes-in-secret": f'{head}\n{ID},"a""b;c,d"\n',
        "faulty-rows": f'{head}\n{ID}\n"{ID},x\n{ID},{SECRET}"x"y\n,,\n',
        "smtp": "IAM User Name,Smtp Username,Smtp Password\na,AKIA,x\n",
        "no-header": f"{ID},{SECRET}\n",
        "newline-in-field": f'{head},User name\n{ID},{SECRET},"a\nb"\n',
    }
    found = {name: text.encode() for name, text in texts.items()}
    found["utf-16-le"] = b"\xff\xfe" + f"{head}\n{ID},{SECRET}\n".encode("utf-16-le")
    found["utf-16-be"] = b"\xfe\xff" + f"{head}\n{ID},{SECRET},😀\n".encode("utf-16-be")
    return found | samples(".csv")


def settings() -> dict[str, bytes]:
    key = f"aws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n"
    texts = {
        "token": f"[temporary]\naws_access_key_id={TEMPORARY}\naws_secret_access_key={SECRET}\n"
        "aws_session_token=t\naws_security_token=t\naws_account_id = 123456789012\n",
        "config": f'[default]\n{key}region = eu-west-1\n[profile "a b"]\n{key}s3 =\n  a = b\n',
        "twice": f"[a]\n{key}{key}[a]\n{key}",
        "crlf": f"; note\r\n[a]\r\n{key}".replace("\n", "\r\n").replace("\r\r", "\r"),
        "defaults": f"[DEFAULT]\n{key}[a]\nregion = b\n",
        "continued": f"[a]\naws_access_key_id = {ID}\n  more\naws_secret_access_key =\n",
        "no-section": key,
        "comment-behind": f"[a] # a\naws_access_key_id = {ID} # x\naws_secret_access_key = {SECRET} ; y\n",
        "colon": f"[a]\nAWS_ACCESS_KEY_ID: {ID}\nAws_Secret_Access_Key : {SECRET}",
        "unreadable": f"[a\n{key}[]\nx\n= y\n",
    }
    return {name: text.encode() for name, text in texts.items()} | samples(".ini")


def documents() -> dict[str, bytes]:
    pair = f'"AccessKeyId":"{ID}","SecretAccessKey":"{SECRET}"'
    texts = {
        "process": f'{{"Version":1,{pair}}}',
        "temporary": f'{{"Credentials":{{"AccessKeyId":"{TEMPORARY}","SecretAccessKey":"{SECRET}",'
        '"SessionToken":"t","Expiration":"2026-01-31T12:00:00.5+01:00"},"Other":[1,{}]}',
        "array": f'[{{{pair}}},{{{pair},"UserName":null}}]',
        "escapes": f'{{"AccessKeyId":"{ID}","SecretAccessKey":"\\u0061\\/\\"\\\\","UserName":"\\ud83d\\ude00"}}',
        "numbers": f'{{{pair},"a":[0,-1.5e+3,1E9,true,false,null]}}',
        "deep": "[" * 16 + "]" * 16,
        "too-deep": "[" * 40,
        "twice": f'{{{pair},"a":1,"\\u0061":2}}',
        "account": f'{{{pair},"AccountId":"123456789012","Status":"Inactive"}}',
        "listing": '{"AccessKeyMetadata":[]}',
        "half-surrogate": '{"a":"\\ud800x"}',
        "wrong-kinds": '{"AccessKeyId":1,"SecretAccessKey":[]}',
        "key-pair": '{"KeyMaterial":"-----BEGIN"}',
    }
    return {name: text.encode() for name, text in texts.items()} | samples(".json")


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


def samples(suffix: str) -> dict[str, bytes]:
    return {f"sample-{path.stem}": path.read_bytes() for path in SAMPLES.glob(f"*{suffix}")}


def main() -> None:
    corpus = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "corpus"
    for target, inputs in {
        "header": headers(),
        "records": contents(),
        "config": configs(),
        "csv": tables(),
        "ini": settings(),
        "json": documents(),
        "frames": messages(),
        "replies": replies(),
    }.items():
        folder = corpus / target
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in inputs.items():
            (folder / name).write_bytes(content)


if __name__ == "__main__":
    main()
