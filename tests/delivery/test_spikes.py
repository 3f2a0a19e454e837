"""Those in charge are told when much of an edition comes back, once."""

from datetime import timedelta

import pytest
from editing import owed
from house import NOW, SITE, TEMPLATES, House, publication
from sqlalchemy import insert, select, update

from colporteur.db import writing
from colporteur.db.tables.delivery import batches, letters
from colporteur.db.tables.editions import editions
from colporteur.db.tables.feedback import feedback
from colporteur.delivery.letters import read_letter, render
from colporteur.delivery.spikes import tell_of_spikes

DESK = ("technique@relais.example", "redaction@relais.example")


@pytest.fixture
def edition(house: House) -> int:
    house.apply(publication(alerts_to=DESK))
    made = owed(house, "amina")
    with writing(house.engine) as connection:
        connection.execute(update(editions).values(first_left_at=NOW))
        connection.execute(update(batches).values(sent=90, failed=30))
    return made


def bounced(house: House, edition: int, deliveries: range, verdict: str = "hard") -> None:
    rows = [
        {
            "source": "lmtp",
            "event_id": f"{verdict}-{one}-{again}",
            "at": NOW,
            "kind": "bounce",
            "verdict": verdict,
            "subscriber_id": one,
            "delivery_id": one,
            "edition_id": edition,
            "text": "",
        }
        for one in deliveries
        for again in range(2)
    ]
    with writing(house.engine) as connection:
        connection.execute(insert(feedback), rows)


def told(house: House, later: timedelta = timedelta(minutes=1)) -> int:
    with writing(house.engine) as connection:
        return tell_of_spikes(connection, NOW + later)


def test_more_than_a_tenth_of_an_edition_is_told_once(house: House, edition: int):
    bounced(house, edition, range(12))  # each heard of twice
    bounced(house, edition, range(100, 200), "soft")
    assert told(house) == 0
    bounced(house, edition, range(12, 13))
    assert told(house) == len(DESK)
    assert told(house) == 0
    with writing(house.engine) as connection:
        letter = read_letter(connection, connection.scalar(select(letters.c.id).limit(1)))
        mail = render(TEMPLATES, letter, publication(), SITE)
    assert letter.content["command"] == f"colporteur editions report {edition}"
    assert "13 messages sur 120" in mail.text
    assert "est revenue" in mail.subject


def test_few_messages_and_old_news_are_no_spike(house: House, edition: int):
    bounced(house, edition, range(50))
    assert told(house, timedelta(hours=2)) == 0
    with writing(house.engine) as connection:
        connection.execute(update(batches).values(sent=40, failed=59))
    assert told(house) == 0
