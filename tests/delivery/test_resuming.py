"""What becomes of a paused edition that somebody lets go again."""

from datetime import timedelta

from preflights import WAITS, WRONG, Newsroom
from sqlalchemy import update

from colporteur.db import writing
from colporteur.db.tables.editions import editions
from colporteur.editions.states import State


def test_what_was_paused_before_it_was_looked_over_is_looked_over_when_resumed(newsroom: Newsroom):
    newsroom.take(WRONG)
    edition = newsroom.send_now()
    newsroom.pause(edition.id)
    assert newsroom.rings() == []
    assert newsroom.resume(edition.id) is State.FROZEN
    assert newsroom.rings() == [edition.id]
    newsroom.advance()
    assert newsroom.edition(edition.id).state is State.FROZEN
    newsroom.check(edition.id)
    assert newsroom.edition(edition.id).state is State.PAUSED
    assert newsroom.resume(edition.id) is State.SENDING  # somebody decided that it may go


def test_what_is_resumed_unchecked_waits_no_longer_than_anything_else(newsroom: Newsroom):
    newsroom.take("Un port")
    edition = newsroom.send_now()
    newsroom.pause(edition.id)
    newsroom.house.now += timedelta(hours=1)
    newsroom.resume(edition.id)
    newsroom.advance(WAITS - timedelta(seconds=1))
    assert newsroom.edition(edition.id).state is State.FROZEN
    newsroom.advance(timedelta(seconds=2))
    assert newsroom.edition(edition.id).state is State.SENDING


def test_what_has_begun_to_arrive_goes_on_at_once(newsroom: Newsroom):
    newsroom.take("Un port")
    edition = newsroom.send_now()
    newsroom.tick(newsroom.house.now)
    with writing(newsroom.house.engine) as connection:
        left = update(editions).where(editions.c.id == edition.id)
        connection.execute(left.values(first_left_at=newsroom.house.now))
    newsroom.pause(edition.id)
    assert newsroom.resume(edition.id) is State.SENDING


def test_what_an_editor_holds_is_held_still_after_a_pause(newsroom: Newsroom):
    newsroom.take(WRONG)
    edition = newsroom.send_now()
    newsroom.hold(edition.id)
    newsroom.check(edition.id)
    assert newsroom.edition(edition.id).state is State.PAUSED
    assert newsroom.resume(edition.id) is State.HELD
    newsroom.advance(timedelta(hours=1))
    assert newsroom.edition(edition.id).state is State.HELD


def test_a_pause_while_it_is_looked_over_leaves_it_to_be_looked_over(newsroom: Newsroom):
    newsroom.take(WRONG)
    edition = newsroom.send_now()
    newsroom.pause(edition.id)
    assert not newsroom.check(edition.id)
    assert newsroom.edition(edition.id).checked_at is None
    assert newsroom.told() == []
