"""An STS and IAM on loopback that does what moto does not: faults, wrong clocks, bad certificates.

It checks signatures with botocore's signer, and counts what it was asked.
"""

from __future__ import annotations

import datetime
import email.utils
import json
import secrets
import socket
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from support.aws_messages import ACCOUNT, Answer, Request, error, key_id, result, stamp

# With what is asked and answered, which tests write by this name.
__all__ = ["ACCOUNT", "Answer", "Request", "Stub", "error", "key_id", "result", "running", "stamp"]


def given(answer: Answer, _: Request) -> Answer:
    return answer


class Stub:
    """Answers until it is closed; `then` lets the next requests have other answers."""

    def __init__(self, keys: dict[str, str], context: ssl.SSLContext | None = None) -> None:
        self.keys: dict[str, tuple[str, str | None]] = {key: (secret, None) for key, secret in keys.items()}
        self.requests: list[Request] = []
        self.lock = threading.Lock()
        self.script: list[Callable[[Request], Answer | None]] = []
        self.always: Callable[[Request], Answer | None] | None = None
        self.skew = 0.0
        self.lifetime: int | None = None
        self.account = ACCOUNT
        self.number = 0
        #: The access keys of the user, as IAM has them: whether they are active, when made, when used.
        self.user_keys: dict[str, dict[str, Any]] = {
            key: {"active": True, "made": time.time() - 86400, "used": time.time() - 60} for key in keys
        }
        #: Seconds until a new key is known.
        self.slowness = 0.0
        #: Whether IAM takes only sessions that were made with a code, and the codes that were taken.
        self.needs_mfa = False
        self.codes: set[str] = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.context = context
        self.port = self.listener.getsockname()[1]
        self.url = f"{'https' if context else 'http'}://127.0.0.1:{self.port}"
        self.server = threading.Thread(target=self.serve, daemon=True)
        self.server.start()

    def close(self) -> None:
        # The thread must be done with the socket: it would go on with the next one of the same number.
        if self.server.is_alive():
            self.listener.shutdown(socket.SHUT_RDWR)
            self.server.join()
        self.listener.close()

    def then(self, *answers: Answer | Callable[[Request], Answer | None]) -> None:
        for answer in answers:
            self.script.append(answer if callable(answer) else partial(given, answer))

    def count(self, action: str) -> int:
        with self.lock:
            return sum(request.action == action for request in self.requests)

    # The connections.

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.converse, args=(connection,), daemon=True).start()

    def converse(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(60)
            if self.context:
                connection = self.context.wrap_socket(connection, server_side=True)
            with connection:
                request = self.read(connection)
                if request is not None:
                    self.write(connection, self.decide(request))
        except (OSError, ssl.SSLError):
            connection.close()

    @staticmethod
    def read(connection: socket.socket) -> Request | None:
        data = b""
        while b"\r\n\r\n" not in data:
            piece = connection.recv(65536)
            if not piece:
                return None
            data += piece
        head, _, body = data.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        while len(body) < int(headers.get("content-length", 0)):
            body += connection.recv(65536)
        method, path, _ = first.split(" ")
        fields = dict(urllib.parse.parse_qsl(body.decode(), keep_blank_values=True))
        return Request(fields.get("Action", ""), fields, headers, path, method, body.decode())

    def write(self, connection: socket.socket, answer: Answer) -> None:
        time.sleep(answer.delay)
        if answer.raw is not None:
            data = answer.raw
        else:
            headers = {
                "Content-Type": "text/xml",
                "Content-Length": str(len(answer.body)),
                "Connection": "close",
                "Date": email.utils.formatdate(time.time() + self.skew, usegmt=True),
            } | answer.headers
            lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            data = f"HTTP/1.1 {answer.status} X\r\n{lines}\r\n".encode() + answer.body
        data = data[: answer.cut]
        if not answer.drip:
            connection.sendall(data)
            return
        for byte in data:
            connection.sendall(bytes([byte]))
            time.sleep(answer.drip)

    # The service.

    def decide(self, request: Request) -> Answer:
        with self.lock:
            self.requests.append(request)
            scripted = self.script.pop(0) if self.script else self.always
        answer = scripted(request) if scripted else None
        if answer is not None:
            return answer
        if request.path.endswith("/federation"):
            return Answer(200, json.dumps({"SigninToken": "made-up-signin-token"}).encode())
        refused = self.check(request)
        return refused or self.perform(request)

    def check(self, request: Request) -> Answer | None:
        known = self.keys.get(request.key_id)
        state = self.user_keys.get(request.key_id)
        if state and (not state["active"] or time.time() - state["made"] < self.slowness):
            known = None
        if known is None:
            return error("InvalidClientTokenId", "The security token included in the request is invalid.")
        secret, token = known
        date = request.headers["x-amz-date"]
        then = datetime.datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.UTC).timestamp()
        if abs(then - time.time() - self.skew) > 300:
            return error("SignatureDoesNotMatch", f"Signature expired: {date} is now earlier than now")
        region, service = request.headers["authorization"].partition("Credential=")[2].split("/")[2:4]
        signer = SigV4Auth(Credentials(request.key_id, secret, token), service, region)
        signed = AWSRequest(
            method=request.method,
            url=f"http://{request.headers['host']}{request.path}",
            data=request.body,
            headers={"Content-Type": request.headers["content-type"], "Host": request.headers["host"]},
        )
        signed.context["timestamp"] = date
        signed.headers["X-Amz-Date"] = date
        if token:
            if request.headers.get("x-amz-security-token") != token:
                return error("InvalidClientTokenId")
            signed.headers["X-Amz-Security-Token"] = token
        text = signer.string_to_sign(signed, signer.canonical_request(signed))
        if f"Signature={signer.signature(text, signed)}" not in request.headers["authorization"]:
            return error("SignatureDoesNotMatch", "The request signature we calculated does not match")
        return None

    def issue(self, seconds: int) -> str:
        """New credentials for a time, which are known from now on."""
        with self.lock:
            self.number += 1
            made = key_id("ASIA", self.number, self.account)
            secret, token = secrets.token_urlsafe(30), secrets.token_urlsafe(200) + "=="
            self.keys[made] = (secret, token)
        end = stamp(time.time() + self.skew + (self.lifetime or seconds))
        return (
            f"<Credentials><AccessKeyId>{made}</AccessKeyId><SecretAccessKey>{secret}</SecretAccessKey>"
            f"<SessionToken>{token}</SessionToken><Expiration>{end}</Expiration></Credentials>"
        )

    def perform(self, request: Request) -> Answer:
        action, fields = request.action, request.fields
        seconds = int(fields.get("DurationSeconds", 3600))
        if (code := fields.get("TokenCode")) is not None:
            if code in self.codes:
                return error("AccessDenied", "MultiFactorAuthentication failed with invalid MFA one time pass code.")
            self.codes.add(code)
        match action:
            case "GetCallerIdentity":
                return result(
                    action,
                    f"<Arn>arn:aws:iam::{ACCOUNT}:user/alice</Arn><UserId>AIDA</UserId><Account>{ACCOUNT}</Account>",
                )
            case "AssumeRole":
                if seconds > 3600 and request.key_id.startswith("ASIA"):
                    return error(
                        "ValidationError",
                        "The requested DurationSeconds exceeds the 1 hour session limit for "
                        "roles assumed by role chaining",
                        400,
                    )
                name = fields["RoleArn"].rpartition("/")[2]
                arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/{fields['RoleSessionName']}"
                return result(
                    action,
                    self.issue(seconds) + f"<AssumedRoleUser><AssumedRoleId>AROA:x</AssumedRoleId>"
                    f"<Arn>{arn}</Arn></AssumedRoleUser>",
                )
            case "GetSessionToken" | "GetFederationToken":
                return result(action, self.issue(seconds))
        return self.manage(request)

    def manage(self, request: Request) -> Answer:
        """IAM, for the user's own keys."""
        action, key = request.action, request.fields.get("AccessKeyId", "")
        if self.needs_mfa and request.key_id.startswith("AKIA"):
            return error(
                "AccessDenied",
                f"User: arn:aws:iam::{ACCOUNT}:user/alice is not authorized to perform: iam:{action} "
                "with an explicit deny in an identity-based policy",
            )
        with self.lock:
            if key and key not in self.user_keys:
                return error("NoSuchEntity", f"The Access Key with id {key} cannot be found.", 404)
            match action:
                case "ListAccessKeys":
                    members = "".join(
                        f"<member><UserName>alice</UserName><AccessKeyId>{key}</AccessKeyId><Status>"
                        f"{'Active' if state['active'] else 'Inactive'}</Status><CreateDate>{stamp(state['made'])}"
                        "</CreateDate></member>"
                        for key, state in self.user_keys.items()
                    )
                    return result(
                        action, f"<AccessKeyMetadata>{members}</AccessKeyMetadata><IsTruncated>false</IsTruncated>"
                    )
                case "CreateAccessKey":
                    if len(self.user_keys) >= 2:
                        return error("LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: 2", 409)
                    self.number += 1
                    key, secret = key_id("AKIA", self.number), secrets.token_urlsafe(30)
                    self.keys[key] = (secret, None)
                    self.user_keys[key] = {"active": True, "made": time.time(), "used": None}
                    return result(
                        action,
                        f"<AccessKey><UserName>alice</UserName><AccessKeyId>{key}</AccessKeyId><Status>"
                        f"Active</Status><SecretAccessKey>{secret}</SecretAccessKey><CreateDate>"
                        f"{stamp(time.time())}</CreateDate></AccessKey>",
                    )
                case "UpdateAccessKey":
                    self.user_keys[key]["active"] = request.fields["Status"] == "Active"
                    return result(action, "")
                case "DeleteAccessKey":
                    del self.user_keys[key], self.keys[key]
                    return result(action, "")
                case "GetAccessKeyLastUsed":
                    used = self.user_keys[key]["used"]
                    when = f"<LastUsedDate>{stamp(used)}</LastUsedDate>" if used else ""
                    return result(
                        action,
                        f"<UserName>alice</UserName><AccessKeyLastUsed>{when}<ServiceName>N/A</ServiceName>"
                        "<Region>N/A</Region></AccessKeyLastUsed>",
                    )
        return error("InvalidAction", "no such action", 400)


@contextmanager
def running(keys: dict[str, str], context: ssl.SSLContext | None = None) -> Iterator[Stub]:
    stub = Stub(keys, context)
    try:
        yield stub
    finally:
        stub.close()
