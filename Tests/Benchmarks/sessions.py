#!/usr/bin/env python3
"""Measures what sessions cost, beside a plain entry of the same vault, and prints one table.

Built and measured as agent.py does it, with the Python of the tests' environment: the STS on loopback that the tests
have answers here too.
"""

from __future__ import annotations

import argparse
import socket
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from agent import HELPER, Served, ratio
from run import HERE, SEALRING, Row, Scene, build, compile_c, interleaved, machine, table

sys.path.insert(0, str(HERE.parent / "EndToEnd"))
from support import stub

ROLE = "arn:aws:iam::123456789012:role/Admin"


def exchange(service: stub.Stub) -> float:
    """The milliseconds that a request takes which does nothing but go there and back."""
    begin = time.perf_counter()
    with socket.create_connection(("127.0.0.1", service.port)) as connection:
        body = b"Action=AssumeRole"
        connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        while connection.recv(65536):
            pass
    return (time.perf_counter() - begin) * 1000


def fresh(served: Served) -> list[float]:
    served.sealring("clear")
    return served.times(HELPER, "admin", calls=1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=15, help="how often each side runs (default: 15)")
    rounds = parser.parse_args().rounds
    build()
    compile_c("client", "crowd")
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="sealring-benchmark.") as folder:
        served = Served(Scene(Path(folder)), 1)
        with stub.running({}) as service:
            # Nothing is checked: the exchange alone is to be measured.
            service.always = lambda request: (
                service.perform(request) if request.fields.get("RoleArn") else stub.result("AssumeRole", "")
            )
            try:
                served.sealring("set", served.name, "--sts-endpoint", service.url)
                served.sealring("role", "add", "admin", "--role-arn", ROLE, "--source", served.name)
                served.times(HELPER, "admin", calls=1)
                cached, plain = interleaved(rounds, lambda: served.times(HELPER, "admin"), served.helper)
                rows = [ratio("a cached session, against a plain entry", cached, plain, 1.1)]
                cold, network = interleaved(rounds, lambda: fresh(served), lambda: [exchange(service)])
                warm = served.times(HELPER, "admin")
                beyond = statistics.median(cold) - statistics.median(network) - statistics.median(warm)
                rows.append(
                    Row("a fresh session, beyond the network and a cached one", cold, "ms", 30, beyond, network)
                )
                served.sealring("clear")
                before = service.count("AssumeRole")
                with ThreadPoolExecutor(50) as pool:
                    list(pool.map(lambda _: served.times(HELPER, "admin", calls=1), range(50)))
                made = service.count("AssumeRole") - before
                rows.append(Row("requests to STS of 50 helpers at once", [made], "", 2, made))
                size = SEALRING.with_name("sealring-aws").stat().st_size / 1e6
                rows.append(Row("size of sealring-aws", [size], "MB", 15, size))
            finally:
                served.end()
    print("Times in ms.\n")
    print(table(rows))
    raise SystemExit(any(row.result >= row.limit for row in rows))


if __name__ == "__main__":
    main()
