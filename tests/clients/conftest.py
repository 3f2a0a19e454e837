"""A publication that a real process serves, for real programs to poll."""

from collections.abc import Iterator

import pytest
from paper import ARABIC, FRENCH, Paper


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Paper]:
    """A French and an Arabic channel with their articles, served."""
    made = Paper.founded(tmp_path_factory.mktemp("paper"))
    with made.installation.up():
        made.take([*FRENCH, *ARABIC])
        yield made
