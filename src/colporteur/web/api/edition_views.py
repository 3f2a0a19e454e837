"""Editions as the API tells them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import BaseModel, Field
from sqlalchemy import Connection

from colporteur.articles.article import Article
from colporteur.articles.store import by_ids, topic_slugs
from colporteur.editions import store
from colporteur.editions.clicks import clicks_of
from colporteur.editions.foretelling import readers_per_cadence
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.freezing.special import readers_meant
from colporteur.editions.freezing.special_readers import audience_of
from colporteur.editions.scheduling import counts
from colporteur.editions.specials import withdrawable_until
from colporteur.editions.states import ENDED
from colporteur.editions.store import Edition
from colporteur.publication import Publication
from colporteur.publication.identities import Ids


class EditionView(BaseModel):
    """An edition: what a channel sends for one slot, or a special one."""

    id: int
    public_id: str
    kind: str = Field(description="regular, special or correction")
    channel: str | None = Field(description="null where it was removed since")
    cadence: str | None
    slot: datetime | None
    forced: bool = Field(description="Sent by hand, outside the calendar.")
    state: str
    reason: str
    leaves_at: datetime | None = Field(description="null for a draft.")
    withdrawable_until: datetime | None = Field(description="Of a special that was confirmed.")
    readers: int | None = Field(
        description="How many it was frozen for; before, how many it is meant for now (null in "
        "lists)."
    )
    approved_at: datetime | None
    frozen_at: datetime | None
    ended_at: datetime | None


class NamedView(BaseModel):
    """An article by its names; ``id`` is the caller's own."""

    id: str | None
    slug: str
    title: str


class ArrangementView(BaseModel):
    """What editors wish for."""

    lead: NamedView | None
    order: list[NamedView]
    left_out: list[NamedView]
    intro: str
    subject: str
    preheader: str


class AudienceView(BaseModel):
    """Whom a special is for: channels and topics, or those who received the edition corrected."""

    channels: list[str]
    topics: list[str]
    corrects: int | None


class ChangeView(BaseModel):
    """A change of an edition; ``from_state`` is null where it was made."""

    at: datetime
    by: str
    from_state: str | None
    to_state: str
    why: str


class FindingView(BaseModel):
    """What preflight found; an error keeps the edition back until somebody resumes it."""

    severity: str = Field(description="error or warning")
    check: str
    text: str
    cure: str
    where: str = Field(description="The article, link or picture, where it is of one.")


class ClickedView(BaseModel):
    """A link of an edition, and how often it was followed, by whomever."""

    url: str
    count: int


class WholeView(EditionView):
    """An edition with all that is known of it."""

    arrangement: ArrangementView
    audience: AudienceView | None = Field(description="Of a special.")
    counts: dict[str, int] = Field(description="Deliveries by status.")
    checked_at: datetime | None = Field(description="When its preflight was done.")
    findings: list[FindingView] = Field(description="What that found, errors first.")
    history: list[ChangeView]
    clicks: list[ClickedView] = Field(description="Only where the publisher counts them.")


class EditionsView(BaseModel):
    """Some editions, the newest first; ``next`` leads to those before them."""

    editions: list[EditionView]
    next: str | None


@dataclass(frozen=True)
class Telling:
    """What views are made with: the names of the publication in force."""

    connection: Connection
    publication: Publication
    names: Ids
    whom: Whom

    def some(self, found: Sequence[Edition]) -> list[EditionView]:
        """Editions for a list."""
        frozen = store.readers(self.connection, [one.id for one in found])
        return [EditionView(**self._values(one, frozen)) for one in found]

    def whole(self, edition: Edition) -> WholeView:
        """One edition."""
        frozen = store.readers(self.connection, [edition.id])
        values = self._values(edition, frozen)
        if values["readers"] is None:
            values["readers"] = self._meant(edition)
        history = [
            ChangeView(
                at=one.at, by=one.by, from_state=one.from_state, to_state=one.to_state, why=one.why
            )
            for one in store.history(self.connection, edition.id)
        ]
        return WholeView(
            **values,
            arrangement=self._arrangement(edition),
            audience=self._audience(edition),
            counts=counts(self.connection, edition.id),
            checked_at=edition.checked_at,
            findings=[FindingView(**one) for one in edition.findings],
            history=history,
            clicks=[
                ClickedView(url=one.url, count=one.count)
                for one in clicks_of(self.connection, edition.id)
            ],
        )

    def _values(self, edition: Edition, frozen: Mapping[int, int]) -> dict[str, object]:
        counted = edition.frozen_at is not None or edition.state in ENDED
        return {
            "id": edition.id,
            "public_id": edition.public_id,
            "kind": edition.kind,
            "channel": self._channels().get(edition.channel_id),
            "cadence": edition.cadence,
            "slot": edition.slot,
            "forced": edition.forced,
            "state": edition.state,
            "reason": edition.reason,
            "leaves_at": edition.send_at,
            "withdrawable_until": withdrawable_until(edition),
            "readers": frozen.get(edition.id, 0) if counted else None,
            "approved_at": edition.approved_at,
            "frozen_at": edition.frozen_at,
            "ended_at": edition.ended_at,
        }

    def _meant(self, edition: Edition) -> int:
        if not edition.regular:
            return readers_meant(self.connection, audience_of(edition), self.whom)
        per_cadence = readers_per_cadence(self.connection, self.whom)
        return per_cadence.get((edition.channel_id, edition.cadence or ""), 0)

    def _channels(self) -> dict[int, str]:
        return {self.names.channels[one.slug]: one.slug for one in self.publication.channels}

    def _arrangement(self, edition: Edition) -> ArrangementView:
        wished = edition.arrangement
        left_out = sorted(wished.left_out)
        known = by_ids(self.connection, [*wished.pinned, *left_out])
        return ArrangementView(
            lead=None if wished.lead is None else _named(known[wished.lead]),
            order=[_named(known[one]) for one in wished.order],
            left_out=[_named(known[one]) for one in left_out],
            intro=wished.intro,
            subject=wished.subject,
            preheader=wished.preheader,
        )

    def _audience(self, edition: Edition) -> AudienceView | None:
        if edition.regular:
            return None
        audience = audience_of(edition)
        channels, topics = self._channels(), topic_slugs(self.connection)
        return AudienceView(
            channels=[channels[one] for one in audience.channels if one in channels],
            topics=sorted(topics[one] for one in audience.topics if one in topics),
            corrects=audience.corrects,
        )


def _named(article: Article) -> NamedView:
    return NamedView(id=article.external_id, slug=article.slug, title=article.title)
