"""Pages of the newsroom call a cadence what its readers' pages call it, not by its short name."""

import pytest
from asking import Ask
from house import House, channel, digest, publication
from newsroom import ON_SQLITE, sign_in

from colporteur.staff.people import Role

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


@ON_SQLITE
def test_settings_count_the_days_of_a_rhythm_as_the_language_does(house: House, ask: Ask) -> None:
    every = {"rule": "every", "every": "3d", "starting": "2026-11-23", "at": ["07:00"]}
    house.apply(
        publication(
            channels=[channel("actualites", "fr", digest=digest(cadences={"rare": every}))],
        )
    )
    admin = sign_in(house, ask, Role.ADMIN)
    for tag, said in (("en", "every 3 days, 07:00"), ("fr", "tous les 3 jours, 07:00")):
        assert said in admin.get("/newsroom/settings", headers={"Accept-Language": tag}).text
