"""Made-up editions and letters of a publication, to see whether templates render. Pure."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from colporteur.articles.pictures.sizes import Picture, Size
from colporteur.digests.cards import Card, short_date
from colporteur.digests.letters import (
    ADDRESS_CHANGED,
    ALERT,
    CONFIRM,
    ERASE,
    EXPORT,
    GOODBYE,
    INVITATION,
    KNOWN,
    NEW_ADDRESS,
    PREFERENCES,
    RECONFIRM,
    RESET,
    TEST,
    WELCOME,
)
from colporteur.digests.rendering import (
    ARTICLE,
    CORRECTION,
    DIGEST,
    NO_WORDS,
    SPECIAL,
    Brought,
    Words,
)
from colporteur.publication import Publication
from colporteur.publication.model import LAYOUTS
from colporteur.templating import language

MOMENT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # a Monday
KINDS = (DIGEST, SPECIAL, CORRECTION, ARTICLE)
_HOSTILE = "<b>“&'</b>"
_NOTE = Words(intro="A **note** with [a link](https://news.example.org/).")


def editions(publication: Publication, tag: str, site: str) -> Iterator[Brought]:
    """Editions in a language, of every kind in every layout: full, of one article, a note."""
    usual = publication.channels[0]
    own = [one for one in publication.channels if one.language == tag]
    channel = own[0] if own else usual.model_copy(update={"language": tag})
    full = cards(tag, site)
    empty: tuple[Card, ...] = ()
    for layout in LAYOUTS:
        for kind, shown, more in (
            (DIGEST, full, 7),
            (DIGEST, full[1:2], 0),
            (SPECIAL, full, 0),
            (SPECIAL, empty, 0),
            (CORRECTION, empty, 0),
            (ARTICLE, full[:1], 0),
        ):
            yield Brought(
                publication,
                channel,
                shown,
                more,
                MOMENT,
                site,
                NO_WORDS if kind == ARTICLE else _NOTE,
                kind=kind,
                layout=layout,
                ordered=kind == SPECIAL,
                view_url=f"{site}/editions/sample",
                band="A band." if more else "",
            )


def cards(tag: str, site: str) -> tuple[Card, ...]:
    """Cards for a page or a mail in a language; one of them is in another."""
    measured = Size("https://news.example.org/picture.jpg", 1200, 800)
    picture = Picture("A harbour", (measured,))
    unmeasured = Picture("", (Size("https://news.example.org/other.jpg", None, None),))
    other = "fr" if tag == "ar" else "ar"
    written = ((picture, tag), (None, tag), (unmeasured, tag), (picture, other), (None, tag))
    return tuple(
        Card(
            title=f"Title {number} {_HOSTILE}",
            teaser="" if image is None else f"A teaser: {_HOSTILE}",
            url=f"{site}/articles/sample-{number}?a=1&b=2",
            topics=["A topic", "Another"] if number % 2 else [],
            date=short_date(MOMENT, tag),
            iso_date=MOMENT.isoformat(),
            authors=["Leïla A."] if number % 2 else [],
            language=own,
            direction=language(own).direction,
            foreign=own != tag,
            image=image,
        )
        for number, (image, own) in enumerate(written)
    )


def letters(
    publication: Publication, tag: str, site: str
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Letters of every kind in a language: the message, and its content."""
    titles = [one.title for one in publication.channels if one.language == tag]
    titles = titles or [publication.channels[0].title]
    moment = MOMENT.isoformat()
    leave = {"unsubscribe_url": f"{site}/unsubscribe/sample"}
    confirm = {"confirm_url": f"{site}/confirm/sample-of-a-token-that-is-as-long-as-they-are"}
    firsts = [{"title": one, "first": moment} for one in titles]
    yield CONFIRM, {"channels": titles, "hours": 72, **confirm}
    yield CONFIRM, {"channels": titles, "hours": 72, "again": True, **confirm}
    yield KNOWN, {"channels": titles, "preferences_url": f"{site}/preferences/sample"}
    welcome = {"preferences_url": f"{site}/preferences/sample", **leave}
    yield WELCOME, {"channels": firsts, **welcome}
    yield WELCOME, {"channels": firsts, "last": True, **welcome}
    yield WELCOME, {"channels": [{"title": titles[0], "first": None}], **welcome}
    yield GOODBYE, {"channels": titles, "undo_url": f"{site}/undo/sample"}
    yield GOODBYE, {"channels": [], "undo_url": f"{site}/undo/sample"}
    yield RECONFIRM, {"channels": titles, "until": moment, **confirm, **leave}
    yield PREFERENCES, {"preferences_url": f"{site}/preferences/sample", "days": 30}
    yield NEW_ADDRESS, {"hours": 72, **confirm}
    yield EXPORT, {"export_url": f"{site}/preferences/export/sample", "hours": 4}
    yield ERASE, {"erase_url": f"{site}/preferences/erase/sample", "hours": 4}
    yield ADDRESS_CHANGED, {}
    yield TEST, {"subject": titles[0], "text": "A text.\n", "html": "<p>A text.</p>"}
    yield from _to_staff(tag, site)
    yield from _alerts(titles[0])


