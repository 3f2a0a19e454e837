"""Several relays: what one may take no more of, or does not answer to, the others take."""

import pytest
from dispatching import send_batch
from editing import owed
from house import TEMPLATES, House
from scripted import scripted
from sqlalchemy import select

from colporteur.config import Settings
from colporteur.db import database_now, reading
from colporteur.db.tables.delivery import batches

pytestmark = pytest.mark.smtp


def test_what_a_relays_quota_leaves_of_a_batch_goes_over_the_other_at_once(house: House):
    owed(house, *(f"reader{number:02}" for number in range(12)))
    with scripted() as small, scripted() as large:
        urls = f"{small.url}?limit=10/day&weight=100000 {large.url}"
        settings = Settings(mail_url=urls, secret_key="k" * 32)
        send_batch(house.engine, settings, TEMPLATES, 1)
    with reading(house.engine) as connection:
        batch = connection.execute(select(batches.c.status, batches.c.due_at)).one()
        waits = (batch.due_at - database_now(connection)).total_seconds()
    assert len(small.taken) == 10
    assert batch.status == "done" or waits < 60
