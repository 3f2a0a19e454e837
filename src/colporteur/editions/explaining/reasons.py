"""Why somebody did or did not get an edition, and each article of it, in words. Pure."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from colporteur.editions.choosing import Fate


class Outcome(enum.StrEnum):
    """What an edition is to one reader."""

    FOR_THEM = "for them"  # there is a delivery
    WOULD_GET_IT = "would get it"  # as things stand, before the freeze
    NEVER_LEFT = "never left"  # missed, skipped or cancelled before its freeze
    DRAFT = "draft"
    NOT_SUBSCRIBED = "not subscribed"
    CAME_LATER = "came later"
    WELCOMED = "welcomed"  # they wished for the last edition when they subscribed
    HAD_LEFT = "had left"
    PAUSED = "paused"
    OTHER_CADENCE = "other cadence"
    REHEARSAL = "rehearsal"
    NOTHING_FOR_THEM = "nothing for them"
    TOO_FEW = "too few"
    OTHER_TOPICS = "other topics"
    DECLINED = "declined specials"
    GOT_IT_ALL = "got it all"
    DID_NOT_RECEIVE = "did not receive it"  # what a correction corrects
    UNEXPLAINED = "unexplained"


class Rule(enum.StrEnum):
    """What keeps an article from a digest before choosing sees it, or takes it out afterwards."""

    WITHDRAWN = "withdrawn"
    OTHER_LANGUAGE = "other language"
    NOT_FOR_DIGESTS = "not for digests"
    AFTER_THE_APPROVAL = "after the approval"
    CAME_LATER = "came later"
    MADE_WAY = "made way"  # a special edition brings it
    WITHDRAWN_SINCE = "withdrawn since"


@dataclass(frozen=True)
class Because:
    """What became of one article: its place in the digest, from 1, or what left it out.

    ``edition`` and ``day`` are of the edition that brought or settled it, where one did.
    """

    id: int
    slug: str
    title: str
    fate: Fate | Rule
    place: int | None = None
    edition: int | None = None
    day: datetime | None = None

    @property
    def words(self) -> str:
        """A sentence's half that says it."""
        if self.place is not None:
            return f"in, at place {self.place}"
        if self.edition is not None:
            return f"{_BY_EDITION[self.fate]} edition {self.edition} of {self.day:%Y-%m-%d}"
        return _ARTICLE[self.fate]


_BY_EDITION: Mapping[Fate | Rule, str] = {
    Fate.ALREADY_GOT: "already got, with",
    Fate.NOT_THEIRS: "settled by",
    Rule.MADE_WAY: "left to",
}
_ARTICLE: Mapping[Fate | Rule, str] = {
    Fate.IN: "in",
    Fate.NOT_THEIRS: "published before their start",
    Fate.ALREADY_GOT: "already got",
    Fate.TOO_OLD: "older than max_age",
    Fate.LEFT_OUT: "left out by an editor",
    Fate.FILTERED: "not of their topics",
    Fate.OVERFLOW: "beyond max_items, offered by a link",
    Fate.TOO_FEW: "carried over: fewer than min_items",
    Rule.WITHDRAWN: "withdrawn",
    Rule.OTHER_LANGUAGE: "in another language than the channel",
    Rule.NOT_FOR_DIGESTS: "not for digests (it came with a source's first fetch, or says so)",
    Rule.AFTER_THE_APPROVAL: "published after the approval",
    Rule.CAME_LATER: "came after the edition was fixed",
    Rule.MADE_WAY: "left to a special edition",
    Rule.WITHDRAWN_SINCE: "withdrawn since the edition was fixed",
}
NOT_FOR: Mapping[Outcome, str] = {
    Outcome.WOULD_GET_IT: "It is not fixed yet; as things stand, they get it.",
    Outcome.NEVER_LEFT: "It was never fixed for anybody.",
    Outcome.DRAFT: "It is a draft that nobody has confirmed.",
    Outcome.NOT_SUBSCRIBED: "They never subscribed to what it is sent to.",
    Outcome.CAME_LATER: "They subscribed after it was fixed.",
    Outcome.WELCOMED: "They wished for the last edition when they subscribed.",
    Outcome.HAD_LEFT: "They had left.",
    Outcome.PAUSED: "They had paused.",
    Outcome.OTHER_CADENCE: "They had chosen another cadence.",
    Outcome.REHEARSAL: "The publication was in rehearsal: only its staff got mail.",
    Outcome.NOTHING_FOR_THEM: "There was nothing for them.",
    Outcome.TOO_FEW: "There was less for them than min_items: it was carried over.",
    Outcome.OTHER_TOPICS: "They want none of its topics.",
    Outcome.DECLINED: "They declined special editions.",
    Outcome.GOT_IT_ALL: "They got all of it already.",
    Outcome.DID_NOT_RECEIVE: "They did not receive the edition that it corrects.",
    Outcome.UNEXPLAINED: "What is on record does not say why.",
}
SKIPPED: Mapping[str, str] = {
    "unsubscribed": "they had left before it was sent",
    "paused": "they had paused before it was sent",
    "suppressed": "their address is on the do-not-mail list",
    "bounced": "their address had turned out to take no mail",
    "complained": "they had called an earlier message spam",
    "bad_address": "no message can be written to their address",
    "rehearsal": "the publication was in rehearsal: only its staff got mail",
    "too_late": "it was too late to be of use",
    "cancelled": "the edition was cancelled",
    "missed": "the edition was approved too late, or by nobody",
    "in_special": "a special edition brought all of it",
    "withdrawn": "all its articles were withdrawn",
}
