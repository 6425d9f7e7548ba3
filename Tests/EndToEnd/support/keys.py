"""Access keys as AWS makes them, new for every test, and files that hold them."""

from __future__ import annotations

import base64
import os
import secrets
import string
from dataclasses import dataclass

from support.leaks import Ledger

BASE32 = string.ascii_uppercase + "234567"
# As the console writes them, to the letter.
CONSOLE = "Access key ID,Secret access key"


@dataclass(frozen=True)
class Key:
    id: str
    secret: str
    token: str | None = None

    def csv(self) -> str:
        return f"{CONSOLE}\r\n{self.id},{self.secret}\r\n"


def random_secret() -> str:
    """40 characters of base64, with both of the characters that clumsy code escapes or splits at."""
    while True:
        secret = base64.b64encode(os.urandom(30)).decode()
        if "/" in secret and "+" in secret:
            return secret


class KeyMaker:
    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger

    def __call__(self, prefix: str = "AKIA", account: int | None = None, token: bool = False) -> Key:
        # A first character other than I and J: only such an id carries its account.
        rest = secrets.choice("23456") + "".join(secrets.choice(BASE32) for _ in range(15))
        if account is not None:
            rest = with_account(account) + rest[10:]
        key = Key(prefix + rest, random_secret(), base64.b64encode(os.urandom(240)).decode() if token else None)
        self.ledger.secret("secret access key", key.secret.encode())
        if key.token:
            self.ledger.secret("session token", key.token.encode())
        return key


def with_account(account: int) -> str:
    """The first ten characters behind the prefix: one bit, 40 bits of account, 7 more, in base32."""
    bits = (1 << 47 | account << 7) << 2
    return "".join(BASE32[bits >> shift & 31] for shift in range(45, -1, -5))


def number(n: int) -> str:
    """A number in 16 letters of base32."""
    return "".join(BASE32[n >> 5 * place & 31] for place in range(16))


def random_passphrase() -> bytes:
    """Spaces, quotes and letters beyond ASCII belong to a passphrase like all else."""
    return f"{secrets.token_urlsafe(12)} ä\"'$ {secrets.token_urlsafe(12)}".encode()
