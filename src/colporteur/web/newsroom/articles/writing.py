"""Writing an article: a new one, a draft, or one that was read at an address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from starlette.responses import RedirectResponse, Response

from colporteur.articles import drafts
from colporteur.articles.cleaning import clean_html
from colporteur.articles.drafts import Draft
from colporteur.articles.formats.as_markdown import markdown_of
from colporteur.articles.intake import Taken
from colporteur.articles.manuscript import Manuscript
from colporteur.articles.sources.one_page import read_address
from colporteur.articles.submission import Submission
from colporteur.articles.writing import publish
from colporteur.audience.filters import readers_who_filter
from colporteur.clock import utcnow
from colporteur.exceptions import ArticleRefused, FetchFailed, FetchRefused
from colporteur.fetch import Fetcher
from colporteur.staff.permissions import May, drafts_within_reach
from colporteur.web.desk import Desk
from colporteur.web.newsroom.articles.typed import (
    Typed,
    judge,
    key_of,
    new_key,
    typed,
)
from colporteur.web.newsroom.articles.words import (
    channel_options,
    faults_of,
    language_options,
    topic_options,
    when,
)
from colporteur.web.newsroom.room import HEADERS, Changed, Room
from colporteur.web.newsroom.visiting import Visit

HOME = "/newsroom/articles"


@dataclass(frozen=True)
class Kept:
    """A draft as it is after a form, or ``others``: somebody else's state of it, in the way."""

    draft: Draft
    others: bool = False
    taken: Taken | None = None


