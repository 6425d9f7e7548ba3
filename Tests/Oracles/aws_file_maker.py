"""Files of AWS profiles as people, editors and accidents leave them.

The files come from a seed: the same seed gives the same files.
"""

from __future__ import annotations

import random

# All that str.strip takes off, and two that it does not.
WHITE = [
    "\t",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1d",
    "\x1e",
    "\x1f",
    " ",
    "\x85",
    "\xa0",
    "\u1680",
    "\u2000",
    "\u200a",
    "\u2028",
    "\u2029",
    "\u202f",
    "\u205f",
    "\u3000",
]
ODD = [*WHITE, "\u200b", "\ufeff", "\u0301", "=", ":", "#", ";", "[", "]", "\\", '"', "'", "\u212a", "ß", "İ"]
NAMES = [
    "default",
    "dev",
    "prod",
    "a b",
    "müller",
    "mu\u0308ller",
    "PROD",
    "x.y@z/1",
    "é",
    "e\u0301",
    "DEFAULT",
    "profile",
    "none",
    "a#b",
    "a]b",
    "“q”",
]
BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
BASE64 = BASE32 + "abcdefghijklmnopqrstuvwxyz0189+/"


class Maker:
    """Makes files of one seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.planted: list[str] = []

    def chance(self, percent: float) -> bool:
        return self.random.random() * 100 < percent

    def one(self, *choices: str) -> str:
        return self.random.choice(choices)

    def white(self, most: int = 2) -> str:
        if self.chance(60):
            return self.one("", "", " ", "  ", "\t")
        return "".join(self.random.choice(WHITE) for _ in range(self.random.randint(0, most)))

    def text(self, alphabet: str, count: int) -> str:
        return "".join(self.random.choice(alphabet) for _ in range(count))

    def identifier(self, temporary: bool) -> str:
        return ("ASIA" if temporary else "AKIA") + self.text(BASE32, 16)

    def cased(self, name: str) -> str:
        if self.chance(75):
            return name
        return "".join(self.one(c.lower(), c.upper()) for c in name) if self.chance(80) else name.replace("k", "\u212a")

    def setting(self, name: str, value: str, indent: str) -> str:
        delimiter = "=" if self.chance(85) else ":"
        prefix = "export " if self.chance(1.5) else ""
        return f"{indent}{prefix}{self.cased(name)}{self.white()}{delimiter}{self.white()}{value}{self.white()}"

    def secret(self) -> str:
        secret = self.text(BASE64, 40)
        self.planted.append(secret)
        if self.chance(4):
            odd = self.random.choice(ODD)
            at = self.random.randint(0, 40)
            secret = secret[:at] + odd + secret[at:]
        if self.chance(2):
            secret = f'"{secret}"'
        if self.chance(3):
            secret += self.one(" # comment", " ; comment", "#x", ";y", " = z")
        return secret

    def key(self, indent: str) -> list[str]:
        temporary = self.chance(35)
        lines = [
            self.setting("aws_access_key_id", self.identifier(temporary), indent),
            self.setting("aws_secret_access_key", self.secret(), indent),
        ]
        if temporary or self.chance(5):
            token = self.text(BASE64, 60)
            names = (
                ["aws_session_token"]
                if self.chance(70)
                else ["aws_security_token"]
                if self.chance(50)
                else ["aws_session_token", "aws_security_token"]
            )
            for name in names:
                value = token if self.chance(93) else self.one("", self.text(BASE64, 60))
                lines.append(self.setting(name, value, indent))
            if self.chance(30):
                lines.append(self.setting("x_security_token_expires", "2099-01-17T19:20:09+01:00", indent))
        if self.chance(6):
            lines.pop(self.random.randrange(len(lines)))
        if self.chance(5):
            lines.append(self.setting("aws_account_id", "123456789012", indent))
        if self.chance(15):
            self.random.shuffle(lines)
        return lines

    def role(self, indent: str) -> list[str]:
        lines = [
            self.setting("role_arn", f"arn:aws:iam::123456789012:role/{self.text(BASE32, 4)}", indent),
            self.setting("source_profile", self.random.choice(NAMES), indent),
        ]
        if self.chance(30):
            lines.append(self.setting("mfa_serial", "arn:aws:iam::123456789012:mfa/me", indent))
        return lines

    def nested(self, indent: str) -> list[str]:
        lines = [f"{indent}s3{self.random.randint(0, 99)}{self.white()}={self.white()}"]
        deeper = indent + self.one(" ", "  ", "\t", "\xa0", "\u3000")
        for _ in range(self.random.randint(0, 3)):
            lines.append(
                deeper
                + self.one(
                    "use = x",
                    "a = b\x0bc = d",
                    "addressing_style=path",
                    "# comment",
                    "",
                    "region = nested",
                    "max = 1\x1fz",
                )
            )
        if self.chance(4):
            lines.append(deeper + self.one("no delimiter", "a = b\x0cno delimiter", "a : b"))
        if self.chance(6):
            lines += [
                deeper + self.setting("aws_access_key_id", self.identifier(False), ""),
                deeper + self.setting("aws_secret_access_key", self.secret(), ""),
            ]
        return lines

    def quoted(self, name: str) -> str:
        way = self.random.randint(0, 5)
        if way == 0:
            return f'"{name}"'
        if way == 1:
            return f"'{name}'"
        if way == 2:
            return name.replace(" ", "\\ ")
        return f'"{name}"' if " " in name else name

    def header(self, kind: int) -> str:
        name = self.random.choice(NAMES) + (str(self.random.randint(0, 40)) if self.chance(60) else "")
        inside = name
        if kind == 1 and not (name == "default" and self.chance(85)) and name != "DEFAULT" and self.chance(92):
            inside = f"profile{self.one(' ', ' ', ' ', chr(9), '  ', chr(0xA0))}{self.quoted(name)}"
        elif kind != 1 and self.chance(4):
            inside = f"profile {name}"
        if self.chance(4):
            inside = self.one("sso-session x", "services y", "plugins", "preview", " ", f" {inside} ", "")
        tail = self.one("", "", "", "", "", self.white(), " # note", " ; note", " # [x]", " text")
        return f"{self.white() if self.chance(15) else ''}[{inside}]{tail if self.chance(30) else ''}"

    def block(self, kind: int) -> list[str]:
        lines = [self.header(kind)]
        indent = self.white(1) if self.chance(15) else ""
        parts = []
        if self.chance(75):
            parts.append(self.key(indent))
        if self.chance(20):
            parts.append(self.role(indent))
        if self.chance(35):
            parts.append([self.setting("region", self.one("eu-west-1", "us-east-1", "cn-north-1"), indent)])
        if self.chance(15):
            parts.append([self.setting("output", "json", indent)])
        if self.chance(15):
            parts.append(self.nested(indent))
        if self.chance(8):
            parts.append([f"{indent}{self.one('x', 'region', 'output', 'ä', 'Ä')} = {self.one('1', '', '# no')}"])
        if self.chance(10):
            parts.append([self.white(1) + self.one("# aws_access_key_id = AKIAOLD", "; note", "#", "#[old]")])
        if self.chance(1.5):
            parts.append([self.one("garbage", "= x", ": y", "[dev", "[]", "[dev = x", "export", "]")])
        self.random.shuffle(parts)
        for part in parts:
            lines += part
            if self.chance(10):
                lines.append(self.one("", " ", "\t", "\xa0"))
            if self.chance(3):
                lines.append(self.one("  ", "\t", "\u3000") + self.one("more", "a = b", "# not"))
        return lines

    def dotenv(self) -> list[str]:
        lines = ["# my keys"] if self.chance(30) else []
        if self.chance(40):
            lines.append("NODE_ENV=production")
        export = self.one("", "export ")
        lines.append(f"{export}AWS_ACCESS_KEY_ID={self.identifier(False)}")
        lines.append(f'{export}AWS_SECRET_ACCESS_KEY="{self.secret()}"')
        return lines

    def file(self, kind: int) -> bytes:
        self.planted = []
        lines = []
        if self.chance(10):
            lines.append(self.one("# my keys", "", "\x0b", "; x", "\xa0"))
        if self.chance(2):
            lines += self.dotenv()
        else:
            for _ in range(self.random.choice([1, 1, 2, 2, 3, 5])):
                lines += self.block(kind)
                if self.chance(50):
                    lines.append("")
        ends = self.random.choice([["\n"]] * 6 + [["\r\n"]] * 3 + [["\r"]] + [["\n", "\r\n", "\r"]])
        text = "".join(line + self.random.choice(ends) for line in lines)
        if self.chance(20):
            text = text.rstrip("\r\n")
        for _ in range(self.random.choice([0] * 12 + [1, 1, 2, 4])):
            text = self.damaged(text)
        data = text.encode("utf-16" if self.chance(0.2) else "utf-8")
        if self.chance(2):
            data = b"\xef\xbb\xbf" + data
        if self.chance(1) and data:
            at = self.random.randrange(len(data))
            data = data[:at] + self.random.choice([b"\xff", b"\xe4", b"\xc3", b"\x00"]) + data[at:]
        return data

    def damaged(self, text: str) -> str:
        """The text with an accident: a character more or less, a line twice, gone or moved."""
        at = self.random.randint(0, len(text))
        way = self.random.randint(0, 4)
        if way == 0:
            return text[:at] + self.random.choice(ODD) + text[at:]
        if way == 1:
            return text[:at] + text[at + 1 :]
        lines = text.splitlines(keepends=True) or [""]
        line = self.random.randrange(len(lines))
        if way == 2:
            lines.insert(line, lines[line])
        elif way == 3:
            lines.pop(line)
        else:
            lines.insert(self.random.randint(0, len(lines)), lines.pop(line))
        return "".join(lines)
