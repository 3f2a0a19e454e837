"""Adding a reader: asked by mail first, or at once on a consent that somebody states."""

from collections.abc import Mapping
from datetime import timedelta

from starlette.responses import Response

from colporteur.audience.addresses import EmailAddress, parse_address
from colporteur.audience.choices import Choice
from colporteur.audience.consent import Asked as AskedOf
from colporteur.audience.consent import note_consent
from colporteur.audience.doubts import likely_meant
from colporteur.audience.preferences import held_by, person, person_of
from colporteur.audience.signing_up import Standing
from colporteur.audience.subscribing import subscribe
from colporteur.audience.wishes import Asked, choice_of
from colporteur.delivery.welcoming.asking import Wish, offered, receive
from colporteur.editions.beginning import start_number
from colporteur.exceptions import AddressRefused, ChoiceRefused, UnknownName
from colporteur.publication import Channel, Publication
from colporteur.publication.values import parse_time
from colporteur.staff import audit
from colporteur.staff.permissions import May
from colporteur.tasks.signing_up import office_of
from colporteur.web.bodies import Form
from colporteur.web.desk import Desk
from colporteur.web.newsroom.readers.consent import unstated
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit, as_id
from colporteur.web.preferences.words import cadence_words

_METHOD = "staff"
_FIELDS = ("address", "name", "channel", "cadence", "hour", "how", "consent")
_CONSENT_AT_MOST = 2000
_NAME_AT_MOST = 200
_REFUSED = 422
_BY_MAIL = "asked by mail"
_ONCE_IN = timedelta(minutes=1)


