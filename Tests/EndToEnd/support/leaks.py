"""Keeps what the programs of the suite showed and wrote, and searches all of it for the secrets of the tests."""

from __future__ import annotations

import base64
import json
import urllib.parse
from dataclasses import dataclass, field

# Twelve characters of a secret in a row are no coincidence, and already too many.
WINDOW = 12


def forms(secret: bytes) -> set[bytes]:
    """The ways in which a secret may be written by accident."""
    found = {secret, secret.hex().encode(), secret.hex().upper().encode(), secret[::-1]}
    for shift in range(3):
        # Base64 of the secret behind any other text, without the characters that the other text decides.
        encoded = base64.b64encode(bytes(shift) + secret)[4 if shift else 0 :].rstrip(b"=")[:-1]
        found |= {encoded, encoded.replace(b"+", b"-").replace(b"/", b"_")}
    text = secret.decode("latin-1")
    escaped = json.dumps(text)[1:-1]
    found |= {escaped.encode(), escaped.replace("/", "\\/").encode(), escaped.replace("/", "\\u002f").encode()}
    found |= {urllib.parse.quote(secret, safe="").encode(), "".join(f"\\x{byte:02x}" for byte in secret).encode()}
    found |= {text.encode("utf-16-le"), text.encode("utf-16-be")}
    return found


@dataclass
class Ledger:
    secrets: dict[str, bytes] = field(default_factory=dict)
    seen: dict[bytes, str] = field(default_factory=dict)
    programs: int = 0

    def secret(self, what: str, secret: bytes) -> bytes:
        assert len(secret) >= WINDOW, "too short to be told from other text"
        self.secrets[f"{what} {len(self.secrets)}"] = secret
        return secret

    def saw(self, where: str, content: bytes) -> None:
        if content:
            self.seen.setdefault(content, where)

    def leaks(self) -> list[str]:
        """Where something that must not be seen was seen; never the secret itself."""
        windows: dict[bytes, str] = {}
        for what, secret in self.secrets.items():
            for form in forms(secret):
                for start in range(len(form) - WINDOW + 1):
                    windows.setdefault(form[start : start + WINDOW], what)
        found = []
        for content, where in self.seen.items():
            hits = {
                windows[content[at : at + WINDOW]]
                for at in range(len(content) - WINDOW + 1)
                if content[at : at + WINDOW] in windows
            }
            found += [f"{what} in {where}" for what in sorted(hits)]
        return found
