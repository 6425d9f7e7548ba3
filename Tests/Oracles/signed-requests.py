#!/usr/bin/env python3
"""Writes Tests/AWSRequestsTests/KnownRequests.swift: what botocore serialises and signs for the same requests.

Needs the packages of Tests/EndToEnd/requirements.txt. Usage: python Tests/Oracles/signed-requests.py
"""

from __future__ import annotations

import datetime
import random
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import quote

import botocore.auth
import botocore.session
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

TARGET = Path(__file__).resolve().parents[1] / "AWSRequestsTests" / "KnownRequests.swift"
MOMENT = datetime.datetime(2026, 11, 24, 6, 5, 4, tzinfo=datetime.UTC)
CODE = "287082"
CHARACTERS = "abcXYZ019 _.:/=+-@~%&?#'\"*()!äß漢🦀"

chosen = random.Random(20261124)
session = botocore.session.get_session()


def text(most: int) -> str:
    return "".join(chosen.choice(CHARACTERS) for _ in range(chosen.randint(1, most)))


def swift(value: object) -> str:
    if value is None:
        return "nil"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return f"{value:_}"
    if isinstance(value, list):
        return "[" + ", ".join(swift(part) for part in value) + "]"
    return '"' + str(value).replace("\\", "\\\\").replace('"', '\\"') + '"'


def role(number: int) -> tuple[str, dict[str, object]]:
    tags = [{"Key": text(20), "Value": text(20)} for _ in range(chosen.randint(0, 4))]
    asked: dict[str, Any] = {
        "RoleArn": f"arn:aws:iam::123456789012:role/path/{number}",
        "RoleSessionName": f"name{number}",
        "DurationSeconds": chosen.randint(900, 43200),
    }
    lines = [
        f"var role = AWSOperation.RoleRequest(roleARN: {swift(asked['RoleArn'])}, "
        f"sessionName: {swift(asked['RoleSessionName'])}, seconds: {swift(asked['DurationSeconds'])})"
    ]
    if number % 2:
        asked["ExternalId"] = text(30)
        lines.append(f"role.externalID = {swift(asked['ExternalId'])}")
    if number % 3:
        asked["Policy"] = '{"Version":"2012-10-17","Statement":[]}'
        asked["PolicyArns"] = [{"arn": f"arn:aws:iam::aws:policy/{part}"} for part in range(number % 3)]
        lines += [
            f"role.policy = {swift(asked['Policy'])}",
            f"role.policyARNs = {swift([part['arn'] for part in asked['PolicyArns']])}",
        ]
    if tags:
        asked["Tags"] = tags
        asked["TransitiveTagKeys"] = [tag["Key"] for tag in tags[:2]]
        lines += [
            "role.tags = ["
            + ", ".join(f".init(key: {swift(tag['Key'])}, value: {swift(tag['Value'])})" for tag in tags)
            + "]",
            f"role.transitiveTagKeys = {swift(asked['TransitiveTagKeys'])}",
        ]
    if number % 4 == 1:
        asked["SourceIdentity"] = "some.body"
        lines.append('role.sourceIdentity = "some.body"')
    if number % 2 == 0:
        asked["SerialNumber"] = "arn:aws:iam::123456789012:mfa/some body"
        asked["TokenCode"] = CODE
        lines.append('role.serial = "arn:aws:iam::123456789012:mfa/some body"')
    return "{ " + "; ".join(lines) + "; return .assumeRole(role) }()", asked


