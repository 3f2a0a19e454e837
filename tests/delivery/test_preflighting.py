"""Preflight by itself: frozen, looked over, paused with the reason, editors told once."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from elsewhere import Elsewhere
from house import SITE, channel, digest, publication
from preflights import WAITS, WRONG, Newsroom

from colporteur import tasks
from colporteur.articles.matching import url_key
from colporteur.articles.submission import Image
from colporteur.clock import utcnow
from colporteur.db import reading, writing
from colporteur.db.tables.articles import pictures
from colporteur.delivery import preflighting
from colporteur.delivery.letters import read_letter, render
from colporteur.digests.preflight.gathering import chosen
from colporteur.digests.variants import render_variant
from colporteur.editions import steering
from colporteur.editions.arranging import Wishes, arrange
from colporteur.editions.states import State
from colporteur.editions.store import load
from colporteur.templating import Templates

DATABASES = ("sqlite",)  # the stores below have their tests on both


def test_a_good_edition_is_looked_over_once_and_goes(newsroom: Newsroom):
    newsroom.take("Un port mesure")
    edition = newsroom.send_now()
    assert newsroom.rings() == [edition.id]
    assert newsroom.rings() == []  # rung for lately
    assert newsroom.check(edition.id)
    assert not newsroom.check(edition.id)
    found = newsroom.edition(edition.id)
    assert found.checked_at is not None
    assert [one for one in found.findings if one["severity"] == "error"] == []
    assert newsroom.told() == []
    newsroom.advance()
    assert newsroom.edition(edition.id).state is State.SENDING
    newsroom.house.now += timedelta(hours=1)
    assert newsroom.rings() == []


def heard(queue: str) -> list[str]:
    """The tasks that wait in a queue, taken out of it."""
    found = []
    with tasks.app.connection_for_write() as connection:
        bound = tasks.app.amqp.queues[queue].bind(connection.default_channel)
        bound.declare()
        while (message := bound.get(no_ack=True)) is not None:
            found.append(message.headers["task"])
    return found


def test_the_tick_rings_for_it_and_it_for_the_tick(newsroom: Newsroom):
    newsroom.take("Un port")
    edition = newsroom.send_now()
    heard("render")
    tasks.tick()
    assert tasks.preflight.name in heard("render")
    assert newsroom.edition(edition.id).state is State.FROZEN
    heard("default")
    tasks.preflight(edition.id)
    assert heard("default") == [tasks.tick.name]
    tasks.tick()
    assert newsroom.edition(edition.id).state is State.SENDING


def test_a_worker_that_stops_keeps_nothing_of_what_it_left_out(newsroom: Newsroom):
    newsroom.take("Un port")
    edition, run = newsroom.send_now(), tasks.runtime()
    known = (run.engine, run.settings, run.templates, edition.id)
    assert not preflighting.check_edition(*known, stopping=lambda: True)
    assert newsroom.edition(edition.id).checked_at is None


def test_so_many_are_looked_over_at_once_and_lost_hints_are_given_again(newsroom: Newsroom):
    newsroom.take("Un port")
    made = []
    for number in range(3):
        newsroom.house.now += timedelta(seconds=number)
        newsroom.house.subscribe(f"{number}@example.org", back=timedelta(days=1))
        made.append(newsroom.send_now().id)
    assert newsroom.rings() == made[:2]
    assert newsroom.rings() == []
    assert newsroom.check(made[0])
    assert newsroom.rings() == made[2:]
    newsroom.house.now += timedelta(minutes=1)
    assert newsroom.rings() == made[1:]


def test_an_error_pauses_the_edition_and_tells_each_editor_once(newsroom: Newsroom):
    newsroom.take(WRONG)
    edition = newsroom.send_now()
    assert newsroom.check(edition.id)
    paused = newsroom.edition(edition.id)
    assert paused.state is State.PAUSED
    assert "preflight" in paused.reason
    assert "{{ article.title" in paused.reason
    told = newsroom.told()
    assert [one.address for one in told] == ["technique@relais.example", "redaction@relais.example"]
    content = told[0].content
    assert (told[0].message, content["about"], content["channel"]) == (
        "alert",
        "edition",
        "Actualites",
    )
    assert content["command"].startswith(
        "colporteur editions preflight actualites --cadence matin --at 20"
    )
    assert content["findings"][0]["severity"] == "error"
    with reading(newsroom.house.engine) as connection:
        letter = read_letter(connection, told[0].id)
    written = render(tasks.runtime().templates, letter, publication(), SITE)
    assert content["findings"][0]["cure"] in " ".join(written.text.split())
    assert content["command"] in written.text
    assert set(content["findings"][0]) == {"severity", "text", "cure"}

    with writing(newsroom.house.engine) as connection:  # a person decides that it may go
        steering.resume(connection, paused, by="editor", now=newsroom.house.now)
    assert newsroom.rings() == []
    assert not newsroom.check(edition.id)
    newsroom.advance()
    assert newsroom.edition(edition.id).state is State.SENDING
    assert len(newsroom.told()) == 2


def test_a_dead_link_of_an_article_keeps_it_back(newsroom: Newsroom, elsewhere: Elsewhere):
    newsroom.take("Un port", url=elsewhere.says("/gone", status=410))
    edition = newsroom.send_now()
    newsroom.check(edition.id)
    assert newsroom.edition(edition.id).state is State.PAUSED
    assert "is dead (410)" in newsroom.edition(edition.id).reason


def test_pages_of_ours_and_pictures_are_known_from_the_database(newsroom: Newsroom):
    image = {"url": "https://img.example/quai.jpg", "alt": "Un quai"}
    newsroom.take("Un port", image=Image(**image))
    newsroom.take("Deux ports", image=Image(url="https://img.example/new.jpg", alt="Deux"))
    with writing(newsroom.house.engine) as connection:
        mine = pictures.update().where(pictures.c.url_key == url_key(image["url"]))
        connection.execute(mine.values(state="refused", problem="it is an SVG", tries=1))
    edition = newsroom.send_now()
    newsroom.check(edition.id)
    found = newsroom.edition(edition.id).findings
    assert [one["text"] for one in found if one["check"] == "picture"] == [
        "The picture of “Un port” cannot be shown: it is an SVG"
    ]
    assert [one for one in found if one["check"] == "link"] == []


def test_an_edition_waits_for_its_preflight_and_never_for_ever(newsroom: Newsroom):
    newsroom.take("Un port")
    edition = newsroom.send_now()
    newsroom.advance()
    assert newsroom.edition(edition.id).state is State.FROZEN
    newsroom.advance(WAITS - timedelta(seconds=1))
    assert newsroom.edition(edition.id).state is State.FROZEN
    newsroom.advance(timedelta(seconds=2))
    assert newsroom.edition(edition.id).state is State.SENDING


def test_an_error_found_while_it_is_being_sent_stops_the_rest(newsroom: Newsroom):
    newsroom.take(WRONG)
    edition = newsroom.send_now()
    newsroom.tick(newsroom.house.now)
    assert newsroom.edition(edition.id).state is State.SENDING  # nobody was patient
    newsroom.check(edition.id)
    assert newsroom.edition(edition.id).state is State.PAUSED


def test_a_preflight_that_crashes_says_so_and_lets_the_edition_go(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object) -> None:
        raise ZeroDivisionError("of the test's own")

    newsroom.take("Un port")
    edition = newsroom.send_now()
    monkeypatch.setattr(preflighting, "judge", broken)
    assert newsroom.check(edition.id)
    found = newsroom.edition(edition.id)
    assert [one["severity"] for one in found.findings] == ["warning"]
    assert "could not be done: ZeroDivisionError" in found.findings[0]["text"]
    newsroom.advance()
    assert newsroom.edition(edition.id).state is State.SENDING


def test_a_template_of_ones_own_that_is_broken_is_told_and_the_shipped_one_goes(
    newsroom: Newsroom, tmp_path: Path
):
    mine = tmp_path / "looks" / "email" / "digest"
    mine.mkdir(parents=True)
    (mine / "body.txt.j2").write_text("{{ digest.no.such }}")
    run = tasks.runtime()
    own = run.settings.model_copy(update={"templates": tmp_path / "looks"})
    newsroom.take("Un port")
    edition = newsroom.send_now()
    with writing(newsroom.house.engine) as connection:  # another process was faster
        (one,) = chosen(connection, edition.id)
        render_variant(
            connection,
            Templates(own.template_folders),
            one.id,
            SITE,
            newsroom.house.now,
            secret_key="k" * 32,
        )
    assert preflighting.check_edition(run.engine, own, Templates(own.template_folders), edition.id)
    found = newsroom.edition(edition.id)
    (told,) = (one for one in found.findings if one["check"] == "template")
    assert told["severity"] == "warning"
    assert "body.txt.j2" in told["text"]
    assert found.state is State.FROZEN


def test_a_special_is_looked_over_within_its_hold(newsroom: Newsroom):
    special = newsroom.special(newsroom.take(WRONG), key="alerte 1")
    assert newsroom.rings() == [special.id]
    newsroom.check(special.id)
    paused = newsroom.edition(special.id)
    assert paused.state is State.PAUSED
    told = newsroom.told()[0].content
    assert told["slot"] is None
    assert told["command"] == "colporteur editions preflight actualites --key 'alerte 1'"
    with writing(newsroom.house.engine) as connection:  # back into its hold, and not stopped again
        steering.resume(connection, paused, by="editor", now=newsroom.house.now)
    newsroom.advance()
    assert newsroom.edition(special.id).state is State.HELD
    newsroom.advance(timedelta(minutes=6))
    assert newsroom.edition(special.id).state is State.SENDING


def test_what_waits_for_an_approver_is_paused_once_it_is_approved(newsroom: Newsroom):
    rules = digest(approval=True)
    channels = [channel("actualites", "fr", digest=rules), channel("nashra", "ar")]
    newsroom.house.apply(publication(channels=channels))
    newsroom.take(WRONG)
    edition = newsroom.send_now()
    assert edition.state is State.AWAITING_APPROVAL
    assert newsroom.rings() == [edition.id]
    newsroom.check(edition.id)
    waiting = newsroom.edition(edition.id)
    assert (waiting.state, len(waiting.findings) > 0) == (State.AWAITING_APPROVAL, True)
    newsroom.approve(edition.id)
    newsroom.advance()
    paused = newsroom.edition(edition.id)
    assert (paused.state, "{{ article" in paused.reason) == (State.PAUSED, True)


def test_what_is_arranged_anew_is_looked_over_anew(newsroom: Newsroom):
    newsroom.take("Un port")
    edition = newsroom.send_now()
    newsroom.check(edition.id)
    with writing(newsroom.house.engine) as connection:
        found = load(connection, edition.id)
        arrange(connection, found, Wishes(intro="[TODO]"), by="editor", now=newsroom.house.now)
    assert newsroom.rings() == [edition.id]
    newsroom.check(edition.id)
    assert newsroom.edition(edition.id).state is State.PAUSED


def test_what_was_arranged_meanwhile_is_not_kept(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
):
    newsroom.take("Un port")
    edition = newsroom.send_now()
    looked = preflighting.judge

    def judge_late(*known: Any) -> Any:
        with writing(newsroom.house.engine) as connection:
            found = load(connection, edition.id)
            arrange(connection, found, Wishes(intro="Bonjour."), by="editor", now=utcnow())
        return looked(*known)

    monkeypatch.setattr(preflighting, "judge", judge_late)
    assert not newsroom.check(edition.id)
    assert newsroom.edition(edition.id).checked_at is None


def test_two_workers_keep_one_result_and_tell_editors_once(
    newsroom: Newsroom, monkeypatch: pytest.MonkeyPatch
):
    newsroom.take(WRONG)
    edition = newsroom.send_now()
    looked, done = preflighting.judge, []

    def judge_while_another_does(*known: Any) -> Any:
        monkeypatch.setattr(preflighting, "judge", looked)
        done.append(newsroom.check(edition.id))
        return looked(*known)

    monkeypatch.setattr(preflighting, "judge", judge_while_another_does)
    done.append(newsroom.check(edition.id))
    assert done == [True, False]
    assert len(newsroom.told()) == 2
