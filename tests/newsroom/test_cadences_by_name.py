"""Pages of the newsroom call a cadence what its readers' pages call it, not by its short name."""

import pytest
from asking import Ask
from house import House, channel, digest, publication
from newsroom import ON_SQLITE, sign_in

NAMED = {"rule": "daily", "at": ["07:00"], "name": {"fr": "Le matin", "ar": "كل صباح"}}
PAPER = publication(
    channels=[channel("actualites", "fr", digest=digest(cadences={"tot": NAMED, "tard": NAMED}))]
)


@ON_SQLITE
@pytest.mark.parametrize(
    ("tag", "name"), [("fr", "Le matin"), ("ar", "كل صباح"), ("en", "Le matin")]
)
def test_a_cadence_is_called_by_its_name_in_the_language_of_who_looks(
    house: House, ask: Ask, tag: str, name: str
) -> None:
    house.apply(PAPER)
    editor = sign_in(house, ask)
    for path in ("", "calendar", "editions", "calendar/send-now?channel=actualites&cadence=tot"):
        page = editor.get(f"/newsroom/{path}", headers={"Accept-Language": tag}).text
        assert f"<bdi>{name}</bdi>" in page or f'<bdi class="what">{name}</bdi>' in page
        assert "<bdi>tot</bdi>" not in page
        assert '<bdi class="what">tot</bdi>' not in page


def test_a_cadence_without_a_name_is_called_by_its_short_one() -> None:
    (actualites, *_) = publication().channels
    assert actualites.called("matin", "fr") == "matin"
    assert actualites.called("gone", "fr") == "gone"
