"""Whose export a list is, by its columns and its file's name, and what that tool means. Pure.

The columns are those that the tools write: listmonk ``uuid,email,name,attributes,status,…``,
Mailchimp ``Email Address,…,LEID,EUID,NOTES,TAGS`` in a file for each state, Ghost
``id,email,name,note,subscribed_to_emails,…,deleted_at,labels,tiers``.
"""

import enum
from collections.abc import Collection, Mapping, Sequence
from pathlib import PurePath

from colporteur.audience.importing.columns import name_key
from colporteur.audience.importing.words import Standing


class Format(enum.StrEnum):
    """Whose list it is; the last two are anybody's."""

    LISTMONK = "listmonk"
    MAILCHIMP = "mailchimp"
    GHOST = "ghost"
    CSV = "csv"
    JSONL = "jsonl"


_SIGNS: Mapping[Format, Collection[Collection[str]]] = {
    Format.MAILCHIMP: ({"leid", "euid"}, {"optintime", "memberrating"}),
    Format.GHOST: ({"email", "subscribedtoemails"},),
    Format.LISTMONK: ({"email", "name", "attributes"}, {"email", "name", "attribs"}),
}
UNWANTED: Mapping[Format, Sequence[str]] = {
    # Where somebody's address on the network lay, not what they chose; and what sold to them.
    Format.MAILCHIMP: ("timezone", "status", "language", "topics", "hour"),
    # Whether they pay, and what: no topics of ours.
    Format.GHOST: ("topics", "status", "channel"),
    Format.LISTMONK: ("channel",),
}
"""What a tool calls by a name that we know, and means otherwise."""
_FILES: Mapping[str, Standing] = {
    "cleaned": Standing.BOUNCED,
    "unsubscribed": Standing.UNSUBSCRIBED,
    "nonsubscribed": Standing.PENDING,
    "subscribed": Standing.ACTIVE,
}


def recognise(header: Sequence[str]) -> Format:
    """Whose CSV has these columns."""
    keys = {name_key(name) for name in header}
    for format_, signs in _SIGNS.items():
        if any(keys >= set(sign) for sign in signs):
            return format_
    return Format.CSV


def standing_of_file(name: str, header: Sequence[str], format_: Format) -> Standing:
    """What the rows of a file are where they do not say: Mailchimp's files are one state each."""
    if format_ is not Format.MAILCHIMP:
        return Standing.ACTIVE
    named = _by_name(name)
    if named is not None:
        return named
    keys = {name_key(one) for one in header}
    if "cleantime" in keys:
        return Standing.BOUNCED
    return Standing.UNSUBSCRIBED if "unsubtime" in keys else Standing.ACTIVE


def most_cautious_first(names: Sequence[str]) -> list[str]:
    """The files of an archive, those of who must not be written to before the others."""
    order = list(_FILES.values())

    def place(name: str) -> int:
        found = _by_name(name)
        return order.index(found) if found is not None else len(order)

    return sorted(names, key=lambda name: (place(name), name))


def _by_name(name: str) -> Standing | None:
    stem = PurePath(name).name.casefold()
    return next((one for word, one in _FILES.items() if stem.startswith(word)), None)
