"""An edition as it stands now, for people who look at it: in a transaction that is undone.

It is made by the freeze and the renderer of the real sending; nothing of it stays.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from colporteur.audience.addresses import EmailAddress, parse_address
from colporteur.audience.choices import Choice
from colporteur.audience.readers import reader_of
from colporteur.audience.subscribing import subscribe
from colporteur.config import Settings
from colporteur.db import database_now, undoing
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import variants
from colporteur.digests.rendering import MARKS, Brought, Rendering, digest_of, render
from colporteur.digests.variants import Shown, articles_of, brought_by
from colporteur.editions.arranging import Wishes, arrange
from colporteur.editions.choosing import Chosen, in_order
from colporteur.editions.foretelling import brought_up_to
from colporteur.editions.freezing.ahead import freeze_ahead, freeze_special_ahead
from colporteur.editions.freezing.candidates import named_candidates
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.freezing.regular import write_articles
from colporteur.editions.naming import Named, find_edition
from colporteur.editions.opening import BY
from colporteur.editions.store import Edition, change, load, load_in_turn
from colporteur.exceptions import NothingToSend
from colporteur.publication import Channel
from colporteur.publication.identities import Ids, ids
from colporteur.publication.revisions import Revision, require
from colporteur.publication.site import site_in_force
from colporteur.templating import Templates

EVERYBODY = EmailAddress(
    "everybody@colporteur.invalid", "everybody@colporteur.invalid", "colporteur.invalid"
)
"""Stands for a reader without filters. ``.invalid`` is RFC 2606's."""
_NOTHING = "colporteur editions calendar shows what waits for it."


@dataclass(frozen=True)
class Wanted:
    """What to see of an edition.

    Without a ``reader``'s address it is the whole edition, as who filters nothing would get it;
    without a ``layout`` it is laid out as it would be; with ``wishes`` as if they were saved.
    """

    named: Named
    reader: str | None = None
    layout: str = ""
    wishes: Wishes | None = None


@dataclass(frozen=True)
class Standing:
    """An edition as it stands, ready to be laid out; ``home`` is the address of its channel."""

    brought: Brought
    home: str
    now: datetime


@dataclass(frozen=True)
class Sheet:
    """An edition laid out, to look at: what its readers' mail programs list, and its bodies."""

    language: str
    sender: str
    preheader: str
    rendering: Rendering


@dataclass(frozen=True)
class _Desk:
    """An undone transaction on the publication in force."""

    connection: Connection
    revision: Revision
    names: Ids
    channel: Channel
    now: datetime


def standing(engine: Engine, settings: Settings, wanted: Wanted) -> Standing:
    """What an edition brings as it stands. Nothing stays of it in the database.

    Raises:
        UnknownName: there is no such channel, cadence, edition or reader.
        ChoiceRefused: the time is none.
        NothingToSend: it brings nothing, or not to that reader.
        ArrangementRefused: the wishes contradict each other, or it is too late for them.
    """
    with undoing(engine) as connection:
        revision = require(connection)
        publication = revision.publication
        names, now = ids(connection, publication), database_now(connection)
        channel, edition = find_edition(connection, revision, names, wanted.named, by=BY, now=now)
        site = site_in_force(connection, settings, publication)
        if wanted.wishes is not None:
            in_turn = load_in_turn(connection, edition.id)
            edition = arrange(connection, in_turn, wanted.wishes, by=BY, now=now)
        desk = _Desk(connection, revision, names, channel, now)
        brought = brought_by(connection, _shown(desk, edition, wanted), site)
    layout = wanted.layout or brought.layout
    return Standing(replace(brought, layout=layout, view_url=""), f"{site}/{channel.slug}", now)


def sheet(engine: Engine, settings: Settings, templates: Templates, wanted: Wanted) -> Sheet:
    """An edition as it stands, laid out to be looked at; its links unsubscribe nobody.

    Raises:
        TemplateBroken: a template does not render; and as ``standing``.
    """
    found = standing(engine, settings, wanted)
    mail = digest_of(templates, found.brought).mail
    made = harmless(render(templates, found.brought), found.home)
    return Sheet(mail.language, mail.sender_name, mail.preheader, made)


