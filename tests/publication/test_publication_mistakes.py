from pathlib import Path

import pytest

from colporteur.exceptions import PublicationInvalid
from colporteur.publication.files import read_publication

# What is written in which file instead of what; the key, its problem and cure; where it shows.
MISTAKES = [
    ("actualites", "limit = 30", "limt = 30", "feed.limt", "Did you mean limit?", "limt"),
    ("actualites", "max_age", "max_aje", "digest.max_aje", "Did you mean max_age?", "max_aje"),
    ("actualites", "limit = 30", "zzz = 30", "feed.zzz", "Known here: limit, full_text", "zzz"),
    ("actualites", "limit = 30", "limit = 0", "feed.limit", "(given: 0)", "limit"),
    ("actualites", '"health", "law"', '"halth"', "topics", "no topic 'halth'", "topics"),
    ("actualites", '"health", "law"', '"halth"', "topics", "the topics are: health, law", "topics"),
    ("actualites", '"07:00"', '"7:00"', "digest.cadences.matin.at.0", 'to "23:59"', "7:00"),
    ("actualites", '"07:00"', '"24:00"', "digest.cadences.matin.at.0", 'to "23:59"', "24:00"),
    ("actualites", '"07:00"', "07:00:30", "digest.cadences.matin.at.0", "no time", "07:00:30"),
    ("actualites", '"10m"', '"10 min"', "digest.freeze", 'such as "10m"', "10 min"),
    ("actualites", '"10m"', '"8d"', "digest.freeze", "not shorter than max_age", "8d"),
    ("actualites", 'language = "fr"', 'language = "de"', "language", "(fr, ar); add", "de"),
    ("actualites", 'language = "fr"', 'language = "x"', "language", "such as fr, en", '"x"'),
    (
        "actualites",
        'language = "fr"\n',
        "",
        "language",
        "is missing. Add it, such as 'fr'",
        "title",
    ),
    ("actualites", '"daily"', '"hourly"', "digest.cadences.matin.rule", "'daily'", "hourly"),
    ("actualites", '["sun"]', "[]", "digest.cadences.semaine", "needs one day", "s.semaine"),
    (
        "actualites",
        '"weekly"',
        '"daily"\nday = 3',
        "digest.cadences.semaine",
        "remove",
        "s.semaine",
    ),
    ("actualites", '"weekly"', '"monthly"', "digest.cadences.semaine", "day = 1", "s.semaine"),
    ("actualites", '["07:00"]', '["07:00", "07:00"]', "digest.cadences.matin", "twice", "s.matin"),
    ("actualites", "[feed]", 'slug = "autre"\n[feed]', "slug", "file's name", "slug"),
    ("actualites", "[feed]", 'formerly = ["nashra"]\n[feed]', "formerly", "one name", "formerly"),
    (
        "actualites",
        "[feed]",
        'formerly = ["all"]\n[feed]',
        "formerly",
        "choose another",
        "formerly",
    ),
    ("actualites", 'freeze = "10m"', "min_items = 20", "digest", "lower it", "[digest]"),
    ("publication", "Europe/Paris", "Europe/Pariss", "timezone", "Europe/Paris or", "Pariss"),
    ("publication", "https://relais", "relais", "base_url", "such as https://", "base_url"),
    ("publication", "bonjour@", "bonjour", "sender.address", "e-mail", "address ="),
    ("publication", 'ar = "باريس"\n', "", "postal_address", "must carry one", "[postal"),
    ("publication", ', ar = "الصحة"', "", "topics.health.name", 'add ar = "…"', "Santé"),
    ("publication", '["justice"]', '["health"]', "topics.law.formerly", "remove one", "formerly"),
    ("publication", "[topics.law]", '[topics."Loi"]', "topics.Loi", "small letters", "Loi"),
    ("publication", "title", "titel", "titel", "Did you mean title?", "titel"),
    ("publication", 'title = "Le Relais"\n', "", "title", "such as 'Le Relais'", "languages"),
    ("publication", "title", "based_on = true\ntitle", "based_on", "Export again", "based_on"),
]


