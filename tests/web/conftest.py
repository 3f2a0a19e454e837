"""Fixtures of the web's tests."""

from pathlib import Path

import pytest
from asking import Ask, asker, make_app
from databases import Database
from house import House

from colporteur.web.feeds import FeedsInFront


@pytest.fixture
def app(published: House, tmp_path: Path) -> FeedsInFront:
    return make_app(published, tmp_path)


@pytest.fixture
def ask(app: FeedsInFront) -> Ask:
    return asker(app)


@pytest.fixture
def published(house: House, database: Database) -> House:
    """A house with an article in French and one in Arabic, their feeds built."""

    def publish() -> None:
        house.take("Tri aux urgences", body_html="<p>Le texte entier.</p>", teaser="L’extrait.")
        house.take("مقال عن الحكامة", body_html="<p>نص</p>", language="ar")
        house.build()
        house.engine.dispose()

    house.engine.dispose()  # no connection is open
    database.filled("published", publish)
    return house
