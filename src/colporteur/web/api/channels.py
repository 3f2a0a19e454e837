"""``/api/v1/channels``: what the publication offers, as other programs need it."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from colporteur.db import reading
from colporteur.publication import Cadence, Channel, Publication
from colporteur.publication.revisions import require
from colporteur.publication.site import site_in_force
from colporteur.staff.tokens import Scope, Token
from colporteur.tasks import Runtime
from colporteur.web.api.callers import Callers
from colporteur.web.api.schema import PROBLEMS

_CHANNELS = "/api/v1/channels"


class CadenceView(BaseModel):
    """When digests of a channel come: subscribers and editions name it by ``name``."""

    name: str
    rule: str = Field(description="instant, daily, weekly, monthly or every")
    at: list[str] = Field(description="Hours, such as 07:00, where `timezone` is.")
    timezone: str
    titles: dict[str, str] = Field(description="What readers see, by language.")


class TopicView(BaseModel):
    """What articles are about, and what readers choose by."""

    slug: str
    names: dict[str, str] = Field(description="By language.")


class ChannelView(BaseModel):
    """A feed and its digests, in one language."""

    slug: str
    title: str
    language: str
    description: str
    topics: list[TopicView]
    feeds: dict[str, str] = Field(description="Addresses by format: rss, atom, json.")
    cadences: list[CadenceView] = Field(description="Empty where it has no digests.")


class ChannelsView(BaseModel):
    """Every channel, in the publication's order."""

    channels: list[ChannelView]


def channel_routes(runtime: Runtime, callers: Callers) -> APIRouter:
    """The routes that look at channels."""
    routes = APIRouter(tags=["channels"], responses=PROBLEMS)
    reader = Annotated[Token, callers.having(Scope.CHANNELS_READ)]

    def shown(slug: str | None = None) -> list[ChannelView]:
        with reading(runtime.engine) as connection:
            publication = require(connection).publication
            site = site_in_force(connection, runtime.settings, publication)
        wanted = publication.channels if slug is None else (publication.channel(slug),)
        return [_view(publication, one, site) for one in wanted]

    @routes.get(_CHANNELS, summary="List the channels")
    def every(token: reader) -> ChannelsView:  # noqa: ARG001 - it must be a reader
        """With their topics, cadences and feeds: there are few, and all are in one answer."""
        return ChannelsView(channels=shown())

    @routes.get(f"{_CHANNELS}/{{channel}}", summary="One channel")
    def one(token: reader, channel: str) -> ChannelView:  # noqa: ARG001 - it must be a reader
        """By its slug, or one that it had formerly."""
        return shown(channel)[0]

    return routes


def _view(publication: Publication, channel: Channel, site: str) -> ChannelView:
    cadences = channel.digest.cadences if channel.digest else {}
    return ChannelView(
        slug=channel.slug,
        title=channel.title,
        language=channel.language,
        description=channel.description,
        topics=[
            TopicView(slug=slug, names=publication.topics[slug].name)
            for slug in channel.topics
            if slug in publication.topics
        ],
        feeds={kind: f"{site}/feeds/{channel.slug}.{kind}" for kind in ("rss", "atom", "json")},
        cadences=[_cadence(publication, name, rules) for name, rules in cadences.items()],
    )


def _cadence(publication: Publication, name: str, rules: Cadence) -> CadenceView:
    return CadenceView(
        name=name,
        rule=rules.rule,
        at=[f"{hour:%H:%M}" for hour in rules.at],
        timezone=publication.zone_of(rules),
        titles=rules.name,
    )
