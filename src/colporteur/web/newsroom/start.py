"""The way of a new publication to its readers: six steps, each as the database has it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, exists, func, select
from starlette.responses import Response

from colporteur.articles.sources import store as sources
from colporteur.audience.addresses import parse_address
from colporteur.db.tables.articles import articles
from colporteur.db.tables.delivery import deliveries, letters
from colporteur.delivery.outcomes import Status
from colporteur.delivery.proofs import Proof, post
from colporteur.editions import brakes
from colporteur.publication import Channel, Publication
from colporteur.publication.look import Look
from colporteur.publication.site import site_in_force
from colporteur.staff.permissions import May
from colporteur.web.desk import Desk
from colporteur.web.newsroom.clocks import Clock
from colporteur.web.newsroom.leaving import leaving
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.sample import sample_digest
from colporteur.web.newsroom.visiting import Visit

PATH = "/newsroom/start"
# RFC 2606 and RFC 6761 keep these for examples: nobody gets mail there.
_RESERVED = ("example", "test", "invalid", "localhost", "example.com", "example.net", "example.org")


@dataclass(frozen=True)
class Step:
    """A step: whether it is done, and in numbers or names how it stands."""

    name: str
    done: bool
    said: str = ""


def start_places(room: Room) -> list[Place]:
    """The page of the first steps, and what it does."""
    page = _Start(room)
    return [
        Place("GET", PATH, May.SETTINGS, page.show),
        Place("POST", f"{PATH}/test", May.SETTINGS, page.test),
        Place("POST", f"{PATH}/live", May.SETTINGS, page.go_live),
    ]


class _Start:
    def __init__(self, room: Room) -> None:
        self._room = room

    def show(self, visit: Visit) -> Response:
        """Every step with its state."""
        with self._room.reading(visit) as desk:
            found = steps(desk)
            live = brakes.live_since(desk.connection)
            told = leaving(desk, visit.tag, live=True)
            since = Clock(visit.tag, desk.publication.timezone).in_full(live) if live else ""
        return self._room.page(
            visit,
            "start",
            self._room.say(visit, "First steps"),
            steps=found,
            left=sum(not one.done for one in found),
            live=since,
            told=told,
            address=visit.person.address,
            outbox=self._room.runtime.settings.outbox is not None,
        )

    def test(self, visit: Visit) -> Response:
        """Send a sample digest to who asks, and to nobody else."""
        run = self._room.runtime
        with self._room.reading(visit) as desk:
            channel = first_channel(desk.publication)
            rendering = sample_digest(
                desk.connection,
                run.templates,
                desk.publication,
                channel,
                desk.names.channels[channel.slug],
                site_in_force(desk.connection, run.settings, desk.publication),
                desk.now,
                test=True,
            )
        with self._room.changing(visit, May.SETTINGS) as desk:
            made = Proof(channel.language, rendering)
            post(desk.connection, made, [desk.person.address], desk.brake, desk.now)
            desk.note("test.sent", f"channel:{channel.slug}", to=desk.person.address)
        self._room.ring()
        return self._room.to(PATH, "tested")

    def go_live(self, visit: Visit) -> Response:
        """End the rehearsal."""
        with self._room.changing(visit, May.SETTINGS) as desk:
            names = (desk.publication, desk.names, desk.now, desk.by)
            if brakes.go_live(desk.connection, *names):
                desk.note("sending.live", "sending", readers=brakes.readers(desk.connection))
        self._room.ring()
        return self._room.to(PATH, "live")


def first_channel(publication: Publication) -> Channel:
    """The first channel that has digests, else the first."""
    return next((one for one in publication.channels if one.digest), publication.channels[0])


def steps(desk: Desk) -> Sequence[Step]:
    """The six steps as they stand."""
    publication, connection = desk.publication, desk.connection
    domain = publication.sender.address.rpartition("@")[2]
    mailing = [one.title for one in publication.channels if one.digest]
    fetched = len(sources.listing(connection))
    written = int(connection.scalar(select(func.count()).select_from(articles)) or 0)
    return [
        Step(
            "name", not is_reserved(domain), f"{publication.title} <{publication.sender.address}>"
        ),
        Step("look", publication.look != Look()),
        Step("channel", bool(mailing), ", ".join(mailing)),
        Step("source", bool(fetched or written), f"{fetched} · {written}"),
        Step("test", has_test(connection, desk.person.address), desk.person.address),
        Step("live", brakes.live_since(connection) is not None),
    ]


def is_reserved(domain: str) -> bool:
    """Whether a domain is for examples, such as the sample's."""
    return any(domain == one or domain.endswith(f".{one}") for one in _RESERVED)


def has_test(connection: Connection, address: str) -> bool:
    """Whether a test went to an address, and was taken there."""
    sent = exists().where(
        letters.c.purpose.startswith("test:"),
        letters.c.address == parse_address(address).text,
        deliveries.c.letter_id == letters.c.id,
        deliveries.c.status == Status.SENT,
    )
    return bool(connection.scalar(select(sent)))
