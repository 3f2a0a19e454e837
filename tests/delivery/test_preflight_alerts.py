"""Who is told of an edition's mistakes, of which, and that the letter says what is so."""

from typing import Any

import pytest
from house import SITE, channel, digest, publication
from preflights import WRONG, Newsroom

from colporteur import tasks
from colporteur.db import reading, writing
from colporteur.delivery import preflighting
from colporteur.delivery.letters import read_letter, render
from colporteur.digests.rendering import Rendering
from colporteur.editions.states import State
from colporteur.staff import people
from colporteur.staff.people import Role

DATABASES = ("sqlite",)  # the stores below have their tests on both

STAFF = ("technique@relais.example",)


def needs_approval(newsroom: Newsroom) -> None:
    rules = digest(approval=True)
    channels = [channel("actualites", "fr", digest=rules), channel("nashra", "ar")]
    newsroom.house.apply(publication(alerts_to=STAFF, channels=channels))


def written(newsroom: Newsroom, number: int = -1) -> Rendering:
    with reading(newsroom.house.engine) as connection:
        letter = read_letter(connection, newsroom.told()[number].id)
    return render(tasks.runtime().templates, letter, publication(), SITE)


def test_a_letter_about_what_waits_for_approval_does_not_say_that_it_is_paused(newsroom: Newsroom):
    needs_approval(newsroom)
    newsroom.take(WRONG)
    edition = newsroom.send_now()
    newsroom.check(edition.id)
    (told,) = newsroom.told()
    assert told.content["waits"] == "approval"
    mail = written(newsroom)
    assert f"colporteur editions approve {edition.id}" in mail.text
    assert "qui attend d’être approuvée" in " ".join(mail.text.split())
    assert "qui attend d’être approuvée" in mail.subject
    for part in (mail.subject, mail.text, mail.html):
        assert "en pause" not in part


def test_who_approves_it_all_the_same_is_told_that_it_is_paused_now(newsroom: Newsroom):
    needs_approval(newsroom)
    newsroom.take(WRONG)
    edition = newsroom.send_now()
    newsroom.check(edition.id)
    newsroom.approve(edition.id)
    newsroom.advance()
    assert newsroom.edition(edition.id).state is State.PAUSED
    assert [one.content["resume"] for one in newsroom.told()] == [
        f"colporteur editions approve {edition.id}",
        f"colporteur editions resume {edition.id}",
    ]
    assert "en pause" in written(newsroom).subject


def test_nobody_is_told_of_what_was_called_off_meanwhile(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
):
    newsroom.take(WRONG)
    edition = newsroom.send_now()
    looked = preflighting.judge

    def judge_what_is_cancelled(*known: Any) -> Any:
        newsroom.cancel(edition.id)
        return looked(*known)

    monkeypatch.setattr(preflighting, "judge", judge_what_is_cancelled)
    newsroom.check(edition.id)
    assert newsroom.edition(edition.id).state is State.CANCELLED
    assert newsroom.told() == []


def test_where_alerts_to_is_empty_those_in_charge_are_told(newsroom: Newsroom):
    newsroom.house.apply(publication(alerts_to=[]))
    with writing(newsroom.house.engine) as connection:
        for role in Role:
            address = f"{role}@relais.example"
            people.add(connection, address, name=None, role=role, now=newsroom.house.now)
    newsroom.take(WRONG)
    newsroom.check(newsroom.send_now().id)
    told = [one.address for one in newsroom.told()]
    assert told == ["admin@relais.example", "approver@relais.example"]
    assert "alerts_to de Le Relais est vide" in " ".join(written(newsroom).text.split())


def test_another_mistake_is_told_anew_and_the_same_is_not(newsroom: Newsroom):
    newsroom.house.apply(publication(alerts_to=STAFF))
    newsroom.take("Un port")
    edition = newsroom.send_now()
    for intro, letters in (("[TODO]", 1), ("{{ autre }}", 2), ("[TODO]", 2)):
        newsroom.say(edition.id, intro)
        if newsroom.edition(edition.id).state is State.PAUSED:
            newsroom.resume(edition.id)
        newsroom.check(edition.id)
        assert newsroom.edition(edition.id).state is State.PAUSED
        assert len(newsroom.told()) == letters
