"""Made-up editions and letters of a publication, to see whether templates render. Pure."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from colporteur.digests.letters import ALERT, CONFIRM, GOODBYE, RECONFIRM, TEST, WELCOME
from colporteur.publication import Publication

MOMENT = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)  # a Monday
_HOSTILE = "<b>“&'</b>"


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
    welcome = {"preferences_url": f"{site}/preferences/sample", **leave}
    yield WELCOME, {"channels": firsts, **welcome}
    yield WELCOME, {"channels": [{"title": titles[0], "first": None}], **welcome}
    yield GOODBYE, {"channels": titles, "undo_url": f"{site}/undo/sample"}
    yield GOODBYE, {"channels": [], "undo_url": f"{site}/undo/sample"}
    yield RECONFIRM, {"channels": titles, "until": moment, **confirm, **leave}
    yield TEST, {"subject": titles[0], "text": "A text.\n", "html": "<p>A text.</p>"}
    for gone in (False, True):
        yield (
            ALERT,
            {
                "channel": titles[0],
                "url": "https://source.example/feed?a=1&b=2",
                "problem": f"The answer is a web page (HTML), not a feed: {_HOSTILE}",
                "gone": gone,
                "failures": 3,
                "since": moment,
            },
        )
    for slot in (moment, None):
        yield ALERT, _paused(titles[0], slot)


def _paused(channel: str, slot: str | None) -> dict[str, Any]:
    return {
        "about": "edition",
        "edition": channel,
        "channel": channel,
        "slot": slot,
        "command": "colporteur editions preflight 12",
        "findings": [
            {
                "severity": "error",
                "text": f"The link https://news.example.org/?a=1&b=2 answers 404: {_HOSTILE}",
                "cure": "Correct it, or leave the article out.",
            },
            {"severity": "warning", "text": "An image has no alternative text.", "cure": ""},
        ],
    }
