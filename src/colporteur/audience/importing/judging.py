"""A row of a list becomes what is wanted for one reader, or the reason why it cannot be. Pure."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from colporteur.audience.addresses import EmailAddress, parse_address
from colporteur.audience.choices import Choice, read_layout, read_minute, read_weekday, read_zone
from colporteur.audience.importing.columns import name_key
from colporteur.audience.importing.saying import RowRefused, with_attributes
from colporteur.audience.importing.sniffing import damaged
from colporteur.audience.importing.terms import CHOICES, Offer, Offered, Terms
from colporteur.audience.importing.words import (
    Standing,
    clean_name,
    hour_word,
    read_moment,
    read_standing,
    read_yes,
    several,
    weekday_word,
)
from colporteur.exceptions import AddressRefused, ChoiceRefused, ColporteurError, ImportRefused

_CHOICES_KEPT = 5000
_CHOOSING = ("channel", *CHOICES)
_MOMENTS = frozenset(["created_at", "consented_at", "left_at", "paused_until"])
_GONE = frozenset(
    [Standing.UNSUBSCRIBED, Standing.BOUNCED, Standing.COMPLAINED, Standing.SUPPRESSED]
)


class Wanted(NamedTuple):
    """What a row wants for a reader of a channel; moments are None where it does not say."""

    line: int
    address: EmailAddress
    channel_id: int
    choice: Choice
    start_number: int
    name: str
    language: str
    standing: Standing
    created_at: datetime | None = None
    consented_at: datetime | None = None
    left_at: datetime | None = None
    paused_until: datetime | None = None


class Judge:
    """Reads rows under some terms; equal choices are looked at once.

    ``standing`` is what rows are that do not say.

    Raises:
        ImportRefused: the terms name no channel that has digests.
        ChoiceRefused: what they choose for all cannot be.
    """

    def __init__(
        self, terms: Terms, offer: Offer, standing: Standing, columns: Sequence[str] = ()
    ) -> None:
        self._terms, self._offer = terms, offer
        self._standing = terms.standing or standing
        self._choices: dict[tuple[str | None, ...], tuple[Offered, Choice, int]] = {}
        self._channels = {
            name_key(name): one
            for slug, one in offer.channels.items()
            for name in (slug, one.channel.title)
        }
        self._only = _offered(offer, terms.channel) if terms.channel else None
        if self._only is None and "channel" not in columns:
            raise ImportRefused(
                "Nothing says which channel these readers subscribe to.",
                cure=f"Say it: --channel {next(iter(offer.channels), 'news')}.",
            )
        if self._only is not None and "cadence" not in columns:
            _choice(self._only, terms.choices)

    def judge(self, said: Mapping[str, str], line: int) -> Wanted | None:
        """What a row wants; None: it is of another channel than the one that is read in.

        Raises:
            RowRefused: it cannot be.
        """
        said = with_attributes(said)
        if not said.get("email"):
            raise RowRefused("there is no address in this row")
        if self._elsewhere(said.get("channel", "")):
            return None
        address = _address(said["email"])
        try:
            standing = self._stands(said)
            if standing in _GONE:
                said = self._what_can_be_read(said)
            return self._wanted(said, line, address, standing)
        except ColporteurError as error:
            raise RowRefused(f"{error.message} {error.cure}".strip()) from None
        except ValueError as error:
            raise RowRefused(str(error)) from None

    def _wanted(
        self, said: Mapping[str, str], line: int, address: EmailAddress, standing: Standing
    ) -> Wanted:
        offered, choice, start_number = self._chosen(said)
        return Wanted(
            line,
            address,
            offered.id,
            choice,
            start_number,
            _name(said),
            self._language(said.get("language", ""), offered),
            standing,
            _moment(said, "created_at"),
            _moment(said, "consented_at") or self._terms.consented_at,
            _moment(said, "left_at"),
            _moment(said, "paused_until"),
        )

    def _what_can_be_read(self, said: Mapping[str, str]) -> Mapping[str, str]:
        """A row of somebody who left, which is not refused for an hour that they do not need."""
        readable = {field: text for field, text in said.items() if field not in _MOMENTS}
        for field in _MOMENTS & said.keys():
            with suppress(ValueError):
                read_moment(said[field])
                readable[field] = said[field]
        try:
            self._chosen(readable)
        except (ChoiceRefused, ValueError):
            return {field: text for field, text in readable.items() if field not in CHOICES}
        return readable

    def _elsewhere(self, channel: str) -> bool:
        """Whether a row is of another channel than the one that is read in."""
        if self._only is None or not channel:
            return False
        return self._named(channel).id != self._only.id

    def _named(self, channel: str) -> Offered:
        """A channel by what a cell calls it: its name in addresses, or its title."""
        found = self._channels.get(name_key(channel))
        if found is None:
            told = _offers(self._offer)
            raise RowRefused(
                f"there is no channel {channel[:40]!r}; there are: {told}. If the column says "
                "something else, leave it out: --column channel="
            )
        return found

    def _chosen(self, said: Mapping[str, str]) -> tuple[Offered, Choice, int]:
        key = tuple(map(said.get, _CHOOSING))
        known = self._choices.get(key)
        if known is None:
            if len(self._choices) >= _CHOICES_KEPT:
                self._choices.clear()
            offered = self._only or self._named(said.get("channel", ""))
            choice = _choice(offered, {**self._terms.choices, **said})
            known = offered, choice, offered.start_numbers[choice.cadence]
            self._choices[key] = known
        return known

    def _stands(self, said: Mapping[str, str]) -> Standing:
        standing = read_standing(said["status"]) if "status" in said else self._standing
        gone = "receives" in said and not read_yes(said["receives"])
        # A state of their own goes before: who bounced is not just somebody who left.
        left = "left_at" in said and (standing is Standing.PENDING or "status" not in said)
        here = standing in (Standing.ACTIVE, Standing.PENDING)
        return Standing.UNSUBSCRIBED if here and (gone or left) else standing

    def _language(self, tag: str, offered: Offered) -> str:
        tag = (tag or self._terms.language).replace("_", "-")
        for one in (tag, tag.partition("-")[0].lower()):
            if one in self._offer.languages:
                return one
        return offered.channel.language


def _offered(offer: Offer, slug: str) -> Offered:
    found = offer.channels.get(slug)
    if found is None:
        raise ImportRefused(
            f"There is no channel {slug!r} that has digests.", cure=f"There are: {_offers(offer)}."
        )
    return found


def _offers(offer: Offer) -> str:
    return ", ".join(dict.fromkeys(one.channel.slug for one in offer.channels.values()))


def _address(text: str) -> EmailAddress:
    if damaged(text):
        raise RowRefused("the address has bytes that are not in the file's encoding")
    try:
        return parse_address(text)
    except AddressRefused as error:
        raise RowRefused(error.message) from None


def _choice(offered: Offered, said: Mapping[str, str]) -> Choice:
    name = _cadence(offered, said.get("cadence", ""))
    cadence = offered.cadences[name]
    weekday, hour, zone = (said.get(one, "") for one in ("weekday", "hour", "timezone"))
    layout = said.get("layout", "")
    return Choice(
        channel_id=offered.id,
        cadence=name,
        topics_in=_topics(offered, said.get("topics", "")),
        topics_out=_topics(offered, said.get("without", "")),
        layout=read_layout(layout) if layout else "",
        weekday=read_weekday(weekday_word(weekday), name, cadence) if weekday else None,
        minute=read_minute(hour_word(hour), name, cadence) if hour else None,
        timezone=read_zone(zone) if zone else None,
        specials=read_yes(said["specials"]) if said.get("specials") else True,
    )


def _cadence(offered: Offered, word: str) -> str:
    """A cadence by its name here, or by one that readers see."""
    if not word:
        return next(iter(offered.cadences))
    for name, cadence in offered.cadences.items():
        if word == name or name_key(word) in {name_key(one) for one in cadence.name.values()}:
            return name
    raise ChoiceRefused(
        f"The channel {offered.channel.slug} has no cadence {word[:40]!r}.",
        cure=f"It offers: {', '.join(offered.cadences)}.",
    )


def _topics(offered: Offered, words: str) -> tuple[int, ...]:
    found = {word: _topic(offered, word) for word in several(words)}
    named = next((word for word, one in found.items() if one is None), None)
    if named is not None:
        raise ChoiceRefused(
            f"There is no topic {named[:40]!r}.",
            cure=f"The topics are: {', '.join(offered.topics) or 'none'}.",
        )
    return tuple(sorted({one for one in found.values() if one is not None}))


def _topic(offered: Offered, word: str) -> int | None:
    """A topic by its name here, or by one that readers see."""
    return offered.topics.get(word, offered.named_topics.get(name_key(word)))


def _name(said: Mapping[str, str]) -> str:
    whole = said.get("name") or f"{said.get('first_name', '')} {said.get('last_name', '')}"
    return clean_name(whole)


def _moment(said: Mapping[str, str], field: str) -> datetime | None:
    return read_moment(said[field]) if field in said else None
