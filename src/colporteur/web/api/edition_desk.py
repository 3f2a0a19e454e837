"""A transaction on editions, who sits at it, and what the names that programs use stand for."""

from dataclasses import dataclass

from colporteur.articles.article import Article
from colporteur.articles.store import by_name, channel_ids
from colporteur.editions import drafting, store
from colporteur.editions.arranging import NO_LEAD, Wishes
from colporteur.editions.drafting import Wanted
from colporteur.editions.specials import Special
from colporteur.editions.store import Edition
from colporteur.exceptions import SpecialRefused, UnknownName
from colporteur.web.api.edition_bodies import ArrangingBody, SpecialBody
from colporteur.web.api.edition_problems import unknown_edition
from colporteur.web.api.edition_views import Telling
from colporteur.web.desk import Desk as AnyDesk

_ID_AT_MOST = 2**63 - 1
_DIGITS_AT_MOST = 19
_CLEARED: dict[str, object] = {"lead": NO_LEAD, "order": (), "left_out": ()}


@dataclass(frozen=True)
class Desk(AnyDesk):
    """An open transaction of a program's holder, and what it calls things."""

    @property
    def telling(self) -> Telling:
        """What views are made with."""
        return Telling(self.connection, self.revision.publication, self.names, self.whom)

    def edition(self, key: str, *, to_change: bool = True) -> Edition:
        """The edition of an id in an address.

        Raises:
            Problem: 404, there is none.
        """
        load = store.load_in_turn if to_change else store.load
        try:
            return load(self.connection, edition_id_of(key))
        except UnknownName:
            raise unknown_edition(key) from None

    def article(self, name: str) -> Article:
        """An article by the caller's id, a feed's, or its slug.

        Raises:
            UnknownName: there is none.
        """
        found = by_name(self.connection, name)
        if found is None:
            raise UnknownName(
                f"There is no article {name[:100]!r}.",
                cure="GET /api/v1/articles lists the articles there are.",
            )
        return found


def edition_id_of(key: str) -> int:
    """The number that an address says.

    Raises:
        Problem: 404, no edition can have it.
    """
    digits = key.isascii() and key.isdigit() and len(key) <= _DIGITS_AT_MOST
    if not digits or int(key) > _ID_AT_MOST:
        raise unknown_edition(key)
    return int(key)


def wishes_of(desk: Desk, edition: Edition, body: ArrangingBody) -> Wishes:
    """What a body wishes for, with the ids of its articles.

    Raises:
        UnknownName: an article that the edition's channel does not have, or no more.
    """

    def of_channel(name: str) -> int:
        article = desk.article(name)
        shown_in = channel_ids(desk.connection, [article.id]).get(article.id, ())
        if article.state == "withdrawn" or edition.channel_id not in shown_in:
            raise UnknownName(
                f"The channel of this edition has no article {name[:100]!r}, or it was withdrawn.",
                cure="GET /api/v1/articles shows articles with their channels and states.",
            )
        return article.id

    values: dict[str, object] = {
        "lead": None if body.lead is None else of_channel(body.lead),
        "order": None if body.order is None else [of_channel(one) for one in body.order],
        "left_out": None if body.left_out is None else [of_channel(one) for one in body.left_out],
        "intro": body.intro,
        "subject": body.subject,
        "preheader": body.preheader,
    }
    removed = {part: _CLEARED.get(part, "") for part in body.remove}
    return Wishes(**(values | removed))  # type: ignore[arg-type]


def special_of(desk: Desk, body: SpecialBody) -> Special:
    """What a body drafts; without a home, the first of its channels is that.

    Raises:
        SpecialRefused: it names no channel.
        UnknownName: a channel, topic or article that is not there.
    """
    publication = desk.revision.publication
    slugs = {publication.channel(slug).slug for slug in body.channels}
    channels = [one for one in publication.channels if one.slug in slugs]
    if not channels:
        raise SpecialRefused("The audience has no channel.", cure="Name at least one.")
    home = channels[0] if body.home is None else publication.channel(body.home)
    wanted = Wanted(
        note=body.note,
        subject=body.subject,
        preheader=body.preheader,
        to=tuple(body.channels),
        topics=tuple(body.topics),
    )
    brought = dict.fromkeys(desk.article(name).id for name in body.articles)
    return drafting.special_of(publication, desk.names, home, wanted, tuple(brought))
