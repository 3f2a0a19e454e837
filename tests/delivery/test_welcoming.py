from datetime import datetime, timedelta
from typing import Any

from house import SITE, House, channel, digest, publication
from signing import states, written
from sqlalchemy import func, select, update

from colporteur.audience.addresses import parse_address
from colporteur.audience.choices import Choice
from colporteur.audience.consent import Asked
from colporteur.audience.forgetting import (
    forget_record,
    forget_unconfirmed,
    unanswered_since,
    unasked,
)
from colporteur.audience.moving import move
from colporteur.audience.readers import reader_of
from colporteur.audience.signing_up import Confirmed, SignedUp, sign_up
from colporteur.audience.states import Event
from colporteur.audience.subscribing import unsubscribe
from colporteur.audience.suppressing import Reason, suppress, suppression_of
from colporteur.config import Settings
from colporteur.db.tables.audience import consents, subscriber_events, subscribers, subscriptions
from colporteur.db.tables.delivery import deliveries, letters
from colporteur.db.tables.editions import editions, variants
from colporteur.delivery.letters import read_letter
from colporteur.delivery.limits import Limits
from colporteur.delivery.welcoming.asking import Office, Wish, named, receive, with_its_link
from colporteur.delivery.welcoming.confirming import press
from colporteur.delivery.welcoming.gates import Gates
from colporteur.delivery.welcoming.waiting import ask_those_who_wait, remind
from colporteur.digests.letters import render_letter
from colporteur.editions.explaining.reasons import Outcome
from colporteur.editions.explaining.regular import Explanation, explain_regular
from colporteur.editions.freezing.last import bring_last
from colporteur.editions.scheduling import send_now
from colporteur.editions.states import State
from colporteur.editions.store import load
from colporteur.publication.subscribing import SignupLimits
from colporteur.templating import Templates
from colporteur.tokens import CONFIRM, works_until

KEY = "k" * 32
FORM = Asked("form", "Yes.", f"{SITE}/subscribe", "192.0.2.7", last_edition=True)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def office(revision: Any, names: Any) -> Office:
    return Office(revision.publication, names, SITE, KEY)


def ask(
    house: House,
    address: str = "lea@example.org",
    *slugs: str,
    asked: Asked = FORM,
    at_once: bool = True,
) -> SignedUp:
    with house.open() as (connection, revision, names):
        channels = named(revision.publication, slugs or ("actualites",))
        wish = Wish(parse_address(address), channels, "fr", asked)
        return receive(connection, office(revision, names), wish, house.now, at_once=at_once)


def confirm(house: House, done: SignedUp) -> Confirmed:
    assert done.consent_id is not None
    with house.open() as (connection, revision, names):
        where = office(revision, names)
        return press(connection, where, done.consent_id, ip=None, now=house.now)


def send(house: House, slug: str = "actualites") -> list[list[int]]:
    """Send an edition now; the articles of each delivery."""
    with house.open() as (connection, revision, names):
        found = revision.publication.channel(slug)
        edition, _ = send_now(connection, revision, names, found, "matin", by="test", now=house.now)
        connection.execute(
            update(editions).where(editions.c.id == edition.id).values(state=State.SENT)
        )
        brought = (
            select(variants.c.articles)
            .join(deliveries, deliveries.c.variant_id == variants.c.id)
            .where(deliveries.c.edition_id == edition.id)
        )
        got = [list(one) for one in connection.scalars(brought.order_by(deliveries.c.id))]
        connection.execute(
            update(deliveries)
            .where(deliveries.c.edition_id == edition.id)
            .values(status="sent", ended_at=house.now)
        )
    house.now += HOUR
    return got


def articles(house: House, *titles: str, **more: Any) -> list[int]:
    found = [
        house.take(title, body_html="<p>Un texte.</p>", language="fr", **more).article_id
        for title in titles
    ]
    house.now += timedelta(minutes=1)
    return [one for one in found if one is not None]


def theirs(house: House, subscriber_id: int) -> list[list[int]]:
    """The articles of each delivery of an edition to a reader, in order."""
    with house.open() as (connection, _revision, _names):
        rows = connection.scalars(
            select(variants.c.articles)
            .join(deliveries, deliveries.c.variant_id == variants.c.id)
            .where(deliveries.c.subscriber_id == subscriber_id)
            .order_by(deliveries.c.id)
        )
        return [sorted(one) for one in rows]


