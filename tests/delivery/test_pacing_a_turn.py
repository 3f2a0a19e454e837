"""A rate is used up by the worker that has it: what may leave in a moment is waited for."""

import time
from pathlib import Path

from house import House, publication
from posting import frozen, posted
from sqlalchemy import select

from colporteur.db import reading
from colporteur.db.tables.delivery import deliveries

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
