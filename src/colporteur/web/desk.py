"""An open transaction of somebody of the newsroom, with what every change of theirs needs."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from colporteur.config import Settings
from colporteur.db import database_now
from colporteur.editions.brakes import Brake, in_force
from colporteur.editions.freezing.readers import Whom
from colporteur.publication import Publication
from colporteur.publication.identities import Ids, ids
from colporteur.publication.revisions import Revision, require
from colporteur.staff import audit
from colporteur.staff.people import Person


@dataclass(frozen=True)
class Desk:
    """An open transaction, and who sits at it."""

    connection: Connection
    revision: Revision
    names: Ids
    person: Person
    now: datetime
    brake: Brake

    @property
    def by(self) -> str:
        """Whom history names."""
        return self.person.address

    @property
    def publication(self) -> Publication:
        """The publication in force."""
        return self.revision.publication

    @property
    def whom(self) -> Whom:
        """Whom mail may reach."""
        return Whom(staff=self.brake.staff_only)

    def note(self, action: str, subject: str, **detail: Any) -> None:
        """Note what was done, such as ``article.withdrawn`` to ``article:4711``."""
        audit.note(self.connection, self.person, action, subject, detail, self.now)


def desk_of(connection: Connection, settings: Settings, person: Person) -> Desk:
    """Somebody's desk in a transaction.

    Raises:
        UnknownName: no publication has been applied yet.
    """
    revision = require(connection)
    return Desk(
        connection,
        revision,
        ids(connection, revision.publication),
        person,
        database_now(connection),
        in_force(connection, revision.publication, real_relay=settings.outbox is None),
    )
