"""Signing in with an address and a password; then with a second factor, where there is one."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine

from colporteur.config.keys import Keys
from colporteur.db import database_now, reading, writing
from colporteur.staff import audit, credentials, second_factor, sessions
from colporteur.staff.credentials import Known
from colporteur.staff.passwords import hashed, is_dated, matches


@dataclass(frozen=True)
class Browser:
    """What somebody signs in with: where from, and the session that its cookie was of."""

    agent: str
    ip: str | None
    cookie: str = ""


def recognise(engine: Engine, address: str, password: str) -> Known | None:
    """Who has this address and this password; None, after as long, whatever is wrong of it.

    Comparing takes its time on purpose, so no transaction is open meanwhile.
    """
    with reading(engine) as connection:
        known = credentials.of_address(connection, address)
    right = matches(known.password_hash if known else None, password)
    if known is None or known.password_hash is None or not right:
        return None
    if is_dated(known.password_hash):
        anew = hashed(password)
        with writing(engine) as connection:
            credentials.rehash(connection, known, anew)
            known = credentials.of_person(connection, known.person.id)
    return known


def enter(engine: Engine, known: Known, browser: Browser) -> str | None:
    """Sign in who was recognised; the session's text. None where they changed meanwhile."""
    with writing(engine) as connection:
        if not credentials.unchanged(connection, known):
            return None
        now = database_now(connection)
        sessions.end_of(connection, browser.cookie)
        text = sessions.begin(connection, known.person, agent=browser.agent, ip=browser.ip, now=now)
        _note(connection, known, "person.signed_in", now)
    return text


def prove(engine: Engine, secret_key: Keys, known: Known, code: str) -> bool:
    """Whether who was recognised has their second factor too; a wrong code is noted.

    It tells that somebody knows their password.
    """
    with writing(engine) as connection:
        now = database_now(connection)
        passed = second_factor.passes(connection, secret_key, known.person.id, code, now)
        if not passed:
            _note(connection, known, "person.code_refused", now)
    return passed


def _note(connection: Connection, known: Known, action: str, now: datetime) -> None:
    audit.note(connection, known.person, action, f"person:{known.person.id}", {}, now)