def operations() -> list[tuple[str, str, str, dict[str, object]]]:
    """The service, the operation in Swift, its name, and its parameters in the order in which we send them."""
    found: list[tuple[str, str, str, dict[str, object]]] = [
        ("sts", ".getCallerIdentity", "GetCallerIdentity", {}),
        ("sts", ".getSessionToken(seconds: 3600, serial: nil)", "GetSessionToken", {"DurationSeconds": 3600}),
        (
            "sts",
            '.getSessionToken(seconds: 900, serial: "GAHT12345678")',
            "GetSessionToken",
            {"DurationSeconds": 900, "SerialNumber": "GAHT12345678", "TokenCode": CODE},
        ),
        (
            "sts",
            '.getFederationToken(name: "a@b", seconds: 900, policy: "{}", policyARNs: ["arn:aws:iam::aws:policy/x"])',
            "GetFederationToken",
            {
                "Name": "a@b",
                "DurationSeconds": 900,
                "Policy": "{}",
                "PolicyArns": [{"arn": "arn:aws:iam::aws:policy/x"}],
            },
        ),
        ("iam", ".listAccessKeys(marker: nil)", "ListAccessKeys", {}),
        (
            "iam",
            '.listAccessKeys(marker: "a/b+c= d")',
            "ListAccessKeys",
            {"Marker": "a/b+c= d"},
        ),
        ("iam", ".createAccessKey", "CreateAccessKey", {}),
        (
            "iam",
            '.updateAccessKey(id: "AKIAIOSFODNN7EXAMPLE", isActive: false)',
            "UpdateAccessKey",
            {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE", "Status": "Inactive"},
        ),
        (
            "iam",
            '.deleteAccessKey(id: "AKIAIOSFODNN7EXAMPLE")',
            "DeleteAccessKey",
            {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"},
        ),
        (
            "iam",
            '.getAccessKeyLastUsed(id: "AKIAIOSFODNN7EXAMPLE")',
            "GetAccessKeyLastUsed",
            {"AccessKeyId": "AKIAIOSFODNN7EXAMPLE"},
        ),
    ]
    found += [("sts", swift_text, "AssumeRole", asked) for swift_text, asked in map(role, range(24))]
    return found


def main() -> None:
    cases = []
    for number, (service, swift_text, action, asked) in enumerate(operations()):
        region = chosen.choice(["us-east-1", "eu-central-1", "cn-north-1", "us-gov-west-1"])
        client = session.create_client(service, region_name=region, aws_access_key_id="x", aws_secret_access_key="x")
        url = client.meta.endpoint_url.rstrip("/") + "/"
        if service == "sts":
            domain = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
            url = f"https://sts.{region}.{domain}/"
        model = client.meta.service_model.operation_model(action)
        form = client._serializer.serialize_to_request(asked, model)["body"]
        body = "&".join(f"{name}={quote(str(value), safe='-_.~')}" for name, value in form.items())
        token = "FwoGZXIvYXdzEXAMPLE//+token==" if number % 2 else None
        secret = "".join(chosen.choice("abcdefghijABCDEFGHIJ0123456789+/") for _ in range(40))
        request = AWSRequest(
            "POST", url, data=body, headers={"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        )
        # IAM is signed for the one region of its partition.
        scope = "us-east-1" if service == "iam" and region == "eu-central-1" else region
        with mock.patch.object(botocore.auth, "get_current_datetime", return_value=MOMENT.replace(tzinfo=None)):
            botocore.auth.SigV4Auth(Credentials("ASIAIOSFODNN7EXAMPLE", secret, token), service, scope).add_auth(
                request
            )
        cases.append(f"""        KnownRequest(
            operation: {swift_text},
            region: {swift(region)}, url: {swift(url)},
            secret: {swift(secret)}, token: {swift(token)},
            body: {swift(body)},
            authorization: {swift(request.headers["Authorization"])})""")
    TARGET.write_text(
        """// Written by Tests/Oracles/signed-requests.py; not to be edited.
// swift-format-ignore-file

@testable import AWSRequests

/// A request as botocore serialises and signs it.
struct KnownRequest: Sendable {
    let operation: AWSOperation
    let region, url, secret: String
    let token: String?
    let body, authorization: String

    /// 2026-11-24T06:05:04Z
    static let time: Int64 = """
        + f"{int(MOMENT.timestamp()):_}"
        + f"""
    static let code = {swift(CODE)}

    static let all: [KnownRequest] = [
"""
        + ",\n".join(cases)
        + "\n    ]\n}\n"
    )


if __name__ == "__main__":
    main()
