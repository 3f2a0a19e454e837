"""Articles found by their words, on both databases."""

import pytest
from house import House
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from newsroom import ON_SQLITE
from sqlalchemy import select, text

from colporteur.articles.searching import matching
from colporteur.db import reading, writing
from colporteur.db.tables.articles import article_texts, article_versions, articles
from colporteur.db.words import folded


def found(house: House, asked: str) -> list[str]:
    """The titles of what is found, in order."""
    with reading(house.engine) as connection:
        query = (
            select(article_versions.c.title)
            .join(articles, articles.c.id == article_versions.c.article_id)
            .where(articles.c.version == article_versions.c.version)
            .where(matching(connection, asked))
        )
        return sorted(connection.scalars(query))


@pytest.fixture
def shelf(house: House) -> House:
    body = "<p>Les élèves de l’Hérault n’ont plus de <em>cœur</em>&nbsp;: 3,5&nbsp;%.</p>"
    house.take("L’école en grève", body_html=body, authors=("Zoë Faÿ",))
    house.take("Tri aux urgences", body_html="<p>Un texte.</p>", teaser="L’extrait.")
    house.take("إصلاحُ الحَكامة والمدرسة", body_html="<p>مقالٌ عن القُرى</p>", language="ar")
    return house


FRENCH, ARABIC, OTHER = "L’école en grève", "إصلاحُ الحَكامة والمدرسة", "Tri aux urgences"


def test_words_are_found_however_they_are_accented(shelf: House) -> None:
    titles = {
        "ecole": [FRENCH],
        "ÉCOLE greve": [FRENCH],
        "l'éco": [FRENCH],
        "coeur": [FRENCH],
        "zoe fay": [FRENCH],
        "em": [],  # a tag is no word
        "école urgences": [],
        "extrait": [OTHER],
        "حكامة": [ARABIC],
        "الحكامه": [ARABIC],
        "اصلاح القرى": [ARABIC],
        "مدرسة": [ARABIC],
        "": [],
        "؟ !! \"' *": [],
    }
    assert {asked: found(shelf, asked) for asked in titles} == titles


def test_what_an_article_says_no_more_does_not_find_it(shelf: House) -> None:
    shelf.take(OTHER, body_html="<p>Un mot nouveau.</p>", teaser="Autre.", significant=False)
    assert found(shelf, "extrait") == []
    assert found(shelf, "nouveau") == [OTHER]
    with writing(shelf.engine) as connection:
        connection.execute(article_texts.delete())
    assert found(shelf, "ecole") == []


STRANGE = """
    " NEAR(a words:a ':* -école \\ a*b* {a} ^a ( & | ! <-> ٪ ٣ 🜚 ½ ᵃ ꬰ न्द 𐐷 ﷺ \u200d e\u0301\u0302
"""


def test_nothing_that_is_typed_is_an_error(shelf: House) -> None:
    for asked in (*STRANGE.split(), STRANGE, "x" * 10_000, "a " * 10_000, "a AND"):
        assert isinstance(found(shelf, asked), list), asked


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=st.text(max_size=40))
def test_nor_is_anything_else(shelf: House, asked: str) -> None:
    assert isinstance(found(shelf, asked), list)


@given(st.text(max_size=60))
def test_folding_what_is_folded_changes_nothing(said: str) -> None:
    assert folded(" ".join(folded(said))) == folded(said)


@ON_SQLITE
def test_its_index_stays_in_step_with_what_is_kept(shelf: House) -> None:
    shelf.take(OTHER, body_html="<p>Un mot nouveau.</p>", significant=False)
    check = "INSERT INTO article_words (article_words, rank) VALUES ('integrity-check', 1)"
    with writing(shelf.engine) as connection:
        connection.execute(text(check))  # an error where it is not
