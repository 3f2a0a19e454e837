"""Changing an article: a significant edit, which readers of feeds are told, or a typo."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import Response

from colporteur.articles import drafts, shelf, store
from colporteur.articles.article import Article
from colporteur.articles.cleaning import clean_html
from colporteur.articles.formats.as_markdown import markdown_of, same
from colporteur.articles.formats.records import article_html
from colporteur.articles.intake import Outcome, record
from colporteur.articles.manuscript import Manuscript
from colporteur.articles.shelf import Shelved
from colporteur.articles.store import channel_ids
from colporteur.articles.submission import Image, Submission
from colporteur.db.numbering import last_number
from colporteur.staff import audit
from colporteur.staff.permissions import May, within_reach
from colporteur.web.desk import Desk
from colporteur.web.newsroom.articles.typed import (
    Judged,
    Typed,
    judge_submission,
    moment_of,
    picture_of,
    typed,
)
from colporteur.web.newsroom.articles.words import deed, when
from colporteur.web.newsroom.articles.writing import HOME, form_context
from colporteur.web.newsroom.room import Changed, Room
from colporteur.web.newsroom.visiting import Visit


class Editing:
    """The form of an article that there is."""

    def __init__(self, room: Room) -> None:
        self._room = room

    def show(self, visit: Visit) -> Response:
        """What it says now."""
        with self._room.reading(visit) as desk:
            shelved, article = _mine(desk, visit)
            form = _as_typed(desk, article)
        return self._form(visit, shelved, form)

    def send(self, visit: Visit) -> Response:
        """Write what was typed, unless somebody else wrote meanwhile."""
        said = typed(self._room, visit)
        with self._room.reading(visit) as desk:
            shelved, article = _mine(desk, visit)
            found = self._judged(visit, desk, said, article)
            there = _alike(said.manuscript, _as_typed(desk, article))
        if found.faults:
            return self._form(visit, shelved, said.manuscript, found.faults)
        stale = visit.form.one("seen") != str(shelved.edits)
        if stale and there:  # the same form once more
            return self._room.to(f"{HOME}/{shelved.id}", "changed")
        if stale:
            return self._conflict(visit, said, shelved)
        with self._room.changing(visit, May.WRITE) as desk:
            last_number(desk.connection)  # its lock: two who write the same article take turns
            now, article = _mine(desk, visit)
            again = self._judged(visit, desk, said, article)
            outcome = None
            if now.edits == shelved.edits and again.prepared is not None:
                outcome = self._write(visit, desk, said, article, again)
        if outcome is None:
            return self._conflict(visit, said, now)
        self._room.ring()
        done = "unchanged" if outcome is Outcome.UNCHANGED else "changed"
        return self._room.to(f"{HOME}/{now.id}", done)

    def _judged(self, visit: Visit, desk: Desk, said: Typed, article: Article) -> Judged:
        image, wrong = picture_of(self._room, visit, desk, said.manuscript)
        moment: datetime | None = None
        if article.state == "scheduled":
            moment, late = moment_of(self._room, visit, desk, said.manuscript)
            wrong |= late
            moment = moment or desk.now
        submission = _submission(said.manuscript, _as_typed(desk, article), article, image, moment)
        return judge_submission(self._room, visit, desk, submission, said.faults | wrong)

    def _write(
        self, visit: Visit, desk: Desk, said: Typed, article: Article, found: Judged
    ) -> Outcome:
        assert found.prepared is not None
        typo = visit.form.one("kind") == "typo"
        told = article.number is not None and not typo
        taken = record(
            desk.connection,
            found.prepared,
            desk.publication,
            desk.names,
            desk.now,
            significant=told,
        )
        if taken.outcome is Outcome.UNCHANGED:
            return taken.outcome
        draft = drafts.of_article(desk.connection, article.id)
        if draft is not None:
            drafts.save(desk.connection, draft, said.manuscript, by=desk.by, now=desk.now)
        after = shelf.one(desk.connection, article.id, within_reach(desk.person))
        desk.note(
            "article.corrected" if typo else "article.changed",
            f"article:{article.id}",
            title=taken.title,
            version=after.version if after else article.version,
        )
        return taken.outcome

    def _conflict(self, visit: Visit, said: Typed, now: Shelved) -> Response:
        with self._room.reading(visit) as desk:
            last = audit.noted(desk.connection, limit=1, subject=f"article:{now.id}")
            zone = desk.publication.timezone
        changes = [
            Changed(one.by, when(one.at, visit, zone), deed(self._room, visit, one.action))
            for one in last
            if one.at >= now.made_at
        ]
        if not changes:
            who = self._room.say(visit, "A source or a program")
            changes = [Changed(who, when(now.made_at, visit, zone), deed(self._room, visit, ""))]
        shown = replace(visit, form=replace(visit.form, fields={**visit.form.fields, **said.form}))
        return self._room.conflict(shown, changes, str(now.edits), f"{HOME}/{now.id}/edit")

    def _form(
        self,
        visit: Visit,
        shelved: Shelved,
        form: Manuscript,
        faults: Mapping[str, str] | None = None,
    ) -> Response:
        with self._room.reading(visit) as desk:
            slugs = {number: slug for slug, number in desk.names.channels.items()}
            shown_in = channel_ids(desk.connection, [shelved.id]).get(shelved.id, [])
            named = tuple(slugs[one] for one in shown_in if one in slugs)
            context = form_context(desk, visit, replace(form, channels=named))
        return self._room.page(
            visit,
            "articles/edit",
            self._room.say(visit, "Change the article"),
            code=422 if faults else 200,
            article=shelved,
            form=form,
            seen=visit.form.one("seen") or str(shelved.edits),
            kind=visit.form.one("kind"),
            faults=faults or {},
            **context,
        )


def _mine(desk: Desk, visit: Visit) -> tuple[Shelved, Article]:
    """The article of the address, if this person may change it.

    Raises:
        HTTPException: 404, it is none, or not theirs.
    """
    shelved = shelf.one(desk.connection, visit.number(), within_reach(desk.person))
    if shelved is None:
        raise HTTPException(404)
    return shelved, store.by_ids(desk.connection, [shelved.id])[shelved.id]


def _as_typed(desk: Desk, article: Article) -> Manuscript:
    """An article as the form has it: in Markdown where its text is still what that makes."""
    slugs: dict[int, str] = {}
    for slug, number in desk.names.topics.items():
        slugs.setdefault(number, slug)
    text = _markdown(desk, article)
    waits = article.state == "scheduled" and article.publish_at is not None
    return Manuscript(
        title=article.title,
        teaser=article.teaser if article.teaser_given else "",
        text=article.body_html if text is None else text,
        html=text is None,
        language=article.language,
        topics=tuple(slugs[one] for one in article.topics if one in slugs),
        authors=", ".join(article.authors),
        picture=article.image.url if article.image else "",
        alt=article.image.alt if article.image else "",
        decorative=bool(article.image and not article.image.alt),
        publish_at=_local(article.publish_at, desk) if waits else "",
        feeds_only=not article.in_digests,
        url=article.url or "",
    )


def _markdown(desk: Desk, article: Article) -> str | None:
    """What was typed of its text, else what makes it again; None where nothing does."""
    draft = drafts.of_article(desk.connection, article.id)
    if draft is not None and not draft.manuscript.html:
        made = clean_html(article_html(draft.manuscript.text), article.url or "")
        if same(made, article.body_html):
            return draft.manuscript.text
    return markdown_of(article.body_html)


def _alike(said: Manuscript, known: Manuscript) -> bool:
    """Whether an article says already what was typed."""
    fields = ("title", "teaser", "text", "picture", "alt", "publish_at", "names")
    same = all(getattr(said, one) == getattr(known, one) for one in fields)
    return same and set(said.topics) == set(known.topics)


def _local(moment: datetime | None, desk: Desk) -> str:
    assert moment is not None
    return f"{moment.astimezone(ZoneInfo(desk.publication.timezone)):%Y-%m-%dT%H:%M}"


def _submission(
    said: Manuscript,
    known: Manuscript,
    article: Article,
    image: Image | None,
    moment: datetime | None,
) -> Submission:
    """What differs; what is empty now is taken away."""
    unchanged = said.text == known.text.strip("\n")
    kept = article.image if article.image and image and article.image.url == image.url else None
    removed = {
        name for name, empty in {"teaser": not said.teaser, "image": image is None}.items() if empty
    }
    return Submission(
        title=said.title,
        teaser=said.teaser or None,
        body_html=None if unchanged else said.body_html,
        feed_id=article.feed_id,
        topics=said.topics,
        authors=said.names,
        image=replace(kept, alt=image.alt) if kept and image else image,
        publish_at=moment,
        part=True,
        remove=frozenset(removed),
    )
