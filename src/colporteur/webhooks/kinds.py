"""What programs elsewhere can be told of. Pure."""

import enum
from collections.abc import Iterable

from colporteur.exceptions import UnknownName


class Kind(enum.StrEnum):
    """Something that happens; its word is the message's ``type``."""

    ARTICLE_PUBLISHED = "article.published"
    EDITION_FROZEN = "edition.frozen"  # its articles and readers are fixed
    EDITION_SENT = "edition.sent"
    EDITION_PAUSED = "edition.paused"
    SUBSCRIBER_CONFIRMED = "subscriber.confirmed"  # mail of a channel comes from now on
    SUBSCRIBER_LEFT = "subscriber.left"  # and does not any more
    SUBSCRIBER_BOUNCED = "subscriber.bounced"  # their address takes no mail


def read_kinds(words: Iterable[str]) -> tuple[Kind, ...]:
    """Kinds by their words, each once, in the order above; no word: all.

    Raises:
        UnknownName: a word that is none.
    """
    known = {one.value: one for one in Kind}
    asked = list(words)
    for word in asked:
        if word not in known:
            raise UnknownName(
                f"Nothing that happens is called {word[:60]!r}.",
                cure=f"Choose some of: {', '.join(known)}.",
            )
    return tuple(one for one in Kind if one in asked) or tuple(Kind)
