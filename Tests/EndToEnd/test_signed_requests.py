"""Each request that the agent signs, before moto with enforcement on: taken as it is, refused when anything of it
was changed."""

from __future__ import annotations

import os
from collections.abc import Callable

from support import frames
from support.awsserver import AWSServer
from support.exchange import ANSWERED, REQUEST, Reply, run
from support.frames import u64
from support.home import Home

# The numbers are AgentMessage.Call and AgentMessage.Signer.
CALLER, LIST, CREATE, ACTIVATE, DEACTIVATE, DELETE, LAST_USED, SIGNIN = range(1, 9)
KEY, OTHER_KEY, SESSION, SERVED = range(4)


def called(home: Home, call: int, argument: str = "", name: str = "prod", signer: int = KEY) -> list[bytes]:
    """The fields of a request that the agent signed: URL, headers, body, bundle, milliseconds, flags."""
    answer = frames.ask(
        home.socket,
        frames.CALL,
        os.fsencode(home.vault),
        name.encode(),
        bytes([call]),
        bytes([signer]),
        argument.encode(),
        b"",
        u64(0),
    )
    assert answer and answer.kind in (frames.SIGNED, frames.LEASE), answer
    return fields(answer.fields[0 if answer.kind == frames.SIGNED else 1])


def leased(home: Home, name: str) -> list[bytes]:
    """The request for a session, which the agent hands out as a lease."""
    answer = frames.ask(home.socket, frames.CREDENTIALS, os.fsencode(home.vault), name.encode(), b"")
    assert answer and answer.kind == frames.LEASE, answer
    return fields(answer.fields[1])


def fields(data: bytes) -> list[bytes]:
    assert data[5] == REQUEST
    found, at = [], 6
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "little")
        found.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def send(request: list[bytes]) -> Reply:
    reply = run(frames.frame(REQUEST, *request))
    assert reply.outcome == ANSWERED, reply.detail
    return reply


def error(reply: Reply) -> str:
    return next(value.decode() for path, value in reply.pairs if path.endswith("Error/Code"))


def leaf(reply: Reply, name: str) -> str:
    return next(value.decode() for path, value in reply.pairs if path.endswith("/" + name))


Change = Callable[[list[bytes]], list[bytes]]
HEADERS, BODY = 1, 2


def swap(place: int, old: bytes, new: bytes) -> Change:
    def change(request: list[bytes]) -> list[bytes]:
        assert old in request[place]
        return [field.replace(old, new, 1) if number == place else field for number, field in enumerate(request)]

    return change


def other_signature(request: list[bytes]) -> list[bytes]:
    digit = request[HEADERS].partition(b"Signature=")[2][:1]
    return swap(HEADERS, b"Signature=" + digit, b"Signature=" + (b"1" if digit == b"0" else b"0"))(request)


CHANGES: dict[str, Change] = {
    "a parameter more": lambda request: [*request[:BODY], request[BODY] + b"&UserName=root", *request[BODY + 1 :]],
    "another version": swap(BODY, b"&Version=20", b"&Version=19"),
    "another moment": swap(HEADERS, b"X-Amz-Date: 2", b"X-Amz-Date: 1"),
    "another content type": swap(HEADERS, b"charset=utf-8", b"charset=utf-9"),
    "another region": swap(HEADERS, b"-1/", b"-2/"),
    "another signature": other_signature,
}


def checked(request: list[bytes], action: str, more: dict[str, Change] | None = None) -> Reply:
    """What moto answers to the request, after it refused each change of it."""
    assert request[BODY].startswith(f"Action={action}&".encode())
    for what, change in (CHANGES | (more or {})).items():
        reply = send(change(request))
        # A token is looked up before the signature is.
        code = "InvalidClientTokenId" if what == "another token" else "SignatureDoesNotMatch"
        assert reply.status == 403 and error(reply) == code, (what, reply.status, reply.pairs)
    reply = send(request)
    assert reply.status == 200, reply.pairs
    return reply


def test_requests_for_sessions(moto_roles: Home) -> None:
    role = checked(
        leased(moto_roles, "admin"),
        "AssumeRole",
        {
            "another role": swap(BODY, b"role%2FAdmin", b"role%2FOther"),
            "a longer time": swap(BODY, b"DurationSeconds=3600", b"DurationSeconds=43200"),
        },
    )
    assert leaf(role, "AccessKeyId").startswith("ASIA")
    federated = checked(
        called(moto_roles, SIGNIN, signer=SERVED),
        "GetFederationToken",
        {"another name": swap(BODY, b"&Name=", b"&Name=x")},
    )
    assert leaf(federated, "SessionToken")
    moto_roles.ok("set", "prod", "--serve", "session")
    assert leaf(checked(leased(moto_roles, "prod"), "GetSessionToken"), "SessionToken")


def test_requests_of_a_key_and_of_a_session(moto_roles: Home) -> None:
    assert leaf(checked(called(moto_roles, CALLER), "GetCallerIdentity"), "Arn").endswith(":user/alice")
    # The session of the role signs: its token belongs to what is signed.
    assert moto_roles.helper("admin").returncode == 0
    request = called(moto_roles, CALLER, name="admin", signer=SERVED)
    token = request[HEADERS].partition(b"X-Amz-Security-Token: ")[2].partition(b"\n")[0]
    assert token
    reply = checked(request, "GetCallerIdentity", {"another token": swap(HEADERS, token, token[::-1])})
    assert ":assumed-role/Admin/" in leaf(reply, "Arn")


def test_requests_to_iam(moto_roles: Home, aws: AWSServer) -> None:
    made = leaf(checked(called(moto_roles, CREATE), "CreateAccessKey"), "AccessKeyId")
    other_key = {"another key": swap(BODY, made.encode(), aws.key.id.encode())}
    listed = checked(called(moto_roles, LIST), "ListAccessKeys")
    assert {value.decode() for path, value in listed.pairs if path.endswith("/AccessKeyId")} == {made, aws.key.id}
    checked(called(moto_roles, LAST_USED, made), "GetAccessKeyLastUsed", other_key)
    for call, status in ((DEACTIVATE, b"Inactive"), (ACTIVATE, b"Active")):
        request = called(moto_roles, call, made)
        assert request[BODY].endswith(b"Status=" + status)
        checked(request, "UpdateAccessKey", other_key)
    checked(called(moto_roles, DELETE, made), "DeleteAccessKey", other_key)
    listed = checked(called(moto_roles, LIST), "ListAccessKeys")
    assert [value.decode() for path, value in listed.pairs if path.endswith("/AccessKeyId")] == [aws.key.id]
