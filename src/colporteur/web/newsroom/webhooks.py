"""``/newsroom/webhooks``: programs elsewhere that are told what happens, and what they answered."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from babel.dates import format_datetime
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import Response

from colporteur.exceptions import FetchRefused, UnknownName
from colporteur.staff.permissions import May
from colporteur.templating import language
from colporteur.web.desk import Desk
from colporteur.web.newsroom.places import Place
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit, as_id
from colporteur.webhooks import endpoints, log
from colporteur.webhooks.endpoints import Webhook
from colporteur.webhooks.kinds import Kind

HERE = "/newsroom/webhooks"
_ONE = f"{HERE}/{{id}}"
_SHOWN = 50
_KEY_AT_MOST = 40
_NO_ADDRESS = (
    "This cannot be asked. Write a whole address with https://, without user and password."
)
_WORDS: dict[Kind, str] = {
    Kind.ARTICLE_PUBLISHED: "An article is published",
    Kind.EDITION_FROZEN: "The articles and readers of an edition are fixed",
    Kind.EDITION_SENT: "An edition is sent",
    Kind.EDITION_PAUSED: "An edition is paused",
    Kind.SUBSCRIBER_CONFIRMED: "A reader confirms, or comes back",
    Kind.SUBSCRIBER_LEFT: "A reader leaves",
    Kind.SUBSCRIBER_BOUNCED: "A reader’s address takes no mail any more",
}
_PROBLEMS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"It answered (?P<status>\d+)\."), "It answered %(status)s."),
    (re.compile(r"It answered 410: .*"), "It says that it is gone for good."),
    (re.compile(r"By (?P<by>.+)\."), "Switched off by %(by)s."),
    (
        re.compile(r"It took nothing for (?P<days>\d+) days\..*"),
        "It took nothing for %(days)s days, and is told nothing any more.",
    ),
)
"""What is written down in English, and how a page says it."""


@dataclass(frozen=True)
class Typed:
    """What was typed into the form; before anything was, everything is ticked but addresses."""

    url: str = ""
    name: str = ""
    kinds: tuple[str, ...] = tuple(Kind)
    addresses: bool = False
    key: str = ""


class _Clock:
    """Writes moments as somebody reads them."""

    def __init__(self, desk: Desk, tag: str) -> None:
        self._zone = ZoneInfo(desk.publication.timezone)
        self._locale = language(tag).locale

    def __call__(self, at: datetime | None) -> str:
        """``23 nov. 2026, 07:00:12``; empty for none."""
        if at is None:
            return ""
        return format_datetime(at.astimezone(self._zone), "medium", locale=self._locale)


def webhook_places(room: Room) -> list[Place]:
    """The pages of webhooks: for those who change settings."""
    desk = _Webhooks(room)
    allowed = May.SETTINGS
    return [
        Place("GET", HERE, allowed, desk.every),
        Place("POST", HERE, allowed, desk.add),
        Place("GET", _ONE, allowed, desk.one),
        Place("POST", f"{_ONE}/on", allowed, desk.switch_on),
        Place("POST", f"{_ONE}/off", allowed, desk.switch_off),
        Place("POST", f"{_ONE}/remove", allowed, desk.remove),
        Place("POST", f"{_ONE}/messages/{{message}}/again", allowed, desk.send_again),
    ]


class _Webhooks:
    def __init__(self, room: Room) -> None:
        self._room = room

    def every(self, visit: Visit) -> Response:
        """All of them, and the form to add one."""
        return self._list(visit, Typed(key=secrets.token_urlsafe(18)), {})

    def add(self, visit: Visit) -> Response:
        """Add one, and show its secret: in this answer alone."""
        form = visit.form
        known = {one.value for one in Kind}
        kinds = tuple(one for one in form.all("kind") if one in known)
        typed = Typed(
            *(form.one("url"), form.one("name"), kinds),
            addresses=form.one("addresses") == "yes",
            key=form.one("key")[:_KEY_AT_MOST],
        )
        faults = self._faults(visit, typed)
        if faults:
            return self._list(visit, typed, faults, code=422)
        try:
            made = self._made(visit, typed)
        except FetchRefused:
            return self._list(visit, typed, {"url": self._room.say(visit, _NO_ADDRESS)}, code=422)
        if made is None:  # the same form was sent before
            return self._room.to(HERE, "added")
        webhook, secret = made
        title = self._room.say(visit, "%(name)s is told from now on", name=webhook.name)
        page = self._room.page(visit, "webhook_secret", title, webhook=webhook, secret=secret)
        page.headers["Cache-Control"] = "no-store"
        return page

    def one(self, visit: Visit) -> Response:
        """One, with what it was told."""
        before = visit.query.one("before")
        with self._room.reading(visit) as desk:
            found = self._load(desk, visit)
            told = log.messages(
                desk.connection,
                limit=_SHOWN + 1,
                webhook_id=found.id,
                before=as_id(before) if before else None,
            )
            clock = _Clock(desk, visit.tag)
        more = told[_SHOWN - 1].id if len(told) > _SHOWN else None
        return self._room.page(
            visit,
            "webhook",
            found.name,
            webhook=found,
            told=told[:_SHOWN],
            more=more,
            clock=clock,
            words=self._words(visit),
            problem=partial(self._problem, visit),
        )

    def switch_on(self, visit: Visit) -> Response:
        """Tell it again."""
        with self._room.changing(visit, May.SETTINGS) as desk:
            found = self._load(desk, visit)
            endpoints.switch_on(desk.connection, found.id, desk.now)
            desk.note("webhook.on", f"webhook:{found.id}", name=found.name)
        return self._room.to(f"{HERE}/{found.id}", "on")

    def switch_off(self, visit: Visit) -> Response:
        """Tell it nothing for now."""
        with self._room.changing(visit, May.SETTINGS) as desk:
            found = self._load(desk, visit)
            if endpoints.switch_off(desk.connection, found.id, f"By {desk.by}.", desk.now):
                desk.note("webhook.off", f"webhook:{found.id}", name=found.name)
        return self._room.to(f"{HERE}/{found.id}", "off")

    def remove(self, visit: Visit) -> Response:
        """Forget it and its log."""
        with self._room.changing(visit, May.SETTINGS) as desk:
            found = self._load(desk, visit)
            endpoints.remove(desk.connection, found.id)
            desk.note("webhook.removed", f"webhook:{found.id}", name=found.name, url=found.url)
        return self._room.to(HERE, "removed")

    def send_again(self, visit: Visit) -> Response:
        """Send a message once more."""
        with self._room.changing(visit, May.SETTINGS) as desk:
            found = self._load(desk, visit)
            message = log.load(desk.connection, visit.number("message"))
            if message.webhook_id != found.id:
                raise HTTPException(404)
            log.send_again(desk.connection, message.id, desk.now)
            desk.note("webhook.resent", f"webhook:{found.id}", message=message.id)
        self._room.ring()
        return self._room.to(f"{HERE}/{found.id}", "again")

    def _load(self, desk: Desk, visit: Visit) -> Webhook:
        try:
            return endpoints.load(desk.connection, visit.number())
        except UnknownName:
            raise HTTPException(404) from None

    def _made(self, visit: Visit, typed: Typed) -> tuple[Webhook, str] | None:
        with self._room.changing(visit, May.SETTINGS) as desk:
            made = endpoints.add(
                desk.connection,
                self._room.runtime.settings.secret_key,
                url=typed.url,
                name=typed.name,
                kinds=[Kind(one) for one in dict.fromkeys(typed.kinds)],
                addresses=typed.addresses,
                by=desk.by,
                now=desk.now,
                key=typed.key or None,
            )
            if made is not None:
                webhook = made[0]
                said = {"name": webhook.name, "url": webhook.url, "addresses": webhook.addresses}
                desk.note("webhook.added", f"webhook:{webhook.id}", **said)
        return made

    def _faults(self, visit: Visit, typed: Typed) -> dict[str, str]:
        faults = {}
        if not typed.url:
            faults["url"] = self._room.say(visit, "Say where it takes messages.")
        if len(typed.name) > endpoints.NAME_AT_MOST or not typed.name.isprintable():
            faults["name"] = self._room.say(visit, "Write a name of at most 100 characters.")
        if not typed.kinds:
            faults["kind"] = self._room.say(visit, "Choose at least one.")
        return faults

    def _list(
        self, visit: Visit, typed: Typed, faults: dict[str, str], code: int = 200
    ) -> Response:
        with self._room.reading(visit) as desk:
            found = endpoints.listing(desk.connection)
            clock = _Clock(desk, visit.tag)
        return self._room.page(
            visit,
            "webhooks",
            self._room.say(visit, "Webhooks"),
            code=code,
            webhooks=found,
            clock=clock,
            typed=typed,
            faults=faults,
            kinds=self._words(visit),
            problem=partial(self._problem, visit),
        )

    def _problem(self, visit: Visit, said: str) -> str | Markup:
        """What went wrong, in the page's language; what the network says is in English."""
        for pattern, words in _PROBLEMS:
            if found := pattern.fullmatch(said):
                return self._room.say(visit, words, **found.groupdict())
        return Markup('<bdi lang="en" dir="ltr">{}</bdi>').format(said) if said else ""

    def _words(self, visit: Visit) -> dict[str, str]:
        return {kind.value: self._room.say(visit, words) for kind, words in _WORDS.items()}
