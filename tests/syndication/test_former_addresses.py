import pytest
from house import channel, publication

from colporteur.syndication.addresses import FormerNames, is_gone, moved_to

NAMES = FormerNames(
    publication(
        topics={
            "care": {"name": {"fr": "Soins", "ar": "x"}, "formerly": ["health"]},
            "law": {"name": {"fr": "Droit", "ar": "x"}},
        },
        channels=[
            channel("nouvelles", "fr", formerly=["actualites"], topics=["care", "law"]),
            channel("nashra", "ar", topics=[]),
        ],
    ),
    channels=["revue"],
    topics=["sport"],
)


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("feeds/actualites.rss", "feeds/nouvelles.rss"),
        ("feeds/actualites/law.atom", "feeds/nouvelles/law.atom"),
        ("feeds/nouvelles/health.json", "feeds/nouvelles/care.json"),
        ("feeds/actualites/health.json", "feeds/nouvelles/care.json"),
        ("feeds/nouvelles.rss", None),
        ("feeds/revue.rss", None),
        ("feeds/actualites.exe", None),
        ("feeds/actualites/sport.rss", None),
        ("feeds/editions/actualites.rss", "feeds/editions/nouvelles.rss"),
        ("feeds/editions/nouvelles.rss", None),
    ],
)
def test_a_former_address_leads_to_the_present_one(path: str, there: str | None):
    assert moved_to(path, NAMES) == there


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        ("feeds/revue.rss", True),
        ("feeds/revue/law.atom", True),
        ("feeds/nouvelles/sport.json", True),
        ("feeds/nashra/law.json", True),
        ("feeds/nouvelles.rss", False),  # not built yet
        ("feeds/nouvelles/law.rss", False),
        ("feeds/never.rss", False),
        ("feeds/nouvelles/never.rss", False),
        ("feeds/", False),
        ("feeds/editions/revue.rss", True),
        ("feeds/editions/nouvelles.rss", False),
    ],
)
def test_what_was_a_feed_once_is_gone_and_what_never_was_is_not(path: str, gone: bool):
    assert is_gone(path, NAMES) is gone
