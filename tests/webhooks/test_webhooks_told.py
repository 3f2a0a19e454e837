"""What programs elsewhere are told, and how it gets there."""

from datetime import timedelta

import pytest
from elsewhere import Elsewhere
from hooked import KEY, Program
from house import NOW, SITE, House
from newsroom import ON_SQLITE
from sqlalchemy import select

from colporteur.articles.publishing import publish_due
from colporteur.audience import leaving
from colporteur.audience.bouncing import Heard, note_feedback
from colporteur.audience.bouncing import Kind as What
from colporteur.audience.erasing import erase
from colporteur.db import reading, undoing, writing
from colporteur.db.tables.delivery import letters
from colporteur.db.tables.webhooks import webhook_messages
from colporteur.delivery.alerts import tell_of_silent_webhooks
from colporteur.editions import store
from colporteur.editions.freezing.regular import freeze
from colporteur.editions.states import Event
from colporteur.exceptions import ColporteurError, FetchRefused, UnknownName
from colporteur.fetch import Fetcher
from colporteur.publication.identities import ids
from colporteur.publication.revisions import require
from colporteur.webhooks import endpoints, log
from colporteur.webhooks.kinds import Kind, read_kinds


@pytest.fixture
def crm(house: House, elsewhere: Elsewhere) -> Program:
    return Program(house, elsewhere)


def words(crm: Program) -> list[str]:
    return [one["type"] for one in crm.told()]


def test_an_article_is_told_of_when_it_is_published_and_not_when_it_waits(
    house: House, crm: Program
):
    crm.join()
    house.take("Un port", external_id="cms-1", body_html="<p>Un texte assez long.</p>")
    house.take("Demain", body_html="<p>Plus tard.</p>", publish_at=NOW + timedelta(days=1))
    house.take("Un port", external_id="cms-1", body_html="<p>Un texte corrigé.</p>")
    assert crm.deliver() == 1
    (told,) = crm.told()
    assert (told["type"], told["timestamp"]) == ("article.published", NOW.isoformat())
    said = told["data"]
    assert (said["id"], said["channels"], said["number"]) == ("cms-1", ["actualites"], 1)
    assert said["url"] == f"{SITE}/articles/un-port"
    with house.open() as (connection, _, _):
        assert publish_due(connection, NOW + timedelta(days=1)) == 1
    crm.deliver()
    assert [one["data"]["title"] for one in crm.told()] == ["Un port", "Demain"]


def test_an_edition_is_told_of_when_it_is_frozen_paused_and_sent(house: House, crm: Program):
    crm.join(Kind.EDITION_FROZEN, Kind.EDITION_PAUSED, Kind.EDITION_SENT)
    house.subscribe("a@example.org")
    house.take("Un", body_html="<p>Un texte.</p>")
    slot = NOW + timedelta(hours=18)
    with house.open() as (connection, revision, names):
        channel = revision.publication.channel("actualites")
        made = store.open_edition(
            connection, names.channels["actualites"], "matin", slot, by="test", now=NOW
        )
        assert made
        assert freeze(connection, made, revision, channel, now=slot, by="calendar") == 1
        for event in (Event.BEGIN, Event.PAUSE, Event.RESUME, Event.FINISH):
            store.happen(connection, made.id, event, by="leila", why="un titre", now=slot)
    assert crm.deliver() == 3
    assert words(crm) == ["edition.frozen", "edition.paused", "edition.sent"]
    frozen, paused, sent = (one["data"] for one in crm.told())
    assert (frozen["id"], frozen["channel"], frozen["readers"]) == (made.id, "actualites", 1)
    assert (paused["state"], paused["why"]) == ("paused", "un titre")
    assert sent["url"] == f"{SITE}/editions/{made.public_id}"
    assert "url" not in frozen  # nobody may read it yet


def test_readers_are_told_of_by_id_and_by_address_only_where_that_was_chosen(
    house: House, elsewhere: Elsewhere
):
    plain = Program(house, elsewhere).join()
    knowing = Program(house, elsewhere, path="/crm").join(addresses=True)
    one = house.subscribe("leila@example.org")
    house.subscribe("leila@example.org")  # again is no news
    with house.open() as (connection, _, _):
        leaving.leave(connection, one.subscription_id, by="page", now=NOW)
        leaving.take_back(connection, one.subscription_id, by="page", now=NOW)
    plain.deliver()
    assert words(plain) == ["subscriber.confirmed", "subscriber.left", "subscriber.confirmed"]
    said = [told["data"] for told in plain.told()]
    assert said[0] == {
        "subscriber": one.subscriber_id,
        "channels": ["actualites"],
        "why": "subscribed",
    }
    assert [told["why"] for told in said] == ["subscribed", "unsubscribed", "returned"]
    assert {told["data"]["address"] for told in knowing.told()} == {"leila@example.org"}


