"""What must agree between the parts of a publication, beyond each value being right."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from colporteur.publication.domains import PRESETS, REST
from colporteur.publication.model import RESERVED_SLUGS, RESERVED_TOPICS
from colporteur.publication.values import format_duration

Inconsistency = tuple[str | None, Sequence[str | int], str]


@dataclass(frozen=True)
class KnownTopic:
    """What its files say of a topic; None where that has a mistake of its own."""

    name: Mapping[str, str] | None
    formerly: Sequence[str]


@dataclass(frozen=True)
class KnownDigest:
    """What its file says of a channel's digests; None where that has a mistake of its own."""

    max_age: timedelta | None
    freeze: timedelta | None
    catch_up: timedelta | None
    min_items: int | None
    max_items: int | None


@dataclass(frozen=True)
class KnownSource:
    """What its file says of a channel's source."""

    url: str
    topics: Sequence[str]


@dataclass(frozen=True)
class KnownChannel:
    """What its file says of a channel; None where that has a mistake of its own."""

    slug: str
    language: str | None
    has_address: bool
    topics: Sequence[str]
    formerly: Sequence[str]
    sources: Sequence[KnownSource]
    digest: KnownDigest | None


@dataclass(frozen=True)
class KnownGroup:
    """What the files say of a group of domains; ``domains`` None where that has a mistake."""

    domains: Sequence[str] | None
    off: bool


@dataclass(frozen=True)
class Known:
    """What the files say of a publication; None where that has a mistake of its own.

    Thus one mistake hides no other that can be told without it.
    """

    languages: Sequence[str] | None
    postal_address: Mapping[str, str] | None
    topics: Mapping[str, KnownTopic] | None
    channels: Sequence[KnownChannel]
    domain_groups: Mapping[str, KnownGroup]
    keeps_deliveries: timedelta | None


def inconsistencies(known: Known) -> list[Inconsistency]:
    """Each as (channel slug or None for the publication itself, key path, problem and cure)."""
    found = list(_names(known))
    for channel in known.channels:
        found += _languages(known, channel)
        found += _topics(known, channel)
        found += _sources(known, channel)
        if channel.digest:
            found += _digest(channel.slug, channel.digest)
    found += _topic_names(known)
    found += _domain_groups(known.domain_groups)
    found += _retention(known)
    return found


def _names(known: Known) -> Iterator[Inconsistency]:
    slugs = [(channel, channel.slug, "") for channel in known.channels]
    former = [(one, name, "formerly") for one in known.channels for name in one.formerly]
    taken: dict[str, str] = {}
    for channel, name, key in slugs + former:  # a slug is its file's name: no key says it
        path = [key] if key else []
        if name in RESERVED_SLUGS:
            yield channel.slug, path, f"{name!r} is an address of the site itself; choose another"
        if name in taken:
            problem = f"{name!r} is also a name of {taken[name]}; one name, one channel"
            yield channel.slug, path, problem
        taken[name] = channel.slug
    yield from _former_topics(known.topics or {})


def _former_topics(topics: Mapping[str, KnownTopic]) -> Iterator[Inconsistency]:
    for slug, topic in topics.items():
        for name in {slug, *topic.formerly} & RESERVED_TOPICS:
            problem = f"{name!r} is where a channel's archive is; choose another"
            yield None, ["topics", slug], problem
    taken = dict.fromkeys(topics, "a topic of its own")
    for slug, topic in topics.items():
        for former in topic.formerly:
            if former in taken:
                problem = f"{former!r} is {taken[former]}; remove one of the two"
                yield None, ["topics", slug, "formerly"], problem
            taken[former] = f"also a former name of {slug}"


def _languages(known: Known, channel: KnownChannel) -> Iterator[Inconsistency]:
    language = channel.language
    if language is None or known.languages is None:
        return
    if language not in known.languages:
        listed = ", ".join(known.languages)
        problem = f"{language!r} is not among the publication's languages ({listed})"
        yield channel.slug, ["language"], f"{problem}; add it there or choose one"
    elif channel.has_address or known.postal_address is None:
        return
    elif language not in known.postal_address:
        problem = f"has no address in {language!r}, the language of {channel.slug}"
        yield None, ["postal_address"], f"{problem}; every digest must carry one"


def _topics(known: Known, channel: KnownChannel) -> Iterator[Inconsistency]:
    if known.topics is None:
        return
    for topic in channel.topics:
        if topic not in known.topics:
            listed = ", ".join(known.topics) or "none yet"
            yield channel.slug, ["topics"], f"there is no topic {topic!r}; the topics are: {listed}"


def _sources(known: Known, channel: KnownChannel) -> Iterator[Inconsistency]:
    seen: set[str] = set()
    for index, source in enumerate(channel.sources):
        if source.url in seen:
            problem = f"{source.url} stands there twice; remove one"
            yield channel.slug, ["sources", index, "url"], problem
        seen.add(source.url)
        for topic in source.topics if known.topics is not None else ():
            if topic not in (known.topics or {}):
                listed = ", ".join(known.topics or {}) or "none yet"
                problem = f"there is no topic {topic!r}; the topics are: {listed}"
                yield channel.slug, ["sources", index, "topics"], problem


def _digest(slug: str, digest: KnownDigest) -> Iterator[Inconsistency]:
    if digest.freeze is not None and digest.max_age is not None and digest.freeze >= digest.max_age:
        yield slug, ["digest", "freeze"], "is not shorter than max_age; shorten it"
    least, most = digest.min_items, digest.max_items
    if least is not None and most is not None and least > most:
        yield slug, ["digest", "min_items"], f"is above max_items ({most}); lower it"


def _topic_names(known: Known) -> Iterator[Inconsistency]:
    for slug, topic in (known.topics or {}).items():
        for language in known.languages or ():
            if topic.name is not None and language not in topic.name:
                problem = f'has no name in {language!r}; add {language} = "…"'
                yield None, ["topics", slug, "name"], problem


def _retention(known: Known) -> Iterator[Inconsistency]:
    kept = known.keeps_deliveries
    for channel in known.channels:
        rules = channel.digest
        if kept is None or not rules or rules.max_age is None or rules.catch_up is None:
            continue
        if kept < rules.max_age + rules.catch_up:
            least = format_duration(rules.max_age + rules.catch_up)
            problem = f"is shorter than max_age and catch_up of {channel.slug} together ({least})"
            yield None, ["retention", "deliveries"], f"{problem}; readers would get articles twice"


def _domain_groups(groups: Mapping[str, KnownGroup]) -> Iterator[Inconsistency]:
    holder: dict[str, str] = {}
    for name, group in groups.items():
        path: list[str | int] = ["domain_groups", name]
        if name == REST:
            yield None, path, f"{name!r} is what is in no group; choose another name"
        elif name not in PRESETS and group.off:
            listed = ", ".join(PRESETS)
            yield None, path, f"is no shipped group to turn off; these are: {listed}"
        elif name not in PRESETS and group.domains is not None and not group.domains:
            listed = ", ".join(PRESETS)
            problem = f'has no domains; add some, such as ["orange.fr"], or name one of: {listed}'
            yield None, path, problem
        for domain in group.domains or ():
            if holder.setdefault(domain, name) != name:
                problem = f"{domain} is in the group {holder[domain]} too; one domain, one group"
                yield None, [*path, "domains"], problem
