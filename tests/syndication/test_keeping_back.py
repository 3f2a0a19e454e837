import logging

import pytest
from house import House
from sqlalchemy import update

from colporteur.db import reading, writing
from colporteur.db.tables.articles import article_versions
from colporteur.syndication.checking import kept_back
from colporteur.syndication.documents import stale


@pytest.fixture
def damaged(house: House) -> House:
    """An article that came past the cleaning, as a hand-made change of the database does."""
    house.take("Sain", body_html="<p>Bien.</p>")
    house.build()
    house.take("Abîmé", body_html="<p>Bien.</p>")
    return house


def damage(house: House, **columns: str) -> None:
    with writing(house.engine) as connection:
        connection.execute(
            update(article_versions).where(article_versions.c.title == "Abîmé").values(columns)
        )


@pytest.mark.parametrize(
    ("columns", "rule"),
    [
        ({"body_html": "<p onclick='x()'>Bien.</p>"}, "content-handler"),
        ({"body_html": "<p><a href='/a'>Lien</a></p>"}, "content-address-not-absolute"),
        ({"teaser": "a\x01b"}, "text-forbidden-character"),
    ],
)
def test_a_document_that_breaks_a_rule_is_not_stored_and_its_article_is_named(
    damaged: House, caplog: pytest.LogCaptureFixture, columns: dict[str, str], rule: str
):
    before = damaged.document("feeds/actualites.atom")
    damage(damaged, **columns)
    with caplog.at_level(logging.ERROR):
        damaged.build()
    assert damaged.document("feeds/actualites.atom") == before
    with reading(damaged.engine) as connection:
        found = {one.path: one.faults for one in kept_back(connection)}
        assert not stale(connection)  # it is not tried again each second
    (fault,) = found["feeds/actualites.atom"]
    assert (fault.rule, fault.entry) == (rule, "abime")
    assert f"abime: {rule}" in caplog.text
    assert "feeds/nashra.atom" not in found


def test_when_the_article_is_mended_its_feeds_go_on(damaged: House):
    damage(damaged, body_html="<p onclick='x()'>Bien.</p>")
    damaged.build()
    damaged.take("Abîmé", body_html="<p>Mieux.</p>")
    damaged.build()
    assert b"Mieux." in damaged.document("feeds/actualites.atom").body
    with reading(damaged.engine) as connection:
        assert kept_back(connection) == []


def test_what_is_faulty_stays_so_when_all_is_built_anew(damaged: House):
    damage(damaged, body_html="<p onclick='x()'>Bien.</p>")
    damaged.build()
    assert damaged.build(anew=True) == []
    with reading(damaged.engine) as connection:
        assert len(kept_back(connection)) == 6  # of the channel and of everything
