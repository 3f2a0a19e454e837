"""What the API changes of readers: a transaction each, noted under the token's holder."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from colporteur.audience import pausing, rosters
from colporteur.audience.addresses import EmailAddress, parse_address
from colporteur.audience.choices import Choice, read_layout, read_minute, read_weekday, read_zone
from colporteur.audience.consent import Asked, note_consent
from colporteur.audience.erasing import erase
from colporteur.audience.leaving import leave
from colporteur.audience.preferences import person as reader_of_id
from colporteur.audience.rosters import Chosen, Listed
from colporteur.audience.states import State
from colporteur.audience.subscribing import choose, subscribe
from colporteur.db import database_now, writing
from colporteur.editions.beginning import start_number
from colporteur.exceptions import (
    AddressRefused,
    ChoiceRefused,
    ReaderStateRefused,
    UnknownName,
)
from colporteur.publication import Channel, Publication
from colporteur.publication.identities import Ids, ids
from colporteur.publication.revisions import require
from colporteur.staff import people
from colporteur.staff.tokens import Token
from colporteur.tasks import Runtime
from colporteur.web.api.noting import note
from colporteur.web.api.paging import ID_AT_MOST
from colporteur.web.api.problems import Problem
from colporteur.web.api.subscriber_bodies import ChoiceBody, PauseBody, SubscriberBody
from colporteur.web.api.subscriber_views import Naming, SubscriberView

_HAVING = (State.PENDING, State.ACTIVE, State.PAUSED)


@dataclass(frozen=True)
class _Office:
    """An open transaction on readers, and whose program it is."""

    connection: Connection
    publication: Publication
    names: Ids
    token: Token
    by: str
    now: datetime

    def channel(self, slug: str) -> tuple[Channel, int]:
        """A channel that has digests, and its id."""
        found = self.publication.channel(slug)
        if found.digest is None:
            raise ChoiceRefused(f"The channel {found.slug} has no digests.", cure="Choose another.")
        return found, self.names.channels[found.slug]

    def require_channel(self, slug: str) -> int:
        """The id of the channel that an address names.

        Raises:
            Problem: 404, there is none.
        """
        try:
            return self.names.channels[self.publication.channel(slug).slug]
        except UnknownName as error:
            raise Problem(404, error.message, error.cure, kind="unknown-channel") from None

    def reader(self, number: int) -> Listed:
        """A reader who is locked until commit.

        Raises:
            Problem: 404, there is none.
        """
        try:
            reader_of_id(self.connection, number, lock=True)
        except UnknownName:
            raise unknown_subscriber(number) from None
        found = rosters.reader(self.connection, number)
        assert found is not None
        return found

    def held(self, number: int, slug: str) -> Chosen:
        """What a reader has of a channel.

        Raises:
            Problem: 404, they never had any of it.
        """
        wanted = self.require_channel(slug)
        found = [one for one in self.reader(number).subscriptions if one.channel_id == wanted]
        if not found:
            raise Problem(
                404,
                f"The subscriber {number} never had the channel {slug[:100]!r}.",
                "PUT subscribes them to it.",
                kind="unknown-subscription",
                title="Unknown subscription",
            )
        return found[0]

    def view(self, number: int) -> SubscriberView:
        """A reader as they are now."""
        found = rosters.reader(self.connection, number)
        assert found is not None
        return Naming(self.publication, self.names).reader(found)

    def note(self, what: str, number: int, **detail: object) -> None:
        """Note what was done to a reader."""
        note(self.connection, self.token, what, f"reader:{number}", self.now, **detail)


@dataclass(frozen=True)
class Subscribing:
    """The API's way to the readers of one installation."""

    runtime: Runtime

    def add(self, body: SubscriberBody, token: Token) -> tuple[SubscriberView, bool]:
        """Subscribe somebody; whether that is new."""
        with self._office(token) as office:
            address = parse_address(body.address)
            language = body.language or office.publication.channel(body.channel).language
            if language not in office.publication.languages:
                known = ", ".join(office.publication.languages)
                cure = f"The languages are: {known}."
                raise ChoiceRefused(f"There is no language {language[:40]!r}.", cure=cure)
            wish = Asked("api", body.wording, body.form_url)
            number, new = _subscribe(office, address, body.channel, body, wish, body.name, language)
            return office.view(number), new

    def choose(
        self, number: int, slug: str, body: ChoiceBody, token: Token
    ) -> tuple[SubscriberView, bool]:
        """Have a reader get a channel like this, whether they have it or not; whether that is new."""
        with self._office(token) as office:
            reader = office.reader(number)
            office.require_channel(slug)
            channel, channel_id = office.channel(slug)
            held = [one for one in reader.subscriptions if one.channel_id == channel_id]
            if held and held[0].state in _HAVING:
                choice = _choice(office, channel, body)
                if choose(office.connection, held[0].id, choice, by=office.by, now=office.now):
                    office.note("reader.chose", number, channel=slug)
                return office.view(number), False
            address, wish = parse_address(reader.address), Asked("api", "")
            _subscribe(office, address, slug, body, wish, reader.name, reader.language)
            return office.view(number), True

    def leave(self, number: int, slug: str, token: Token) -> None:
        """End a reader's subscription to a channel; again is no mistake."""
        with self._office(token) as office:
            held = office.held(number, slug)
            if leave(office.connection, held.id, by=office.by, now=office.now):
                office.note("reader.unsubscribed", number, channel=slug)

    def pause(self, number: int, slug: str, body: PauseBody, token: Token) -> SubscriberView:
        """Send a reader nothing of a channel until then."""
        with self._office(token) as office:
            held = office.held(number, slug)
            pausing.pause(
                office.connection,
                held.id,
                body.until,
                backlog=body.backlog,
                by=office.by,
                now=office.now,
            )
            until = body.until.isoformat()
            office.note("reader.paused", number, channel=slug, until=until)
            return office.view(number)

    def resume(self, number: int, slug: str, token: Token) -> SubscriberView:
        """End a pause; where there is none, nothing changes."""
        with self._office(token) as office:
            held = office.held(number, slug)
            if pausing.resume(office.connection, held.id, by=office.by, now=office.now):
                office.note("reader.resumed", number, channel=slug)
            return office.view(number)

    def erase(self, number: int, token: Token) -> None:
        """Forget a reader."""
        with self._office(token) as office:
            office.reader(number)
            erase(office.connection, number, by=office.by, now=office.now)
            office.note("reader.erased", number)

    @contextmanager
    def _office(self, token: Token) -> Iterator[_Office]:
        with _refusals(), writing(self.runtime.engine) as connection:
            publication = require(connection).publication
            names = ids(connection, publication)
            by = people.by_id(connection, token.user_id).address
            yield _Office(connection, publication, names, token, by, database_now(connection))


