"""Fixtures of tests that poll sources."""

import pytest
from elsewhere import Elsewhere
from house import House
from newsstand import Newsstand


@pytest.fixture
def stand(house: House, elsewhere: Elsewhere) -> Newsstand:
    """A house whose channels have sources elsewhere."""
    return Newsstand(house, elsewhere)