def _to_staff(tag: str, site: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    opens = {"link_url": f"{site}/newsroom/password/sample-of-a-token-that-is-as-long-as-they-are"}
    yield INVITATION, {"by": "ليلى" if tag == "ar" else "Leïla", "days": 7, **opens}
    yield INVITATION, {"by": "", "days": 1, **opens}
    yield RESET, {"hours": 2, **opens}


def _alerts(title: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    moment = MOMENT.isoformat()
    for gone in (False, True):
        yield (
            ALERT,
            {
                "channel": title,
                "url": "https://source.example/feed?a=1&b=2",
                "problem": f"The answer is a web page (HTML), not a feed: {_HOSTILE}",
                "gone": gone,
                "failures": 3,
                "since": moment,
            },
        )
    for slot in (moment, None):
        yield ALERT, _paused(title, slot)
    yield ALERT, {"about": "signups", "limit": "300/hour", "waiting": 12, "command": "colporteur"}
    silent = {"about": "webhook", "name": _HOSTILE, "url": "https://crm.example/hook"}
    yield ALERT, {**silent, "problem": "It answered 410: it is gone.", "command": "colporteur"}
    many = {"about": "bounces", "channel": title, "edition": title, "hard": 345}
    yield ALERT, {**many, "sent": 1234, "command": "colporteur editions report 12"}
    ill = {"severity": "critical", "text": f"Feeds wait: {_HOSTILE}", "cure": "", "since": moment}
    for event in ("began", "worse", "lasts", "ended", "test"):
        told = [{**ill, "event": event, "cure": _HOSTILE}, {**ill, "event": "ended"}]
        yield ALERT, {"about": "vitals", "told": told, "command": "colporteur vitals"}
    waits = {"waits": "approval", "resume": "colporteur editions approve 12", "unlisted": True}
    yield ALERT, {**_paused(title, moment), **waits}
    yield (
        ALERT,
        {**_paused(title, moment), "stopped": True, "command": "colporteur editions report 12"},
    )


def _paused(channel: str, slot: str | None) -> dict[str, Any]:
    return {
        "about": "edition",
        "edition": channel,
        "channel": channel,
        "slot": slot,
        "command": "colporteur editions preflight actualites --cadence matin",
        "resume": "colporteur editions resume 12",
        "findings": [
            {
                "severity": "error",
                "text": f"The link https://news.example.org/?a=1&b=2 answers 404: {_HOSTILE}",
                "cure": "Correct it, or leave the article out.",
            },
            {"severity": "warning", "text": "An image has no alternative text.", "cure": ""},
        ],
    }
