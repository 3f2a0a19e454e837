"""A newsroom as real processes, and its people at real browsers."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page
from running import Installation
from sqlalchemy import Engine

from colporteur.db import database_now, make_engine, writing
from colporteur.staff import people, sessions
from colporteur.staff.people import Role


@dataclass
class Newsroom:
    """The sample publication, running."""

    installation: Installation
    engine: Engine

    @classmethod
    @contextlib.contextmanager
    def sample(cls, folder: Path) -> "Iterator[Newsroom]":
        """Its processes run as long as this lasts."""
        installation = Installation(folder)
        with installation.up("--sample"):
            engine = make_engine(f"sqlite:///{folder}/var/colporteur.db")
            yield cls(installation, engine)
            engine.dispose()

    @property
    def url(self) -> str:
        return self.installation.url

    def page(
        self,
        browser: Browser,
        role: Role,
        tag: str = "en",
        scheme: Any = "light",
        size: Any = None,
    ) -> Page:
        """Somebody of a role at a browser of their own, signed in; errors of scripts are raised."""
        with writing(self.engine) as connection:
            now = database_now(connection)
            where = f"{role}@relais.example"
            person, _ = people.add(connection, where, name=role.title(), role=role, now=now)
            cookie = sessions.begin(connection, person, agent="a test", ip=None, now=now)
        context = browser.new_context(locale=tag, color_scheme=scheme, viewport=size)
        context.add_cookies([{"name": "newsroom", "value": cookie, "url": self.url}])
        return context.new_page()
