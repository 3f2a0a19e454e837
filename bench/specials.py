"""Section specials: from the end of a special's hold to its first message, while bulk goes on."""

import contextlib
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from servers import postgresql_server, redis_server
from sink import Sink
from sqlalchemy import Engine, select, update

from bench.serving import free_port, serving
from colporteur.articles.intake import take_in
from colporteur.articles.submission import Submission
from colporteur.audience.addresses import parse_address
from colporteur.audience.subscribing import Choice, subscribe
from colporteur.clock import utcnow
from colporteur.db import make_engine, writing
from colporteur.db.migrate import migrate
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import editions
from colporteur.editions import brakes, scheduling, specials
from colporteur.editions.freezing.regular import EVERYBODY
from colporteur.editions.freezing.special_readers import Audience
from colporteur.publication import Publication
from colporteur.publication.identities import ids
from colporteur.publication.revisions import apply, require

_SPECIALS = 20
_BULK = 4_000
_RELAY_S = 0.05
_AIM_S = 5.0


class _SlowRelay(Sink):
    """Takes a moment over every message, and notes when each subject first came."""

    def __init__(self) -> None:
        super().__init__()
        self.first: dict[str, float] = {}

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        head = (envelope.original_content or b"")[:4000].decode(errors="replace")
        subject = next((one for one in head.splitlines() if one.startswith("Subject: ")), "")
        self.first.setdefault(subject.removeprefix("Subject: "), utcnow().timestamp())
        self.slow = dict.fromkeys(envelope.rcpt_tos, _RELAY_S)
        return await super().handle_DATA(server, session, envelope)


def section() -> None:
    """Twenty specials, one after the other, on a worker of two processes with bulk to send."""
    with (
        postgresql_server() as postgresql,
        redis_server() as redis,
        tempfile.TemporaryDirectory() as name,
        _relay() as relay,
        contextlib.ExitStack() as running,
    ):
        engine = make_engine(postgresql)
        _make_house(engine)
        environment = {
            "COLPORTEUR_DATABASE_URL": postgresql,
            "COLPORTEUR_BROKER_URL": redis,
            "COLPORTEUR_SECRET_KEY": "k" * 32,
            "COLPORTEUR_BASE_URL": "https://relais.example",
            "COLPORTEUR_MAIL_URL": relay.url,
        }
        own = [sys.executable, "-m", "colporteur.cli", "worker"]
        for more in (["--concurrency", "2"], ["--beat"]):
            running.enter_context(
                serving([*own, *more], relay.port, Path(name), environment, pinned=False)
            )
        _show(_measure(engine, relay), len(relay.accepted))
        engine.dispose()


@contextlib.contextmanager
def _relay() -> Iterator[_SlowRelay]:
    relay = _SlowRelay()
    relay.port = free_port()
    controller = Controller(relay, hostname="127.0.0.1", port=relay.port)
    controller.start()
    try:
        yield relay
    finally:
        controller.stop()


def _make_house(engine: Engine) -> None:
    """A channel with readers, an edition for all of them under way, and no hold for specials."""
    migrate(engine)
    now = utcnow()
    with writing(engine) as connection:
        apply(connection, _publication(), by="bench", why="bench", now=now)
        revision = require(connection)
        names = ids(connection, revision.publication)
        brakes.go_live(connection, revision.publication, names, now, "bench")
        take_in(connection, Submission("En nombre"), revision.publication, names, now)
        for number in range(_BULK):
            subscribe(
                connection,
                parse_address(f"r{number}@example.org"),
                Choice(names.channels["actualites"], "matin"),
                language="fr",
                start_number=0,
                by="bench",
                now=now,
            )
        channel = revision.publication.channel("actualites")
        scheduling.send_now(connection, revision, names, channel, "matin", by="bench", now=now)


def _publication() -> Publication:
    daily = {"matin": {"rule": "daily", "at": ["03:00"]}}
    digest = {"max_age": "7d", "cadences": daily}
    channel = {"slug": "actualites", "title": "Actualités", "language": "fr", "digest": digest}
    return Publication.model_validate(
        {
            "title": "Le Relais",
            "languages": ["fr"],
            "timezone": "Europe/Paris",
            "base_url": "https://relais.example",
            "sender": {"name": "Le Relais", "address": "bonjour@relais.example"},
            "postal_address": {"fr": "1 rue du Test, 75001 Paris"},
            "specials": {"hold": "0m"},
            "channels": [channel],
        }
    )


def _measure(engine: Engine, relay: _SlowRelay) -> list[float]:
    """Seconds from each hold's end to its first message."""
    while not relay.accepted:
        time.sleep(0.1)  # until bulk is on its way
    taken = []
    for number in range(_SPECIALS):
        subject = f"Special {number}"
        ended = _send(engine, subject)
        while subject not in relay.first:
            time.sleep(0.005)
        taken.append(relay.first[subject] - ended)
        _settle(engine)
    return taken


def _send(engine: Engine, subject: str) -> float:
    """Confirm a special; when its hold ended."""
    with writing(engine) as connection:
        revision = require(connection)
        names = ids(connection, revision.publication)
        now = utcnow()
        said = specials.Special(
            revision.publication.channel("actualites"),
            Audience((names.channels["actualites"],)),
            note="Une note.",
            subject=subject,
        )
        made = specials.draft(connection, said, names, key=subject, by="bench", now=now)
        done = specials.confirm(
            connection,
            made,
            revision,
            typed=_BULK,
            at=None,
            by="bench",
            now=now,
            whom=EVERYBODY,
        )
    assert done.hold_until is not None
    return done.hold_until.timestamp()


def _settle(engine: Engine) -> None:
    """Call the rest of a special off, so that bulk goes on before the next one."""
    with writing(engine) as connection:
        special = select(editions.c.id).where(editions.c.kind == "special")
        waiting = deliveries.c.edition_id.in_(special) & (deliveries.c.status == "pending")
        ended = update(deliveries).where(waiting)
        connection.execute(ended.values(status="skipped", reason="cancelled"))
    time.sleep(1.5)


def _show(taken: list[float], messages: int) -> None:
    p50 = statistics.median(taken)
    p95 = sorted(taken)[round(0.95 * len(taken)) - 1]
    print(
        f"\nA special of {_BULK:,} readers among bulk to a relay of {_RELAY_S * 1000:.0f} ms a message"
    )
    print(f"  from the end of its hold to its first message: p50 {p50:.2f} s, p95 {p95:.2f} s")
    print(f"  {'aim':<46} {_AIM_S:>10.1f} s")
    print(f"  {'ratio':<46} {_AIM_S / p95:>10.2f} x   ({messages:,} messages meanwhile)")
