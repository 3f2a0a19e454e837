"""A special edition that is being written, as it would leave by now: to see, to test, to judge.

It is drafted, fixed and rendered as the real one would be, in a transaction that is undone.
"""

import secrets
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, Engine

from colporteur.config import Settings
from colporteur.db import database_now, undoing
from colporteur.delivery.looking_over import LookedOver, material_of
from colporteur.delivery.proofs import Proof
from colporteur.digests.letters.content import Content
from colporteur.digests.preflight import judge
from colporteur.digests.preflight.links import to_ask
from colporteur.digests.preflight.reaching import Asking, reach
from colporteur.digests.rendering import MARKS, Brought, Rendering, render
from colporteur.digests.variants import Shown, brought_by
from colporteur.editions.brakes import in_force
from colporteur.editions.choosing import Chosen
from colporteur.editions.drafting import meant_by
from colporteur.editions.freezing.ahead import freeze_special_ahead
from colporteur.editions.freezing.candidates import named_candidates
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.freezing.regular import write_articles
from colporteur.editions.opening import BY
from colporteur.editions.special_writing import Writing
from colporteur.editions.specials import Special, draft
from colporteur.editions.states import State
from colporteur.editions.store import CORRECTION, SPECIAL, insert_edition
from colporteur.exceptions import SpecialRefused
from colporteur.publication.identities import Ids, ids
from colporteur.publication.revisions import Revision, require
from colporteur.publication.site import site_in_force
from colporteur.templating import Templates


def draft_seen(
    engine: Engine, settings: Settings, templates: Templates, writing: Writing, *, test: bool
) -> Proof:
    """A draft laid out, as somebody gets it who had none of its articles.

    With ``test`` it says that it is one. What is not said yet may be missing; what is left of the
    articles is shown. Nothing stays of it in the database.

    Raises:
        SpecialRefused: there is nothing to be seen yet.
        UnknownName: the channel that it comes from was removed.
        TemplateBroken: a template does not render.
    """
    with undoing(engine) as connection:
        revision = require(connection)
        names, now = ids(connection, revision.publication), database_now(connection)
        special = meant_by(revision.publication, names, writing)
        site = site_in_force(connection, settings, revision.publication)
        brought = _brought(connection, revision, names, special, site, now)
    language = brought.channel.language
    if test:
        content = Content({}, language, templates.catalogue(language), brought.publication)
        band = content.say(
            "Test, sent only to the addresses that were named: "
            "the edition as it stood on %(moment)s.",
            moment=content.moment(now.isoformat()),
        )
        brought = replace(brought, band=band)
    made = render(templates, brought)
    text, html = made.text, made.html
    for mark in MARKS:  # nobody is unsubscribed from a preview
        home = f"{site}/{brought.channel.slug}"
        text, html = text.replace(mark, home), html.replace(mark, home)
    return Proof(language, Rendering(made.subject, text, html))


def look_draft_over(
    engine: Engine, settings: Settings, templates: Templates, writing: Writing, *, links: bool
) -> LookedOver:
    """What preflight would find in a draft; its ``links`` elsewhere are asked only where said.

    Raises:
        SpecialRefused: it could not be sent as it is.
        UnknownName: an article, an edition or its channel is not there any more.
    """
    real = settings.outbox is None
    with undoing(engine) as connection:
        now, revision = database_now(connection), require(connection)
        names = ids(connection, revision.publication)
        special = meant_by(revision.publication, names, writing)
        brake = in_force(connection, revision.publication, real_relay=real)
        key = secrets.token_hex(16)
        edition = draft(connection, special, names, key=key, by=BY, now=now)
        whom = Whom(staff=brake.staff_only)
        edition = freeze_special_ahead(connection, revision, edition, now, whom)
        if edition.frozen_at is None or edition.state is State.SKIPPED:
            return LookedOver(edition, (), edition.reason or "it is not fixed for anybody")
        material = material_of(connection, settings, templates, edition, real_relay=real)
    asking = Asking(material.letterhead.site, loopback=settings.fetch_loopback)
    answers = reach(to_ask(material) if links else [], asking)
    return LookedOver(edition, tuple(judge(material, answers)))


def _brought(
    connection: Connection,
    revision: Revision,
    names: Ids,
    special: Special,
    site: str,
    now: datetime,
) -> Brought:
    there = {one.id for one in named_candidates(connection, special.articles)}
    articles = tuple(one for one in special.articles if one in there)
    if not articles and not special.note.strip():
        raise SpecialRefused(
            "There is nothing to be seen yet.", cure="Choose an article, or write a note."
        )
    edition = insert_edition(
        connection,
        {
            "channel_id": names.channels[special.home.slug],
            "kind": SPECIAL if special.audience.corrects is None else CORRECTION,
            "arrangement": special.arrangement.as_json(),
            "revision": revision.number,
            "send_at": now,
        },
        by=BY,
        now=now,
    )
    assert edition is not None
    write_articles(connection, edition.id, [Chosen(articles, 0)])
    return brought_by(connection, Shown(edition.id, articles, 0, ""), site)
