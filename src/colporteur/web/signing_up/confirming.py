"""``/confirm/…``: the one button that remains.

GET changes nothing: mail scanners open every link, and run what scripts they find. The browser
that signed up gets a script that presses the button; nobody else gets any.
"""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import Connection, select

from colporteur.audience.addresses import hash_of, mask
from colporteur.audience.consent import Consent, consent
from colporteur.audience.history import standing
from colporteur.audience.links import CONFIRM_FOR, preferences_link
from colporteur.audience.preferences import links_count_from
from colporteur.audience.signing_up import Confirmed, left_after
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.audience import subscribers
from colporteur.delivery.welcoming.asking import Office
from colporteur.delivery.welcoming.confirming import press
from colporteur.digests.letters.content import Content
from colporteur.editions.beginning import first_mail
from colporteur.exceptions import TokenExpired, UnknownName
from colporteur.publication import Publication
from colporteur.publication.identities import ids
from colporteur.tasks import Runtime
from colporteur.tokens import CONFIRM, read_passing, works_until
from colporteur.web.pages import Pages
from colporteur.web.policy import POLICY, WITH_SCRIPTS
from colporteur.web.private import PRIVATE
from colporteur.web.signing_up.cookie import signed_up

_GONE = 410


@dataclass(frozen=True)
class First:
    """A channel, and when its first digest comes, in words; empty where nobody can tell."""

    title: str
    moment: str


@dataclass(frozen=True)
class Button:
    """The page: ``state`` is ask, done, again, left or gone; ``by_itself``: its browser signed up."""

    state: str
    address: str = ""
    titles: tuple[str, ...] = ()
    by_itself: bool = False
    firsts: tuple[First, ...] = ()
    preferences_url: str = ""


@dataclass(frozen=True)
class _Reader:
    """Who is to confirm, as the page needs them."""

    address: str
    address_hash: str
    language: str


def confirming_routes(runtime: Runtime, pages: Pages) -> APIRouter:
    """GET shows the button, POST presses it."""
    button = _Button(runtime, pages)
    routes = APIRouter()

    @routes.get("/confirm/{token}")
    def ask(request: Request, token: str) -> HTMLResponse:
        return button.show(request, token)

    @routes.post("/confirm/{token}")
    def confirm(request: Request, token: str) -> HTMLResponse:
        return button.press(request, token)

    return routes


class _Button:
    """The button of one installation."""

    def __init__(self, runtime: Runtime, pages: Pages) -> None:
        self._runtime = runtime
        self._pages = pages

    def show(self, request: Request, token: str) -> HTMLResponse:
        """The page with the button, or that there is none any more."""
        with reading(self._runtime.engine) as connection:
            publication = self._pages.publication(connection)
            now = database_now(connection)
            try:
                found = self._read(token, connection)
                reader = _reader(connection, found)
            except (TokenExpired, UnknownName):
                return self._gone(publication)
            asked_for = self._office(connection, publication).channels(found.channels)
            left = left_after(connection, found)
        if left:
            return self._left(publication, reader.language)
        if found.confirmed_at is not None:
            return self._done(publication, reader.language, Button("again"))
        key = self._runtime.settings.secret_keys
        shown = Button(
            "ask",
            mask(reader.address),
            tuple(one.title for one in asked_for),
            by_itself=signed_up(request, key, reader.address_hash, now),
        )
        return self._page(publication, reader.language, "Confirm your subscription", shown)

    def press(self, request: Request, token: str) -> HTMLResponse:
        """What comes of the button."""
        ip = request.client.host if request.client else None
        with writing(self._runtime.engine) as connection:
            publication = self._pages.publication(connection)
            office = self._office(connection, publication)
            now = database_now(connection)
            try:
                found = self._read(token, connection)
                reader = _reader(connection, found)
                done = press(connection, office, found.id, ip=ip, now=now)
            except (TokenExpired, UnknownName):
                return self._gone(publication)
            firsts = self._firsts(connection, office, done, reader.language)
            key, site = office.secret_key, office.site
            choices = preferences_link(key, site, done.subscriber_id, now)
        if done.left:
            return self._left(publication, reader.language)
        shown = Button("again")
        if done.subscription_ids:
            shown = Button("done", firsts=firsts, preferences_url=choices)
        return self._done(publication, reader.language, shown)

    def _read(self, token: str, connection: Connection) -> Consent:
        """The record that a token is of; one that was sent to an address of before is over."""
        key = self._runtime.settings.secret_keys
        number, _ = read_passing(key, CONFIRM, token, database_now(connection))
        found = consent(connection, number)
        made = works_until(key, CONFIRM, token) - CONFIRM_FOR
        moved = links_count_from(connection, found.subscriber_id)
        if moved is not None and made < moved.replace(microsecond=0):
            raise TokenExpired(
                "This link was sent to an address of before.",
                cure="Subscribe once more.",
                value=(number, ""),
            )
        return found

    def _office(self, connection: Connection, publication: Publication) -> Office:
        site, key = self._pages.site(publication), self._runtime.settings.secret_keys
        return Office(publication, ids(connection, publication), site, key)

    def _firsts(
        self, connection: Connection, office: Office, done: Confirmed, tag: str
    ) -> tuple[First, ...]:
        now = database_now(connection)
        content = Content({}, tag, self._runtime.templates.catalogue(tag), office.publication)
        found = []
        for one in done.subscription_ids:
            held = standing(connection, one)
            assert held is not None
            for channel in office.channels([held.choice.channel_id]):
                first = first_mail(office.publication, channel, held.choice, now)
                moment = content.moment(first.isoformat()) if first else ""
                found.append(First(channel.title, moment))
        return tuple(found)

    def _done(self, publication: Publication, tag: str, shown: Button) -> HTMLResponse:
        return self._page(publication, tag, "Your subscription is confirmed", shown)

    def _left(self, publication: Publication, tag: str) -> HTMLResponse:
        return self._page(publication, tag, "You left since", Button("left"))

    def _gone(self, publication: Publication) -> HTMLResponse:
        tag = publication.languages[0]
        title = "This link does not work any more"
        return self._page(publication, tag, title, Button("gone"), _GONE)

    def _page(
        self, publication: Publication, tag: str, title: str, shown: Button, code: int = 200
    ) -> HTMLResponse:
        title = self._runtime.templates.catalogue(tag).gettext(title)
        response = self._pages.render(
            "confirm", publication, tag, title, noindex=True, code=code, button=shown
        )
        response.headers.update(PRIVATE)
        policy = WITH_SCRIPTS if shown.by_itself else POLICY
        response.headers["Content-Security-Policy"] = policy
        return response


def _reader(connection: Connection, found: Consent) -> _Reader:
    row = connection.execute(
        select(subscribers).where(subscribers.c.id == found.subscriber_id)
    ).first()
    if row is None or row.address is None:
        raise UnknownName("This reader was erased.", cure="Nothing is sent to them.")
    return _Reader(row.address, hash_of(row.address_key), row.language)