@ON_SQLITE
def test_an_erased_reader_is_told_of_and_no_address_of_theirs_is_left(house: House, crm: Program):
    crm.join(Kind.SUBSCRIBER_LEFT, addresses=True)
    one = house.subscribe("leila@example.org")
    with house.open() as (connection, _, _):
        erase(connection, one.subscriber_id, by="page", now=NOW)
    assert "leila" not in str(crm.log())
    crm.deliver()
    (told,) = crm.told()
    assert (told["data"]["subscriber"], told["data"]["address"]) == (one.subscriber_id, None)


@ON_SQLITE
def test_a_bounce_and_a_complaint_are_told_of_once_each(house: House, crm: Program):
    crm.join()
    readers = [house.subscribe(f"{name}@example.org").subscriber_id for name in "ab"]
    for reader, kind in zip(readers, (What.BOUNCE, What.COMPLAINT), strict=True):
        for number in range(2):
            heard = Heard(
                source="test", event_id=f"{reader}-{number}", kind=kind, subscriber_id=reader,
                verdict="hard" if kind is What.BOUNCE else None,
            )  # fmt: skip
            with writing(house.engine) as connection:
                note_feedback(connection, heard, NOW)
    crm.deliver()
    told = [(one["type"], one["data"]["why"]) for one in crm.told()[2:]]
    assert told == [("subscriber.bounced", "bounced"), ("subscriber.left", "complained")]


@ON_SQLITE
def test_what_is_undone_is_not_told_of(house: House, crm: Program):
    crm.join()
    with undoing(house.engine) as connection:
        names = ids(connection, require(connection).publication)
        assert store.open_edition(
            connection, names.channels["actualites"], "matin", NOW, by="test", now=NOW
        )
        store.happen(connection, 1, Event.HOLD, by="test", now=NOW, fixed={"frozen_at": NOW})
        assert connection.scalar(select(webhook_messages.c.kind)) == "edition.frozen"
    assert crm.log() == []


def test_what_was_not_taken_is_sent_again_with_the_same_id_until_it_is(house: House, crm: Program):
    crm.join(status=500)
    house.take("Un", body_html="<p>Un.</p>")
    house.take("Deux", body_html="<p>Deux.</p>")
    before = crm.now()
    assert crm.deliver() == 0
    assert len(crm.told()) == 1  # who fails is not asked again at once for the next message
    first, second = crm.log()
    assert (first.status, first.attempts, first.problem) == (500, 1, "It answered 500.")
    assert before + timedelta(seconds=5) <= first.next_at <= crm.now() + timedelta(seconds=5)
    assert (second.attempts, crm.row().failures) == (0, 1)
    crm.answers(204)
    assert crm.deliver() == 2
    ids = [said["Webhook-Id"] for _, _, said, _ in map(_headers, crm.elsewhere.asked)]
    assert ids[0] in ids[1:]
    assert len({*ids}) == 2
    assert [one.delivered_at is not None for one in crm.log()] == [True, True]
    assert crm.row().failures == 0


def _headers(asked):
    method, path, said, body = asked
    return method, path, {name.title(): value for name, value in said.items()}, body


@ON_SQLITE
def test_who_asks_for_patience_gets_it(house: House, crm: Program):
    crm.join()
    crm.answers(503, Retry_After="3600")
    house.take("Un", body_html="<p>Un.</p>")
    crm.deliver()
    assert crm.log()[0].next_at > crm.now() + timedelta(minutes=59)
    assert crm.row().rests_until > crm.now() + timedelta(minutes=59)


def test_who_is_gone_or_fails_for_three_days_is_switched_off_and_people_are_told(
    house: House, crm: Program
):
    crm.join(status=500)
    house.take("Un", body_html="<p>Un.</p>")
    crm.deliver()
    crm.change(failing_since=crm.now() - timedelta(days=3, minutes=1))
    crm.deliver()
    assert crm.row().disabled_at is not None
    assert crm.row().disabled_why.startswith("It took nothing for 3 days.")
    house.take("Deux", body_html="<p>Deux.</p>")
    assert len(crm.log()) == 1  # nothing is noted for who is told nothing
    for told in (1, 0):
        with writing(house.engine) as connection:
            revision = require(connection)
            alerted = revision.publication.model_copy(update={"alerts_to": ("a@example.org",)})
            assert tell_of_silent_webhooks(connection, alerted, NOW) == told
    with reading(house.engine) as connection:
        (letter,) = connection.scalars(select(letters.c.content))
    assert letter["command"] == f"colporteur webhooks on {crm.id}"
    gone = Program(house, crm.elsewhere, path="/gone").join(status=410)
    house.take("Trois", body_html="<p>Trois.</p>")
    gone.deliver()
    assert "410" in gone.row().disabled_why


