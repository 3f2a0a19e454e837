from datetime import time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from colporteur.config import shipped
from colporteur.publication.files import read_publication
from colporteur.publication.locating import line_of
from colporteur.publication.values import format_duration, parse_duration

amounts = st.tuples(st.integers(0, 9999), st.sampled_from("mhdw"))


def test_the_shipped_sample_reads_without_a_mistake():
    read = read_publication(shipped("feeds"))
    assert [one.language for one in read.publication.channels] == ["fr", "en", "ar"]
    assert read.based_on is None


def test_a_publication_is_read_with_what_its_files_say(feeds):
    publication = read_publication(feeds).publication
    french, arabic = publication.channels
    assert (french.slug, french.title, arabic.slug) == ("actualites", "Actualités", "nashra")
    assert french.digest
    assert french.digest.freeze == timedelta(minutes=10)
    assert french.cadence("semaine").at == (time(9),)
    assert arabic.digest is None


def test_what_a_channel_does_not_say_is_the_publications(feeds):
    publication = read_publication(feeds).publication
    french = publication.channel("actualites")
    assert publication.sender_of(french).address == "bonjour@relais.example"
    assert publication.zone_of(french.cadence("matin")) == "Europe/Paris"


def test_a_cadence_may_tell_its_hours_in_a_zone_of_its_own(feeds):
    path = feeds / "actualites.toml"
    text = path.read_text(encoding="utf-8")
    zone = 'rule = "daily"\ntimezone = "Africa/Casablanca"'
    path.write_text(text.replace('rule = "daily"', zone), encoding="utf-8")
    publication = read_publication(feeds).publication
    cadence = publication.channel("actualites").cadence("matin")
    assert publication.zone_of(cadence) == "Africa/Casablanca"


@given(amounts)
def test_a_duration_is_written_as_it_is_read(amount):
    number, unit = amount
    span = parse_duration(f"{number}{unit}")
    assert parse_duration(format_duration(span)) == span


def test_the_line_of_a_key_is_found_however_its_table_is_written():
    text = '[digest]\nfreeze = "1m"\n[ digest . "cadences" . matin ] # hours\nat = []\n[feed]\nat = 1\n'
    assert line_of(text, ["digest", "cadences", "matin", "at", 0]) == 4
    assert line_of(text, ["digest", "cadences", "matin", "rule"]) == 3
    assert line_of(text, ["digest", "freeze"]) == 2
    assert line_of(text, ["title"]) == 1


@given(st.text(), st.lists(st.text() | st.integers(), max_size=4))
def test_a_line_is_found_in_any_text(text, path):
    assert 1 <= line_of(text, path) <= max(1, len(text.splitlines()))
