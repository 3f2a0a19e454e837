"""Picks out of files that have mistakes what can be relied upon all the same."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter

from colporteur.publication.consistency import (
    Known,
    KnownChannel,
    KnownDigest,
    KnownGroup,
    KnownSource,
    KnownTopic,
)
from colporteur.publication.model import DigestRules
from colporteur.publication.values import parse_duration

Path = tuple[str | int, ...]
_INT = TypeAdapter[int | None](int | None)  # reads what the model reads, such as "3"


class Table:
    """A file's data or a table in it, beside the key paths that have mistakes.

    ``data`` is None when the file could not be read: then nothing is known of it.
    """

    def __init__(self, data: Any, mistaken: Sequence[Path]) -> None:
        self._data = data
        self._mistaken = mistaken

    def get(self, key: str, default: Any = None) -> Any:
        """The key's value, the default where it is not given, None where it has a mistake."""
        if self._data is None or any(path[:1] in {(), (key,)} for path in self._mistaken):
            return None
        return self._data.get(key, default)

    def inner(self, key: str) -> "Table | None":
        """The table under the key; None where something else stands there or nothing."""
        found = self._data.get(key) if self._data is not None else None
        if not isinstance(found, Mapping):
            return None
        return Table(found, [path[1:] for path in self._mistaken if path[:1] == (key,)])

    def names(self) -> list[str]:
        """The keys, whatever stands there."""
        return [str(name) for name in self._data or ()]


def known_publication(main: Table, channels: Mapping[str, Table]) -> Known:
    """What is known of the publication and of each channel, by its slug."""
    return Known(
        languages=main.get("languages"),
        postal_address=main.get("postal_address"),
        topics=_topics(main),
        channels=[_channel(slug, table) for slug, table in channels.items()],
        domain_groups=_domain_groups(main.inner("domain_groups")),
        keeps_deliveries=_kept(main.inner("retention")),
    )


def _kept(table: Table | None) -> timedelta | None:
    """What was asked for; without it they are kept as long as any channel needs."""
    return _span(table.get("deliveries")) if table else None


def _topics(main: Table) -> dict[str, KnownTopic] | None:
    table = main.inner("topics")
    if table is None:
        return main.get("topics", {})  # type: ignore[no-any-return]  # {} or None
    found = {}
    for slug in table.names():
        topic = table.inner(slug) or Table(None, ())
        found[slug] = KnownTopic(topic.get("name"), topic.get("formerly", ()) or ())
    return found


def _domain_groups(table: Table | None) -> dict[str, KnownGroup]:
    found = {}
    for name in table.names() if table else ():
        group = table.inner(name) if table else None
        if group is not None:
            domains = group.get("domains", ())
            lowered = None if domains is None else [one.lower() for one in domains]
            found[name] = KnownGroup(lowered, group.get("off", default=False) is True)
    return found


def _channel(slug: str, table: Table) -> KnownChannel:
    return KnownChannel(
        slug=slug,
        language=table.get("language"),
        has_address=table.get("postal_address", "") != "",
        topics=table.get("topics", ()) or (),
        formerly=table.get("formerly", ()) or (),
        sources=[
            KnownSource(one["url"], one.get("topics", ())) for one in table.get("sources", ()) or ()
        ],
        digest=_digest(table.inner("digest")),
    )


def _digest(table: Table | None) -> KnownDigest | None:
    if table is None:
        return None
    defaults = {name: field.default for name, field in DigestRules.model_fields.items()}
    return KnownDigest(
        max_age=_span(table.get("max_age")),
        freeze=_span(table.get("freeze", defaults["freeze"])),
        catch_up=_span(table.get("catch_up", defaults["catch_up"])),
        min_items=_INT.validate_python(table.get("min_items", defaults["min_items"])),
        max_items=_INT.validate_python(table.get("max_items", defaults["max_items"])),
    )


def _span(value: Any) -> timedelta | None:
    return None if value is None else parse_duration(value)
