from datetime import timedelta
from typing import Any

import pytest
from drawing import drawn
from elsewhere import Elsewhere
from house import House, publication
from sqlalchemy import select, update

from colporteur.articles.pictures import store
from colporteur.articles.pictures.fetching import fetch_picture
from colporteur.articles.submission import Image
from colporteur.clock import utcnow
from colporteur.db import reading, writing
from colporteur.db.tables.articles import picture_copies, pictures
from colporteur.fetch import Fetcher

FETCHER = Fetcher(loopback=True, seconds=5)


def rows(house: House) -> list[Any]:
    with reading(house.engine) as connection:
        return list(connection.execute(select(pictures).order_by(pictures.c.id)))


def copied(house: House) -> list[Any]:
    with reading(house.engine) as connection:
        return list(connection.execute(select(picture_copies).order_by(picture_copies.c.width)))


def fetched(house: House) -> Any:
    """The one picture, after it was asked for."""
    assert fetch_picture(house.engine, FETCHER, 1)
    return rows(house)[0]


def test_a_picture_of_two_articles_is_fetched_once(house: House, elsewhere: Elsewhere):
    url = elsewhere.says("/a.jpg", drawn(1600, 800), Content_Type="text/plain")
    house.take("Un", image=Image(url, "Un quai"))
    house.take("Deux", image=Image(url, "Le même"))
    found = fetched(house)
    assert (found.state, found.width, found.height) == ("kept", 1600, 800)
    assert (found.type, found.due_at) == ("image/jpeg", None)
    assert [one.width for one in copied(house)] == [240, 600, 1200]
    assert not fetch_picture(house.engine, FETCHER, 1)
    assert len(elsewhere.asked) == len(rows(house)) == 1


def test_without_copies_of_our_own_its_true_size_is_known_still(house: House, elsewhere: Elsewhere):
    house.apply(publication(serve_images=False))
    house.take("Un", image=Image(elsewhere.says("/a.jpg", drawn(300, 200)), "", 1, 1))
    assert (fetched(house).width, copied(house)) == (300, [])


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "SVG"),
        (b"\xff\xd8\xff broken", ""),
        (b"x" * (10 * 1024 * 1024 + 1), "longer than 10 MB"),
    ],
    ids=["svg", "broken", "long"],
)
def test_what_cannot_be_shown_is_refused_once_and_for_all(
    house: House, elsewhere: Elsewhere, body: bytes, why: str
):
    house.take("Un", image=Image(elsewhere.says("/a", body), ""))
    found = fetched(house)
    assert (found.state, found.due_at) == ("refused", None)
    assert why in found.problem
    assert not fetch_picture(house.engine, FETCHER, 1)


def test_an_address_that_is_not_public_is_refused(house: House):
    house.take("Un", image=Image("http://10.0.0.1/a.jpg", ""))
    assert "not on the public Internet" in fetched(house).problem


def test_one_that_does_not_answer_is_asked_five_times_with_growing_waits(
    house: House, elsewhere: Elsewhere
):
    house.take("Un", image=Image(elsewhere.says("/a", b"", 503), ""))
    waits = []
    for _ in range(5):
        with writing(house.engine) as connection:
            connection.execute(update(pictures).values(due_at=utcnow() - timedelta(minutes=1)))
        found = fetched(house)
        waits.append(found.due_at and round((found.due_at - utcnow()).total_seconds() / 60))
    assert waits == [1, 10, 60, 360, None]
    assert (found.state, len(elsewhere.asked)) == ("refused", 5)
    assert "503" in found.problem


def test_two_workers_do_not_ask_for_one_picture(house: House, elsewhere: Elsewhere):
    house.take("Un", image=Image(elsewhere.says("/a.jpg", drawn(30, 20)), ""))
    with writing(house.engine) as connection:
        now = utcnow()
        assert store.ring_due(connection, now) == [1]
        assert store.ring_due(connection, now) == []
        assert store.take(connection, 1, now) is not None
        assert store.take(connection, 1, now) is None


def test_a_file_of_our_own_site_is_at_hand_and_not_asked_for(house: House, elsewhere: Elsewhere):
    url = elsewhere.url("/static/a.jpg")
    house.take("Un", image=Image(url, "Un quai"))
    files = {url: drawn(700, 300)}
    assert fetch_picture(house.engine, FETCHER, 1, files.get)
    assert (rows(house)[0].state, rows(house)[0].width) == ("kept", 700)
    assert elsewhere.asked == []
