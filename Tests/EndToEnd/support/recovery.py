"""New passphrases and recovery codes for the vault of a test."""

from __future__ import annotations

import re
from pathlib import Path

from support.home import Home

CODE = re.compile(rb"([0-9A-HJKMNP-TV-Z]{4}-){8}[0-9A-HJKMNP-TV-Z]{4}\n")


def change_passphrase(home: Home) -> Path:
    """Gives the vault another passphrase; returns the file of the old one."""
    old = home.write("old", home.passphrase + b"\n")
    new = home.new_passphrase()
    home.ok("passwd", "--new-passphrase-file", new)
    adopt(home, new)
    return old


def adopt(home: Home, new: Path) -> None:
    home.passphrase = new.read_bytes().rstrip(b"\n")
    home.passphrase_file.write_bytes(new.read_bytes())


def issue_code(home: Home, name: str = "code") -> Path:
    file = home.outside / name
    home.ok("recovery-code", "new", "--recovery-code-file", file)
    content = file.read_bytes()
    assert CODE.fullmatch(content), "the code and a newline only"
    assert file.stat().st_mode & 0o7777 == 0o600
    home.ledger.secret("recovery code", content.strip())
    home.write(file, content)
    return file
