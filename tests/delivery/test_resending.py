"""An edition goes to a reader once more: the same delivery, or not at all."""

from collections import Counter
from datetime import timedelta
from email import message_from_bytes

import pytest
from dispatching import send_batch
from editing import ended, happens, owed, smtp, whom
from house import TEMPLATES, House, publication
from sink import Sink
from sqlalchemy import select, update

from colporteur.articles.withdrawing import withdraw
from colporteur.audience.history import events_of
from colporteur.audience.leaving import leave
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.articles import articles
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.delivery.resending import Why, resend, resend_failed
from colporteur.editions import scheduling
from colporteur.editions.brakes import Brake
from colporteur.editions.states import Event
from colporteur.editions.store import history, load
from colporteur.exceptions import ResendRefused

FREE = Brake(suspended=None, staff_only=None)


@pytest.fixture
def edition(house: House) -> int:
    """An edition that is owed to two readers of a publication that is live."""
    house.apply(publication())
    found = owed(house, "amina", "bruno")
    house.go_live()
    return found


def again(house: House, edition: int, reader: int = 1, brake: Brake = FREE) -> None:
    with writing(house.engine) as connection:
        now = database_now(connection)
        resend(connection, load(connection, edition), reader, brake, by="leila", now=now)


def refused(house: House, edition: int, reader: int = 1, brake: Brake = FREE) -> str:
    with pytest.raises(ResendRefused) as error:
        again(house, edition, reader, brake)
    return error.value.why


def came_to(house: House, status: str) -> None:
    """Say what became of every delivery."""
    with writing(house.engine) as connection:
        connection.execute(update(deliveries).values(status=status, attempts=1))
        connection.execute(update(batches).values(status="done"))


def test_a_reader_gets_the_same_message_again_and_nobody_else_does(
    house: House, edition: int, smtp_sink: Sink
) -> None:
    assert send_batch(house.engine, smtp(smtp_sink), TEMPLATES, 1) == 2
    again(house, edition)
    assert send_batch(house.engine, smtp(smtp_sink), TEMPLATES, 1) == 1
    assert whom(smtp_sink).count("amina") == 2
    assert whom(smtp_sink).count("bruno") == 1
    sent = [message_from_bytes(data) for to, data in smtp_sink.accepted if to.startswith("amina")]
    assert sent[0]["Message-ID"] == sent[1]["Message-ID"]
    assert ended(house, edition) == [("sent", None), ("sent", None)]
    with reading(house.engine) as connection:
        said = events_of(connection, 1)[-1]
        assert (said.kind, said.detail["by"]) == ("resent", "leila")
        assert history(connection, edition)[-1].by == "leila"


def test_what_failed_goes_again_only_while_no_later_mail_brings_it(
    house: House, edition: int
) -> None:
    came_to(house, "failed")
    with house.open() as (connection, _revision, _names):
        done = resend_failed(connection, load(connection, edition), FREE, by="leila", now=house.now)
    assert (done.again, done.kept) == (2, Counter())
    assert ended(house, edition) == [("deferred", None)] * 2
    came_to(house, "failed")
    later = send_now(house)
    assert [status for status, _ in ended(house, later)] == ["pending"] * 2  # it brings it
    assert refused(house, edition) == Why.BROUGHT_SINCE
    with house.open() as (connection, _revision, _names):
        done = resend_failed(connection, load(connection, edition), FREE, by="leila", now=house.now)
    assert (done.again, done.kept) == (0, Counter({Why.BROUGHT_SINCE: 2}))


def test_a_reader_who_was_sent_it_again_gets_its_articles_by_no_later_mail(
    house: House, edition: int
) -> None:
    came_to(house, "sent")
    again(house, edition)
    assert ended(house, send_now(house)) == []
    assert [status for status, _ in ended(house, edition)] == ["deferred", "sent"]


def test_nothing_goes_again_to_whom_it_may_not_go(house: House, edition: int) -> None:
    assert refused(house, edition) == Why.UNDERWAY
    came_to(house, "sent")
    assert refused(house, edition, 99) == Why.NOT_THEIRS
    assert refused(house, edition, 1, Brake(None, frozenset({"technique@x"}))) == Why.REHEARSAL
    with writing(house.engine) as connection:
        leave(connection, 1, by="page", now=house.now)
    assert refused(house, edition) == Why.NOT_READING
    with writing(house.engine) as connection:
        withdraw(connection, str(connection.scalar(select(articles.c.slug))), house.now)
    assert refused(house, edition, 2) == Why.WITHDRAWN
    happens(house, edition, Event.PAUSE)
    assert refused(house, edition, 2) == Why.STOPPED


def send_now(house: House) -> int:
    """A later edition; its id."""
    house.now += timedelta(minutes=1)
    with house.open() as (connection, revision, names):
        channel = revision.publication.channel("actualites")
        return scheduling.send_now(
            connection, revision, names, channel, "matin", by="test", now=house.now
        )[0].id