def _mistakes(feeds: Path) -> tuple[str, ...]:
    with pytest.raises(PublicationInvalid) as caught:
        read_publication(feeds)
    assert caught.value.cure
    return caught.value.mistakes


def _replace(path: Path, old: str, new: str) -> str:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("name", "old", "new", "key", "cure", "shows"), MISTAKES)
def test_a_mistake_is_told_with_file_line_key_and_cure(feeds, name, old, new, key, cure, shows):
    path = feeds / f"{name}.toml"
    text = _replace(path, old, new)
    line = next(number for number, said in enumerate(text.splitlines(), 1) if shows in said)
    (found,) = [one for one in _mistakes(feeds) if cure in one]
    assert found.startswith(f"{path}:{line}: {key}: ")
    assert found.endswith((".", "?"))


def test_mistakes_in_several_files_are_told_at_once(feeds):
    _replace(feeds / "publication.toml", "Europe/Paris", "Mars/Olympus")
    _replace(feeds / "actualites.toml", '"07:00"', '"7h"')
    _replace(feeds / "nashra.toml", "title", "titel")
    (feeds / "brouillon.toml").write_text("", encoding="utf-8")
    said = "\n".join(_mistakes(feeds))
    for part in ("timezone", "matin.at.0", "titel", "title: is missing", "brouillon.toml"):
        assert part in said


def test_a_listed_channel_without_its_file_is_told(feeds):
    (feeds / "nashra.toml").unlink()
    (found,) = _mistakes(feeds)
    assert "nashra.toml: there is no such file" in found


def test_a_folder_without_a_publication_names_the_command_that_makes_one(tmp_path):
    (found,) = _mistakes(tmp_path)
    assert "publication.toml" in found
    assert "colporteur init" in found


def test_broken_toml_is_told_with_its_line(feeds):
    _replace(feeds / "nashra.toml", 'language = "ar"', "language = ")
    (found,) = _mistakes(feeds)
    assert "nashra.toml: is not valid TOML" in found
    assert "line 2" in found


def test_a_file_that_is_not_utf_8_is_told(feeds):
    (feeds / "nashra.toml").write_bytes('title = "Santé"'.encode("latin-1"))
    (found,) = _mistakes(feeds)
    assert found.endswith("nashra.toml: is not UTF-8. Save it as UTF-8.")


def test_a_folder_in_place_of_a_file_is_told(feeds):
    (feeds / "nashra.toml").unlink()
    (feeds / "nashra.toml").mkdir()
    (found,) = _mistakes(feeds)
    assert "cannot be read" in found


@pytest.mark.parametrize("name", ["publication.toml", "nashra.toml"])
@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_file_is_told_as_lacking_its_keys(feeds, name, text):
    (feeds / name).write_text(text, encoding="utf-8")
    assert any("title: is missing" in one for one in _mistakes(feeds))


def test_an_unlisted_file_is_told_with_the_list_it_belongs_in(feeds):
    (feeds / "brouillon.toml").write_text("title = 'x'", encoding="utf-8")
    (found,) = _mistakes(feeds)
    assert 'add "brouillon" to channels in publication.toml' in found


def test_a_channel_may_not_be_called_like_an_address_of_the_site(feeds):
    (feeds / "nashra.toml").rename(feeds / "archive.toml")
    _replace(feeds / "publication.toml", '"nashra"', '"archive"')
    (found,) = _mistakes(feeds)
    assert found.startswith(f"{feeds / 'archive.toml'}:1: 'archive' is an address of the site")


def test_the_list_of_channels_must_be_a_list(feeds):
    _replace(feeds / "publication.toml", '["actualites", "nashra"]', '"actualites"')
    assert any('such as ["news"]' in one for one in _mistakes(feeds))


def test_one_former_name_cannot_lead_to_two_topics(feeds):
    _replace(feeds / "publication.toml", "[topics.law]", 'formerly = ["justice"]\n[topics.law]')
    (found,) = _mistakes(feeds)
    assert "topics.law.formerly: 'justice' is also a former name of health; remove one" in found
