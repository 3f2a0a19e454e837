from typing import Any

from house import channel, digest, publication

from colporteur import tasks

DATABASES = ("sqlite",)  # the stores below have their tests on both

LOOK = ("editions", "preflight", "actualites")
WRONG = "Un titre {{ article.title }}"


def with_reader(newsroom: Any, title: str = "Tri aux urgences") -> None:
    newsroom.house.subscribe("leila@example.org")
    newsroom.house.take(title, topics=("health",))


def test_an_edition_to_come_is_looked_over_and_nothing_changes(newsroom: Any):
    with_reader(newsroom)
    said = newsroom.run(*LOOK, "--cadence", "matin").stdout
    assert "0 errors" in said or "nothing wrong" in said
    calendar = newsroom.told("editions", "calendar")
    assert all(one["state"] in {"planned", "open"} for one in calendar)


def test_an_error_is_told_with_its_cure_and_the_command_fails(newsroom: Any):
    with_reader(newsroom, WRONG)
    done = newsroom.desk.run(*LOOK)  # there is one cadence: it need not be named
    assert done.returncode == 1, done.stdout + done.stderr
    assert "error" in done.stdout
    assert "A placeholder is left in the subject: {{ article.title" in done.stdout
    assert "Write what belongs there." in done.stdout
    told = newsroom.desk.run(*LOOK, "--json")
    assert told.returncode == 1
    assert '"check": "placeholder"' in told.stdout


def test_where_nothing_would_leave_it_says_why(newsroom: Any):
    assert "Nothing would leave: no readers." in newsroom.run(*LOOK).stdout


def test_an_edition_is_named_by_its_number(newsroom: Any):
    with_reader(newsroom, WRONG)
    newsroom.run("editions", "send", "actualites", "--cadence", "matin", "--wait", "0")
    assert "A placeholder is left" in newsroom.desk.run("editions", "preflight", "1").stdout
    refused = newsroom.refused("editions", "preflight", "404", code=2)
    assert "no edition" in refused.lower()
    sent = ("editions", "test", "1", "--to", "it@relais.example", "--wait", "0")
    assert "Tri" in newsroom.run(*sent).stdout or "Un titre" in newsroom.run(*sent).stdout


def test_a_special_is_named_by_its_key(newsroom: Any):
    with_reader(newsroom, WRONG)
    special = ("editions", "special", "actualites", "--note", "Alerte.", "--subject", "Alerte")
    newsroom.refused(*special, "--key", "alerte-1")  # nobody is there to say yes: a draft
    assert "nothing wrong" in newsroom.run(*LOOK, "--key", "alerte-1").stdout
    assert "no special edition" in newsroom.refused(*LOOK, "--key", "alerte-2", code=2)
    assert "has no cadence" in newsroom.refused(*LOOK, "--key", "x", "--cadence", "matin", code=2)


def test_who_approves_an_edition_with_errors_is_told(newsroom: Any):
    rules = digest(approval=True)
    channels = [channel("actualites", "fr", digest=rules), channel("nashra", "ar")]
    newsroom.house.apply(publication(channels=channels))
    with_reader(newsroom, WRONG)
    newsroom.run("editions", "send", "actualites", "--cadence", "matin", "--wait", "0")
    tasks.preflight(1)
    tasks.runtime().engine.dispose()
    said = newsroom.run("editions", "approve", "1").stdout
    assert "A placeholder is left" in said
    assert "it is paused first" in said


def test_a_report_shows_what_preflight_found(newsroom: Any):
    with_reader(newsroom, WRONG)
    newsroom.run("editions", "send", "actualites", "--cadence", "matin", "--wait", "0")
    assert newsroom.told("editions", "report", "1")["checked_at"] is None
    tasks.preflight(1)
    tasks.runtime().engine.dispose()
    told = newsroom.told("editions", "report", "1")
    assert (told["state"], told["findings"][0]["check"]) == ("paused", "placeholder")
    assert "Write what belongs there." in newsroom.run("editions", "report", "1").stdout
