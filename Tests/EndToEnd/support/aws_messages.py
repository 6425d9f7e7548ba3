"""What is asked of STS and IAM, and what they answer."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from support.keys import number as letters
from support.keys import with_account

ACCOUNT = "123456789012"
XMLNS = "https://sts.amazonaws.com/doc/2011-06-15/"


@dataclass
class Request:
    action: str
    fields: dict[str, str]
    headers: dict[str, str]
    path: str
    method: str
    body: str

    @property
    def key_id(self) -> str:
        return self.headers.get("authorization", "").partition("Credential=")[2].partition("/")[0]


@dataclass
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    #: Written instead of everything else.
    raw: bytes | None = None
    #: Seconds before anything is written, and between its bytes.
    delay: float = 0
    drip: float = 0
    #: Closes after this many bytes.
    cut: int | None = None


def key_id(kind: str, number: int, account: str = ACCOUNT) -> str:
    """An access key id that tells its account as AWS's do."""
    return kind + with_account(int(account)) + letters(number)[:6]


def error(code: str, message: str = "no", status: int = 403) -> Answer:
    return Answer(
        status,
        (
            f'<ErrorResponse xmlns="{XMLNS}"><Error><Type>Sender</Type><Code>{code}</Code>'
            f"<Message>{message}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
        ).encode(),
    )


def result(action: str, content: str) -> Answer:
    return Answer(
        200,
        (
            f'<{action}Response xmlns="{XMLNS}"><{action}Result>{content}</{action}Result>'
            f"<ResponseMetadata><RequestId>r-2</RequestId></ResponseMetadata></{action}Response>"
        ).encode(),
    )


def stamp(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
