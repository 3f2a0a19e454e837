"""How the pages of articles say things: moments, names, and what is wrong with a field."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from colporteur.exceptions import ArticleRefused
from colporteur.publication import Publication
from colporteur.templating import language
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

Faults = Mapping[str, str]
FIELDS = {"body_html": "text", "image": "picture"}
"""What intake calls a field to what the form calls it; the others have one name."""


def when(moment: datetime | None, visit: Visit, zone: str) -> str:
    """``23 novembre 2026 à 07:00`` on the publication's clock, in the visitor's language."""
    if moment is None:
        return ""
    local = moment.astimezone(ZoneInfo(zone))
    return str(format_datetime(local, "d MMM y, HH:mm", locale=language(visit.tag).locale))


def language_name(tag: str, visit: Visit) -> str:
    """A language by its name in the visitor's."""
    names = language(visit.tag).locale.languages
    return str(names.get(tag.partition("-")[0], tag))


def topic_name(publication: Publication, slug: str, visit: Visit) -> str:
    """A topic by its name in the visitor's language, else its slug."""
    topic = publication.topics.get(slug)
    return topic.name.get(visit.tag, slug) if topic else slug


def topic_options(publication: Publication, visit: Visit) -> list[tuple[str, str]]:
    """Every topic, by its name."""
    return [(slug, topic_name(publication, slug, visit)) for slug in publication.topics]


def channel_options(publication: Publication) -> Sequence[tuple[str, str]]:
    """Every channel, by its title."""
    return [(one.slug, one.title) for one in publication.channels]


def language_options(publication: Publication, visit: Visit) -> Sequence[tuple[str, str]]:
    """Every language of the publication, by its name."""
    return [(tag, language_name(tag, visit)) for tag in publication.languages]


def deed(room: Room, visit: Visit, action: str) -> str:
    """What was done to an article, by the word that the log has for it."""
    known = {
        "article.written": room.say(visit, "wrote it"),
        "article.changed": room.say(visit, "changed it"),
        "article.corrected": room.say(visit, "corrected it"),
        "article.withdrawn": room.say(visit, "withdrew it"),
        "article.restored": room.say(visit, "published it again"),
        "article.for_feeds_only": room.say(visit, "kept it out of digests"),
        "article.for_digests": room.say(visit, "let it into digests"),
        "article.pinned": room.say(visit, "pinned it as a lead"),
    }
    return known.get(action) or room.say(visit, "changed it")


def faults_of(room: Room, visit: Visit, refused: Iterable[ArticleRefused]) -> dict[str, str]:
    """What is wrong, by the form's fields, in the visitor's language."""
    return {FIELDS.get(one.field, one.field): _fault(room, visit, one) for one in refused}


def _fault(room: Room, visit: Visit, error: ArticleRefused) -> str:
    known = {
        "title": {
            "missing": room.say(visit, "Give it a title."),
            "wordless": room.say(visit, "Write the title in words."),
            "long": room.say(
                visit,
                "It has %(count)d characters; at most %(at_most)d are taken.",
                **_counts(error),
            ),
            "there": room.say(
                visit,
                "There is an article with this title already. Change that one, or give this one "
                "a title of its own.",
            ),
        },
        "teaser": {
            "long": room.say(
                visit,
                "It has %(count)d characters; at most %(at_most)d are taken.",
                **_counts(error),
            )
        },
        "body_html": {
            "missing": room.say(visit, "Write a text, or at least a teaser."),
            "nested": room.say(visit, "The text nests its elements too deep."),
        },
        "url": {
            "address": room.say(
                visit, "Write the whole address, such as https://example.org/article."
            ),
            "key": room.say(visit, "This address is too long."),
            "there": room.say(visit, "There is an article with this title or address already."),
        },
        "image": {
            "address": room.say(
                visit, "Write the whole address, such as https://example.org/article."
            )
        },
        "topics": {"unknown": room.say(visit, "One of these topics is not there any more.")},
        "language": {"unknown": room.say(visit, "Choose a language of the publication.")},
        "channels": {
            "unknown": room.say(visit, "One of these channels is not there any more."),
            "missing": room.say(visit, "No channel is in this language: choose one."),
        },
        "publish_at": {"year": room.say(visit, "This is no date for an article.")},
    }
    return known.get(error.field, {}).get(error.fault) or f"{error.message} {error.cure}"


def _counts(error: ArticleRefused) -> dict[str, int]:
    return {"count": 0, "at_most": 0} | error.values
