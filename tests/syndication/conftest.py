"""Fixtures of the hub's tests."""

import pytest
from databases import Database
from elsewhere import Elsewhere
from house import House
from hubbing import Hub, Subscriber


@pytest.fixture
def hub(house: House, database: Database) -> Hub:
    """A hub with a feed to subscribe to."""
    made = Hub(house)

    def publish() -> None:
        made.publish("Le premier")
        house.engine.dispose()

    house.engine.dispose()  # no connection is open
    database.filled("hub", publish)
    return made


@pytest.fixture
def subscriber(elsewhere: Elsewhere) -> Subscriber:
    return Subscriber(elsewhere)
