"""Who got what: one edition for all its readers, one reader for all their editions."""

import csv
import io
from typing import Any

from house import NOW
from sqlalchemy import insert, select, update

from colporteur.audience.addresses import parse_address
from colporteur.audience.consent import Asked, note_consent
from colporteur.audience.leaving import leave
from colporteur.audience.suppressing import Reason, suppress
from colporteur.db import database_now, writing
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import editions
from colporteur.db.tables.feedback import feedback

READERS = ("amina@example.org", "bruno@example.org", "chafik@elsewhere.example", "=dina@x.example")


def sent(newsroom: Any) -> None:
    """An edition of which one reader's failed, one's bounced, and one left by its link."""
    found = [newsroom.house.subscribe(one) for one in READERS]
    newsroom.house.take("Tri aux urgences : six mois", topics=["health"])
    newsroom.run("editions", "send", "actualites", "--cadence", "matin", "--wait", "0")
    with writing(newsroom.house.engine) as connection:
        now = database_now(connection)
        row = update(deliveries).where(deliveries.c.edition_id == 1)
        connection.execute(row.values(status="sent", ended_at=now, smtp_code=250))
        refused = {"status": "failed", "reason": "hard", "smtp_code": 550, "enhanced_code": "5.1.1"}
        one = row.where(deliveries.c.subscriber_id == found[0].subscriber_id)
        connection.execute(one.values(refused))
        came = {"source": "lmtp", "kind": "bounce", "verdict": "hard", "at": now, "text": "unknown"}
        who = found[1].subscriber_id
        connection.execute(
            insert(feedback).values(
                **came, event_id="1", subscriber_id=who, edition_id=1, domain="example.org"
            )
        )
        again = came | {"event_id": "3", "verdict": "soft", "edition_id": 1}
        connection.execute(insert(feedback).values(**again, subscriber_id=who))
        came |= {"source": "smtp", "event_id": "2", "subscriber_id": found[0].subscriber_id}
        connection.execute(insert(feedback).values(**came, edition_id=1, domain="example.org"))
        public_id = connection.scalar(select(editions.c.public_id))
        leave(connection, found[2].subscription_id, by="link", edition=public_id, now=now)
        leave(connection, found[3].subscription_id, by="link", edition="another", now=now)


def test_a_report_counts_what_became_of_each_by_reason_and_domain(newsroom: Any):
    sent(newsroom)
    told = newsroom.told("editions", "report", "1")
    assert told["counts"] == [
        {"status": "sent", "reason": None, "readers": 3},
        {"status": "failed", "reason": "hard 550 5.1.1", "readers": 1},
        {"status": "bounced", "reason": "hard", "readers": 1},
        {"status": "unsubscribed", "reason": None, "readers": 1},
    ]
    assert told["recipients"] == 4
    domains = {one.pop("domain"): one for one in told["domains"]}
    assert list(domains) == ["example.org", "elsewhere.example", "x.example"]
    assert {key: number for key, number in domains["example.org"].items() if number} == {
        "sent": 1,
        "failed": 1,
        "bounced": 1,
    }
    said = newsroom.run("editions", "report", "1").stdout
    for part in ("hard 550 5.1.1", "unsubscribed", "elsewhere.example"):
        assert part in said


def test_a_report_in_csv_is_for_spreadsheets_and_runs_nothing_in_them(newsroom: Any):
    sent(newsroom)
    counted = list(
        csv.DictReader(io.StringIO(newsroom.run("editions", "report", "1", "--csv").stdout))
    )
    assert {"outcome": "sent", "why": "", "domain": "x.example", "readers": "1"} in counted
    assert sum(int(one["readers"]) for one in counted if one["outcome"] == "sent") == 3
    done = newsroom.run("editions", "report", "1", "--csv", "--readers")
    rows = {one["address"]: one["status"] for one in csv.DictReader(io.StringIO(done.stdout))}
    assert rows["amina@example.org"] == "failed"
    assert rows["'=dina@x.example"] == "sent"


def test_when_its_deliveries_are_forgotten_an_editions_counts_are_left(newsroom: Any):
    sent(newsroom)
    with writing(newsroom.house.engine) as connection:
        connection.execute(update(batches).values(sent=3, failed=1))
        connection.execute(deliveries.delete())
    told = newsroom.told("editions", "report", "1")
    assert told["counts"][:2] == [
        {"status": "sent", "reason": None, "readers": 3},
        {"status": "failed", "reason": None, "readers": 1},
    ]


def test_all_that_one_reader_got_and_said_is_shown(newsroom: Any):
    sent(newsroom)
    with writing(newsroom.house.engine) as connection:
        asked = Asked("form", "Je reçois Actualités.", "https://relais.example/", ip="192.0.2.9")
        note_consent(connection, 2, [1], asked, NOW, confirmed=True)
        suppress(connection, parse_address(READERS[1]).hash, Reason.BOUNCED, NOW)
    told = newsroom.told("subscribers", "show", READERS[1])
    assert [(one["status"], one["articles"]) for one in told["editions"]] == [
        ("sent", ["Tri aux urgences : six mois"])
    ]
    (consent,) = told["consents"]
    assert (consent["wording"], consent["ip"]) == ("Je reçois Actualités.", "192.0.2.9")
    assert [one["verdict"] for one in told["came_back"]] == ["hard", "soft"]
    assert told["do_not_mail_list"]["reason"] == "bounced"
    said = newsroom.run("subscribers", "show", READERS[1]).stdout
    for part in ("Tri aux urgences", "hard bounce", "do-not-mail list since", "Je reçois"):
        assert part in said
    assert newsroom.told("subscribers", "show", READERS[2])["overall"] == "unsubscribed"