def unknown_subscriber(number: int) -> Problem:
    """There is no such reader, or they were erased."""
    return Problem(
        404,
        f"There is no subscriber {number}.",
        "GET /api/v1/subscribers lists those there are.",
        kind="unknown-subscriber",
        title="Unknown subscriber",
    )


def require_id(number: int) -> int:
    """A number that an id can be: a dependency.

    Raises:
        Problem: 404, no reader has it.
    """
    if not 0 < number < ID_AT_MOST:
        raise unknown_subscriber(number)
    return number


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except ReaderStateRefused as error:
        raise Problem(
            409, error.message, error.cure, kind="state-refused", title="Not in this state"
        ) from None
    except (AddressRefused, ChoiceRefused, UnknownName) as error:
        raise Problem(
            422,
            error.message,
            error.cure,
            kind="subscriber-refused",
            title="The subscription was refused",
        ) from None


def _subscribe(
    office: _Office,
    address: EmailAddress,
    slug: str,
    body: ChoiceBody,
    wish: Asked,
    name: str,
    language: str,
) -> tuple[int, bool]:
    channel, channel_id = office.channel(slug)
    choice = _choice(office, channel, body)
    connection, now = office.connection, office.now
    done = subscribe(
        connection,
        address,
        choice,
        language=language,
        start_number=start_number(connection, office.publication, channel, choice.cadence, now),
        by=office.by,
        now=now,
        name=name,
    )
    if done.new:
        note_consent(connection, done.subscriber_id, [channel_id], wish, now, confirmed=True)
    what = "reader.added" if done.new else "reader.chose"
    office.note(what, done.subscriber_id, channel=channel.slug)
    return done.subscriber_id, done.new


def _choice(office: _Office, channel: Channel, body: ChoiceBody) -> Choice:
    assert channel.digest is not None
    name = body.cadence or next(iter(channel.digest.cadences))
    cadence = channel.cadence(name)
    return Choice(
        channel_id=office.names.channels[channel.slug],
        cadence=name,
        topics_in=_topics(office, body.topics),
        topics_out=_topics(office, body.without),
        weekday=read_weekday(body.weekday, name, cadence) if body.weekday is not None else None,
        minute=read_minute(body.hour, name, cadence) if body.hour is not None else None,
        timezone=read_zone(body.timezone) if body.timezone is not None else None,
        specials=body.specials,
        layout=read_layout(body.layout) if body.layout is not None else "",
    )


def _topics(office: _Office, slugs: Sequence[str]) -> tuple[int, ...]:
    known = office.names.topics
    for slug in slugs:
        if slug not in known:
            names = ", ".join(office.publication.topics) or "none"
            raise ChoiceRefused(
                f"There is no topic {slug[:100]!r}.", cure=f"The topics are: {names}."
            )
    return tuple(dict.fromkeys(known[slug] for slug in slugs))
