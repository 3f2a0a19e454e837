"""Fixtures of the hub's tests."""

import pytest
from elsewhere import Elsewhere
from house import House
from hubbing import Hub, Subscriber


@pytest.fixture
def hub(house: House) -> Hub:
    """A hub with a feed to subscribe to."""
    made = Hub(house)
    made.publish("Le premier")
    return made


@pytest.fixture
def subscriber(elsewhere: Elsewhere) -> Subscriber:
    return Subscriber(elsewhere)
