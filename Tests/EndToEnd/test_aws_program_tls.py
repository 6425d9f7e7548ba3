"""Certificates, bundles and versions of TLS: whom the program trusts."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import stub
from support.certificates import certificate
from support.exchange import (
    ANSWERED,
    CA_BUNDLE,
    CA_UNTRUSTED,
    REPEAT,
    TLS,
    request,
    run,
)
from support.stub import Answer, Stub


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
