"""The site's address in force, which every process must give alike."""

from sqlalchemy import Connection, delete, insert, select

from colporteur.config import Settings
from colporteur.db.tables.publication import facts
from colporteur.publication.model import Publication

SITE = "site"


def site_in_force(connection: Connection, settings: Settings, publication: Publication) -> str:
    """What feeds, pages and mails give as the site's address, without a slash at its end.

    ``BASE_URL``, else the publication's; the shipped sample stands where a web server of this
    database was last started, whatever port this process has in its settings.
    """
    known = None if settings.has_site else noted(connection)
    return known or settings.site(publication.base_url)


def noted(connection: Connection) -> str | None:
    """The site's address as a process that was started noted it last."""
    value = connection.scalar(select(facts.c.value).where(facts.c.name == SITE))
    return str(value) if value else None


def note(connection: Connection, name: str, value: object) -> bool:
    """Note what holds from now on; whether that is something else than before."""
    known = facts.c.name == name
    if connection.scalar(select(facts.c.value).where(known)) == value:
        return False
    connection.execute(delete(facts).where(known))
    connection.execute(insert(facts).values(name=name, value=value))
    return True