def harmless(made: Rendering, home: str) -> Rendering:
    """A rendering whose reader's own links lead to the channel's page."""
    text, html = made.text, made.html
    for mark in MARKS:
        text, html = text.replace(mark, home), html.replace(mark, home)
    return Rendering(made.subject, text, html)


def _shown(desk: _Desk, edition: Edition, wanted: Wanted) -> Shown:
    require_offered(desk.channel, edition)
    if wanted.reader is not None:
        return _for_reader(desk, edition, wanted.reader)
    if edition.frozen_at is None and edition.regular:
        return _for_everybody(desk, edition)
    return _whole(desk, edition)


def _for_reader(desk: _Desk, edition: Edition, address: str) -> Shown:
    reader = reader_of(desk.connection, parse_address(address))
    _freeze(desk, edition, parse_address(address))
    return _delivered(desk, edition, reader.id)


def _for_everybody(desk: _Desk, edition: Edition) -> Shown:
    """As somebody without filters would get it who got all that the cadence brought so far."""
    assert edition.cadence is not None
    start = brought_up_to(desk.connection, edition.channel_id, edition.cadence)
    made = subscribe(
        desk.connection,
        EVERYBODY,
        Choice(edition.channel_id, edition.cadence),
        language=desk.channel.language,
        start_number=start,
        by=BY,
        now=desk.now,
    )
    _freeze(desk, edition, EVERYBODY)
    return _delivered(desk, edition, made.subscriber_id)


def _freeze(desk: _Desk, edition: Edition, reader: EmailAddress) -> None:
    """Freeze an edition for one reader as it would be, if it is not."""
    whom = Whom(staff=frozenset([reader.key]))
    if edition.regular:
        freeze_ahead(
            desk.connection, desk.revision, desk.names, desk.channel, edition, desk.now, whom
        )
    else:
        freeze_special_ahead(desk.connection, desk.revision, edition, desk.now, whom)


def _delivered(desk: _Desk, edition: Edition, subscriber_id: int) -> Shown:
    row = desk.connection.execute(
        select(variants.c.articles, variants.c.more, variants.c.layout)
        .join(deliveries, deliveries.c.variant_id == variants.c.id)
        .where(deliveries.c.edition_id == edition.id, deliveries.c.subscriber_id == subscriber_id)
    ).first()
    if row is None:
        why = load(desk.connection, edition.id).reason or "none of it is for this reader"
        raise NothingToSend(f"There is nothing to send: {why}.", cure=_NOTHING)
    return Shown(edition.id, tuple(row.articles), row.more, row.layout)


def _whole(desk: _Desk, edition: Edition) -> Shown:
    """All that is fixed for a frozen edition, or named for a special that is not."""
    connection = desk.connection
    fixed = edition.frozen_at is not None
    named = articles_of(connection, edition.id) if fixed else edition.arrangement.order
    found = in_order(named_candidates(connection, tuple(named)), edition.arrangement)
    articles = tuple(one.id for one in found)
    if not articles and not edition.arrangement.intro:
        raise NothingToSend("There is nothing to send: it has no article left.", cure=_NOTHING)
    if not fixed:
        values = {"revision": desk.revision.number, "send_at": edition.send_at or desk.now}
        change(connection, edition, values, by=BY, why="test", now=desk.now)
        write_articles(connection, edition.id, [Chosen(articles, 0)])
    rules = desk.channel.digest
    most = rules.max_items if rules and edition.regular else len(articles)
    return Shown(edition.id, articles[:most], max(0, len(articles) - most), "")


def require_offered(channel: Channel, edition: Edition) -> None:
    """One that is not fixed yet needs its cadence: the settings may have dropped it since."""
    offered = channel.digest.cadences if channel.digest else {}
    if edition.regular and edition.frozen_at is None and edition.cadence not in offered:
        raise NothingToSend(
            f"The channel {channel.slug} does not offer {edition.cadence} any more.",
            cure="Bring the cadence back, or cancel the edition.",
        )
