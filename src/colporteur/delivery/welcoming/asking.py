"""Somebody asks for channels: the letter with the one button, or one that says they have it all.

No text that was typed stands in a letter: the address is only where it goes to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection, select, update

from colporteur.audience.addresses import EmailAddress
from colporteur.audience.choices import Choice
from colporteur.audience.consent import Asked, Consent, consent
from colporteur.audience.links import CONFIRM_FOR, confirm_link, preferences_link
from colporteur.audience.signing_up import SignedUp, Standing, sign_up
from colporteur.config.keys import Keys
from colporteur.db.tables.audience import consents, subscribers
from colporteur.delivery.letters import Letter, write_letter
from colporteur.digests.letters import CONFIRM, KNOWN
from colporteur.editions.beginning import start_number
from colporteur.exceptions import ChoiceRefused
from colporteur.publication import Channel, Publication
from colporteur.publication.identities import Ids


@dataclass(frozen=True)
class Office:
    """What a letter to a reader is written with; ``site`` has no slash at its end."""

    publication: Publication
    names: Ids
    site: str
    secret_key: Keys

    def channels(self, ids: Iterable[int]) -> list[Channel]:
        """The channels of these ids, in the publication's order; those that are gone are left out."""
        wanted = set(ids)
        found = self.publication.channels
        return [one for one in found if self.names.channels[one.slug] in wanted]


@dataclass(frozen=True)
class Wish:
    """What somebody asks for: channels with digests, by the mails' language.

    ``choices`` are what they want of them, where that is not the usual one.
    """

    address: EmailAddress
    channels: tuple[Channel, ...]
    language: str
    asked: Asked
    name: str = ""
    choices: tuple[Choice, ...] = ()


def offered(publication: Publication) -> list[Channel]:
    """The channels that one can sign up for."""
    return [one for one in publication.channels if one.takes_readers]


def named(publication: Publication, slugs: Sequence[str]) -> tuple[Channel, ...]:
    """The channels of these names, each once; where there is one only, it needs no naming.

    Raises:
        ChoiceRefused: there is no such channel to sign up for, or none was named.
    """
    there = offered(publication)
    known = {name: one for one in there for name in (one.slug, *one.formerly)}
    unknown = [slug for slug in slugs if slug not in known]
    if unknown or (not slugs and len(there) != 1):
        names = ", ".join(one.slug for one in there) or "none"
        said = f"There is no channel {unknown[0][:80]!r}." if unknown else "No channel is named."
        raise ChoiceRefused(said, cure=f"The channels are: {names}.")
    wanted = {known[slug].slug for slug in slugs} or {there[0].slug}
    return tuple(one for one in there if one.slug in wanted)


def usual_choice(channel: Channel, channel_id: int) -> Choice:
    """What who says no more than the channel gets of it: its first cadence, and every topic."""
    assert channel.digest is not None
    return Choice(channel_id, next(iter(channel.digest.cadences)))


def receive(
    connection: Connection, office: Office, wish: Wish, now: datetime, *, at_once: bool
) -> SignedUp:
    """Keep what somebody asked for, and write to them: now, or when there is room (``at_once``)."""
    said = {one.channel_id: one for one in wish.choices}
    ids = [office.names.channels[one.slug] for one in wish.channels]
    choices = [
        said.get(number) or usual_choice(one, number)
        for one, number in zip(wish.channels, ids, strict=True)
    ]
    starts = {
        choice.channel_id: start_number(connection, office.publication, one, choice.cadence, now)
        for one, choice in zip(wish.channels, choices, strict=True)
    }
    done = sign_up(
        connection,
        wish.address,
        choices,
        language=wish.language,
        asked=wish.asked,
        start_numbers=starts,
        now=now,
        name=wish.name,
    )
    if done.consent_id is not None and at_once:
        ask_to_confirm(connection, office, consent(connection, done.consent_id), now)
    elif done.standing is Standing.KNOWN and done.subscriber_id is not None and at_once:
        _say_it_is_known(connection, office, done.subscriber_id, wish, now)
    return done


def ask_to_confirm(
    connection: Connection, office: Office, found: Consent, now: datetime, *, again: bool = False
) -> None:
    """Write the letter with the button of a record of consent; ``again``: as a reminder, once.

    Who asks once more for the same gets another letter, since the first may not have come.
    """
    content = {
        "channels": [one.title for one in office.channels(found.channels)],
        "consent": found.id,
        "confirm_url": confirm_link(office.secret_key, office.site, found.id, now),
        "hours": int(CONFIRM_FOR / timedelta(hours=1)),
        "again": again,
    }
    purpose = f"remind:{found.id}" if again else f"confirm:{found.id}"
    if found.asked_at is not None and not again:
        purpose += f":{now.isoformat()}"
    language = connection.scalar(
        select(subscribers.c.language).where(subscribers.c.id == found.subscriber_id)
    )
    to = found.subscriber_id
    write_letter(connection, purpose, CONFIRM, to, language or "", content, now)
    noted = {"reminded_at": now} if again else {"asked_at": now}
    connection.execute(update(consents).where(consents.c.id == found.id).values(noted))


def with_its_link(letter: Letter, secret_key: Keys, site: str, now: datetime) -> Letter:
    """A letter as it leaves now: the time of its button begins now, however long it was held."""
    number = letter.content.get("consent")
    if letter.message != CONFIRM or number is None:
        return letter
    link = confirm_link(secret_key, site, number, now)
    return replace(letter, content={**letter.content, "confirm_url": link})


def _say_it_is_known(
    connection: Connection, office: Office, subscriber_id: int, wish: Wish, now: datetime
) -> None:
    """Say that they have it all, with the link to their choices; once a day."""
    content = {
        "channels": [one.title for one in wish.channels],
        "preferences_url": preferences_link(office.secret_key, office.site, subscriber_id, now),
    }
    purpose = f"known:{subscriber_id}:{now:%Y-%m-%d}"
    write_letter(connection, purpose, KNOWN, subscriber_id, wish.language, content, now)