@ON_SQLITE
def test_switched_on_again_it_is_told_what_still_waits(house: House, crm: Program):
    crm.join(status=500)
    for title in ("Un", "Deux"):
        house.take(title, body_html="<p>Un.</p>")
    crm.deliver()
    with writing(house.engine) as connection:
        endpoints.switch_off(connection, crm.id, "by hand", crm.now())
        (first, *_) = log.messages(connection, limit=9)[::-1]
        with pytest.raises(ColporteurError, match="is off"):
            log.send_again(connection, first.id, crm.now())
    assert crm.deliver() == 0
    crm.answers(204)
    with writing(house.engine) as connection:
        assert endpoints.switch_on(connection, crm.id, crm.now()) == 2
    assert crm.deliver() == 2


@ON_SQLITE
def test_send_again_sends_what_was_taken_once_more_under_its_id(house: House, crm: Program):
    crm.join()
    house.take("Un", body_html="<p>Un.</p>")
    crm.deliver()
    with writing(house.engine) as connection:
        again = log.send_again(connection, crm.log()[0].id, crm.now())
        assert again.state == "waiting"
        with pytest.raises(UnknownName):
            log.send_again(connection, 10**30, crm.now())
    crm.deliver()
    ids = {said["Webhook-Id"] for _, _, said, _ in map(_headers, crm.elsewhere.asked)}
    assert len(crm.told()) == 2
    assert len(ids) == 1
    with reading(house.engine) as connection:
        assert log.messages(connection, limit=9)[0].state == "delivered"


def test_no_message_leaves_twice_at_once(house: House, crm: Program):
    crm.join()
    house.take("Un", body_html="<p>Un.</p>")
    inner: list[int] = []
    usual = crm.elsewhere.answers[crm.path]

    def meanwhile(handler):
        inner.append(crm.deliver())  # another worker, rung for the same
        usual(handler)

    crm.elsewhere.answers[crm.path] = meanwhile
    assert crm.deliver() == 1
    assert inner == [0]


@ON_SQLITE
def test_a_worker_that_died_holds_nothing_up(house: House, crm: Program):
    crm.join()
    house.take("Un", body_html="<p>Un.</p>")
    crm.change(leased_until=crm.now() + timedelta(seconds=60))
    assert crm.deliver() == 0
    crm.change(leased_until=crm.now() - timedelta(seconds=1))
    assert crm.deliver() == 1


@ON_SQLITE
def test_no_address_of_ours_is_asked_and_none_is_followed(house: House, crm: Program):
    crm.join(status=302)
    crm.answers(302, Location=crm.elsewhere.url("/inside"))
    house.take("Un", body_html="<p>Un.</p>")
    crm.deliver()
    assert [path for _, path, _, _ in crm.elsewhere.asked] == ["/hook"]
    assert crm.log()[0].problem == "It answered 302."
    crm.fetcher = Fetcher(seconds=5)  # as it is outside of tests: the public Internet only
    crm.deliver()
    assert len(crm.elsewhere.asked) == 1
    assert crm.log()[0].status is None
    with writing(house.engine) as connection:
        for url in ("ftp://example.org/", "https://user:pw@example.org/", "example.org", ""):
            with pytest.raises(FetchRefused):
                endpoints.add(
                    connection, KEY, url=url, name="", kinds=tuple(Kind), by="test", now=NOW
                )


@ON_SQLITE
def test_the_secret_is_sealed_and_another_key_sends_nothing(house: House, crm: Program):
    crm.join()
    assert crm.secret.startswith("whsec_")
    assert crm.secret not in crm.row().secret
    house.take("Un", body_html="<p>Un.</p>")
    assert crm.deliver(key="another" * 5) == 0
    assert crm.elsewhere.asked == []
    assert "another secret key" in crm.log()[0].problem


@ON_SQLITE
def test_removed_it_is_forgotten_with_its_log(house: House, crm: Program):
    crm.join()
    house.take("Un", body_html="<p>Un.</p>")
    with writing(house.engine) as connection:
        endpoints.remove(connection, crm.id)
    assert crm.log() == []
    assert crm.deliver() == 0


def test_kinds_are_read_by_their_words():
    assert read_kinds([]) == tuple(Kind)
    assert read_kinds(["edition.sent", "edition.sent"]) == (Kind.EDITION_SENT,)
    with pytest.raises(UnknownName, match="eaten"):
        read_kinds(["article.eaten"])
