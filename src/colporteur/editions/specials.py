"""Special editions: what editors send beside the calendar, and corrections.

A draft names articles or a written note and an audience. Confirmed, it waits for an approver where
the publication asks for one, then for its hold, and goes ahead of regular mail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from colporteur.db.tables.articles import articles
from colporteur.editions.arrangement import Arrangement
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.freezing.special import freeze_special, readers_meant
from colporteur.editions.freezing.special_readers import Audience, audience_of
from colporteur.editions.states import ENDED, Event, State, transition
from colporteur.editions.steering import cancel
from colporteur.editions.store import (
    CORRECTION,
    SPECIAL,
    Edition,
    change,
    happen,
    insert_edition,
    load,
    load_in_turn,
    of_key,
)
from colporteur.exceptions import NumberRefused, SpecialRefused, UnknownName
from colporteur.publication import Channel
from colporteur.publication.identities import Ids
from colporteur.publication.revisions import Revision

SUBJECT_AT_MOST = 150
_WITHDRAWABLE = (State.OPEN, State.AWAITING_APPROVAL, State.HELD)


@dataclass(frozen=True)
class Special:
    """What a draft says: article ids in order, or a note in Markdown, or both."""

    home: Channel
    audience: Audience
    articles: tuple[int, ...] = ()
    note: str = ""
    subject: str = ""
    preheader: str = ""

    @property
    def arrangement(self) -> Arrangement:
        """How it is stored."""
        return Arrangement(
            order=self.articles, intro=self.note, subject=self.subject, preheader=self.preheader
        )


def draft(
    connection: Connection,
    special: Special,
    names: Ids,
    *,
    key: str,
    by: str,
    now: datetime,
    hands: Sequence[str] = (),
) -> Edition:
    """A new draft; the one there is when this ``key`` (a form's nonce) was used before.

    ``hands`` are others who wrote some of it: they may not approve it either.

    Raises:
        SpecialRefused: it has nothing to say or nobody to say it to, brings what was withdrawn
            or is in another language, or the key was used for another one.
        UnknownName: an article or an edition that is not there.
    """
    if known := of_key(connection, key):
        return _same(known, special, names)
    _require_content(connection, special)
    kind = SPECIAL if special.audience.corrects is None else CORRECTION
    values = {
        "channel_id": names.channels[special.home.slug],
        "kind": kind,
        "key": key,
        "arrangement": special.arrangement.as_json(),
        "arranged_by": list(dict.fromkeys([by, *hands])),
        "audience": special.audience.as_json(),
    }
    new = insert_edition(connection, values, by=by, now=now)
    if new is not None:
        return new
    known = of_key(connection, key)
    assert known is not None
    return _same(known, special, names)


def confirm(
    connection: Connection,
    edition: Edition,
    revision: Revision,
    *,
    typed: int | None,
    at: datetime | None,
    by: str,
    now: datetime,
    whom: Whom,
) -> Edition:
    """Send a draft, now or at a time, once its hold is over; confirmed twice, it is one.

    ``typed`` is the number of readers as the person typed it, asked for above the publication's
    ``confirm_above``.

    Raises:
        NumberRefused: many would get it, and that is not their number.
        SpecialRefused: it is no special, nobody would get it, or the time is past.
        TransitionRefused: it was withdrawn, or is held.
    """
    if edition.regular:
        raise SpecialRefused(
            "A regular edition needs no confirmation.", cure="It leaves by itself."
        )
    edition = load_in_turn(connection, edition.id)
    if edition.send_at is not None and edition.state is not State.CANCELLED:
        return edition  # a double click
    rules = revision.publication.specials
    transition(edition.state, Event.AWAIT if rules.approval else Event.FREEZE)
    meant = readers_meant(connection, audience_of(edition), whom)
    _require_readers(meant, typed, rules.confirm_above)
    if at is not None and at <= now:
        raise SpecialRefused(f"{at:%Y-%m-%d %H:%M} UTC is past.", cure="Name a time to come.")
    send_at = max(at or now, now + rules.hold)
    values = {"send_at": send_at}
    if rules.approval:
        happen(connection, edition.id, Event.AWAIT, by=by, now=now, fixed=values)
        return load(connection, edition.id)
    changed = change(connection, edition, values, by=by, why="confirmed", now=now)
    freeze_special(connection, changed, revision, now=now, by=by, whom=whom)
    return load(connection, edition.id)


def withdrawable_until(edition: Edition) -> datetime | None:
    """Until when a confirmed special can be withdrawn; None for a draft, and when it cannot."""
    if edition.regular or edition.state not in _WITHDRAWABLE:
        return None
    return edition.hold_until or edition.send_at


def withdraw(
    connection: Connection, edition: Edition, *, by: str, why: str, now: datetime
) -> Edition:
    """Take a special back before it leaves; the digests that made way get their articles back.

    Raises:
        SpecialRefused: it is no special, or it has begun to leave.
    """
    if edition.regular:
        raise SpecialRefused(
            "Only a special edition can be withdrawn.", cure="Hold or cancel a regular one."
        )
    if edition.state not in _WITHDRAWABLE:
        raise SpecialRefused(
            f"This special edition is {edition.state}, and cannot be withdrawn.",
            cure="`colporteur editions cancel` stops what has not left.",
        )
    cancel(connection, edition, by=by, why=why, now=now)
    return load(connection, edition.id)


def _same(known: Edition, special: Special, names: Ids) -> Edition:
    """The edition made under a key before, if it says the same."""
    made = (known.channel_id, known.arrangement, audience_of(known))
    if made != (names.channels[special.home.slug], special.arrangement, special.audience):
        raise SpecialRefused(
            f"Edition {known.id} was made under the same key, with other content.",
            cure="Use a new key for a new edition.",
        )
    return known


def _require_readers(meant: int, typed: int | None, confirm_above: int) -> None:
    if meant == 0:
        raise SpecialRefused(
            "Nobody would get this edition.", cure="Choose other channels or topics."
        )
    if meant > confirm_above and typed != meant:
        said = "no number was typed" if typed is None else f"{typed} was typed"
        raise NumberRefused(
            f"This edition goes to {meant} readers, and {said}.",
            cure=f"Above {confirm_above} readers, type their number to confirm.",
            readers=meant,
        )


def _require_content(connection: Connection, special: Special) -> None:
    if not special.articles and not special.note.strip():
        raise SpecialRefused(
            "The edition has nothing to say.", cure="Name articles, write a note, or both."
        )
    if not special.articles and not special.subject.strip():
        raise SpecialRefused(
            "A note without articles has no subject of its own.", cure="Write a subject."
        )
    words = (special.subject, special.preheader)
    if any(len(text) > SUBJECT_AT_MOST or not text.isprintable() for text in words):
        raise SpecialRefused(
            f"Subject and preheader are one line of at most {SUBJECT_AT_MOST} characters.",
            cure="Shorten them: mail programs show about 60.",
        )
    if special.audience.corrects is not None:
        _require_correctable(connection, special)
    elif not special.audience.channels:
        raise SpecialRefused("The audience has no channel.", cure="Name at least one.")
    _require_articles(connection, special.articles, special.home.language)


def _require_correctable(connection: Connection, special: Special) -> None:
    if not special.note.strip():
        raise SpecialRefused(
            "A correction says what was wrong.", cure="Write a note; link to the article."
        )
    if special.articles:
        raise SpecialRefused(
            "A correction goes to those who had the articles, and nobody gets one twice.",
            cure="Leave the articles out, and link to them in the note.",
        )
    corrected = load(connection, special.audience.corrects or 0)
    if corrected.state not in ENDED:
        raise SpecialRefused(
            f"Edition {corrected.id} is {corrected.state}: some would get it after its correction.",
            cure="Cancel it first: what has not left stays. Then correct it.",
        )


def _require_articles(connection: Connection, ids: Sequence[int], language: str) -> None:
    query = select(articles.c.id, articles.c.slug, articles.c.state, articles.c.language)
    known = {row.id: row for row in connection.execute(query.where(articles.c.id.in_(ids)))}
    for number in ids:
        row = known.get(number)
        if row is None:
            raise UnknownName(
                f"There is no article {number}.", cure="`colporteur articles list` shows them."
            )
        if row.state != "published":
            raise SpecialRefused(
                f"The article {row.slug} is {row.state}.", cure="Leave it out, or publish it first."
            )
        if row.language != language:
            raise SpecialRefused(
                f"The article {row.slug} is in {row.language!r}, the home channel in {language!r}.",
                cure="A digest holds one language: choose another home channel, or leave it out.",
            )