class Adding:
    """The form that adds one."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def show(self, visit: Visit) -> Response:
        """The form, empty or about a reader there is."""
        typed: dict[str, str] = {"how": "ask"}
        if visit.query.one("reader"):
            with self._room.reading(visit) as desk:
                reader = person(desk.connection, as_id(visit.query.one("reader")))
                typed |= {"address": reader.address, "name": reader.name}
        return self._form(visit, typed, {})

    def add(self, visit: Visit) -> Response:
        """Add them, or say beside its field what cannot be."""
        sent = visit.form
        typed = {name: sent.one(name) for name in sent.fields if name != "csrf"}
        with self._room.changing(visit, May.READERS) as desk:
            faults = self._faults(visit, desk.publication, typed)
            if not faults:
                try:
                    reader_id, done = self._added(desk, sent)
                except AddressRefused:
                    faults["address"] = self._room.say(
                        visit, "This address is on the do-not-mail list: nothing is sent to it."
                    )
        if faults:
            return self._form(visit, typed, faults)
        self._room.ring()
        return self._room.to(f"/newsroom/readers/{reader_id}", done)

    def _faults(
        self, visit: Visit, publication: Publication, typed: Mapping[str, str]
    ) -> dict[str, str]:
        found = dict[str, str]()
        try:
            address = parse_address(typed.get("address", ""))
            meant = likely_meant(address, publication.subscribing)
            if meant and typed.get("sure") != typed.get("address"):
                found["address"] = self._room.say(
                    visit,
                    "Did you mean %(meant)s? If not, send it once more as it is.",
                    meant=meant,
                )
        except AddressRefused:
            found["address"] = self._room.say(
                visit, "This is no e-mail address. Does it have all its letters, and one @?"
            )
        if typed.get("channel", "") not in {one.slug for one in offered(publication)}:
            found["channel"] = self._room.say(visit, "Choose at least one of these.")
        elif not _has_cadence(publication, typed):
            found["cadence"] = self._room.say(
                visit, "This channel has no such rhythm. Choose another one."
            )
        if typed.get("hour") and not _is_hour(typed["hour"]):
            found["hour"] = self._room.say(
                visit, "This is no time of day. Write one such as 19:30."
            )
        if fault := unstated(typed.get("how", ""), typed.get("consent", "")):
            found["consent"] = self._room.say(visit, fault)
        return found

    def _added(self, desk: Desk, sent: Form) -> tuple[int, str]:
        publication = desk.publication
        channel = publication.channel(sent.one("channel"))
        asked = Asked(
            cadence=sent.one("cadence") or None,
            topics_in=[slug for slug in sent.all("topic") if slug in publication.topics],
            hour=sent.one("hour") or None,
            specials=bool(sent.one("specials")),
        )
        choice = choice_of(publication, desk.names, channel, asked)
        address, name = parse_address(sent.one("address")), _line(sent.one("name"))
        if sent.one("how") == "stated":
            start = start_number(desk.connection, publication, channel, choice.cadence, desk.now)
            done = subscribe(
                desk.connection,
                address,
                choice,
                language=channel.language,
                start_number=start,
                by=desk.by,
                now=desk.now,
                name=name,
            )
            said = AskedOf(_METHOD, sent.one("consent")[:_CONSENT_AT_MOST])
            note_consent(
                desk.connection,
                done.subscriber_id,
                [choice.channel_id],
                said,
                desk.now,
                confirmed=True,
            )
            self._note(desk, done.subscriber_id, channel, how="stated consent")
            return done.subscriber_id, "added" if done.new else "changed"
        just_now = _just_asked(desk, address, choice)
        if just_now is not None:
            return just_now, "asked"
        office = office_of(desk.connection, self._room.runtime)
        assert office is not None
        wish = Wish(address, (channel,), channel.language, AskedOf(_METHOD, ""), name, (choice,))
        asked_for = receive(desk.connection, office, wish, desk.now, at_once=True)
        if asked_for.standing is Standing.REFUSED or asked_for.subscriber_id is None:
            raise AddressRefused("Nothing is sent to this address.", cure="Lift that first.")
        self._note(desk, asked_for.subscriber_id, channel, how=_BY_MAIL)
        known = asked_for.standing is Standing.KNOWN
        return asked_for.subscriber_id, "known" if known else "asked"

    def _note(self, desk: Desk, subscriber_id: int, channel: Channel, *, how: str) -> None:
        desk.note("reader.added", f"reader:{subscriber_id}", channel=channel.slug, how=how)

    def _form(self, visit: Visit, typed: Mapping[str, str], faults: Mapping[str, str]) -> Response:
        with self._room.reading(visit) as desk:
            publication = desk.publication
        words = self._room.runtime.templates.catalogue(visit.tag)
        channels = offered(publication)
        cadences = {
            name: f"{cadence_words(cadence, visit.tag, words)} ({one.title})"
            for one in channels
            for name, cadence in (one.digest.cadences if one.digest else {}).items()
        }
        ticked = set(visit.form.all("topic"))
        return self._room.page(
            visit,
            "readers/new",
            self._room.say(visit, "Add a reader"),
            code=_REFUSED if faults else 200,
            typed={**dict.fromkeys(_FIELDS, ""), **typed},
            faults=faults,
            specials=bool(typed.get("specials")) if visit.form.fields else True,
            channels=[(one.slug, one.title) for one in channels],
            cadences=[("", self._room.say(visit, "The channel’s usual one")), *cadences.items()],
            topics=[
                (slug, topic.name.get(visit.tag) or next(iter(topic.name.values()), slug))
                for slug, topic in publication.topics.items()
            ],
            ticked=ticked,
        )


def _just_asked(desk: Desk, address: EmailAddress, choice: Choice) -> int | None:
    """The reader whom the same form asked a minute ago at most: one letter is enough for it."""
    reader = person_of(desk.connection, address)
    if reader is None or choice not in {
        one.standing.choice for one in held_by(desk.connection, reader.id)
    }:
        return None
    last = audit.noted(desk.connection, limit=1, by=desk.by, subject=f"reader:{reader.id}")
    asked = any(
        desk.now - one.at < _ONCE_IN
        and one.action == "reader.added"
        and one.detail.get("how") == _BY_MAIL
        for one in last
    )
    return reader.id if asked else None


def _has_cadence(publication: Publication, typed: Mapping[str, str]) -> bool:
    """Whether the channel has the cadence, and that an hour, if they are said."""
    try:
        channel = publication.channel(typed["channel"])
        cadence = channel.cadence(typed["cadence"]) if typed.get("cadence") else None
    except (UnknownName, ChoiceRefused):
        return False
    return not (cadence and cadence.rule == "instant" and typed.get("hour"))


def _is_hour(text: str) -> bool:
    try:
        parse_time(text)
    except ValueError:
        return False
    return True


def _line(text: str) -> str:
    return " ".join(text.split())[:_NAME_AT_MOST]