def test_the_welcome_letter_tells_the_first_day_and_hour(house: House):
    confirm(house, ask(house))
    message, said = written(house)[-1]
    assert message == "welcome"
    # Asked on a Friday at noon in UTC: the next 07:00 in Paris is Saturday's.
    assert said["channels"] == [{"title": "Actualites", "first": "2026-11-21T06:00:00+00:00"}]
    assert said["last"] is False
    assert "/preferences/" in said["preferences_url"]
    assert "/unsubscribe/" in said["unsubscribe_url"]


def test_who_confirms_after_the_freeze_is_promised_the_next_one(house: House):
    house.now = datetime.fromisoformat("2026-11-21T05:52:00+00:00")  # frozen since 05:50
    confirm(house, ask(house))
    assert written(house)[-1][1]["channels"][0]["first"] == "2026-11-22T06:00:00+00:00"


def test_a_channel_that_comes_with_each_article_promises_no_hour(house: House):
    instant = digest(cadences={"matin": {"rule": "instant"}})
    house.apply(
        publication(channels=[channel("actualites", "fr", digest=instant), channel("nashra", "ar")])
    )
    confirm(house, ask(house))
    assert written(house)[-1][1]["channels"] == [{"title": "Actualites", "first": None}]


def test_the_last_edition_comes_at_once_and_its_articles_never_again(house: House):
    house.subscribe("old@example.org")
    old = articles(house, "Un", "Deux")
    assert [sorted(one) for one in send(house)] == [sorted(old)]
    done = ask(house)
    confirm(house, done)
    assert done.subscriber_id is not None
    assert written(house)[-1][1]["last"] is True
    assert theirs(house, done.subscriber_id) == [sorted(old)]
    new = articles(house, "Trois")
    send(house)
    assert theirs(house, done.subscriber_id) == [sorted(old), new]


def explained(house: House, address: str) -> list[Explanation]:
    """Why a reader got each edition, in order."""
    with house.open() as (connection, _revision, _names):
        reader = reader_of(connection, parse_address(address))
        numbers = connection.scalars(select(editions.c.id).order_by(editions.c.id)).all()
        return [
            explain_regular(connection, load(connection, one), reader, house.now) for one in numbers
        ]


def test_between_the_last_edition_and_the_next_digest_nothing_is_missed(house: House):
    house.subscribe("old@example.org")
    old = articles(house, "Un")
    send(house)
    between = articles(house, "Entre-temps")
    house.now += DAY  # the reader's own start would lie after it
    done = ask(house)
    confirm(house, done)
    new = articles(house, "Ensuite")
    send(house)
    assert done.subscriber_id is not None
    assert theirs(house, done.subscriber_id) == [old, sorted([*between, *new])]
    last, following = explained(house, "lea@example.org")
    assert (last.outcome, following.outcome) == (Outcome.WELCOMED, Outcome.FOR_THEM)
    assert last.agrees
    assert following.agrees


def test_a_last_edition_that_failed_is_brought_by_the_next_digest(house: House):
    house.subscribe("old@example.org")
    old = articles(house, "Un", "Deux")
    send(house)
    done = ask(house)
    confirm(house, done)
    with house.open() as (connection, _revision, _names):
        failed = deliveries.c.subscriber_id == done.subscriber_id
        connection.execute(update(deliveries).where(failed).values(status="failed"))
    new = articles(house, "Trois")
    send(house)
    assert done.subscriber_id is not None
    assert theirs(house, done.subscriber_id) == [sorted(old), sorted([*old, *new])]


def test_what_a_reader_has_from_another_channel_is_not_brought_again(house: House):
    both = [
        channel("actualites", "fr", topics=["health", "law"]),
        channel("revue", "fr", topics=["health", "law"]),
        channel("nashra", "ar"),
    ]
    house.apply(publication(channels=both))
    house.subscribe("old@example.org")
    house.subscribe("lea@example.org", channel="revue")
    shared = articles(house, "Partagé", channels=("actualites", "revue"))
    own = articles(house, "Propre", channels=("actualites",))
    send(house, "revue")
    send(house)
    done = ask(house)
    confirm(house, done)
    assert done.subscriber_id is not None
    assert theirs(house, done.subscriber_id) == [shared, own]


