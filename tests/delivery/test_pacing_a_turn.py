"""A rate is used up by the worker that has it: what may leave in a moment is waited for."""

import time
from pathlib import Path

import pytest
from dispatching import send_batch
from house import SITE, TEMPLATES, House, publication
from posting import frozen, posted
from sink import Sink
from sqlalchemy import select

from colporteur.config import Settings
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.delivery import deliveries
from colporteur.delivery.limits import Limits

PACED = {"ours": {"domains": ["paced.example"], "limits": ["40/second"]}}


def test_mail_of_a_slow_group_leaves_as_fast_as_its_rate_allows(house: House, tmp_path: Path):
    house.apply(publication(domain_groups=PACED))
    house.take("Un")
    for number in range(30):
        house.subscribe(f"r{number}@paced.example")
    edition = frozen(house)
    began = time.monotonic()
    assert posted(house, edition, tmp_path) == 30
    assert time.monotonic() - began >= 26 / 37  # four at once, then one in a 37th of a second


def test_what_a_quota_leaves_room_for_leaves_and_the_rest_waits(house: House, tmp_path: Path):
    house.apply(publication(domain_groups={"ours": {**PACED["ours"], "limits": ["4/hour"]}}))
    house.take("Un")
    for number in range(6):
        house.subscribe(f"r{number}@paced.example")
    edition = frozen(house)
    assert posted(house, edition, tmp_path) == 4
    assert posted(house, edition, tmp_path) == 0
    with reading(house.engine) as connection:
        waiting = select(deliveries.c.id).where(deliveries.c.status == "pending")
        assert len(connection.scalars(waiting).all()) == 2


@pytest.mark.smtp
def test_where_a_relays_quota_is_used_up_another_relay_takes_the_rest(
    house: House, smtp_sink: Sink
):
    house.take("Un")
    for number in range(6):
        house.subscribe(f"r{number}@example.org")
    frozen(house)
    both = (
        f"{smtp_sink.url}?limit=4/hour&weight=9 {smtp_sink.url.replace('127.0.0.1', 'localhost')}"
    )
    settings = Settings(mail_url=both, secret_key="k" * 32, base_url=SITE)
    with writing(house.engine) as connection:
        used_up, now = settings.relays[0], database_now(connection)
        Limits(settings).allow(connection, publication(), used_up, "rest", "x.example", 4, now)
    assert send_batch(house.engine, settings, TEMPLATES, 1) == 6
    assert len({address for address, _ in smtp_sink.accepted}) == 6
