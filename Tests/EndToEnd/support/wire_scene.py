"""The vault of the recorded conversations, and an agent that replays recorded answers."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from support import frames
from support.fake_agent import listening
from support.home import HELPER, PROGRAM, Home, Run
from support.profiles import ADMIN, SERIAL
from support.wire import Conversation, Message

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SESSION_ID = "ASIAIOSFODNN7EXAMPLE"
# The example credentials of the AWS documentation.
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2IQoJb3JpZ2luX2IQoJb3JpZ2luX2IQoJb3JpZ2luX2IQoJb3JpZ2luX2IQoJb3JpZVERYLONGSTRINGEXAMPLE"
PROGRAMS = {"sealring": PROGRAM, "sealring-credential-process": HELPER}
#: A request that no agent knows.
UNKNOWN = Message(63)


def furnish(home: Home) -> None:
    """Adds the entries of the recording to an empty vault."""
    home.ok("add", "prod", "--access-key-id", KEY_ID, "--secret-file", home.write("secret", SECRET))
    token = home.write("token", TOKEN)
    session = ("--secret-file", home.outside / "secret", "--session-token-file", token)
    home.ok("add", "session", "--access-key-id", SESSION_ID, *session)
    home.ok("set", "prod", "--mfa-serial", SERIAL)
    home.ok("role", "add", "admin", "--role-arn", ADMIN, "--source", "prod", "--no-configure")


def run(home: Home, conversation: Conversation) -> Run:
    """Starts the program of a conversation as the recording did."""
    name, *words = conversation.program
    env = {}
    while "=" in name:
        variable, _, value = name.partition("=")
        env[variable] = value
        name, *words = words
    return home(*words, program=PROGRAMS[name], env=env, passphrase=None, shows_secret=True)


def shown(home: Home, result: Run) -> list[str]:
    """The lines a program printed, with placeholders for what differs between machines."""
    text = result.stdout.decode()
    for place, value in {"vault": home.vault, "socket": home.socket}.items():
        text = text.replace(str(value), f"{{{place}}}")
    return text.replace(f'"pid":{os.getpid()}', '"pid":{pid}').splitlines()


@contextmanager
def repeating(home: Home, conversation: Conversation) -> Iterator[list[frames.Frame]]:
    """Replays the recorded answer to each request and, as the recorded agent would, closes the connection on any other.

    Yields the requests received."""
    answers = {request.encoded(home): conversation.answers(request) for request in conversation.requests}
    requests: list[frames.Frame] = []

    def converse(connection: socket.socket) -> None:
        while (request := frames.read(connection)) is not None:
            requests.append(request)
            known = answers.get(frames.frame(request.kind, *request.fields))
            if known is None:
                return
            connection.sendall(b"".join(answer.encoded(home, os.getpid()) for answer in known))

    with listening(home, converse):
        yield requests
