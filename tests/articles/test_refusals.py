from datetime import timedelta

import pytest
from house import NOW, House
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from colporteur.articles import refusals
from colporteur.articles.submission import Submission
from colporteur.articles.taking import Entry, refuse, take
from colporteur.db import reading, writing
from colporteur.exceptions import ArticleRefused


def test_one_row_an_entry_the_newest_first_and_none_when_it_is_taken(engine: Engine):
    later = NOW + timedelta(hours=1)
    with writing(engine) as connection:
        refusals.note(connection, "file", "/a.md", "A", "No title.", "Give it one.", NOW)
        refusals.note(connection, "api:cms", "a", "A", "No text.", "Write one.", NOW)
        refusals.note(connection, "file", "/a.md", "A", "Too long.", "Shorten it.", later)
        found = refusals.listing(connection)
        assert [(one.origin, one.reason) for one in found] == [
            ("file", "Too long."),
            ("api:cms", "No text."),
        ]
        assert found[0].at == later
        assert refusals.listing(connection, 1) == found[:1]
        assert refusals.forget(connection, "file", "/a.md")
        assert not refusals.forget(connection, "file", "/a.md")
        assert refusals.listing(connection) == found[1:]


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(), max_size=40), st.integers(1, 600))
def test_any_text_can_be_refused_and_forgotten(engine: Engine, text: str, times: int):
    with writing(engine) as connection:
        refusals.note(connection, text * times, text, text * times, text, text, NOW)
        assert refusals.forget(connection, text * times, text)


def test_an_article_taken_after_all_is_refused_no_longer(house: House):
    entry = Entry("api:cms", "a")
    refuse(house.engine, entry, "A", "No text.", "Write one.")
    take(house.engine, Submission("A", external_id="a", teaser="Un extrait."), entry=entry)
    with reading(house.engine) as connection:
        assert refusals.listing(connection) == []


def test_a_new_article_with_nothing_to_read_is_refused_and_not_written(house: House):
    with pytest.raises(ArticleRefused, match="neither a text nor a teaser"):
        take(house.engine, Submission("A", external_id="a"))
    assert house.take("A", external_id="a", teaser="Un extrait.").outcome == "added"
    assert take(house.engine, Submission("B", external_id="a")).outcome == "updated"
