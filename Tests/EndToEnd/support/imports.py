"""What an import left in the vault."""

from __future__ import annotations

from support.home import Home
from support.keys import Key


def sealed(home: Home, key: Key, name: str) -> None:
    entry = home.entries()[name]
    assert (entry["access_key_id"], entry["secret_access_key"]) == (key.id, key.secret)
