"""Who may do what: one table of roles. Pages, the API and queries ask it, and nothing else."""

import enum

from sqlalchemy import ColumnElement, Connection, select, true

from colporteur.db.tables.articles import article_drafts, articles
from colporteur.exceptions import Forbidden
from colporteur.staff.people import Person, Role
from colporteur.staff.tokens import Scope


class May(enum.StrEnum):
    """What somebody may do."""

    LOOK = "look"  # what goes out, when, and what became of it; no reader's name
    WRITE = "write"  # articles of their own
    EDIT = "edit"  # everybody's articles
    ARRANGE = "arrange"  # what an edition looks like, and tests of it
    STEER = "steer"  # hold, release, pause, move, cancel; special editions
    APPROVE = "approve"
    SUSPEND = "suspend"  # all sending
    RELEASE = "release"  # what was suspended or held after a restore
    READERS = "readers"  # see, add, resend to, unsubscribe
    IMPORT = "import"  # lists of readers
    SETTINGS = "settings"  # revisions of the publication, going live, webhooks
    PEOPLE = "people"
    AUDIT = "audit"


_AUTHOR = frozenset({May.LOOK, May.WRITE})
_EDITOR = _AUTHOR | {May.EDIT, May.ARRANGE, May.STEER, May.SUSPEND, May.READERS}
_APPROVER = _EDITOR | {May.APPROVE, May.RELEASE}
ALLOWED: dict[Role, frozenset[May]] = {
    Role.AUTHOR: _AUTHOR,
    Role.EDITOR: _EDITOR,
    Role.APPROVER: _APPROVER,
    Role.ADMIN: frozenset(May),
}

# What a token's scope lets its program do; its holder must be allowed it too, at each call.
ASKED_BY_SCOPE: dict[Scope, May] = {
    Scope.CHANNELS_READ: May.LOOK,
    Scope.ARTICLES_READ: May.LOOK,
    Scope.ARTICLES_WRITE: May.WRITE,
    Scope.EDITIONS_READ: May.LOOK,
    Scope.EDITIONS_WRITE: May.STEER,
    Scope.EDITIONS_APPROVE: May.APPROVE,
    Scope.REPORTS_READ: May.LOOK,
    Scope.SUBSCRIBERS_READ: May.READERS,
    Scope.SUBSCRIBERS_WRITE: May.READERS,
    Scope.SENDING: May.SUSPEND,
    Scope.SIGNUPS: May.READERS,
    Scope.TOKENS: May.LOOK,  # their own
    Scope.GHOST: May.WRITE,
}


def may(person: Person, what: May) -> bool:
    """Whether somebody may do this."""
    return person.disabled_at is None and what in ALLOWED[person.role]


def require(person: Person, what: May) -> None:
    """Refuse whom the table does not allow it.

    Raises:
        Forbidden: names what is missing.
    """
    if not may(person, what):
        raise Forbidden(
            f"The role {person.role} does not allow this ({what}).",
            cure="Ask an admin for another role.",
        )


def within_reach(person: Person) -> ColumnElement[bool]:
    """A condition on ``articles``: those that somebody may change, an author their own alone."""
    if may(person, May.EDIT):
        return true()
    return articles.c.made_by == person.id


def require_within_reach(connection: Connection, person: Person, article_id: int) -> None:
    """Refuse who may not change this article.

    Raises:
        Forbidden: it is somebody else's, and they are an author.
    """
    theirs = select(articles.c.id).where(articles.c.id == article_id, within_reach(person))
    if connection.scalar(theirs) is None:
        raise Forbidden(
            "This article is somebody else's, and an author changes only their own.",
            cure="Ask an editor.",
        )


def drafts_within_reach(person: Person) -> ColumnElement[bool]:
    """A condition on ``article_drafts``: those that somebody may see, an author their own alone."""
    if may(person, May.EDIT):
        return true()
    return article_drafts.c.made_by == person.id
