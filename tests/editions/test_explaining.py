"""What is explained agrees with what the freezes did, in many random weeks."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from house import NOW, House, channel, digest, publication
from sqlalchemy import select, update

from colporteur.articles import withdrawing
from colporteur.audience.addresses import parse_address
from colporteur.audience.choices import Choice
from colporteur.audience.pausing import pause, resume
from colporteur.audience.readers import reader_of
from colporteur.audience.subscribing import subscribe, unsubscribe
from colporteur.db import writing
from colporteur.db.numbering import last_number_at
from colporteur.db.tables.articles import articles
from colporteur.db.tables.delivery import deliveries
from colporteur.db.tables.editions import variants
from colporteur.editions import scheduling, specials, steering
from colporteur.editions.arranging import Wishes, arrange, edition_at
from colporteur.editions.brakes import Brake
from colporteur.editions.choosing import Fate
from colporteur.editions.explaining.reasons import Outcome, Rule
from colporteur.editions.explaining.regular import Explanation
from colporteur.editions.explaining.special import explain
from colporteur.editions.freezing.readers import Whom
from colporteur.editions.freezing.special_readers import Audience
from colporteur.editions.states import State
from colporteur.editions.store import Edition, in_state
from colporteur.exceptions import ColporteurError

SLOT = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
NAMES = ("ada", "bea", "cyd", "dov", "eli", "fay")


@pytest.fixture
def desk(house: House) -> House:
    """The house with two cadences, at most three articles and at least two a digest."""
    rules = digest(
        min_items=2,
        max_items=3,
        max_age="3d",
        cadences={
            "matin": {"rule": "daily", "at": ["07:00"]},
            "soir": {"rule": "daily", "at": ["18:00"]},
        },
    )
    second = channel("bulletin", "fr", digest=digest())
    house.apply(
        publication(
            channels=[channel("actualites", "fr", digest=rules), second, channel("nashra", "ar")]
        )
    )
    return house


def explained(house: House, edition_id: int, name: str, now: datetime | None = None) -> Explanation:
    with house.open() as (connection, _revision, _names):
        edition = next(one for one in in_state(connection, *State) if one.id == edition_id)
        reader = reader_of(connection, parse_address(f"{name}@example.org"))
        return explain(connection, edition, reader, now or house.now)


def tick(house: House, now: datetime) -> None:
    house.now = now
    with house.open() as (connection, revision, names):
        scheduling.advance(connection, revision, names, now)


def editions_of(house: House) -> list[Edition]:
    with house.open() as (connection, _revision, _names):
        return in_state(connection, *State)


def ledger(house: House) -> dict[tuple[int, int], tuple[int, ...]]:
    """By edition and subscriber what their delivery brings."""
    with house.open() as (connection, _revision, _names):
        rows = connection.execute(
            select(deliveries.c.edition_id, deliveries.c.subscriber_id, variants.c.articles).join(
                variants, variants.c.id == deliveries.c.variant_id
            )
        )
        return {(row.edition_id, row.subscriber_id): tuple(row.articles) for row in rows}


@dataclass
class Weeks:
    """Everything that happens to a small publication, by chance."""

    house: House
    dice: random.Random
    taken: int = 0
    frozen_as: dict[tuple[int, int], tuple[int, ...]] = field(default_factory=dict)

    def live(self, days: int) -> None:
        for name in NAMES[:4]:
            self.subscribes(name)
        for step in range(days * 12):
            self.house.now = NOW + step * 2 * HOUR + timedelta(minutes=self.dice.randint(1, 29))
            for _ in range(self.dice.randint(0, 4)):
                self.house.now += timedelta(minutes=2)
                self.something()
            # The freezes of the morning and the evening fall ten minutes before the hour.
            tick(self.house, NOW + step * 2 * HOUR + timedelta(minutes=55))
            self.frozen_as = ledger(self.house) | self.frozen_as

    def something(self) -> None:
        deeds = [
            (24, self.writes),
            (4, self.writes_again),
            (3, lambda: self.subscribes(self.dice.choice(NAMES))),
            (2, self.pauses),
            (2, self.resumes),
            (1, self.leaves),
            (1, self.withdraws),
            (2, self.sends_a_special),
            (1, self.takes_a_special_back),
            (2, self.arranges),
            (6, self.settles),
            (1, self.cancels),
        ]
        weights = [weight for weight, _ in deeds]
        _, deed = self.dice.choices(deeds, weights)[0]
        try:
            deed()
        except ColporteurError:
            return  # what is refused here is tested elsewhere

    def writes(self) -> None:
        self.taken += 1
        chosen = self.dice.sample(["actualites", "bulletin"], self.dice.randint(1, 2))
        topics = tuple(self.dice.sample(["health", "law", "schools"], self.dice.randint(0, 2)))
        age = self.dice.choice([0, 0, 0, 0, 2, 5]) * DAY
        self.house.take(
            f"Article {self.taken} {'x' * self.taken}",
            external_id=str(self.taken),
            channels=tuple(chosen),
            topics=topics,
            language=self.dice.choice(["fr", "fr", "fr", "fr", "ar"]),
            dated_at=self.house.now - age,
        )

    def writes_again(self) -> None:
        """What was written before joins the other channel too, or comes back."""
        if self.taken:
            one = self.dice.randint(max(1, self.taken - 6), self.taken)
            self.house.take(
                f"Article {one} {'x' * one}",
                external_id=str(one),
                channels=("actualites", "bulletin"),
            )

    def subscribes(self, name: str) -> None:
        slug = self.dice.choice(["actualites", "actualites", "actualites", "bulletin"])
        with self.house.open() as (connection, _revision, names):
            topics = [names.topics[one] for one in ("health", "law", "schools")]
            subscribe(
                connection,
                parse_address(f"{name}@example.org"),
                Choice(
                    names.channels[slug],
                    self.dice.choice(["matin", "soir"]) if slug == "actualites" else "matin",
                    tuple(self.dice.sample(topics, self.dice.choice([0, 0, 1, 2]))),
                    tuple(self.dice.sample(topics, self.dice.choice([0, 0, 0, 1]))),
                    specials=self.dice.random() < 0.8,
                ),
                language="fr",
                start_number=last_number_at(connection, self.house.now - DAY),
                by="test",
                now=self.house.now,
            )

    def _one(self) -> int:
        return self.dice.randint(1, 6)

    def pauses(self) -> None:
        with self.house.open() as (connection, _revision, _names):
            until = self.house.now + self.dice.randint(4, 60) * HOUR
            backlog = self.dice.random() < 0.5
            now = self.house.now
            pause(connection, self._one(), until, backlog=backlog, by="test", now=now)

    def resumes(self) -> None:
        with self.house.open() as (connection, _revision, _names):
            resume(connection, self._one(), by="test", now=self.house.now)

    def leaves(self) -> None:
        with self.house.open() as (connection, _revision, _names):
            unsubscribe(connection, self._one(), by="test", now=self.house.now)

    def withdraws(self) -> None:
        with self.house.open() as (connection, _revision, _names):
            slugs = list(connection.scalars(select(articles.c.slug)))
            if slugs:
                withdrawing.withdraw(connection, self.dice.choice(slugs), self.house.now)

    def sends_a_special(self) -> None:
        with self.house.open() as (connection, revision, names):
            known = list(connection.scalars(select(articles.c.id)))
            home = revision.publication.channel("actualites")
            both = [names.channels["actualites"], names.channels["bulletin"]]
            content = specials.Special(
                home,
                Audience(tuple(both[: self.dice.randint(1, 2)])),
                tuple(self.dice.sample(known, min(len(known), self.dice.randint(0, 2)))),
                self.dice.choice(["", "", "Une note."]),
                "Sujet",
            )
            key = str(self.dice.random())
            made = specials.draft(
                connection, content, names, key=key, by="test", now=self.house.now
            )
            specials.confirm(
                connection,
                made,
                revision,
                typed=None,
                at=None,
                by="test",
                now=self.house.now,
                whom=Whom(),
            )
        self.frozen_as = ledger(self.house) | self.frozen_as

    def takes_a_special_back(self) -> None:
        with self.house.open() as (connection, _revision, _names):
            waiting = [one for one in in_state(connection, State.HELD) if not one.regular]
            if waiting:
                specials.withdraw(
                    connection, waiting[-1], by="test", why="test", now=self.house.now
                )

    def arranges(self) -> None:
        with self.house.open() as (connection, revision, names):
            found = revision.publication.channel("actualites")
            day = (self.house.now + DAY).replace(hour=6, minute=0, second=0, microsecond=0)
            now = self.house.now
            edition = edition_at(
                connection, revision, names, found, "matin", day, by="test", now=now
            )
            known = list(connection.scalars(select(articles.c.id)))
            chosen = self.dice.sample(known, min(len(known), 3))
            wishes = Wishes(lead=(chosen or [1])[0], order=chosen[1:2], left_out=chosen[2:])
            arrange(connection, edition, wishes, by="test", now=now)

    def settles(self) -> None:
        """Some of what is due is sent, some fails."""
        with writing(self.house.engine) as connection:
            due = connection.execute(
                select(deliveries.c.id)
                .where(deliveries.c.status == "pending", deliveries.c.due_at <= self.house.now)
                .order_by(deliveries.c.id)
            ).all()
            for row in due:
                status = self.dice.choice(["sent", "sent", "sent", "failed"])
                connection.execute(
                    update(deliveries)
                    .where(deliveries.c.id == row.id)
                    .values(status=status, ended_at=self.house.now)
                )

    def cancels(self) -> None:
        with self.house.open() as (connection, _revision, _names):
            running = in_state(connection, State.FROZEN, State.SENDING)
            if running:
                steering.cancel(
                    connection, self.dice.choice(running), by="test", why="", now=self.house.now
                )


@pytest.mark.parametrize("seed", range(2))
def test_what_is_explained_is_what_the_freezes_did(desk: House, seed: int):
    weeks = Weeks(desk, random.Random(seed))
    weeks.live(5)
    now_brought = ledger(desk)
    seen: dict[Any, int] = {}
    with desk.open() as (connection, _revision, _names):
        for edition in in_state(connection, *State):
            for name in NAMES:
                try:
                    reader = reader_of(connection, parse_address(f"{name}@example.org"))
                except ColporteurError:
                    continue
                found = explain(connection, edition, reader, desk.now)
                key = (edition.id, reader.id)
                assert found.agrees, (key, found)
                assert (found.delivery is not None) == (key in now_brought)
                if found.delivery is not None:
                    within = tuple(one.id for one in found.articles if one.fate is Fate.IN)
                    assert within == now_brought[key]
                    assert found.delivery.fixed == weeks.frozen_as[key], key
                for one in (found.outcome, *(because.fate for because in found.articles)):
                    seen[one] = seen.get(one, 0) + 1
    assert seen[Outcome.FOR_THEM] > 5, seen
    assert seen.keys() >= {Outcome.NOT_SUBSCRIBED, Fate.IN, Fate.NOT_THEIRS, Fate.FILTERED}, seen


def one(found: Explanation, slug: str) -> str:
    return next(because.words for because in found.articles if because.slug == slug)


def marked(house: House, edition_id: int, status: str, **more: Any) -> None:
    with writing(house.engine) as connection:
        mine = update(deliveries).where(deliveries.c.edition_id == edition_id)
        connection.execute(mine.values(status=status, ended_at=house.now, **more))


def numbered(house: House, kind: str, *states: State) -> int:
    found = (it for it in editions_of(house) if it.kind == kind and it.channel_id == 1)
    return next(it.id for it in found if not states or it.state in states)


def special(house: House, *ids: int) -> int:
    with house.open() as (connection, revision, names):
        home = revision.publication.channel("actualites")
        content = specials.Special(home, Audience((names.channels["actualites"],)), ids, "", "S")
        made = specials.draft(connection, content, names, key="k", by="test", now=house.now)
        specials.confirm(
            connection,
            made,
            revision,
            typed=None,
            at=None,
            by="test",
            now=house.now,
            whom=Whom(),
        )
    return made.id


def test_an_article_that_an_earlier_edition_settled_names_it_and_its_day(house: House):
    house.subscribe("ada@example.org")
    house.take("Un")
    tick(house, SLOT)
    house.now = SLOT + HOUR
    house.take("Deux")
    tick(house, SLOT + DAY)
    first, second = (it.id for it in editions_of(house) if it.channel_id == 1)
    found = explained(house, second, "ada")
    assert found.outcome is Outcome.FOR_THEM
    assert one(found, "deux") == "in, at place 1"
    assert one(found, "un") == f"settled by edition {first} of 2026-11-21"


def test_a_failure_after_the_freeze_changes_nothing_of_what_was_so_then(house: House):
    house.subscribe("ada@example.org")
    house.take("Un")
    tick(house, SLOT)
    house.now = SLOT + HOUR
    house.take("Deux")
    tick(house, SLOT + DAY)
    first, second = (it.id for it in editions_of(house) if it.channel_id == 1)
    house.now = SLOT + DAY + HOUR
    marked(house, first, "failed")
    found = explained(house, second, "ada")
    assert found.agrees
    assert one(found, "un").startswith(f"settled by edition {first}")


def test_each_rule_that_leaves_an_article_out_is_told(house: House):
    house.subscribe("ada@example.org", topics_in=("law",))
    house.take("Droit", topics=("law",))
    house.take("Santé", topics=("health",))
    house.take("Vieux", topics=("law",), dated_at=NOW - 9 * DAY)
    house.take("Repris", topics=("law",))
    house.take("Laissé", topics=("law",))
    house.take("عنوان", topics=("law",), language="ar", channels=("actualites",))
    with house.open() as (connection, revision, names):
        withdrawing.withdraw(connection, "repris", NOW)
        found = edition_at(
            connection,
            revision,
            names,
            revision.publication.channel("actualites"),
            "matin",
            SLOT,
            by="test",
            now=NOW,
        )
        arrange(connection, found, Wishes(left_out=[5]), by="test", now=NOW)
    tick(house, SLOT - HOUR / 10)
    house.now = SLOT - HOUR / 20
    house.take("Tard", topics=("law",))
    told = explained(house, numbered(house, "regular"), "ada", SLOT)
    assert told.agrees
    assert one(told, "droit") == "in, at place 1"
    assert one(told, "sante") == "not of their topics"
    assert one(told, "vieux") == "older than max_age"
    assert one(told, "repris") == "withdrawn"
    assert one(told, "laisse") == "left out by an editor"
    assert one(told, "tard") == "came after the edition was fixed"
    assert Rule.OTHER_LANGUAGE in {because.fate for because in told.articles}


def test_what_a_special_brought_is_already_got(house: House):
    house.subscribe("ada@example.org")
    house.take("Un")
    house.take("Deux")
    alert = special(house, 1)
    tick(house, SLOT)
    found = explained(house, numbered(house, "regular"), "ada")
    assert one(found, "un") == f"already got, with edition {alert} of 2026-11-20"
    assert one(found, "deux") == "in, at place 1"
    assert explained(house, alert, "ada").outcome is Outcome.FOR_THEM


def test_what_made_way_for_a_special_says_so(house: House):
    house.subscribe("ada@example.org")
    house.take("Un")
    house.take("Deux")
    tick(house, SLOT - HOUR / 6)
    house.now = SLOT - HOUR / 10
    alert = special(house, 1)
    found = explained(house, numbered(house, "regular"), "ada")
    assert found.agrees
    assert one(found, "un").startswith(f"left to edition {alert} of")


def test_what_was_withdrawn_after_the_freeze_says_so(house: House):
    house.subscribe("ada@example.org")
    house.take("Un")
    house.take("Deux")
    tick(house, SLOT - HOUR / 6)
    with house.open() as (connection, _revision, _names):
        withdrawing.withdraw(connection, "un", SLOT - HOUR / 10)
    tick(house, SLOT - HOUR / 12)
    found = explained(house, numbered(house, "regular"), "ada")
    assert one(found, "un") == "withdrawn since the edition was fixed"
    assert one(found, "deux") == "in, at place 1"


def test_who_gets_nothing_is_told_why(house: House):
    house.take("Un", topics=("health",))
    filtered = house.subscribe("ada@example.org", topics_in=("law",))
    paused = house.subscribe("bea@example.org")
    left = house.subscribe("cyd@example.org")
    house.subscribe("dov@example.org", channel="nashra")
    house.subscribe("fay@example.org")
    assert filtered.new
    with house.open() as (connection, _revision, _names):
        pause(connection, paused.subscription_id, NOW + 9 * DAY, by="test", now=NOW)
        unsubscribe(connection, left.subscription_id, by="test", now=NOW)
    tick(house, SLOT)
    house.now = SLOT + HOUR
    house.subscribe("eli@example.org")
    edition = numbered(house, "regular")
    outcomes = {name: explained(house, edition, name).outcome for name in NAMES}
    assert outcomes == {
        "ada": Outcome.NOTHING_FOR_THEM,
        "bea": Outcome.PAUSED,
        "cyd": Outcome.HAD_LEFT,
        "dov": Outcome.NOT_SUBSCRIBED,
        "eli": Outcome.CAME_LATER,
        "fay": Outcome.FOR_THEM,
    }


def test_fewer_than_min_items_is_told(desk: House):
    desk.subscribe("ada@example.org")
    desk.take("Un")
    tick(desk, SLOT)
    edition = numbered(desk, "regular", State.SKIPPED)
    found = explained(desk, edition, "ada")
    assert found.outcome is Outcome.TOO_FEW
    assert one(found, "un") == "carried over: fewer than min_items"


def test_before_the_freeze_it_is_told_as_things_stand(house: House):
    house.subscribe("ada@example.org")
    house.take("Un")
    with house.open() as (connection, revision, names):
        found = revision.publication.channel("actualites")
        edition = edition_at(connection, revision, names, found, "matin", SLOT, by="test", now=NOW)
    told = explained(house, edition.id, "ada")
    assert (told.outcome, told.delivery) == (Outcome.WOULD_GET_IT, None)
    assert one(told, "un") == "in, at place 1"


def test_in_rehearsal_the_others_are_told_that_it_was_one(house: House):
    house.rehearse()
    house.subscribe("ada@example.org")
    house.subscribe("bea@example.org")
    house.take("Un")
    house.now = SLOT
    with house.open() as (connection, revision, names):
        brake = Brake(None, frozenset(["bea@example.org"]))
        scheduling.advance(connection, revision, names, SLOT, brake)
    edition = numbered(house, "regular")
    assert explained(house, edition, "ada").outcome is Outcome.REHEARSAL
    assert explained(house, edition, "bea").outcome is Outcome.FOR_THEM
    house.now = SLOT + 2 * DAY
    house.go_live()
    assert explained(house, edition, "ada").outcome is Outcome.REHEARSAL


def test_a_special_tells_who_declined_and_who_had_it_all(house: House):
    house.subscribe("ada@example.org")
    house.take("Un")
    tick(house, SLOT)
    marked(house, numbered(house, "regular"), "sent")
    house.now = SLOT + HOUR
    house.subscribe("bea@example.org")
    with house.open() as (connection, _revision, names):
        subscribe(
            connection,
            parse_address("cyd@example.org"),
            Choice(names.channels["actualites"], "matin", specials=False),
            language="fr",
            start_number=0,
            by="test",
            now=house.now,
        )
    alert = special(house, 1)
    assert explained(house, alert, "ada").outcome is Outcome.GOT_IT_ALL
    assert explained(house, alert, "bea").outcome is Outcome.FOR_THEM
    assert explained(house, alert, "cyd").outcome is Outcome.DECLINED
