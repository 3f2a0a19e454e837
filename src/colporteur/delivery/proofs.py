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
from colporteur.config import Settings
from colporteur.db.tables.audience import suppressions
from colporteur.db.tables.delivery import deliveries, letters
from colporteur.delivery.letters import write_letter
from colporteur.delivery.standing import Wanted, harmless, standing
from colporteur.digests.letters import TEST
from colporteur.digests.letters.content import Content
from colporteur.digests.rendering import Rendering, render
from colporteur.editions.brakes import Brake
from colporteur.exceptions import AddressRefused
from colporteur.templating import Templates


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


def proof(engine: Engine, settings: Settings, templates: Templates, wanted: Wanted) -> Proof:
    """Lay out an edition as it stands. Nothing stays of it in the database.

    Raises:
        UnknownName: there is no such channel, cadence, edition or reader.
        ChoiceRefused: the time is none.
        NothingToSend: it brings nothing, or not to that reader.
        ArrangementRefused: its wishes contradict each other, or come too late.
        TemplateBroken: a template does not render.
    """
    found = standing(engine, settings, wanted)
    brought = found.brought
    channel, publication = brought.channel, brought.publication
    content = Content({}, channel.language, templates.catalogue(channel.language), publication)
    band = content.say(
        "Test, sent only to the addresses that were named: the edition as it stood on %(moment)s.",
        moment=content.moment(found.now.isoformat()),
    )
    made = render(templates, replace(brought, band=band))
    return Proof(channel.language, harmless(made, found.home))


def post(
    connection: Connection,
    made: Proof,
    addresses: Iterable[str],
    brake: Brake,
    now: datetime,
    nonce: str = "",
) -> list[str]:
    """Have a proof sent to these addresses at once; the purposes of its new letters.

    Each time anew, unless a form's ``nonce`` says that it is the same once more.

    Raises:
        AddressRefused: one is no address, on the do-not-mail list, or out of a rehearsal's reach.
    """
    whom = {one.key: one for one in map(parse_address, addresses)}.values()
    for one in whom:
        _require_reachable(connection, one, brake)
    nonce = nonce or secrets.token_hex(8)
    content = vars(made.rendering)
    purposes = []
    for one in whom:
        purpose = f"test:{nonce}:{one.hash[:40]}"
        if write_letter(connection, purpose, TEST, one.text, made.language, content, now):
            purposes.append(purpose)
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
