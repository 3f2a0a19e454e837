from itertools import chain

from house import House
from hypothesis import given
from hypothesis import strategies as st
from listing import SAID_YES, Lists
from sqlalchemy import delete, select

from colporteur.audience.addresses import parse_address
from colporteur.audience.choices import Choice
from colporteur.audience.importing import chunks
from colporteur.audience.importing.judging import Wanted
from colporteur.audience.importing.rounds import rounds
from colporteur.audience.importing.words import Standing
from colporteur.db.tables.audience import (
    consents,
    imports,
    subscriber_events,
    subscribers,
    subscriptions,
    suppressions,
)


def wanted(name: str, channel: int, standing: Standing) -> Wanted:
    address = parse_address(f"{name}@example.org")
    return Wanted(2, address, channel, Choice(channel, "matin"), 0, "", "fr", standing)


rows = st.lists(
    st.builds(wanted, st.sampled_from("abc"), st.integers(1, 2), st.sampled_from(Standing)),
    max_size=30,
)


@given(rows)
def test_what_changes_one_another_is_decided_one_after_the_other(some):
    in_turn, idle = rounds(some)
    assert sorted([*chain.from_iterable(in_turn), *idle]) == list(range(len(some)))
    assert all(in_turn)
    for places in in_turn:
        told = [(some[place].address.key, some[place].channel_id) for place in places]
        assert len(set(told)) == len(told)
    for key in {row.address.key for row in some}:
        theirs = [at for at in chain.from_iterable(in_turn) if some[at].address.key == key]
        assert theirs == sorted(theirs)


def test_it_makes_no_difference_how_many_rows_are_written_at_once(
    house: House, tmp_path, monkeypatch
):
    lists = Lists(house, tmp_path)
    text = (
        "email,status,channel\nlea@example.org,blocklisted,actualites\n"
        "noe@example.org,unsubscribed,actualites\nLEA@example.org,complained,nashra\n"
        "noe@example.org,bounced,nashra\nsara@example.org,active,nashra\n"
        "sara@example.org,unsubscribed,actualites\nsara@example.org,unsubscribed,nashra\n"
    )
    found = []
    for size in (2, 1000):
        monkeypatch.setattr(chunks, "SIZE", size)
        lists.read(text, channel="", consent=SAID_YES)
        with house.open() as (connection, _revision, _names):
            held = subscriptions.c.subscriber_id == subscribers.c.id
            stands = (subscribers.c.address_key, subscribers.c.state)
            stands += (subscriptions.c.channel_id, subscriptions.c.state)
            readers = connection.execute(select(*stands).join(subscriptions, held)).all()
            away = connection.execute(
                select(suppressions.c.address_hash, suppressions.c.reason)
            ).all()
            found.append((set(map(tuple, readers)), set(map(tuple, away))))
            for one in (consents, subscriber_events, subscriptions, subscribers):
                connection.execute(delete(one))
            for one in (suppressions, imports):
                connection.execute(delete(one))
    assert found[0] == found[1]
