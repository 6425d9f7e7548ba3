"""Proxies, and what else of its environment the program heeds."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import stub
from support.certificates import certificate
from support.exchange import (
    ANSWERED,
    NO_HOST,
    PROXY_BROKEN,
    PROXY_INVALID,
    PROXY_NOT_FOUND,
    PROXY_REFUSED,
    PROXY_REFUSED_LOGIN,
    PROXY_TIMEOUT,
    PROXY_TLS,
    PROXY_UNREACHABLE,
    TLS,
    identity_service,
    request,
    run,
)
from support.proxy import Proxy
from support.stub import Answer, Stub


@pytest.fixture
def service() -> Iterator[Stub]:
    with identity_service() as running:
        yield running


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
