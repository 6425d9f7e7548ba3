"""A pinentry that gives the answer of the test, and writes down what it was told."""

from __future__ import annotations

from support.home import Home

PINENTRY = """#!/usr/bin/python3 -I
import os, sys, time, urllib.parse
log = open({log!r}, "a")
print("OK ready", flush=True)
for line in sys.stdin:
    word = line.split()[0]
    log.write(line)
    log.flush()
    if word == "GETPIN":
        time.sleep({seconds})
        {answer}
    elif word == "OPTION" and "display" in line:
        print("ERR 83886254 Unknown option", flush=True)
    else:
        print("OK", flush=True)
"""
DECLINES = 'print("ERR 83886179 Operation cancelled", flush=True)'


def pinentry(home: Home, answer: str, seconds: float = 0.3) -> dict[str, str]:
    log = home.outside / "pinentry.log"
    program = home.write("pinentry", PINENTRY.format(log=str(log), answer=answer, seconds=seconds), mode=0o700)
    return {"SEALRING_PROMPT": "pinentry", "SEALRING_PINENTRY": str(program)}


def gives(passphrase: bytes) -> str:
    """Assuan's escapes, for what a line cannot hold."""
    shown = "".join(f"%{byte:02X}" if byte in b"%\r\n" or byte > 126 else chr(byte) for byte in passphrase)
    return f'print("D " + {shown!r}, flush=True); print("OK", flush=True)'


def asked(home: Home) -> int:
    log = home.outside / "pinentry.log"
    text = log.read_text() if log.exists() else ""
    home.ledger.saw("what pinentry was told", text.encode())
    return text.count("GETPIN")
