"""The button is pressed: what was asked for begins, and a letter says when the first comes."""

from datetime import datetime

from sqlalchemy import Connection, select

from colporteur.audience.consent import Consent, consent
from colporteur.audience.history import standing
from colporteur.audience.links import preferences_link, unsubscribe_link
from colporteur.audience.signing_up import Confirmed, confirm
from colporteur.db.numbering import last_number
from colporteur.db.tables.audience import subscribers
from colporteur.delivery.letters import write_letter
from colporteur.delivery.welcoming.asking import Office, usual_choice
from colporteur.digests.letters import WELCOME
from colporteur.editions.beginning import first_mail, start_number
from colporteur.editions.freezing.last import bring_last


def press(
    connection: Connection, office: Office, consent_id: int, *, ip: str | None, now: datetime
) -> Confirmed:
    """Confirm a record of consent, welcome its reader, and bring what they want at once.

    Raises:
        UnknownName: it was forgotten, or nothing may be sent there any more.
    """
    found = consent(connection, consent_id)
    if found.last_edition:
        last_number(connection)  # held until commit: no freeze looks at them meanwhile
    done = confirm(
        connection,
        consent_id,
        ip=ip,
        now=now,
        start_numbers=_starts(connection, office, found, now),
    )
    if done.subscription_ids:
        wanted = done.subscription_ids if found.last_edition else ()
        brought = sum(_bring(connection, office, one, now) for one in wanted)
        _welcome(connection, office, consent_id, done, now, brought=brought > 0)
    return done


def _starts(
    connection: Connection, office: Office, found: Consent, now: datetime
) -> dict[int, int]:
    """Where each channel begins for who confirms now."""
    starts: dict[int, int] = {}
    for channel in office.channels(found.channels):
        channel_id = office.names.channels[channel.slug]
        if channel.digest:
            cadence = usual_choice(channel, channel_id).cadence
            publication = office.publication
            starts[channel_id] = start_number(connection, publication, channel, cadence, now)
    return starts


def _bring(connection: Connection, office: Office, subscription_id: int, now: datetime) -> bool:
    held = standing(connection, subscription_id)
    if held is None or held.state != "active":
        return False
    for channel in office.channels([held.choice.channel_id]):
        if channel.digest:
            return bring_last(connection, office.publication, channel, subscription_id, now)
    return False


def _welcome(
    connection: Connection,
    office: Office,
    consent_id: int,
    done: Confirmed,
    now: datetime,
    *,
    brought: bool,
) -> None:
    firsts = []
    for one in done.subscription_ids:
        held = standing(connection, one)
        assert held is not None
        for channel in office.channels([held.choice.channel_id]):
            offers = channel.digest and held.choice.cadence in channel.digest.cadences
            first = first_mail(office.publication, channel, held.choice, now) if offers else None
            firsts.append({"title": channel.title, "first": first and first.isoformat()})
    key, site = office.secret_key, office.site
    choices = preferences_link(key, site, done.subscriber_id, now)
    only = done.subscription_ids[0] if len(done.subscription_ids) == 1 else None
    content = {
        "channels": firsts,
        "preferences_url": choices,
        "unsubscribe_url": unsubscribe_link(key, site, only) if only is not None else choices,
        "last": brought,
    }
    language = connection.scalar(
        select(subscribers.c.language).where(subscribers.c.id == done.subscriber_id)
    )
    write_letter(
        connection,
        f"welcome:{consent_id}",
        WELCOME,
        done.subscriber_id,
        language or "",
        content,
        now,
    )
