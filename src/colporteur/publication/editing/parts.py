"""Channels, cadences and topics added, renamed and taken out of a publication's tree. Pure."""

from typing import Any

from colporteur.exceptions import UnknownName
from colporteur.publication.editing.tree import Path, Tree, at, put


def channel_path(tree: Tree, slug: str) -> Path:
    """Where a channel stands.

    Raises:
        UnknownName: there is none of that name.
    """
    for number, one in enumerate(tree["channels"]):
        if one["slug"] == slug:
            return ("channels", number)
    raise UnknownName(f"There is no channel {slug[:80]!r}.", cure="See the settings.")


def rename_channel(tree: Tree, slug: str, to: str) -> None:
    """Give a channel another name in addresses; the former one leads to it from now on."""
    channel = at(tree, channel_path(tree, slug))
    if to != slug:
        channel["slug"] = to
        channel["formerly"] = _former([*channel.get("formerly", []), slug], to)


def topic_path(tree: Tree, slug: str) -> Path:
    """Where a topic stands.

    Raises:
        UnknownName: there is none of that name.
    """
    if at(tree, ("topics", slug)) is None:
        raise UnknownName(f"There is no topic {slug[:80]!r}.", cure="See the settings.")
    return ("topics", slug)


def rename_topic(tree: Tree, slug: str, to: str) -> None:
    """Give a topic another name in addresses; it stays where it stood, for channels and readers."""
    topic = at(tree, topic_path(tree, slug))
    if to == slug:
        return
    topic["formerly"] = _former([*topic.get("formerly", []), slug], to)
    tree["topics"] = {to if name == slug else name: one for name, one in tree["topics"].items()}
    _in_lists(tree, slug, to)


def merge_topic(tree: Tree, slug: str, into: str) -> None:
    """Make one topic of two: what the first was called leads to the second."""
    gone = at(tree, topic_path(tree, slug))
    kept = at(tree, topic_path(tree, into))
    former = [*kept.get("formerly", []), slug, *gone.get("formerly", [])]
    kept["formerly"] = _former(former, into)
    put(tree, ("topics", slug), None)
    _in_lists(tree, slug, into)


def remove_topic(tree: Tree, slug: str) -> None:
    """Take a topic out, and out of the channels and sources that name it."""
    put(tree, topic_path(tree, slug), None)
    _in_lists(tree, slug, None)


def _former(names: list[str], now: str) -> list[str]:
    return [one for one in dict.fromkeys(names) if one != now]


def _in_lists(tree: Tree, slug: str, to: str | None) -> None:
    for channel in tree["channels"]:
        for holder in (channel, *channel.get("sources", ())):
            _replace(holder, slug, to)


def _replace(holder: dict[str, Any], slug: str, to: str | None) -> None:
    listed = holder.get("topics", [])
    if slug not in listed:
        return
    left = [to if one == slug else one for one in listed]
    holder["topics"] = [one for one in dict.fromkeys(left) if one is not None]
