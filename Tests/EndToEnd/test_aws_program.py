"""The program that speaks TLS: what it sends, what it takes, and how often it asks."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterator

import pytest

from support import stub
from support.exchange import (
    ANSWERED,
    BODY,
    MALFORMED,
    NO_CONNECTION,
    NO_HOST,
    OTHER,
    RAW,
    REDIRECT,
    REPEAT,
    TIMEOUT,
    TOO_LARGE,
    identity_service,
    request,
    run,
)
from support.home import AWS
from support.stub import Answer, Stub


@pytest.fixture
def service() -> Iterator[Stub]:
    with identity_service() as running:
        yield running


def test_an_answer_comes_back_as_its_leaves(service: Stub) -> None:
    reply = run(request(service.url + "/"))
    assert (reply.outcome, reply.status) == (ANSWERED, 200) and abs(reply.date - time.time()) < 5
    assert reply.pairs == [
        ("GetCallerIdentityResponse/GetCallerIdentityResult/Account", b"123456789012"),
        ("GetCallerIdentityResponse/ResponseMetadata/RequestId", b"r-2"),
    ]
    sent = service.requests[0]
    assert (sent.method, sent.path, sent.body) == ("POST", "/", BODY.decode())
    assert sent.headers["authorization"] == "made-up" and sent.headers["host"] == "127.0.0.1"
    assert sent.headers.keys() == {"content-type", "host", "authorization", "user-agent", "content-length"}


def test_a_refusal_is_an_answer(service: Stub) -> None:
    service.then(stub.error("AccessDenied", "not you"))
    reply = run(request(service.url))
    assert (reply.outcome, reply.status) == (ANSWERED, 403)
    assert ("ErrorResponse/Error/Code", b"AccessDenied") in reply.pairs


@pytest.mark.parametrize(
    "answer, outcome",
    [
        (Answer(raw=b""), OTHER),
        (Answer(raw=b"nonsense\r\n\r\n"), OTHER),
        (Answer(cut=30), MALFORMED),
        (Answer(200, b"<r>" + b"x" * 500 + b"</r>", cut=400), OTHER),
        (Answer(302, b"", {"Location": "http://127.0.0.1:1/"}), REDIRECT),
        (Answer(301, b"<r/>"), REDIRECT),
        (Answer(200, b"<r/>", {"Location": "https://elsewhere/"}), REDIRECT),
        (Answer(raw=b"HTTP/1.1 200 X\r\n" + b"A: " + b"b" * 90_000 + b"\r\n\r\n"), TOO_LARGE),
        (Answer(200, b"<r/>", delay=30), TIMEOUT),
        (Answer(200, b"<r/>", drip=0.5), TIMEOUT),
    ],
)
def test_a_broken_answer_has_a_name(service: Stub, answer: Answer, outcome: int) -> None:
    service.then(answer)
    start = time.monotonic()
    reply = run(request(service.url, milliseconds=1500))
    assert reply.outcome == outcome, (reply.outcome, reply.detail)
    assert time.monotonic() - start < 4 and len(service.requests) == 1


def test_where_nobody_listens_there_is_no_connection() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert run(request(f"http://127.0.0.1:{free.getsockname()[1]}/")).outcome == NO_CONNECTION
    assert run(request("https://no-such-host.invalid/")).outcome == NO_HOST


def test_what_may_be_repeated_is_sent_again_while_aws_is_busy(service: Stub) -> None:
    service.then(stub.error("Throttling", "slow", 400), Answer(503, b"busy"), Answer(cut=10))
    reply = run(request(service.url, flags=REPEAT))
    assert (reply.outcome, reply.status) == (ANSWERED, 200) and len(service.requests) == 4


def test_four_tries_are_enough(service: Stub) -> None:
    service.always = lambda _: stub.error("ServiceUnavailable", "busy", 503)
    reply = run(request(service.url, flags=REPEAT, milliseconds=30_000))
    assert (reply.outcome, reply.status) == (ANSWERED, 503) and len(service.requests) == 4


@pytest.mark.parametrize("answer", [stub.error("Throttling", "slow", 400), Answer(503, b"busy"), Answer(cut=10)])
def test_what_may_not_be_repeated_is_sent_once(service: Stub, answer: Answer) -> None:
    service.then(answer)
    run(request(service.url))
    assert len(service.requests) == 1


def test_a_refusal_is_not_asked_again(service: Stub) -> None:
    service.then(stub.error("AccessDenied"))
    assert run(request(service.url, flags=REPEAT)).status == 403 and len(service.requests) == 1


def test_a_raw_answer_comes_back_as_it_is(service: Stub) -> None:
    service.then(Answer(200, b'{"SigninToken":"x"}'), Answer(200, b"x" * 61 * 1024))
    assert run(request(service.url, flags=RAW)).pairs == [("", b'{"SigninToken":"x"}')]
    assert run(request(service.url, flags=RAW)).outcome == TOO_LARGE


def test_it_gives_up_when_nobody_reads_the_reply(service: Stub) -> None:
    service.then(Answer(200, b"<r/>", delay=20))
    program = subprocess.Popen([AWS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={})
    assert program.stdin and program.stdout
    program.stdin.write(request(service.url, milliseconds=20_000))
    program.stdin.close()
    program.stdout.close()
    start = time.monotonic()
    assert program.wait(15) == 74 and time.monotonic() - start < 5


def test_an_empty_body_is_sent_as_one(service: Stub) -> None:
    assert run(request(service.url, body=b"")).status == 200
    assert (service.requests[0].method, service.requests[0].body) == ("POST", "")
    assert service.requests[0].headers["content-length"] == "0"


def test_misuse_and_questions() -> None:
    assert subprocess.run([AWS, "x"], capture_output=True, stdin=subprocess.DEVNULL).returncode == 64
    version = subprocess.run([AWS, "--version"], capture_output=True, stdin=subprocess.DEVNULL)
    assert version.returncode == 0 and version.stdout.strip()
