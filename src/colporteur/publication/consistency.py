"""What must agree between the parts of a publication, beyond each value being right."""

from collections.abc import Iterator, Sequence

from colporteur.publication.model import RESERVED_SLUGS, Channel, Publication

Inconsistency = tuple[str | None, Sequence[str | int], str]


def inconsistencies(publication: Publication) -> list[Inconsistency]:
    """Each as (channel slug or None for the publication itself, key path, problem and cure)."""
    found = list(_names(publication))
    for channel in publication.channels:
        found += _channel(publication, channel)
    found += _topic_names(publication)
    return found


def _names(publication: Publication) -> Iterator[Inconsistency]:
    slugs = [(channel, channel.slug, "") for channel in publication.channels]
    former = [(one, name, "formerly") for one in publication.channels for name in one.formerly]
    taken: dict[str, str] = {}
    for channel, name, key in slugs + former:  # a slug is its file's name: no key says it
        path = [key] if key else []
        if name in RESERVED_SLUGS:
            yield channel.slug, path, f"{name!r} is an address of the site itself; choose another"
        if name in taken:
            problem = f"{name!r} is also a name of {taken[name]}; one name, one channel"
            yield channel.slug, path, problem
        taken[name] = channel.slug
    yield from _former_topics(publication)


def _former_topics(publication: Publication) -> Iterator[Inconsistency]:
    taken = dict.fromkeys(publication.topics, "a topic of its own")
    for slug, topic in publication.topics.items():
        for former in topic.formerly:
            if former in taken:
                problem = f"{former!r} is {taken[former]}; remove one of the two"
                yield None, ["topics", slug, "formerly"], problem
            taken[former] = f"also a former name of {slug}"


def _channel(publication: Publication, channel: Channel) -> Iterator[Inconsistency]:
    if channel.language not in publication.languages:
        listed = ", ".join(publication.languages)
        problem = f"{channel.language!r} is not among the publication's languages ({listed})"
        yield channel.slug, ["language"], f"{problem}; add it there or choose one"
    elif channel.language not in publication.postal_address:
        problem = f"has no address in {channel.language!r}, the language of {channel.slug}"
        yield None, ["postal_address"], f"{problem}; every digest must carry one"
    for topic in channel.topics:
        if topic not in publication.topics:
            known = ", ".join(publication.topics) or "none yet"
            yield channel.slug, ["topics"], f"there is no topic {topic!r}; the topics are: {known}"
    if channel.digest and channel.digest.freeze >= channel.digest.max_age:
        yield channel.slug, ["digest", "freeze"], "is not shorter than max_age; shorten it"


def _topic_names(publication: Publication) -> Iterator[Inconsistency]:
    for slug, topic in publication.topics.items():
        for language in publication.languages:
            if language not in topic.name:
                problem = f'has no name in {language!r}; add {language} = "…"'
                yield None, ["topics", slug, "name"], problem
