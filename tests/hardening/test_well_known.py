from datetime import UTC, datetime
from urllib.robotparser import RobotFileParser

import pytest
from asking import Ask
from house import SITE, House, publication
from newsroom import ON_SQLITE

from colporteur.config import Settings
from colporteur.config.variables import load_settings
from colporteur.exceptions import ConfigurationError
from colporteur.web.well_known import security_txt

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@ON_SQLITE
def test_crawlers_are_sent_to_what_is_published_and_kept_from_the_rest(published: House, ask: Ask):
    assert published
    robots = RobotFileParser()
    robots.parse(ask("GET", "/robots.txt").text.splitlines())
    for path in ("/", "/articles/tri-aux-urgences", "/feeds/actualites.rss", "/static/site.css"):
        assert robots.can_fetch("any", path)
    for path in ("/newsroom/", "/newsroom/sign-in", "/api/v1/articles", "/go/x", "/outbox/x"):
        assert not robots.can_fetch("any", path)
    # What is kept out of indexes by its own header must be read for that.
    assert robots.can_fetch("any", "/unsubscribe/x")
    assert ask("GET", "/unsubscribe/x").status_code == 404


@ON_SQLITE
def test_who_found_a_weakness_learns_whom_to_tell(published: House, ask: Ask):
    assert published
    answer = ask("GET", "/.well-known/security.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    said = dict(line.split(": ", 1) for line in answer.text.splitlines())
    assert said["Contact"] == "mailto:redaction@relais.example"
    assert said["Canonical"] == f"{SITE}/.well-known/security.txt"
    assert said["Preferred-Languages"] == "fr, ar"


def test_the_contact_may_be_another_and_what_is_said_holds_for_half_a_year():
    settings = Settings(security_contact="https://relais.example/securite")
    said = security_txt(settings, publication(), SITE, NOW)
    assert "Contact: https://relais.example/securite\n" in said
    assert "Expires: 2027-05-19T00:00:00Z\n" in said


def test_a_publication_without_a_reply_address_gives_its_senders():
    said = security_txt(Settings(), publication(reply_to=None), SITE, NOW)
    assert "Contact: mailto:bonjour@relais.example\n" in said


@pytest.mark.parametrize("wrong", ["security@example.org", "http://x.example", "mailto:a b@c.de"])
def test_a_contact_that_nobody_can_use_stops_the_start(wrong: str):
    with pytest.raises(ConfigurationError, match="COLPORTEUR_SECURITY_CONTACT"):
        load_settings({"COLPORTEUR_SECURITY_CONTACT": wrong, "COLPORTEUR_SECRET_KEY": "k" * 32})
