"""XML that the program takes, and XML that it refuses before it costs."""

from __future__ import annotations

import os
import time
import xml.parsers.expat
from collections.abc import Iterator
from random import Random

import pytest

from support.exchange import (
    ANSWERED,
    MALFORMED,
    TOO_LARGE,
    identity_service,
    request,
    run,
)
from support.stub import Answer, Stub


@pytest.fixture
def service() -> Iterator[Stub]:
    with identity_service() as running:
        yield running


def test_text_is_put_together_and_empty_elements_are_leaves(service: Stub) -> None:
    body = b'<?xml version="1.0"?><r><a>1 &lt; 2<![CDATA[ & 3]]></a><b/><x:c xmlns:x="u">\xc3\xa9</x:c><d> <e>f</e> </d><!-- --></r>'
    service.then(Answer(200, body))
    assert run(request(service.url)).pairs == [
        ("r/a", b"1 < 2 & 3"),
        ("r/b", b""),
        ("r/c", "é".encode()),
        ("r/d/e", b"f"),
    ]


def deep(depth: int) -> bytes:
    return b"".join(b"<e>" for _ in range(depth)) + b"x" + b"".join(b"</e>" for _ in range(depth))


BOMB = (
    b'<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]><r><x>&d;</x></r>'
)


@pytest.mark.parametrize(
    "name, body, outcome",
    [
        ("nothing", b"", MALFORMED),
        ("text", b"hello", MALFORMED),
        ("json", b'{"a":1}', MALFORMED),
        ("html", b"<html><p>busy</html>", MALFORMED),
        ("cut", b"<r><a>1</a>", MALFORMED),
        ("two roots", b"<r/><r/>", MALFORMED),
        ("bomb", BOMB, MALFORMED),
        ("a document type", b"<!DOCTYPE r><r/>", MALFORMED),
        ("a file", b'<!DOCTYPE r [<!ENTITY f SYSTEM "file:///etc/passwd">]><r>&f;</r>', MALFORMED),
        ("a bomb in UTF-16", BOMB.decode().encode("utf-16"), MALFORMED),
        ("an unknown entity", b"<r>&nbsp;</r>", MALFORMED),
        ("bad UTF-8", b"<r>\xff</r>", MALFORMED),
        ("17 levels", deep(17), MALFORMED),
        ("16 levels", deep(16), ANSWERED),
        ("5,000 levels", deep(5000), MALFORMED),
        ("1,000 leaves", b"<r>" + b"<a/>" * 1000 + b"</r>", ANSWERED),
        ("1,001 leaves", b"<r>" + b"<a/>" * 1001 + b"</r>", MALFORMED),
        ("a name of 600", b"<r><" + b"n" * 600 + b"/></r>", MALFORMED),
        ("70,000 bytes of text", b"<r>" + b"x" * 70_000 + b"</r>", TOO_LARGE),
        ("a comment alone", b"<!-- c -->", MALFORMED),
        ("a declaration alone", b"<?xml version='1.0'?>", MALFORMED),
        ("256 KiB", b"<r/><!--" + b" " * (256 * 1024 - 11) + b"-->", ANSWERED),
        ("a byte more", b"<r/><!--" + b" " * (256 * 1024 - 10) + b"-->", TOO_LARGE),
        ("10 MiB", b"<r>" + b"<a>x</a>" * 1_300_000 + b"</r>", TOO_LARGE),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_hostile_xml_is_refused_before_it_costs(service: Stub, name: str, body: bytes, outcome: int) -> None:
    service.then(Answer(200, body))
    start = time.monotonic()
    reply = run(request(service.url))
    assert reply.outcome == outcome, (reply.outcome, reply.detail)
    assert time.monotonic() - start < 5 and (outcome == ANSWERED or reply.pairs == [])


# Another parser, expat, says what the leaves of a document are.


def leaves(document: bytes) -> list[tuple[str, bytes]] | None:
    """None when it is no XML, or declares a document type."""
    path: list[str] = []
    parents: list[bool] = []
    text = ""
    found: list[tuple[str, bytes]] = []
    typed = False

    def start(name: str, _: dict[str, str]) -> None:
        nonlocal text
        if parents:
            parents[-1] = True
        path.append(name.rpartition(":")[2])
        parents.append(False)
        text = ""

    def end(_: str) -> None:
        nonlocal text
        if not parents.pop():
            found.append(("/".join(path), text.encode()))
        path.pop()
        text = ""

    def characters(more: str) -> None:
        nonlocal text
        text += more

    def doctype(*_: object) -> None:
        nonlocal typed
        typed = True

    parser = xml.parsers.expat.ParserCreate("UTF-8")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = characters, doctype
    try:
        parser.Parse(document, True)
    except xml.parsers.expat.ExpatError:
        return None
    return None if typed else found


def made_up(random: Random, depth: int = 0) -> str:
    """An element as AWS might write it, and in ways in which AWS does not."""
    name = random.choice(["a", "member", "x-y", "Credentials", "n\u00e9", "_"])
    inside = ""
    for _ in range(random.randrange(4)):
        kind = random.randrange(8 if depth < 12 else 6)
        inside += (
            ["text", " \n", "&lt;&amp;&#65;&#x263a;", "<![CDATA[<&]]>", "<!-- c -->", "<?p i?>"][kind]
            if kind < 6
            else (made_up(random, depth + 1))
        )
    space = random.choice(["", "", "", ' xmlns="u"', " a='1'"])
    return f"<{name}{space}>{inside}</{name}>" if inside or random.random() < 0.5 else f"<{name}{space}/>"


@pytest.mark.parametrize("seed", range(int(os.environ.get("SEALRING_XML_SEEDS", "12"))))
def test_the_leaves_are_those_that_another_parser_finds(service: Stub, seed: int) -> None:
    random = Random(seed)
    for _ in range(12):
        whole = ("<?xml version='1.0'?>" * random.randrange(2) + made_up(random)).encode()
        broken = bytearray(whole)
        for _ in range(random.randrange(1, 4)):
            place = random.randrange(len(broken))
            broken[place : place + random.randrange(3)] = random.choice(
                [b"", b"<", b"&", b"/", b">", b"\0", b"\xff", b"'", b"!"]
            )
        for document in (whole, bytes(broken)):
            service.then(Answer(200, document))
            reply, expected = run(request(service.url)), leaves(document)
            if document == whole:
                assert expected is not None
            if expected is None:
                assert (reply.outcome, reply.pairs) == (MALFORMED, []), (document, reply.pairs)
            elif reply.outcome != MALFORMED or document == whole:
                # Of what is broken the other parser may take what ours does not; never the other way round.
                assert (reply.outcome, reply.pairs) == (ANSWERED, expected), document
