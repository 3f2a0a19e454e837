"""Channels that are paused or archived, and topics that become one: readers are never lost."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asking import asker, make_app
from house import House, channel, publication
from newsroom import ON_SQLITE, Editor, sign_in
from sqlalchemy import select
from test_settings import HOME, change, fields_of, in_force

from colporteur.articles.retopicing import retopic
from colporteur.audience.choices import Choice
from colporteur.audience.history import choice_at, standing
from colporteur.audience.rehousing import House as Home
from colporteur.audience.rehousing import rehouse, retell_topic
from colporteur.db import reading
from colporteur.db.tables.articles import article_topics
from colporteur.db.tables.audience import subscriptions
from colporteur.db.tables.editions import editions
from colporteur.editions import scheduling
from colporteur.editions.foretelling import foretell
from colporteur.editions.freezing.readers import Whom
from colporteur.exceptions import PublicationInvalid
from colporteur.staff.people import Role

PAUSED = publication(
    channels=[channel("actualites", "fr", state="paused"), channel("nashra", "ar")]
)


@pytest.fixture
def admin(house: House, tmp_path: Path) -> Editor:
    return sign_in(house, asker(make_app(house, tmp_path)), Role.ADMIN)


def advance(house: House, until: timedelta) -> None:
    house.now += until
    with house.open() as (connection, revision, names):
        scheduling.advance(connection, revision, names, house.now)


def opened(house: House, slug: str = "actualites") -> list[Any]:
    with house.open() as (connection, _, names):
        mine = editions.c.channel_id == names.channels[slug]
        query = select(editions.c.slot, editions.c.state).where(mine).order_by(editions.c.slot)
        return list(connection.execute(query))


def test_no_edition_of_a_paused_channel_opens_and_none_is_caught_up(house: House) -> None:
    house.subscribe("leila@example.org")
    house.take("An article", language="fr", body_html="<p>A text.</p>")
    house.apply(PAUSED)
    for _ in range(4):
        advance(house, timedelta(hours=12))
    assert opened(house) == []
    house.apply(publication())
    advance(house, timedelta(minutes=1))
    assert opened(house) == []
    advance(house, timedelta(hours=24))
    assert len(opened(house)) == 1


@ON_SQLITE
def test_the_calendar_says_that_a_channel_is_paused(house: House) -> None:
    house.apply(PAUSED)
    day = timedelta(days=1)
    with house.open() as (connection, revision, names):
        found = foretell(
            connection, revision, names, now=house.now, ahead=day, back=day, whom=Whom()
        )
    said = {one.channel: (one.state, one.reason) for one in found}
    assert said["actualites"] == ("skipped", "its channel is paused")
    assert said["nashra"] == ("planned", "")


@ON_SQLITE
def test_a_channel_with_readers_is_not_archived_over_their_heads(house: House) -> None:
    house.subscribe("leila@example.org")
    archived = channel("actualites", "fr", state="archived")
    with pytest.raises(PublicationInvalid, match="1 reader would be left without it"):
        house.apply(publication(channels=[archived, channel("nashra", "ar")]))


def test_readers_of_an_archived_channel_go_to_another_and_who_left_that_one_stays_away(
    house: House,
) -> None:
    moving = house.subscribe("moving@example.org", minute=480)
    both = house.subscribe("both@example.org")
    house.subscribe("both@example.org", channel="nashra")
    with house.open() as (connection, _, names):
        home = Home(names.channels["nashra"], "matin", 0, weekly=False, hourly=True)
        done = rehouse(connection, names.channels["actualites"], home, by="a", now=house.now)
        assert (done.moved, done.ended) == (1, 1)
        stands = standing(connection, moving.subscription_id)
        assert stands is not None
        assert stands.choice == Choice(names.channels["nashra"], "matin", minute=480)
        then = choice_at(connection, moving.subscription_id, house.now)
        assert then is not None
        assert (then.state, then.choice.minute) == ("active", 480)
        ended = standing(connection, both.subscription_id)
        assert ended is not None
        assert ended.state == "unsubscribed"


def test_who_chose_a_merged_topic_has_chosen_its_successor(house: House) -> None:
    wanting = house.subscribe("a@example.org", topics_in=("health",))
    torn = house.subscribe("b@example.org", topics_in=("health",), topics_out=("law",))
    other = house.subscribe("c@example.org", topics_in=("schools",))
    taken = house.take("A", language="fr", topics=["health", "law"], body_html="<p>A.</p>")
    with house.open() as (connection, _, names):
        health, law = names.topics["health"], names.topics["law"]
        assert retell_topic(connection, health, law, by="a", now=house.now) == 2
        assert retopic(connection, health, law) == 1
        found = [standing(connection, one.subscription_id) for one in (wanting, torn, other)]
        chosen = [(one.choice.topics_in, one.choice.topics_out) for one in found if one]
        assert chosen == [((law,), ()), ((law,), ()), ((names.topics["schools"],), ())]
        about = select(article_topics.c.topic_id)
        mine = about.where(article_topics.c.article_id == taken.article_id)
        assert list(connection.scalars(mine)) == [law]


@ON_SQLITE
def test_archiving_by_the_form_moves_readers_and_can_be_taken_back(
    house: House, admin: Editor
) -> None:
    house.subscribe("leila@example.org")
    path = "channels/actualites/state"
    looked, done = change(admin, path, state="archived", heir="nashra/matin")
    assert "Readers who go to the other channel: 1" in looked.text
    assert "readers it touches: 1" in looked.text
    assert done.status_code == 303
    assert in_force(house).channel("actualites").state == "archived"
    with reading(house.engine) as connection:
        assert len(set(connection.scalars(select(subscriptions.c.channel_id)))) == 1
    assert "nashra" in admin.get("/subscribe").text.lower()
    assert "Actualites" not in admin.get("/subscribe").text
    assert admin.get("/actualites").status_code == 200
    looked = admin.post(f"{HOME}/history/2", {"act": "undo", "seen": "2"})
    admin.post(f"{HOME}/history/2", fields_of(looked.text))
    assert in_force(house).channel("actualites").state == "open"


@ON_SQLITE
def test_looking_at_what_archiving_does_moves_nobody(house: House, admin: Editor) -> None:
    found = house.subscribe("leila@example.org")
    path = f"{HOME}/channels/actualites/state"
    sent = fields_of(admin.get(path).text) | {"state": "archived", "heir": "nashra/matin"}
    assert "Readers who go to the other channel: 1" in admin.post(path, sent).text
    with house.open() as (connection, _, names):
        stands = standing(connection, found.subscription_id)
        assert stands is not None
        assert stands.choice.channel_id == names.channels["actualites"]


@ON_SQLITE
def test_a_topic_that_readers_chose_is_merged_and_its_name_leads_on(
    house: House, admin: Editor
) -> None:
    house.subscribe("leila@example.org", topics_in=("health",))
    path = f"{HOME}/topics/health"
    seen = fields_of(admin.get(path).text)["seen"]
    refused = admin.post(path, {"act": "remove", "seen": seen})
    assert "Health: readers chose it. Name its successor." in refused.text
    again = admin.post(path, fields_of(refused.text))  # to change something more
    assert 'value="Health"' in again.text
    looked = admin.post(path, {"act": "merge", "into": "law", "seen": seen})
    assert "Readers whose choice goes to the successor: 1" in looked.text
    assert "Former names" in looked.text
    admin.post(path, fields_of(looked.text))
    made = in_force(house)
    assert made.topics["law"].formerly == ("health",)
    assert "health" not in made.topics
    assert made.channel("actualites").topics == ("law",)
