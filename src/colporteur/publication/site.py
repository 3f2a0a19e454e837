"""The site's address in force, which every process must give alike."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

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
    """Note what holds from now on; whether that is something else than before.

    Several processes may start at once, and note the same.
    """
    known = connection.scalar(select(facts.c.value).where(facts.c.name == name))
    if known == value:
        return False
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    noted_now = dialect.insert(facts).values(name=name, value=value)
    connection.execute(
        noted_now.on_conflict_do_update(index_elements=["name"], set_={"value": value})
    )
    return True