def test_who_has_it_already_or_comes_too_late_for_it_gets_none(house: House):
    held = house.subscribe("lea@example.org")
    articles(house, "Un")
    send(house)
    with house.open() as (connection, revision, _names):
        unsubscribe(connection, held.subscription_id, by="link", now=house.now)
    confirm(house, ask(house))
    assert len(theirs(house, held.subscriber_id)) == 1
    house.now += 8 * DAY
    late = ask(house, "mia@example.org")
    confirm(house, late)
    assert late.subscriber_id is not None
    assert theirs(house, late.subscriber_id) == []
    with house.open() as (connection, revision, _names):
        where = revision.publication, revision.publication.channel("actualites")
        assert not bring_last(connection, *where, held.subscription_id, house.now)


def test_who_did_not_wish_for_it_gets_no_last_edition(house: House):
    house.subscribe("old@example.org")
    articles(house, "Un")
    send(house)
    done = ask(house, asked=Asked("form", "Yes."))
    confirm(house, done)
    assert done.subscriber_id is not None
    assert theirs(house, done.subscriber_id) == []


def test_no_letter_says_what_a_visitor_typed(house: House):
    typed = "visit-my-casino.example+prix@example.org"
    ask(house, typed, asked=Asked("form", "Yes.", "https://casino.example/"))
    ((message, said),) = written(house)
    publication_now = publication()
    rendering = render_letter(
        Templates(Settings().template_folders), message, "fr", said, publication_now, SITE
    )
    for part in (rendering.subject, rendering.text, rendering.html):
        assert "casino" not in part


def waiting(house: House, limits: str = "99/hour") -> int:
    gates = Gates(Limits(Settings()), SignupLimits.model_validate({"all": limits}))
    with house.open() as (connection, revision, names):
        return ask_those_who_wait(connection, office(revision, names), gates, house.now)


def test_letters_that_waited_leave_when_there_is_room_the_oldest_first(house: House):
    for number in range(3):
        ask(house, f"a{number}@example.org", at_once=False)
    assert written(house) == []
    assert waiting(house, "2/hour") == 2
    with house.open() as (connection, _revision, _names):
        last = select(consents.c.id).where(consents.c.asked_at.is_(None))
        assert connection.scalars(last).all() == [3]
    assert waiting(house) == 1
    assert waiting(house) == 0
    assert len(written(house)) == 3


def test_letters_to_a_full_domain_hold_up_no_others(house: House, monkeypatch):
    monkeypatch.setattr("colporteur.delivery.welcoming.waiting._AT_ONCE", 2)
    for name in ("a@full.example", "b@full.example", "c@full.example", "d@other.example"):
        ask(house, name, at_once=False)
    gates = Gates(Limits(Settings()), SignupLimits.model_validate({"domain": "1/hour"}))
    with house.open() as (connection, revision, names):
        where = office(revision, names)
        assert ask_those_who_wait(connection, where, gates, house.now) == 2
        waiting_still = [one.address for one in unasked(connection)]
    assert waiting_still == ["b@full.example", "c@full.example"]


def leaves(house: House) -> None:
    """Every letter left at the moment when it was written."""
    with house.open() as (connection, _revision, _names):
        written_at = deliveries.c.due_at
        unsent = update(deliveries).where(deliveries.c.ended_at.is_(None))
        connection.execute(unsent.values(status="sent", ended_at=written_at))


def reminded(house: House) -> int:
    leaves(house)
    return reminded_of_held(house)


def reminded_of_held(house: House) -> int:
    with house.open() as (connection, revision, names):
        return remind(connection, office(revision, names), house.now)


def test_who_does_not_press_the_button_within_a_day_is_reminded_once(house: House):
    ask(house)
    house.now += timedelta(hours=23)
    assert reminded(house) == 0
    house.now += HOUR
    assert [reminded(house) for _ in range(2)] == [1, 0]
    assert [said["again"] for _, said in written(house)] == [False, True]
    house.now += 3 * DAY
    assert reminded(house) == 0


def test_who_has_no_letter_yet_is_not_reminded_of_it_and_its_link_is_made_when_it_leaves(
    house: House,
):
    ask(house)
    house.now += 4 * DAY
    assert reminded_of_held(house) == 0
    with house.open() as (connection, _revision, _names):
        (number,) = connection.scalars(select(letters.c.id)).all()
        letter = with_its_link(read_letter(connection, number), KEY, SITE, house.now)
        connection.execute(update(deliveries).values(status="sent", ended_at=house.now))
    token = letter.content["confirm_url"].rpartition("/")[2]
    assert works_until(KEY, CONFIRM, token) >= house.now + 3 * DAY - timedelta(seconds=1)
    house.now += 23 * HOUR
    assert reminded_of_held(house) == 0
    house.now += HOUR
    assert reminded_of_held(house) == 1