class Writing:
    """The pages on which an article begins."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def begin(self, visit: Visit) -> Response:
        """An empty form."""
        with self._room.reading(visit) as desk:
            blank = Manuscript(language=desk.publication.languages[0], authors=visit.person.name)
        return self._form(visit, blank, new_key())

    def show(self, visit: Visit) -> Response:
        """A draft; once it is an article, that article."""
        with self._room.reading(visit) as desk:
            draft = drafts.one(desk.connection, visit.number(), drafts_within_reach(visit.person))
            changed = when(draft.changed_at, visit, desk.publication.timezone)
        if draft.article_id is not None:
            return RedirectResponse(f"{HOME}/{draft.article_id}", 303, headers=HEADERS)
        return self._form(visit, draft.manuscript, draft.key, draft=draft, changed=changed)

    def send(self, visit: Visit) -> Response:
        """Keep what was typed as a draft, or publish it."""
        said, key = typed(self._room, visit), key_of(visit.form)
        if visit.form.one("do") != "publish":
            return self._keep(visit, said, key)
        with self._room.reading(visit) as desk:
            found = judge(self._room, visit, desk, said)
        if found.faults:
            return self._form(visit, said.manuscript, key, faults=found.faults)
        try:
            return self._publish(visit, said, key)
        except ArticleRefused as error:
            faults = faults_of(self._room, visit, [error])
            there = error.values.get("article")
            return self._form(visit, said.manuscript, key, faults=faults, there=there)

    def drop(self, visit: Visit) -> Response:
        """Throw a draft away."""
        with self._room.changing(visit, May.WRITE) as desk:
            within = drafts_within_reach(desk.person)
            draft = drafts.one(desk.connection, visit.number(), within)
            if draft.article_id is None:
                drafts.drop(desk.connection, draft.id)
                desk.note("draft.dropped", f"draft:{draft.id}", title=draft.manuscript.title)
        return self._room.to(f"{HOME}/drafts", "dropped")

    def ask(self, visit: Visit) -> Response:
        """Where to read an article that is somewhere else."""
        return self._address(visit, "", "")

    def read(self, visit: Visit) -> Response:
        """What was read at an address, in a form; nothing is kept yet."""
        url = visit.form.one("address")
        fetcher = Fetcher(loopback=self._room.runtime.settings.fetch_loopback)
        try:
            found = read_address(fetcher, url, utcnow())
        except FetchRefused as error:
            why = self._room.say(
                visit, "Only pages that everybody can reach are read, by http or https."
            )
            return self._address(visit, url, why, error.message)
        except FetchFailed as error:
            why = self._room.say(visit, "This page could not be read.")
            return self._address(visit, url, why, error.message)
        except ArticleRefused as error:
            why = self._room.say(visit, "No article was found on this page.")
            return self._address(visit, url, why, error.message)
        return self._form(visit, _manuscript(found), new_key(), read=True)

    def _keep(self, visit: Visit, said: Typed, key: str) -> Response:
        if "image" in said.faults:
            return self._form(visit, said.manuscript, key, faults=said.faults)
        with self._room.changing(visit, May.WRITE) as desk:
            kept = self._kept(visit, desk, said, key)
        if kept.others:
            return self._conflict(visit, said, kept.draft)
        if kept.draft.article_id is not None:
            return self._room.to(f"{HOME}/{kept.draft.article_id}", "there")
        return self._room.to(f"{HOME}/drafts/{kept.draft.id}", "kept")

    def _publish(self, visit: Visit, said: Typed, key: str) -> Response:
        with self._room.changing(visit, May.WRITE) as desk:
            kept = self._kept(visit, desk, said, key)
            if kept.draft.article_id is None and not kept.others:
                kept = replace(kept, taken=self._take(visit, desk, said, kept.draft))
        if kept.others:
            return self._conflict(visit, said, kept.draft)
        if kept.taken is None:
            return self._room.to(f"{HOME}/{kept.draft.article_id}", "there")
        self._room.ring()
        done = "scheduled" if said.manuscript.publish_at else "published"
        return self._room.to(f"{HOME}/{kept.taken.article_id}", done)

    def _kept(self, visit: Visit, desk: Desk, said: Typed, key: str) -> Kept:
        """The draft of a form, saved; what others changed meanwhile is not written over."""
        draft, new = drafts.begin(
            desk.connection,
            key,
            said.manuscript,
            maker=desk.person.id,
            by=desk.by,
            now=desk.now,
        )
        if not new:
            drafts.one(desk.connection, draft.id, drafts_within_reach(desk.person))
        if draft.article_id is not None or (draft.manuscript == said.manuscript and not new):
            return Kept(draft)
        if not new:
            if visit.form.one("seen") != str(draft.version) and draft.changed_by != desk.by:
                return Kept(draft, others=True)
            drafts.save(desk.connection, draft, said.manuscript, by=desk.by, now=desk.now)
        desk.note("draft.kept", f"draft:{draft.id}", title=said.manuscript.title)
        return Kept(draft)

    def _take(self, visit: Visit, desk: Desk, said: Typed, draft: Draft) -> Taken:
        """Publish it. It is judged again: the publication may have changed.

        Raises:
            ArticleRefused: there is such an article, or what was right is so no more.
        """
        found = judge(self._room, visit, desk, said)
        if found.prepared is None:
            raise ArticleRefused(" ".join(found.faults.values()), cure="Look it over once more.")
        taken = publish(
            desk.connection,
            found.prepared,
            desk.publication,
            desk.names,
            desk.now,
            in_digests=not said.manuscript.feeds_only,
            made_by=draft.made_by,
        )
        drafts.became(desk.connection, draft.id, taken.article_id)
        desk.note("article.written", f"article:{taken.article_id}", title=taken.title, version=1)
        return taken

    def _conflict(self, visit: Visit, said: Typed, draft: Draft) -> Response:
        with self._room.reading(visit) as desk:
            at = when(draft.changed_at, visit, desk.publication.timezone)
        what = self._room.say(visit, "saved the draft")
        shown = replace(visit, form=replace(visit.form, fields={**visit.form.fields, **said.form}))
        return self._room.conflict(
            shown,
            [Changed(draft.changed_by, at, what)],
            str(draft.version),
            f"{HOME}/drafts/{draft.id}",
        )

    def _address(self, visit: Visit, url: str, fault: str, detail: str = "") -> Response:
        return self._room.page(
            visit,
            "articles/address",
            self._room.say(visit, "Take in an article by its address"),
            code=422 if fault else 200,
            url=url[:2000],
            faults={"address": fault} if fault else {},
            detail=detail,
        )

    def _form(
        self,
        visit: Visit,
        manuscript: Manuscript,
        key: str,
        *,
        faults: Mapping[str, str] | None = None,
        draft: Draft | None = None,
        changed: str = "",
        there: int | None = None,
        read: bool = False,
    ) -> Response:
        with self._room.reading(visit) as desk:
            context = form_context(desk, visit, manuscript)
        title = self._room.say(visit, "Write an article")
        if draft is not None or read:
            title = manuscript.title or self._room.say(visit, "A draft without a title")
        return self._room.page(
            visit,
            "articles/write",
            title,
            code=422 if faults else 200,
            form=manuscript,
            key=key,
            seen=str(draft.version) if draft else visit.form.one("seen"),
            faults=faults or {},
            draft=draft,
            changed=changed,
            there=there,
            read=read,
            **context,
        )


def form_context(desk: Desk, visit: Visit, said: Manuscript) -> dict[str, Any]:
    """What the form of an article offers to choose from, and whom it would miss."""
    tongue = said.language or desk.publication.languages[0]
    usual = [one.slug for one in desk.publication.channels if one.language == tongue][:1]
    known = desk.names.channels
    shown_in = [known[one] for one in said.channels or usual if one in known]
    return {
        "channels": channel_options(desk.publication),
        "topics": topic_options(desk.publication, visit),
        "languages": language_options(desk.publication, visit),
        "missed": readers_who_filter(desk.connection, shown_in),
    }


def _manuscript(found: Submission) -> Manuscript:
    """What was read on a page, as the form has it; HTML where Markdown would lose some of it."""
    body = clean_html(found.body_html or "", found.url or "")
    text = markdown_of(body)
    return Manuscript(
        title=found.title,
        teaser=found.teaser or "",
        text=body if text is None else text,
        html=text is None,
        language=found.language or "",
        authors=", ".join(found.authors or ()),
        picture=found.image.url if found.image else "",
        alt=found.image.alt if found.image else "",
        url=found.url or "",
    )
