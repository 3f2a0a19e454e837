"""The words of the settings' forms, which stand in tables of the code."""

import pytest
from house import TEMPLATES, channel, publication

from colporteur.web.newsroom.settings.applying import _STRANDED
from colporteur.web.newsroom.settings.faults import _BY_KIND, _BY_WORDS
from colporteur.web.newsroom.settings.places import _SHEETS
from colporteur.web.newsroom.settings.telling import _HAPPENED

SOURCE = {"url": "https://news.example.org/feed"}
PAPER = publication(
    channels=[channel("actualites", "fr", sources=[SOURCE]), channel("nashra", "ar")],
    domain_groups={"orange": {"connections": 1}},
)
PARTS = {
    "channel": "actualites",
    "cadence": "matin",
    "source": "0",
    "topic": "law",
    "group": "orange",
}


@pytest.mark.parametrize("tag", ["fr", "ar"])
def test_every_word_of_the_forms_is_translated(tag: str) -> None:
    said = {*_BY_KIND.values(), *_BY_WORDS.values(), *sum(_HAPPENED.values(), ())}
    said |= {"Former names", *(message for _, message in _STRANDED)}
    for make in _SHEETS.values():
        sheet = make(PAPER, PARTS)
        said |= {sheet.title, sheet.intro, *(one.label for one in sheet.offers)}
        said |= {one.hint for one in sheet.offers}
        for one in (*sheet.fields, *(field for offer in sheet.offers for field in offer.fields)):
            said |= {one.label, one.hint, one.group}
            said |= set() if one.own_words else {label for _, label in one.options}
    known = TEMPLATES.catalogue(tag)._catalog  # type: ignore[attr-defined]
    assert said - {""} - known.keys() == set()
