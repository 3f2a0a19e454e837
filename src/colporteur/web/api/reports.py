"""``/api/v1/reports``: what became of editions, in numbers that name no reader."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from colporteur.db import reading
from colporteur.editions import store
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.reporting import Report, report
from colporteur.editions.summing import sums_of
from colporteur.editions.tallies import OUTCOMES, by_domain, by_outcome
from colporteur.publication.identities import ids
from colporteur.publication.revisions import require
from colporteur.staff.tokens import Scope, Token
from colporteur.tasks import Runtime
from colporteur.web.api.callers import Callers
from colporteur.web.api.edition_bodies import read_time
from colporteur.web.api.edition_desk import edition_id_of
from colporteur.web.api.edition_problems import said, unknown_edition
from colporteur.web.api.edition_views import ClickedView, EditionView, Telling
from colporteur.web.api.paging import PAGE, Before, Limit, following
from colporteur.web.api.schema import PROBLEMS


class SummedView(EditionView):
    """An edition with what became of it so far; its ``readers`` are those it was frozen for."""

    sent: int = Field(description="Accepted by the relay.")
    deferred: int = Field(description="To be tried again.")
    failed: int
    skipped: int
    bounced: int = Field(description="Readers from whom it came back later.")
    complained: int
    unsubscribed: int = Field(description="Who left by a link of it.")


class ReportsView(BaseModel):
    """Some editions, the newest first; ``next`` leads to those before them."""

    reports: list[SummedView]
    next: str | None


class CountView(BaseModel):
    """How many readers had an outcome for a reason; empty where there is none."""

    outcome: str = Field(description=", ".join(OUTCOMES))
    why: str
    readers: int


class DomainView(BaseModel):
    """How many readers of a domain had each outcome; its name is empty for who was erased."""

    domain: str
    outcomes: dict[str, int]


class VariantView(BaseModel):
    """What some readers got: the same articles in the same layout."""

    readers: int
    subject: str | None = Field(description="null before it is rendered.")
    articles: list[str] = Field(description="Slugs, in order.")
    more: int = Field(description="Left out by max_items.")
    layout: str


class ReportView(EditionView):
    """All there is to say of an edition, but of its readers one by one."""

    counts: list[CountView]
    domains: list[DomainView]
    variants: list[VariantView]
    clicks: list[ClickedView] = Field(description="Only where the publisher counts them.")


def report_routes(runtime: Runtime, callers: Callers) -> APIRouter:
    """The routes of reports."""
    routes = APIRouter(tags=["reports"], responses=PROBLEMS)
    reader = Annotated[Token, callers.having(Scope.REPORTS_READ)]

    @routes.get("/api/v1/reports", summary="What became of editions, the newest first")
    def page(
        request: Request,
        token: reader,  # noqa: ARG001 - it must be a reader
        channel: Annotated[str | None, Query(max_length=200)] = None,
        since: Annotated[str | None, Query(description="Leaves then or later.")] = None,
        until: Annotated[str | None, Query(description="Leaves then or before.")] = None,
        limit: Limit = PAGE,
        before: Before = None,
    ) -> ReportsView:
        """Some numbers for each; `next` is the address of those before them, or null."""
        since_at, until_at = read_time("since", since), read_time("until", until)
        with reading(runtime.engine) as connection:
            publication = require(connection).publication
            names = ids(connection, publication)
            channel_id = None
            if channel is not None:
                with said():
                    channel_id = names.channels[publication.channel(channel).slug]
            found = store.listing(
                connection,
                limit=limit + 1,
                before=before,
                channel_id=channel_id,
                since=since_at,
                until=until_at,
            )
            shown = found[:limit]
            sums = sums_of(connection, shown)
            views = Telling(connection, publication, names, Whom()).some(shown)
        told = [SummedView(**{**one.model_dump(), **sums[one.id]}) for one in views]
        more = following(request, shown[-1].id) if len(found) > limit else None
        return ReportsView(reports=told, next=more)

    @routes.get("/api/v1/editions/{edition}/report", summary="What became of an edition")
    def one(token: reader, edition: str) -> ReportView:  # noqa: ARG001 - it must be a reader
        """By outcome and reason, by domain, by variant; no reader is named."""
        with reading(runtime.engine) as connection:
            publication = require(connection).publication
            names = ids(connection, publication)
            number = edition_id_of(edition)
            found = store.of_ids(connection, [number]).get(number)
            if found is None:
                raise unknown_edition(edition)
            told = report(connection, found)
            (view,) = Telling(connection, publication, names, Whom()).some([found])
        return _whole(view, told)

    return routes


def _whole(view: EditionView, told: Report) -> ReportView:
    return ReportView(
        **view.model_dump(),
        counts=[
            CountView(outcome=outcome, why=why, readers=readers)
            for (outcome, why), readers in by_outcome(told.tallies).items()
        ],
        domains=[
            DomainView(domain=name, outcomes=dict(row))
            for name, row in by_domain(told.tallies).items()
        ],
        variants=[
            VariantView(
                readers=one.readers,
                subject=one.subject,
                articles=list(one.articles),
                more=one.more,
                layout=one.layout,
            )
            for one in told.variants
        ],
        clicks=[ClickedView(url=one.url, count=one.count) for one in told.clicks],
    )