def test_nobody_is_reminded_who_confirmed_asked_again_or_of_whom_it_is_not_wished(house: House):
    confirm(house, ask(house, "done@example.org"))
    ask(house, "twice@example.org")
    house.now += 20 * HOUR
    ask(house, "twice@example.org")
    house.now += 5 * HOUR
    assert reminded(house) == 0
    house.now += 20 * HOUR
    house.apply(publication(subscribing={"remind": False}))
    assert reminded(house) == 0
    house.apply(publication())
    assert reminded(house) == 1


def forget(house: House) -> int:
    with house.open() as (connection, _revision, _names):
        before = house.now - 7 * DAY
        found = unanswered_since(connection, before)
        for one in found:
            forget_unconfirmed(connection, one, before)
    return len(found)


def rows(house: House) -> dict[str, int]:
    tables = (subscribers, subscriptions, consents, subscriber_events, letters, deliveries)
    with house.open() as (connection, _revision, _names):
        return {
            one.name: connection.scalar(select(func.count()).select_from(one)) or 0
            for one in tables
        }


def test_who_never_confirms_is_forgotten_without_a_trace(house: House):
    ask(house, "lea@example.org", "actualites", "nashra")
    ask(house, "held@example.org", at_once=False)
    house.now += DAY
    reminded(house)
    house.now += 6 * DAY
    assert forget(house) == 0
    house.now += HOUR
    assert forget(house) == 2
    assert set(rows(house).values()) == {0}


def test_a_reader_who_never_confirmed_one_more_channel_keeps_what_they_have(house: House):
    held = house.subscribe("lea@example.org")
    ask(house, "lea@example.org", "nashra")
    house.now += 8 * DAY
    forget(house)
    assert states(house) == ["active", "active"]
    assert rows(house)["consents"] == 0
    with house.open() as (connection, _revision, _names):
        unsubscribe(connection, held.subscription_id, by="link", now=house.now)
    ask(house)
    house.now += DAY
    assert reminded(house) == 1
    house.now += 8 * DAY
    forget(house)
    assert rows(house)["consents"] == 0
    assert states(house) == ["active", "unsubscribed"]


def test_who_asked_again_lately_is_not_forgotten(house: House):
    ask(house)
    house.now += 5 * DAY
    ask(house)
    house.now += 3 * DAY
    forget(house)
    assert states(house) == ["pending", "pending"]
    assert rows(house)["consents"] == 1


def test_an_imported_reader_is_forgotten_only_once_they_were_asked(house: House):
    with house.open() as (connection, _revision, names):
        choice = Choice(names.channels["actualites"], "matin")
        sign_up(
            connection,
            parse_address("lea@example.org"),
            [choice],
            language="fr",
            asked=Asked("import", "Stated."),
            start_numbers={choice.channel_id: 0},
            now=house.now,
        )
    house.now += 30 * DAY
    assert (waiting(house), forget(house)) == (0, 0)
    with house.open() as (connection, _revision, _names):
        connection.execute(update(consents).values(asked_at=house.now))
    house.now += 8 * DAY
    assert (reminded(house), forget(house)) == (0, 1)
    assert states(house) == []


def test_an_address_that_bounced_the_letter_is_not_reminded_and_forgotten_but_for_its_hash(
    house: House,
):
    done = ask(house)
    lea = parse_address("lea@example.org")
    assert done.subscriber_id is not None
    with house.open() as (connection, _revision, _names):
        move(connection, done.subscriber_id, Event.BOUNCED, by="test", now=house.now)
        suppress(connection, lea.hash, Reason.BOUNCED, house.now)
    house.now += DAY
    assert reminded(house) == 0
    house.now += 7 * DAY
    assert forget(house) == 1
    assert set(rows(house).values()) == {0}
    with house.open() as (connection, _revision, _names):
        assert suppression_of(connection, lea.hash) is Reason.BOUNCED


def test_one_record_can_be_forgotten_by_hand(house: House):
    done = ask(house, at_once=False)
    assert done.consent_id is not None
    with house.open() as (connection, _revision, _names):
        assert forget_record(connection, done.consent_id, house.now)
        assert not forget_record(connection, done.consent_id, house.now)
    assert set(rows(house).values()) == {0}
