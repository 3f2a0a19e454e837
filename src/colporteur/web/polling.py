"""What a program that polls asks for, and what it is answered: 200, 304, or to wait."""

import time
from collections.abc import Iterable
from dataclasses import dataclass

from colporteur.syndication.polls import told_subscribers
from colporteur.web.conditional import choose_coding, not_modified
from colporteur.web.document_cache import Served
from colporteur.web.politeness import Politeness, is_aggregator

_CODINGS = ("br", "gzip")
_NAMES = frozenset(
    [b"if-none-match", b"if-modified-since", b"accept-encoding", b"sec-fetch-mode", b"user-agent"]
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What matters of a poll's headers."""

    conditions: dict[str, str]  # if-none-match and if-modified-since, as not_modified takes them
    coding: str
    agent: bytes
    told: tuple[str, int] | None  # an aggregator, and for how many it reads
    aggregator: bool
    navigates: bool  # a person in a browser, not a program


def asked_in(headers: Iterable[tuple[bytes, bytes]]) -> Asked:
    """What matters of a request's headers, whose names are in small letters."""
    found: dict[bytes, bytes] = {}
    for name, value in headers:
        if name in _NAMES:  # several lines are one list (RFC 9110 section 5.3)
            found[name] = found[name] + b", " + value if name in found else value
    conditions = {
        name: found[name.encode()].decode("latin-1")
        for name in ("if-none-match", "if-modified-since")
        if name.encode() in found
    }
    agent = found.get(b"user-agent", b"")
    return Asked(
        conditions,
        choose_coding(found.get(b"accept-encoding", b"").decode("latin-1"), _CODINGS),
        agent,
        told_subscribers(agent),
        is_aggregator(agent),
        found.get(b"sec-fetch-mode") == b"navigate",
    )


def judge(
    found: Served, path: str, asked: Asked, address: str, politeness: Politeness
) -> tuple[int, int]:
    """The status that a poll is answered with, and for 429 how many seconds it must wait."""
    if not asked.conditions:
        if asked.aggregator:
            return 200, 0
        wait = politeness.wait(address, asked.agent, path, time.monotonic())
        return (429, wait) if wait else (200, 0)
    same = asked.conditions.get("if-none-match") == found.etag  # nearly always
    if not (same or not_modified(asked.conditions, found.etag, found.last_modified)):
        return 200, 0
    politeness.conditional(address, time.monotonic())
    return 304, 0
