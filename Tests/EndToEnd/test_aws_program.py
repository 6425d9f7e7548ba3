"""The program that speaks TLS: what it sends, what it takes, and what it does not."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import threading
import time
import xml.parsers.expat
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from support import stub
from support.certificates import certificate
from support.exchange import (
    ANSWERED,
    BAD,
    BODY,
    CA_BUNDLE,
    CA_UNTRUSTED,
    HEADERS,
    MALFORMED,
    NO_CONNECTION,
    NO_HOST,
    OTHER,
    PROXY_BROKEN,
    PROXY_INVALID,
    PROXY_NOT_FOUND,
    PROXY_REFUSED,
    PROXY_REFUSED_LOGIN,
    PROXY_TIMEOUT,
    PROXY_TLS,
    PROXY_UNREACHABLE,
    RAW,
    REDIRECT,
    REPEAT,
    REPLY,
    REQUEST,
    TIMEOUT,
    TLS,
    TOO_LARGE,
    UNKNOWN,
    Reply,
    request,
    run,
)
from support.frames import frame, u32
from support.home import AWS
from support.stub import Answer, Stub


@pytest.fixture
def service() -> Iterator[Stub]:
    with stub.running({}) as running:
        running.always = lambda _: stub.result("GetCallerIdentity", "<Account>123456789012</Account>")
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


def test_text_is_put_together_and_empty_elements_are_leaves(service: Stub) -> None:
    body = b'<?xml version="1.0"?><r><a>1 &lt; 2<![CDATA[ & 3]]></a><b/><x:c xmlns:x="u">\xc3\xa9</x:c><d> <e>f</e> </d><!-- --></r>'
    service.then(Answer(200, body))
    assert run(request(service.url)).pairs == [
        ("r/a", b"1 < 2 & 3"),
        ("r/b", b""),
        ("r/c", "é".encode()),
        ("r/d/e", b"f"),
    ]


def test_a_refusal_is_an_answer(service: Stub) -> None:
    service.then(stub.error("AccessDenied", "not you"))
    reply = run(request(service.url))
    assert (reply.outcome, reply.status) == (ANSWERED, 403)
    assert ("ErrorResponse/Error/Code", b"AccessDenied") in reply.pairs


def deep(depth: int) -> bytes:
    return b"".join(b"<e>" for _ in range(depth)) + b"x" + b"".join(b"</e>" for _ in range(depth))


BOMB = (
    b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]><r><x>&d;</x></r>'
)


@pytest.mark.parametrize(
    "name, body, outcome",
    [
        ("nothing", b"", MALFORMED),
        ("text", b"hello", MALFORMED),
        ("json", b'{"a":1}', MALFORMED),
        ("html", b"<html><p>busy</html>", MALFORMED),
        ("cut", b"<r><a>1</a>", MALFORMED),
        ("two roots", b"<r/><r/>", MALFORMED),
        ("bomb", BOMB, MALFORMED),
        ("a document type", b"<!DOCTYPE r><r/>", MALFORMED),
        ("a file", b'<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><r>&f;</r>', MALFORMED),
        ("a bomb in UTF-16", BOMB.decode().encode("utf-16"), MALFORMED),
        ("an unknown entity", b"<r>&nbsp;</r>", MALFORMED),
        ("bad UTF-8", b"<r>\xff</r>", MALFORMED),
        ("17 levels", deep(17), MALFORMED),
        ("16 levels", deep(16), ANSWERED),
        ("5,000 levels", deep(5000), MALFORMED),
        ("1,000 leaves", b"<r>" + b"<a/>" * 1000 + b"</r>", ANSWERED),
        ("1,001 leaves", b"<r>" + b"<a/>" * 1001 + b"</r>", MALFORMED),
        ("a name of 600", b"<r><" + b"n" * 600 + b"/></r>", MALFORMED),
        ("70,000 bytes of text", b"<r>" + b"x" * 70_000 + b"</r>", TOO_LARGE),
        ("a comment alone", b"<!-- c -->", MALFORMED),
        ("a declaration alone", b"<?xml version='1.0'?>", MALFORMED),
        ("256 KiB", b"<r/><!--" + b" " * (256 * 1024 - 11) + b"-->", ANSWERED),
        ("a byte more", b"<r/><!--" + b" " * (256 * 1024 - 10) + b"-->", TOO_LARGE),
        ("10 MiB", b"<r>" + b"<a>x</a>" * 1_300_000 + b"</r>", TOO_LARGE),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_xml_is_refused_before_it_costs(service: Stub, name: str, body: bytes, outcome: int) -> None:
    service.then(Answer(200, body))
    start = time.monotonic()
    reply = run(request(service.url))
    assert reply.outcome == outcome, (reply.outcome, reply.detail)
    assert time.monotonic() - start < 5 and (outcome == ANSWERED or reply.pairs == [])


# Another parser, expat, says what the leaves of a document are.


def leaves(document: bytes) -> list[tuple[str, bytes]] | None:
    """None when it is no XML, or declares a document type."""
    path: list[str] = []
    parents: list[bool] = []
    text = ""
    found: list[tuple[str, bytes]] = []
    typed = False

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal text
        if parents:
            parents[-1] = True
        path.append(name.rpartition(":")[2])
        parents.append(False)
        text = ""

    def end(_: str) -> None:
        nonlocal text
        if not parents.pop():
            found.append(("/".join(path), text.encode()))
        path.pop()
        text = ""

    def characters(more: str) -> None:
        nonlocal text
        text += more

    def doctype(*_: object) -> None:
        nonlocal typed
        typed = True

    parser = xml.parsers.expat.ParserCreate("UTF-8")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = characters, doctype
    try:
        parser.Parse(document, True)
    except xml.parsers.expat.ExpatError:
        return None
    return None if typed else found


def made_up(random: Random, depth: int = 0) -> str:
    """An element as AWS might write it, and in ways in which AWS does not."""
    name = random.choice(["a", "member", "x-y", "Credentials", "n\u00e9", "_"])
    inside = ""
    for _ in range(random.randrange(4)):
        kind = random.randrange(8 if depth < 12 else 6)
        inside += (
            ["text", " \n", "&lt;&amp;&#65;&#x263a;", "<![CDATA[<&]]>", "<!-- c -->", "<?p i?>"][kind]
            if kind < 6
            else (made_up(random, depth + 1))
        )
    space = random.choice(["", "", "", ' xmlns="u"', " a='1'"])
    return f"<{name}{space}>{inside}</{name}>" if inside or random.random() < 0.5 else f"<{name}{space}/>"


@pytest.mark.parametrize("seed", range(int(os.environ.get("SEALRING_XML_SEEDS", "12"))))
def test_the_leaves_are_those_that_another_parser_finds(service: Stub, seed: int) -> None:
    random = Random(seed)
    for _ in range(12):
        whole = ("<?xml version='1.0'?>" * random.randrange(2) + made_up(random)).encode()
        broken = bytearray(whole)
        for _ in range(random.randrange(1, 4)):
            place = random.randrange(len(broken))
            broken[place : place + random.randrange(3)] = random.choice(
                [b"", b"<", b"&", b"/", b">", b"\0", b"\xff", b"'", b"!"]
            )
        for document in (whole, bytes(broken)):
            service.then(Answer(200, document))
            reply, expected = run(request(service.url)), leaves(document)
            if document == whole:
                assert expected is not None
            if expected is None:
                assert (reply.outcome, reply.pairs) == (MALFORMED, []), (document, reply.pairs)
            elif reply.outcome != MALFORMED or document == whole:
                # Of what is broken the other parser may take what ours does not; never the other way round.
                assert (reply.outcome, reply.pairs) == (ANSWERED, expected), document


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


# TLS.


@pytest.fixture
def sealed(tmp_path: Path) -> Iterator[tuple[Stub, Path]]:
    context, bundle = certificate(tmp_path)
    with stub.running({}, context) as running:
        running.always = lambda _: Answer(200, b"<r><a>1</a></r>")
        yield running, bundle


def test_the_bundle_of_the_entry_is_trusted(sealed: tuple[Stub, Path]) -> None:
    service, bundle = sealed
    assert run(request(service.url, bundle=bundle)).pairs == [("r/a", b"1")]


def test_a_certificate_that_nobody_vouches_for_is_refused(sealed: tuple[Stub, Path], tmp_path: Path) -> None:
    service, bundle = sealed
    assert run(request(service.url, flags=REPEAT)).outcome == TLS
    # The environment names no trust.
    trusting = {
        name: str(bundle) for name in ("SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "AWS_CA_BUNDLE")
    }
    assert run(request(service.url), env=trusting | {"SSL_CERT_DIR": str(tmp_path)}).outcome == TLS
    assert run(request(service.url, bundle=certificate(tmp_path, days=29)[1])).outcome == TLS
    assert service.requests == []


@pytest.mark.parametrize("host, days", [("elsewhere.example", 30), ("127.0.0.2", 30), ("127.0.0.1", -1)])
def test_a_wrong_certificate_is_refused(tmp_path: Path, host: str, days: int) -> None:
    context, bundle = certificate(tmp_path, host, days=days)
    with stub.running({}, context) as service:
        assert run(request(service.url, bundle=bundle)).outcome == TLS
        assert service.requests == []


def machine(files: dict[str, Path]) -> list[str | Path]:
    """What runs a program where files of the machine are others."""
    mounts = "".join(f"mount --bind '{own}' '{path}' && " for path, own in files.items())
    return ["unshare", "-m", "sh", "-c", mounts + 'exec "$0"']


own_machine = pytest.mark.skipif(
    subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode != 0, reason="mounts are not allowed"
)


@own_machine
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_tls_is_refused_even_where_the_machine_allows_it(tmp_path: Path) -> None:
    import ssl

    lax = tmp_path / "openssl.cnf"
    lax.write_text(
        "openssl_conf = a\n[a]\nssl_conf = b\n[b]\nsystem_default = c\n[c]\nMinProtocol = TLSv1\n"
        "CipherString = ALL:@SECLEVEL=0\n"
    )
    under = machine({"/etc/ssl/openssl.cnf": lax})
    context, bundle = certificate(tmp_path)
    context.set_ciphers("ALL:@SECLEVEL=0")
    for version, outcome in (
        (ssl.TLSVersion.TLSv1, TLS),
        (ssl.TLSVersion.TLSv1_1, TLS),
        (ssl.TLSVersion.TLSv1_2, ANSWERED),
    ):
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = context.minimum_version = version
        with stub.running({}, context) as service:
            service.always = lambda _: Answer(200, b"<r/>")
            assert run(request(service.url, bundle=bundle), under=under).outcome == outcome, version


@own_machine
def test_the_bundle_takes_the_place_of_what_the_machine_trusts(sealed: tuple[Stub, Path], tmp_path: Path) -> None:
    service, trusted = sealed
    under = machine({"/etc/ssl/certs/ca-certificates.crt": trusted})
    assert run(request(service.url), under=under).outcome == ANSWERED, "the machine trusts it"
    other = certificate(tmp_path, days=29)[1]
    assert run(request(service.url, bundle=other), under=under).outcome == TLS


def test_a_bundle_that_cannot_be_used_has_a_name(sealed: tuple[Stub, Path], tmp_path: Path) -> None:
    service, bundle = sealed
    broken = tmp_path / "broken.pem"
    broken.write_text("-----BEGIN CERTIFICATE-----\nnone\n-----END CERTIFICATE-----\n")
    for path in ("/no/such/file", "/etc/hostname", broken):
        assert run(request(service.url, bundle=path)).outcome == CA_BUNDLE, path
    for place, mode in ((bundle, 0o666), (bundle.parent, 0o777)):
        usual = place.stat().st_mode
        place.chmod(mode)
        reply = run(request(service.url, bundle=bundle))
        assert reply.outcome == CA_UNTRUSTED and str(place) in reply.detail
        place.chmod(usual)
    assert service.requests == []
    assert run(request(service.url, bundle=bundle)).outcome == ANSWERED


# The environment.


class Proxy:
    """Notes what it is asked for, and refuses; or does what the test says."""

    def __init__(self) -> None:
        self.asked: list[bytes] = []
        self.answer = b"HTTP/1.1 403 no\r\nContent-Length: 0\r\n\r\n"
        #: Where a tunnel leads, whatever was asked for.
        self.tunnel: int | None = None
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.server = threading.Thread(target=self.serve, daemon=True)
        self.server.start()

    def close(self) -> None:
        # The thread must be done with the socket: it would go on with the next one of the same number.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.server.join()
        self.listener.close()

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection:
                self.asked.append(connection.recv(4096).partition(b"\r\n")[0])
                try:
                    connection.sendall(self.answer)
                    if self.tunnel is not None:
                        self.relay(connection)
                except OSError:
                    pass

    def relay(self, client: socket.socket) -> None:
        with socket.create_connection(("127.0.0.1", self.tunnel or 0)) as server:
            ends = {client: server, server: client}
            while True:
                for end in select.select(list(ends), [], [])[0]:
                    data = end.recv(65536)
                    if not data:
                        return
                    ends[end].sendall(data)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    proxy = Proxy()
    yield proxy
    proxy.close()


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
def test_a_proxy_is_asked_for_the_host_and_sees_no_more(proxy: Proxy, name: str) -> None:
    run(request("https://sts.invalid/"), env={name: proxy.url})
    assert proxy.asked == [b"CONNECT sts.invalid:443 HTTP/1.1"]


@pytest.mark.parametrize(
    "env",
    [
        {"HTTP_PROXY": ""},
        {"http_proxy": ""},
        {"ALL_PROXY": "", "no_proxy": "*"},
        {"HTTPS_PROXY": "", "NO_PROXY": "sts.invalid"},
        {"https_proxy": "", "no_proxy": ".invalid"},
    ],
)
def test_no_other_variable_names_a_proxy_and_exceptions_hold(proxy: Proxy, env: dict[str, str]) -> None:
    filled = {name: value or proxy.url for name, value in env.items()}
    assert run(request("https://sts.invalid/"), env=filled).outcome == NO_HOST
    assert proxy.asked == []


def test_a_proxy_that_stands_in_the_way_is_named_and_its_password_is_not(proxy: Proxy) -> None:
    place = proxy.url.removeprefix("http://")

    def ends(url: str, outcome: int, status: int = 0, shown: str = place, answer: bytes | None = None) -> None:
        if answer is not None:
            proxy.answer = answer
        reply = run(request("https://sts.invalid/", milliseconds=1000), env={"HTTPS_PROXY": url})
        assert (reply.outcome, reply.status) == (outcome, status), (url, reply.outcome, reply.detail)
        assert reply.detail == (f"{shown} (from HTTPS_PROXY)" if shown else "HTTPS_PROXY")

    with_password = f"http://alice:s3cret@{place}/"
    for status in (407, 403, 502):
        head = b"HTTP/1.1 %d no\r\nProxy-Authenticate: NTLM\r\nContent-Length: 0\r\n\r\n" % status
        ends(proxy.url, PROXY_REFUSED, status, answer=head)
        ends(with_password, PROXY_REFUSED_LOGIN if status == 407 else PROXY_REFUSED, status, answer=head)
    ends(proxy.url.replace("http", "https"), PROXY_TLS)
    ends(with_password, PROXY_BROKEN, answer=b"")
    ends(with_password, PROXY_BROKEN, answer=b"SSH-2.0-OpenSSH\r\n\r\n")
    ends("http://alice:s3cret@no-such-proxy.invalid:3128", PROXY_NOT_FOUND, shown="no-such-proxy.invalid:3128")
    ends("ftp://alice:s3cret@x", PROXY_INVALID, shown="")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent_place = f"127.0.0.1:{silent.getsockname()[1]}"
        ends(f"http://{silent_place}", PROXY_TIMEOUT, shown=silent_place)
    ends(f"http://{silent_place}", PROXY_UNREACHABLE, shown=silent_place)
    ends(f"socks5h://alice:s3cret@{silent_place}", PROXY_UNREACHABLE, shown=silent_place)


def test_what_happens_behind_a_proxy_is_not_the_proxys(proxy: Proxy, tmp_path: Path) -> None:
    context, bundle = certificate(tmp_path, "127.0.0.2")
    with stub.running({}, context) as service:
        service.always = lambda _: Answer(200, b"<r/>")
        proxy.answer, proxy.tunnel = b"HTTP/1.1 200 Connection established\r\n\r\n", service.port
        url = f"https://127.0.0.2:{service.port}/"
        assert run(request(url, bundle=bundle), env={"ALL_PROXY": proxy.url}).outcome == ANSWERED
        assert run(request(url), env={"ALL_PROXY": proxy.url}).outcome == TLS


def test_this_machine_is_asked_without_a_proxy(service: Stub, proxy: Proxy) -> None:
    assert run(request(service.url), env={"HTTPS_PROXY": proxy.url, "http_proxy": proxy.url}).status == 200
    assert proxy.asked == []


def test_nothing_else_of_the_environment_counts(service: Stub, tmp_path: Path) -> None:
    (tmp_path / ".curlrc").write_text("user-agent = hostile\n")
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login alice password hostile\n")
    env = {
        "HOME": str(tmp_path),
        "CURL_HOME": str(tmp_path),
        "XML_CATALOG_FILES": str(tmp_path / "c"),
        "SSLKEYLOGFILE": str(tmp_path / "keys"),
        "OPENSSL_CONF": str(tmp_path / "none"),
        "SWIFT_BACKTRACE": "enable=yes,swift-backtrace=/bin/false",
    }
    log = tmp_path / "strace.log"
    under: list[str | Path] = ["strace", "-f", "-qq", "-e", "trace=%file", "-o", log]
    assert run(request(service.url), env=env).status == 200
    assert "hostile" not in str(service.requests) and not (tmp_path / "keys").exists()
    if os.geteuid() == 0:  # it runs under nobody else's tracer
        assert run(request(service.url), env=env, under=under).status == 200
        opened = log.read_text()
        assert "libcurl" in opened
        assert not [name for name in (".netrc", "_netrc", ".curlrc", str(tmp_path / "c")) if name in opened]


# The frames.


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


def test_a_raw_answer_comes_back_as_it_is(service: Stub) -> None:
    service.then(Answer(200, b'{"SigninToken":"x"}'), Answer(200, b"x" * 61 * 1024))
    assert run(request(service.url, flags=RAW)).pairs == [("", b'{"SigninToken":"x"}')]
    assert run(request(service.url, flags=RAW)).outcome == TOO_LARGE


def test_an_unknown_flag_is_refused(service: Stub) -> None:
    assert run(request(service.url, flags=UNKNOWN)).outcome == BAD
    assert not service.requests


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


def test_a_request_that_never_comes_is_not_waited_for() -> None:
    with subprocess.Popen([AWS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={}) as program:
        assert program.wait(20) == 65 and program.stdout and Reply(program.stdout.read()).outcome == BAD


def test_misuse_and_questions() -> None:
    assert subprocess.run([AWS, "x"], capture_output=True, stdin=subprocess.DEVNULL).returncode == 64
    version = subprocess.run([AWS, "--version"], capture_output=True, stdin=subprocess.DEVNULL)
    assert version.returncode == 0 and version.stdout.strip()
