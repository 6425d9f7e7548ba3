#!/usr/bin/env python3
"""Writes Tests/AWSValuesTests/KnownRegions.swift: where botocore sends requests to STS and IAM for each region it knows.

Needs the packages of Tests/EndToEnd/requirements.txt. Usage: python Tests/Oracles/partitions.py
"""

from __future__ import annotations

import contextlib
import subprocess
import warnings
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import botocore.session

TARGET = Path(__file__).resolve().parents[1] / "AWSValuesTests" / "KnownRegions.swift"
warnings.filterwarnings("ignore")
session = botocore.session.get_session()


class Sent(Exception):
    pass


def asked(service: str, region: str) -> tuple[str, str]:
    """The host of a request, and the region that it is signed for."""
    client = session.create_client(service, region_name=region, aws_access_key_id="a", aws_secret_access_key="b")
    found: list[tuple[str, str]] = []

    def send(request: Any, **_: Any) -> None:
        value = request.headers["Authorization"]
        value = value.decode() if isinstance(value, bytes) else value
        found.append((urlsplit(request.url).netloc, value.partition("Credential=")[2].split("/")[2]))
        raise Sent

    client.meta.events.register("before-send", send)
    with contextlib.suppress(Sent):
        (client.get_caller_identity if service == "sts" else client.list_access_keys)()
    return found[0]


def main() -> None:
    partitions = session.get_data("partitions")["partitions"]
    rows = []
    for partition in sorted(partitions, key=lambda partition: partition["id"]):
        for region in sorted(partition["regions"]):
            if region.endswith("-global"):
                continue
            (sts, scope), (iam, iam_scope) = asked("sts", region), asked("iam", region)
            assert scope == region
            rows.append(f'        KnownRegion("{region}", "{partition["id"]}", "{sts}", "{iam}", "{iam_scope}"),\n')
    names = ", ".join(f'"{partition["id"]}"' for partition in sorted(partitions, key=lambda one: one["id"]))
    TARGET.write_text(f"""// Written by Tests/Oracles/partitions.py from botocore {botocore.__version__}.

struct KnownRegion: Sendable {{
    let name, partition, sts, iam, iamRegion: String

    init(_ name: String, _ partition: String, _ sts: String, _ iam: String, _ iamRegion: String) {{
        self.name = name
        self.partition = partition
        self.sts = sts
        self.iam = iam
        self.iamRegion = iamRegion
    }}

    static let partitions = [{names}]

    static let all: [KnownRegion] = [
{"".join(rows)}    ]
}}
""")
    subprocess.run(["swift", "format", "-i", TARGET], check=True)


main()
