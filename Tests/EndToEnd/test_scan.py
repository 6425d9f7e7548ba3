"""The search for leaked secrets itself: it must find what it is there for."""

from __future__ import annotations

import base64
import json
import urllib.parse
from pathlib import Path

import pytest

from support.home import Home
from support.leaks import Ledger

SECRET = b"wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TEXT = SECRET.decode()
SHOWN = {
    "raw": SECRET,
    "hex": SECRET.hex().encode(),
    "HEX": SECRET.hex().upper().encode(),
    "half": SECRET[:20],
    "backwards": SECRET[::-1],
    "base64": base64.b64encode(SECRET),
    "base64 behind one byte": base64.b64encode(b":" + SECRET),
    "base64 behind two bytes": base64.b64encode(b"a:" + SECRET),
    "url-safe base64": base64.urlsafe_b64encode(b"a" + SECRET),
    "JSON with escaped slashes": json.dumps(TEXT).replace("/", "\\/").encode(),
    "URL": urllib.parse.quote(SECRET, safe="").encode(),
    "UTF-16": TEXT.encode("utf-16"),
}


@pytest.fixture
def watched(tmp_path: Path) -> Home:
    home = Home(tmp_path, Ledger())
    home.ledger.secret("it", SECRET)
    return home


@pytest.mark.parametrize("form", SHOWN)
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_secret_on_a_stream_is_found(watched: Home, form: str, stream: str) -> None:
    shown = b"before" + SHOWN[form] + b"after\n"
    watched("-c", f"cat >/dev/{stream}", program=Path("/bin/sh"), input=shown)
    assert len(watched.ledger.leaks()) == 1
    assert stream in watched.ledger.leaks()[0]


def test_a_secret_among_the_arguments_is_found(watched: Home) -> None:
    watched("--secret", TEXT, program=Path("/bin/true"))
    assert "arguments" in watched.ledger.leaks()[0]


def test_a_secret_in_the_environment_is_found(watched: Home) -> None:
    watched(program=Path("/bin/true"), env={"SECRET": TEXT})
    assert "environment" in watched.ledger.leaks()[0]


def test_a_secret_in_a_file_that_was_left_behind_is_found(watched: Home) -> None:
    watched("-c", 'umask 077; cat > "$TMPDIR/.left"', program=Path("/bin/sh"), input=SECRET)
    watched.collect()
    assert ".left" in watched.ledger.leaks()[0]


def test_what_shows_no_secret_is_not_found(watched: Home) -> None:
    watched.write("input.csv", SECRET)
    watched("-c", "cat", program=Path("/bin/sh"), input=SECRET, shows_secret=True)
    watched("-c", "echo AKIAIOSFODNN7EXAMPLE; ls -l", program=Path("/bin/sh"), passphrase=None)
    watched.collect()
    assert watched.ledger.programs == 2
    assert watched.ledger.leaks() == []
