"""Sends an edition as it stands now to people who look it over: a test, in printing a proof.

It is made in a transaction that is undone, by the freeze and the renderer of the real sending.
What is sent are letters: they never count as deliveries of the edition.
"""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection, Engine, exists, select

from colporteur.audience.addresses import EmailAddress, parse_address
from colporteur.audience.choices import Choice
from colporteur.audience.readers import reader_of
from colporteur.audience.subscribing import subscribe
from colporteur.config import Settings
from colporteur.db import database_now, undoing
from colporteur.db.tables.audience import suppressions
from colporteur.db.tables.delivery import deliveries, letters
from colporteur.db.tables.editions import variants
from colporteur.delivery.letters import write_letter
from colporteur.digests.letters import TEST
from colporteur.digests.letters.content import Content
from colporteur.digests.rendering import MARKS, Rendering, render
from colporteur.digests.variants import Shown, articles_of, brought_by
from colporteur.editions.brakes import Brake
from colporteur.editions.choosing import Chosen, in_order
from colporteur.editions.foretelling import brought_up_to
from colporteur.editions.freezing.ahead import freeze_ahead, freeze_special_ahead
from colporteur.editions.freezing.candidates import named_candidates
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.freezing.regular import write_articles
from colporteur.editions.naming import Named, find_edition
from colporteur.editions.opening import BY
from colporteur.editions.store import Edition, change, load
from colporteur.exceptions import AddressRefused, ColporteurError
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
    without a ``layout`` it is laid out as it would be.
    """

    named: Named
    reader: str | None = None
    layout: str = ""


@dataclass(frozen=True)
class Proof:
    """An edition as it stands, laid out in its language."""

    language: str
    rendering: Rendering


@dataclass(frozen=True)
class Posted:
    """What became of one copy: ``status`` is that of a delivery, ``said`` the relay's answer."""

    address: str
    status: str
    said: str


@dataclass(frozen=True)
class _Desk:
    """An undone transaction on the publication in force."""

    connection: Connection
    revision: Revision
    names: Ids
    channel: Channel
    now: datetime


def proof(engine: Engine, settings: Settings, templates: Templates, wanted: Wanted) -> Proof:
    """Lay out an edition as it stands. Nothing stays of it in the database.

    Raises:
        UnknownName: there is no such channel, cadence, edition or reader.
        ChoiceRefused: the time is none.
        ColporteurError: it brings nothing, or not to that reader.
        TemplateBroken: a template does not render.
    """
    with undoing(engine) as connection:
        revision = require(connection)
        publication = revision.publication
        names, now = ids(connection, publication), database_now(connection)
        channel, edition = find_edition(connection, revision, names, wanted.named, by=BY, now=now)
        site = site_in_force(connection, settings, publication)
        desk = _Desk(connection, revision, names, channel, now)
        brought = brought_by(connection, _shown(desk, edition, wanted), site)
    content = Content({}, channel.language, templates.catalogue(channel.language), publication)
    band = content.say(
        "Test, sent only to the addresses that were named: the edition as it stood on %(moment)s.",
        moment=content.moment(now.isoformat()),
    )
    layout = wanted.layout or brought.layout
    made = render(templates, replace(brought, band=band, layout=layout, view_url=""))
    home = f"{site}/{channel.slug}"  # nobody is unsubscribed from a test
    text, html = made.text, made.html
    for mark in MARKS:
        text, html = text.replace(mark, home), html.replace(mark, home)
    return Proof(channel.language, Rendering(made.subject, text, html))


def post(
    connection: Connection, made: Proof, addresses: Iterable[str], brake: Brake, now: datetime
) -> list[str]:
    """Have a proof sent to these addresses at once, each time anew; the purposes of its letters.

    Raises:
        AddressRefused: one is no address, on the do-not-mail list, or out of a rehearsal's reach.
    """
    whom = {one.key: one for one in map(parse_address, addresses)}.values()
    for one in whom:
        _require_reachable(connection, one, brake)
    nonce = secrets.token_hex(8)
    content = vars(made.rendering)
    purposes = []
    for one in whom:
        purposes.append(f"test:{nonce}:{one.hash[:40]}")
        write_letter(connection, purposes[-1], TEST, one.text, made.language, content, now)
    return purposes


def posted(connection: Connection, purposes: Sequence[str]) -> list[Posted]:
    """What became of letters by their purposes, in the order in which they were written."""
    rows = connection.execute(
        select(letters.c.address, deliveries.c.status, deliveries.c.smtp_code, deliveries.c.reply)
        .join(deliveries, deliveries.c.letter_id == letters.c.id)
        .where(letters.c.purpose.in_(purposes))
        .order_by(letters.c.id)
    )
    return [
        Posted(row.address, row.status, f"{row.smtp_code or ''} {row.reply or ''}".strip())
        for row in rows
    ]


def _require_reachable(connection: Connection, address: EmailAddress, brake: Brake) -> None:
    if not brake.reaches(address.key):
        raise AddressRefused(
            f"{address.text} is not of the staff, and this is a rehearsal: nobody else gets mail.",
            cure="Name people of `colporteur users list` or alerts_to, or go live first.",
        )
    suppressed = exists().where(suppressions.c.address_hash == address.hash)
    if connection.scalar(select(suppressed)):
        raise AddressRefused(
            f"{address.text} is on the do-not-mail list.", cure="Name another address."
        )


def _shown(desk: _Desk, edition: Edition, wanted: Wanted) -> Shown:
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
        raise ColporteurError(f"There is nothing to send: {why}.", cure=_NOTHING)
    return Shown(edition.id, tuple(row.articles), row.more, row.layout)


def _whole(desk: _Desk, edition: Edition) -> Shown:
    """All that is fixed for a frozen edition, or named for a special that is not."""
    connection = desk.connection
    fixed = edition.frozen_at is not None
    named = articles_of(connection, edition.id) if fixed else edition.arrangement.order
    found = in_order(named_candidates(connection, tuple(named)), edition.arrangement)
    articles = tuple(one.id for one in found)
    if not articles and not edition.arrangement.intro:
        raise ColporteurError("There is nothing to send: it has no article left.", cure=_NOTHING)
    if not fixed:
        values = {"revision": desk.revision.number, "send_at": edition.send_at or desk.now}
        change(connection, edition, values, by=BY, why="test", now=desk.now)
        write_articles(connection, edition.id, [Chosen(articles, 0)])
    rules = desk.channel.digest
    most = rules.max_items if rules and edition.regular else len(articles)
    return Shown(edition.id, articles[:most], max(0, len(articles) - most), "")
