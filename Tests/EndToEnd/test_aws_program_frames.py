"""Requests that break the rules of the frame, of URLs and of headers."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from support.exchange import (
    BAD,
    BODY,
    HEADERS,
    REPLY,
    REQUEST,
    UNKNOWN,
    Reply,
    identity_service,
    request,
    run,
)
from support.frames import frame, u32
from support.home import AWS
from support.stub import Stub


@pytest.fixture
def service() -> Iterator[Stub]:
    with identity_service() as running:
        yield running


def mutilated() -> list[Any]:
    url = "https://127.0.0.1:1/"
    good = request(url)
    cases: dict[str, bytes] = {
        "nothing": b"",
        "half": good[:40],
        "a byte more": good + b"\0",
        "another version": good[:4] + b"\2" + good[5:],
        "a reply": good[:5] + bytes([REPLY]) + good[6:],
        "a length of 4 GiB": b"\xff" * 4 + good[4:],
        "no fields": frame(REQUEST),
        "a field less": frame(REQUEST, url.encode(), HEADERS, BODY, b"", u32(5000)),
        "a field more": frame(REQUEST, url.encode(), HEADERS, BODY, b"", u32(5000), u32(0), b""),
        "short numbers": frame(REQUEST, url.encode(), HEADERS, BODY, b"", b"\1", b"\0"),
        "an unknown flag": request(url, flags=8),
        "a relative bundle": request(url, bundle="ca.pem"),
        "a bundle with a zero": request(url, bundle=b"/a\0b".decode()),
    }
    for name, bad in {
        "plain http": "http://sts.amazonaws.com/",
        "another loopback": "http://127.0.0.2/",
        "a lying name": "http://127.0.0.1.example/",
        "a user": "http://127.0.0.1@example.com/",
        "file": "file:///etc/passwd",
        "ftp": "ftp://127.0.0.1/",
        "gopher": "gopher://127.0.0.1/",
        "no scheme": "127.0.0.1/",
        "upper case": "HTTPS://127.0.0.1/",
        "a blank": "https://a b/",
        "a line": "https://a/\nHost: b",
        "a query": "https://a/?x=1",
        "a fragment": "https://a/#x",
        "a backslash": "https://a\\b/",
        "no host": "https:///x",
        "empty": "",
        "long": "https://a/" + "x" * 2048,
        "braces": "https://{a,b}/",
        "an open bracket": "https://[::1/",
        "umlaut": "https://ä/",
    }.items():
        cases[f"URL with {name}"] = request(bad)
    for name, lines in {
        "no end": b"A: b",
        "no colon": b"A b\n",
        "no value": b"A:\n",
        "no blank": b"A:b\n",
        "no name": b": b\n",
        "a return": b"A: b\r\n",
        "a zero": b"A: b\0\n",
        "a tab": b"A: b\tc\n",
        "a blank name": b"A B: c\n",
        "an empty line": b"A: b\n\nC: d\n",
        "33 lines": b"A: b\n" * 33,
        "byte ff": b"A: \xff\n",
    }.items():
        cases[f"headers with {name}"] = request(url, headers=lines)
    return [pytest.param(data, id=name) for name, data in cases.items()]


@pytest.mark.parametrize("data", mutilated())
def test_a_request_that_is_none_is_refused(data: bytes) -> None:
    result = subprocess.run([AWS], input=data, capture_output=True, timeout=20, env={})
    assert Reply(result.stdout).outcome == BAD and result.stderr == b""


def test_an_unknown_flag_is_refused(service: Stub) -> None:
    assert run(request(service.url, flags=UNKNOWN)).outcome == BAD
    assert not service.requests


def test_a_request_that_never_comes_is_not_waited_for() -> None:
    with subprocess.Popen([AWS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}) as program:
        assert program.wait(20) == 65 and program.stdout and Reply(program.stdout.read()).outcome == BAD
