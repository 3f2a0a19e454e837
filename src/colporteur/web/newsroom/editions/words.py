"""What the pages of editions call things; each text is a message of the catalogues. Pure."""

from collections.abc import Mapping

from colporteur.editions.choosing import Fate
from colporteur.editions.explaining.reasons import Outcome, Rule
from colporteur.editions.foresight import DRAFT, PLANNED
from colporteur.editions.states import State
from colporteur.editions.store import CORRECTION, REGULAR, SPECIAL

KINDS: Mapping[str, str] = {
    REGULAR: "Regular",
    SPECIAL: "Special edition",
    CORRECTION: "Correction",
}
IN_SENTENCES: Mapping[str, str] = {
    PLANNED: "The calendar has it. Nobody has touched it yet.",
    DRAFT: "It is being written. Nothing leaves before it is confirmed.",
    State.OPEN: "It gathers articles, and can still be arranged.",
    State.AWAITING_APPROVAL: "Its articles are fixed. It leaves once it is approved.",
    State.FROZEN: "Its articles and readers are fixed. It leaves by itself.",
    State.HELD: "It stays here until somebody lets it go.",
    State.SENDING: "It is on its way to its readers.",
    State.PAUSED: "It has stopped. Resuming sends exactly the rest.",
    State.SENT: "It has left. Nothing of it waits any more.",
    State.SKIPPED: "There was nothing to send, or nobody to send it to.",
    State.MISSED: "It did not leave in time. Its articles wait for the next one.",
    State.CANCELLED: "Somebody called it off. What had not left stays here.",
}
STRONG = frozenset({State.SENDING, State.FROZEN, State.SENT})
ALARMING = frozenset({State.AWAITING_APPROVAL, State.PAUSED, State.HELD, State.MISSED})
OUTCOMES: Mapping[Outcome, str] = {
    Outcome.FOR_THEM: "It is for them.",
    Outcome.WOULD_GET_IT: "It is not fixed yet; as things stand, they get it.",
    Outcome.NEVER_LEFT: "It was never fixed for anybody.",
    Outcome.DRAFT: "It is a draft that nobody has confirmed.",
    Outcome.NOT_SUBSCRIBED: "They never subscribed to what it is sent to.",
    Outcome.CAME_LATER: "They subscribed after it was fixed.",
    Outcome.WELCOMED: "They wished for the last edition when they subscribed.",
    Outcome.HAD_LEFT: "They had left.",
    Outcome.PAUSED: "They had paused.",
    Outcome.OTHER_CADENCE: "They had chosen another rhythm.",
    Outcome.REHEARSAL: "The publication was in rehearsal: only its staff got mail.",
    Outcome.NOTHING_FOR_THEM: "There was nothing for them.",
    Outcome.TOO_FEW: "There was less for them than the least number of articles: it waits.",
    Outcome.OTHER_TOPICS: "They want none of its topics.",
    Outcome.DECLINED: "They declined special editions.",
    Outcome.GOT_IT_ALL: "They got all of it already.",
    Outcome.DID_NOT_RECEIVE: "They did not receive the edition that it corrects.",
    Outcome.UNEXPLAINED: "What is on record does not say why.",
}
DELIVERED: Mapping[str, str] = {
    "pending": "It waits to be sent to them, due %(moment)s.",
    "inflight": "It is being sent to them.",
    "sent": "It was sent to them, %(moment)s.",
    "deferred": "It was put off, and is tried again %(moment)s.",
    "failed": "It failed, %(moment)s.",
    "skipped": "It was not sent to them.",
}
SKIPPED: Mapping[str, str] = {
    "unsubscribed": "They had left before it was sent.",
    "paused": "They had paused before it was sent.",
    "suppressed": "Their address is on the do-not-mail list.",
    "bounced": "Their address had turned out to take no mail.",
    "complained": "They had called an earlier message spam.",
    "bad_address": "No message can be written to their address.",
    "rehearsal": "The publication was in rehearsal: only its staff got mail.",
    "too_late": "It was too late to be of use.",
    "cancelled": "The edition was cancelled.",
    "missed": "The edition was approved too late, or by nobody.",
    "in_special": "A special edition brought all of it.",
    "withdrawn": "All its articles were withdrawn.",
}
FATES: Mapping[Fate | Rule, str] = {
    Fate.IN: "in it",
    Fate.NOT_THEIRS: "published before they began",
    Fate.ALREADY_GOT: "they got it already",
    Fate.TOO_OLD: "too old for this edition",
    Fate.LEFT_OUT: "left out by an editor",
    Fate.FILTERED: "none of their topics",
    Fate.OVERFLOW: "beyond the most articles, offered by a link",
    Fate.TOO_FEW: "kept for later: too few articles",
    Rule.WITHDRAWN: "withdrawn",
    Rule.OTHER_LANGUAGE: "in another language than the channel",
    Rule.NOT_FOR_DIGESTS: "not for digests",
    Rule.AFTER_THE_APPROVAL: "published after the approval",
    Rule.CAME_LATER: "came after the edition was fixed",
    Rule.MADE_WAY: "left to a special edition",
    Rule.WITHDRAWN_SINCE: "withdrawn since the edition was fixed",
}
BY_EDITION: Mapping[Fate | Rule, str] = {
    Fate.ALREADY_GOT: "they got it with edition %(number)s",
    Fate.NOT_THEIRS: "settled by edition %(number)s",
    Rule.MADE_WAY: "left to special edition %(number)s",
}
