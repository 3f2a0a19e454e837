"""What tells whose a bounce or a complaint is. Pure.

Each clue is somebody's claim until ``finding`` has verified it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from colporteur.audience.heard import Kind
from colporteur.delivery.classifier import Verdict

_AT_MOST = 20
"""Of each kind: what names more is a mass mail or an attack."""
_LONGEST = 500  # characters of anything that names something
_LOOKED_THROUGH = 256 * 1024  # bytes of a message: the header of what it returns stands there
_TAG = rb"[A-Za-z2-7]{24,40}"
_LINK = re.compile(rb"/unsubscribe/([A-Za-z0-9_-]{1,20}\.[A-Za-z0-9_-]{20,60})(?![A-Za-z0-9_-])")


@dataclass(frozen=True)
class Clues:
    """What may tell whose it is, the surest first.

    ``tags`` are of our envelope senders, ``message_ids`` of the message it is about, without
    brackets. ``addresses``, ``links`` (tokens of unsubscribing) and ``leaving`` (tags of
    unsubscribing by mail) name readers whom a Message-ID, or ``relay_id``, the relay's own name of
    the message, may prove right.
    """

    tags: tuple[str, ...] = ()
    message_ids: tuple[str, ...] = ()
    relay_id: str | None = None
    addresses: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    leaving: tuple[str, ...] = ()


@dataclass(frozen=True)
class Incoming:
    """A bounce or a complaint before it is known whose.

    ``event_id`` is its name where it comes from, at most 150 characters; ``verdict`` is a bounce's.
    """

    event_id: str
    kind: Kind
    verdict: Verdict | None
    clues: Clues
    smtp_code: int | None = None
    enhanced_code: str | None = None
    text: str = ""
    raw: bytes | None = None


def tag_of(address: str, prefix: str, bounce_domain: str) -> str | None:
    """The tag of ``<prefix>+<tag>@<bounce_domain>``; None if the address is no such one."""
    local, _, domain = address.strip().strip("<>").rpartition("@")
    before, plus, tag = local.partition("+")
    ours = bounce_domain and domain.lower() == bounce_domain and before.lower() == prefix
    return tag if ours and plus else None


def tags_of(addresses: Iterable[str], prefix: str, bounce_domain: str) -> tuple[str, ...]:
    """The tags in those of the addresses that have one."""
    found = (tag_of(one, prefix, bounce_domain) for one in addresses)
    return _first(one for one in found if one)


def quoted(message: bytes, bounce_domain: str) -> Clues:
    """What a message quotes of ours: envelope senders and addresses to unsubscribe."""
    head = message[:_LOOKED_THROUGH]
    return Clues(
        tags=_written(head, rb"b", bounce_domain),
        links=_first(one.decode() for one in _LINK.findall(head)),
        leaving=_written(head, rb"leave", bounce_domain),
    )


def together(*clues: Clues) -> Clues:
    """All that is known, in order, each once."""
    relay_id = next((one.relay_id for one in clues if one.relay_id), None)
    return Clues(
        tags=_first(one for some in clues for one in some.tags),
        message_ids=_first(one for some in clues for one in some.message_ids),
        relay_id=relay_id,
        addresses=_first(one for some in clues for one in some.addresses),
        links=_first(one for some in clues for one in some.links),
        leaving=_first(one for some in clues for one in some.leaving),
    )


def _written(head: bytes, prefix: bytes, bounce_domain: str) -> tuple[str, ...]:
    if not bounce_domain:
        return ()
    domain = re.escape(bounce_domain.encode())
    address = re.compile(
        rb"(?<![\w+.-])" + prefix + rb"\+(" + _TAG + rb")@" + domain, re.IGNORECASE
    )
    return _first(one.decode() for one in address.findall(head))


def _first(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(islice(dict.fromkeys(found), _AT_MOST))


def usable(clues: Clues) -> Clues:
    """The same without what no database holds and nobody names anything: NULs, surrogates."""
    return Clues(
        tags=clues.tags,  # they are read, and never looked up
        message_ids=tuple(filter(_plain, clues.message_ids)),
        relay_id=clues.relay_id if clues.relay_id and _plain(clues.relay_id) else None,
        addresses=tuple(filter(_plain, clues.addresses)),
        links=tuple(filter(_plain, clues.links)),
        leaving=tuple(filter(_plain, clues.leaving)),
    )


def readable(text: str) -> str:
    """A text as a database holds it: lone surrogates and control characters are "?"."""
    return "".join(one if one.isprintable() or one in "\n\t" else "?" for one in text)


def _plain(text: str) -> bool:
    return 0 < len(text) <= _LONGEST and text.isprintable()


def least(verdicts: Sequence[Verdict]) -> Verdict | None:
    """Of several verdicts about one reader the one that does least to them."""
    order = (Verdict.MESSAGE, Verdict.POLICY, Verdict.RATE, Verdict.SOFT, Verdict.HARD)
    return min(verdicts, key=order.index, default=None)
