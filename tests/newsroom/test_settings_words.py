"""The words of the settings' forms, which stand in tables of the code."""

import pytest
from house import TEMPLATES, publication

from colporteur.web.newsroom.settings.channels import channel_sheets
from colporteur.web.newsroom.settings.faults import _BY_KIND, _BY_WORDS
from colporteur.web.newsroom.settings.telling import _HAPPENED
from colporteur.web.newsroom.settings.topics import new_group_sheet, topic_sheets
from colporteur.web.newsroom.settings.whole import whole_sheets


@pytest.mark.parametrize("tag", ["fr", "ar"])
def test_every_word_of_the_forms_is_translated(tag: str) -> None:
    paper = publication()
    sheets = [
        *whole_sheets(paper),
        *channel_sheets(paper),
        *topic_sheets(paper),
        new_group_sheet(paper, {}),
    ]
    said = {*_BY_KIND.values(), *_BY_WORDS.values(), *sum(_HAPPENED.values(), ())}
    for sheet in sheets:
        said |= {sheet.title, sheet.intro, *(one.label for one in sheet.offers)}
        said |= {one.hint for one in sheet.offers}
        for one in (*sheet.fields, *(field for offer in sheet.offers for field in offer.fields)):
            said |= {one.label, one.hint, one.group}
            said |= set() if one.own_words else {label for _, label in one.options}
    known = TEMPLATES.catalogue(tag)._catalog  # type: ignore[attr-defined]
    assert said - {""} - known.keys() == set()
