"""What was typed of an article: the form's fields, its picture, and what is wrong with them."""

import re
import secrets
from dataclasses import dataclass, replace
from datetime import datetime

from colporteur.articles.manuscript import Manuscript, judged
from colporteur.articles.pictures.uploading import image_at, keep_upload, read_upload
from colporteur.articles.preparing import Prepared
from colporteur.articles.submission import Image, Submission
from colporteur.editions.moments import read_moment
from colporteur.exceptions import ArticleRefused, ChoiceRefused, PictureRefused
from colporteur.staff.permissions import May
from colporteur.web.bodies import Form
from colporteur.web.desk import Desk
from colporteur.web.newsroom.articles.words import faults_of
from colporteur.web.newsroom.room import Room
from colporteur.web.newsroom.visiting import Visit

UPLOAD_AT_MOST = 16 * 1024 * 1024
"""Octets; a picture may have 10 MB, and a little more is told, not cut off."""
_KEY = re.compile(r"[A-Za-z0-9_-]{16,40}")


@dataclass(frozen=True)
class Typed:
    """A form's manuscript, and what was wrong with its picture, by field."""

    manuscript: Manuscript
    faults: dict[str, str]

    @property
    def form(self) -> dict[str, list[str]]:
        """The field that stands for the file, which a page cannot send again."""
        return {"picture": [self.manuscript.picture]}


@dataclass(frozen=True)
class Judged:
    """An article to take in; or None, and what is wrong by field."""

    prepared: Prepared | None
    faults: dict[str, str]


def new_key() -> str:
    """A mark of a form, by which sending it twice is once."""
    return secrets.token_urlsafe(18)


def key_of(form: Form) -> str:
    """The mark that a form carries; a new one where it has none."""
    said = form.one("key")
    return said if _KEY.fullmatch(said) else new_key()


def manuscript_of(form: Form) -> Manuscript:
    """The fields as they were typed."""
    return Manuscript(
        title=form.one("title"),
        teaser=form.one("teaser"),
        text=text_of(form),
        html=form.one("html") == "yes",
        language=form.one("language"),
        channels=form.all("channels"),
        topics=form.all("topics"),
        authors=form.one("authors"),
        picture="" if form.one("no_picture") else form.one("picture"),
        alt=form.one("alt"),
        decorative=form.one("decorative") == "yes",
        publish_at=form.one("publish_at"),
        feeds_only=form.one("feeds_only") == "yes",
        url=form.one("url"),
    )


def text_of(form: Form) -> str:
    """The text, with one kind of line ends, and without empty lines around it."""
    said = "".join(form.all("text")[-1:])
    return said.replace("\r\n", "\n").strip("\n")


def typed(room: Room, visit: Visit) -> Typed:
    """What a form says; a picture that came with it is kept at once, since it comes only once."""
    manuscript = manuscript_of(visit.form)
    upload = visit.files.get("image")
    if upload is None:
        return Typed(manuscript, {})
    try:
        copied = read_upload(upload.bytes)
    except PictureRefused:
        why = room.say(
            visit,
            "This cannot be shown as a picture. Choose a JPEG, PNG, WebP or GIF of at most 10 MB "
            "and 25 million pixels.",
        )
        return Typed(manuscript, {"image": why})
    with room.changing(visit, May.WRITE) as desk:
        site = room.pages.site(desk.publication)
        address = keep_upload(desk.connection, copied, site, desk.now)
    return Typed(replace(manuscript, picture=address), {})


def judge(room: Room, visit: Visit, desk: Desk, said: Typed) -> Judged:
    """The article of a form, or what is wrong with each field."""
    moment, faults = moment_of(room, visit, desk, said.manuscript)
    image, wrong = picture_of(room, visit, desk, said.manuscript)
    return judge_submission(
        room, visit, desk, said.manuscript.submission(moment, image), said.faults | faults | wrong
    )


def judge_submission(
    room: Room, visit: Visit, desk: Desk, submission: Submission, known: dict[str, str]
) -> Judged:
    """The same by intake's own rules; ``known`` faults are there already."""
    try:
        prepared, refused = judged(submission, desk.publication, desk.names.topics, desk.now)
    except ArticleRefused as error:
        prepared, refused = None, [error]
    if submission.part and not submission.title:  # an update may leave it out, a form may not
        refused = [*refused, ArticleRefused("No title.", field="title", fault="missing")]
    faults = faults_of(room, visit, refused) | known
    return Judged(None if faults else prepared, faults)


def picture_of(
    room: Room, visit: Visit, desk: Desk, said: Manuscript
) -> tuple[Image | None, dict[str, str]]:
    """The picture that a form names; whoever does not see it must be told what it shows."""
    if not said.picture:
        return None, {}
    if not (said.alt or said.decorative):
        why = room.say(visit, "Say what the picture shows, or that it only decorates.")
        return None, {"alt": why}
    alt = "" if said.decorative else said.alt
    return image_at(desk.connection, said.picture, alt), {}


def moment_of(
    room: Room, visit: Visit, desk: Desk, said: Manuscript
) -> tuple[datetime | None, dict[str, str]]:
    """When a form wants it published, on the publication's clock; None for now."""
    if not said.publish_at:
        return None, {}
    try:
        moment = read_moment(said.publish_at, desk.publication.timezone)
    except (ChoiceRefused, OverflowError):
        return None, {"publish_at": room.say(visit, "Choose a day and an hour.")}
    if moment <= desk.now:
        why = room.say(visit, "This moment has passed. Leave it empty to publish now.")
        return None, {"publish_at": why}
    return moment, {}
