#!/usr/bin/env python3
"""Writes Tests/AWSRequestsTests/SigningCases.swift from AWS's cases for Signature Version 4.

The folder is `tests/aws-signing-test-suite/v4` of https://github.com/awslabs/aws-c-auth (Apache-2.0). All cases have
the same key, region, service and time. Usage: python Tests/Oracles/signing-suite.py FOLDER
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

TARGET = Path(__file__).resolve().parents[1] / "AWSRequestsTests" / "SigningCases.swift"
# One for each rule; the others of the suite repeat them.
NAMES = [
    "get-header-key-duplicate",
    "get-header-value-multiline",
    "get-header-value-trim",
    "get-relative-normalized",
    "get-relative-relative-normalized",
    "get-slash-dot-slash-normalized",
    "get-slashes-normalized",
    "get-slashes-unnormalized",
    "get-space-normalized",
    "get-utf8",
    "get-vanilla-empty-query-key",
    "get-vanilla-query-order-encoded",
    "get-vanilla-query-order-key-case",
    "get-vanilla-with-session-token",
    "post-x-www-form-urlencoded",
]


def literal(text: str, indent: str) -> str:
    lines = text.split("\n")
    return '#"""\n' + "\n".join((indent + line) if line else "" for line in lines) + f'\n{indent}"""#'


def main(folder: Path) -> None:
    cases = []
    for name in NAMES:
        case = folder / name
        context = json.loads((case / "context.json").read_text())
        assert (context["region"], context["service"], context["timestamp"]) == (
            "us-east-1",
            "service",
            "2015-08-30T12:36:00Z",
        )
        token = context["credentials"].get("token")
        options = ["normalized"] if context["normalize"] else []
        options += ["signsBody"] if context["sign_body"] else []
        token = None if context.get("omit_session_token") else token
        cases.append(f"""        SigningCase(
            "{name}", [{", ".join("." + option for option in options)}], token: {f'"{token}"' if token else "nil"},
            request: {literal((case / "request.txt").read_text(), "                ")},
            canonical: {literal((case / "header-canonical-request.txt").read_text(), "                ")},
            signature: "{(case / "header-signature.txt").read_text()}"),
""")
    TARGET.write_text(f"""// Written by Tests/Oracles/signing-suite.py from AWS's signing test suite (Apache-2.0).

extension SigningCase {{
    static let all: [SigningCase] = [
{"".join(cases)}    ]
}}
""")
    subprocess.run(["swift", "format", "-i", TARGET], check=True)


main(Path(sys.argv[1]))
