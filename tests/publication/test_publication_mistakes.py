from pathlib import Path

import pytest

from colporteur.cli.starting import check
from colporteur.exceptions import PublicationInvalid, UnknownName
from colporteur.publication.files import read_publication

MATIN_AT = "digest.cadences.matin.at"

# What is written in which file instead of what; the key, its problem and cure; where it shows.
MISTAKES = [
    ("actualites", "limit = 30", "limt = 30", "feed.limt", "Did you mean limit?", "limt"),
    ("actualites", "max_age", "max_aje", "digest.max_aje", "Did you mean max_age?", "max_aje"),
    ("actualites", "limit = 30", "zzz = 30", "feed.zzz", "Known here: limit, full_text", "zzz"),
    (
        "actualites",
        "limit = 30",
        "limit = 0",
        "feed.limit",
        "must be 1 or more, such as 30 (given: 0)",
        "limit",
    ),
    ("actualites", '"health", "law"', '"halth"', "topics", "no topic 'halth'", "topics"),
    (
        "publication",
        "[topics.health]",
        "[topics.archive]",
        "topics.archive",
        "choose another",
        "ve]",
    ),
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
        'is missing. Add it, such as "fr"',
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
    ("actualites", '["07:00"]', '["07:00", "07:00"]', MATIN_AT, "twice", "at ="),
    ("actualites", 'at = ["07:00"]\n', "", MATIN_AT, 'add one, such as ["07:00"]', "s.matin"),
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
    ("actualites", 'freeze = "10m"', "min_items = 20", "digest.min_items", "lower it", "min_items"),
    ("actualites", '"10m"', '"99999999999d"', "digest.freeze", "is too long", "freeze"),
    ("actualites", '["07:00"]', "7", MATIN_AT, 'must be a list, such as ["07:00"]', "at = 7"),
    (
        "actualites",
        '["07:00"]',
        "[]",
        MATIN_AT,
        'has no hour; add one, such as ["07:00"]',
        "at = []",
    ),
    (
        "actualites",
        "limit = 30",
        'limit = "x"',
        "feed.limit",
        'number, such as 30 (given: "x")',
        "x",
    ),
    ("actualites", "limit = 30", "limit = 1.5", "feed.limit", "number, such as 30", "1.5"),
    ("actualites", "limit = 30", "limit = 501", "feed.limit", "must be 500 or less", "501"),
    ("actualites", "limit = 30", "full_text = 3", "feed.full_text", "true or false", "full_text"),
    ("actualites", "limit = 30", 'full_text = "x"', "feed.full_text", "true or false", "full_text"),
    (
        "actualites",
        '"weekly"',
        "7",
        "digest.cadences.semaine.rule",
        "must be 'instant', 'daily', 'w",
        "rule = 7",
    ),
    ("actualites", '["sun"]', "1", "digest.cadences.semaine.weekdays", '["mon"]', "weekdays"),
    (
        "actualites",
        "[feed]\nlimit = 30",
        "feed = 3",
        "feed",
        "table, such as { limit = 30 }",
        "feed",
    ),
    ("actualites", '"Actualités"', '""', "title", 'write a text, such as "Actualités"', "title"),
    ("actualites", '"Actualités"', f'"{"x" * 101}"', "title", "longer than 100", "title"),
    ("actualites", '"Actualités"', "3", "title", 'text in quotes, such as "Actualités"', "title"),
    ("publication", '["justice"]', "[3]", "topics.law.formerly.0", 'such as "care"', "formerly"),
    ("publication", '"https://relais.example"', '"https://a b"', "base_url", "such as", "base_url"),
    ("publication", '"https://relais.example"', '"https://a:b"', "base_url", "such as", "base_url"),
    ("publication", '["fr", "ar"]', '["fr", "x"]', "languages.1", "such as fr, en", "languages"),
    ("publication", "Europe/Paris", "Europe/Pariss", "timezone", "Europe/Paris or", "Pariss"),
    ("publication", "https://relais", "relais", "base_url", "such as https://", "base_url"),
    ("publication", "bonjour@", "bonjour", "sender.address", "e-mail", "address ="),
    ("publication", "bonjour@", "été@", "sender.address", "in ASCII before the @", "address ="),
    ("publication", 'ar = "باريس"\n', "", "postal_address", "must carry one", "[postal"),
    ("publication", ', ar = "الصحة"', "", "topics.health.name", 'add ar = "…"', "Santé"),
    ("publication", '["justice"]', '["health"]', "topics.law.formerly", "remove one", "formerly"),
    ("publication", "[topics.law]", '[topics."Loi"]', "topics.Loi", "small letters", "Loi"),
    ("publication", "title", "titel", "titel", "Did you mean title?", "titel"),
    ("publication", 'title = "Le Relais"\n', "", "title", 'such as "Le Relais"', "languages"),
    ("publication", "title", "based_on = true\ntitle", "based_on", "Export again", "based_on"),
]


# What takes the place of the weekly cadence's own lines; the key under it, the cure.
CADENCES = [
    ('rule = "instant"\nat = ["07:00"]', "at", "it has no hour; remove it"),
    (
        'rule = "instant"\nweekdays = ["mon"]',
        "",
        "weekdays belongs to daily or weekly, not instant",
    ),
    ('rule = "weekly"\nat = ["25:00"]\nweekdays = ["mon"]', "at.0", 'from "00:00" to "23:59"'),
    ('rule = "daily"\nat = ["07:00"]\nweekdays = ["lundi"]', "weekdays.0", "must be 'mon', 'tue'"),
    ('rule = "daily"\nat = ["07:00"]\ntimezone = "Mars/Olympus"', "timezone", "Europe/Paris or"),
    ('rule = "daily"\nat = ["07:00"]\nevery = "2w"', "", "every belongs to every, not daily"),
    ('rule = "monthly"\nat = ["07:00"]', "", 'on = "first monday"'),
    ('rule = "monthly"\nat = ["07:00"]\nday = 3\non = "last friday"', "", "either day = 1"),
    ('rule = "monthly"\nat = ["07:00"]\non = "fifth monday"', "on", 'such as "first monday"'),
    ('rule = "monthly"\nat = ["07:00"]\non = "first lundi"', "on", 'such as "first monday"'),
    ('rule = "monthly"\nat = ["07:00"]\nday = 3\nweekdays = ["mon"]', "", "not monthly; remove it"),
    ('rule = "every"\nat = ["07:00"]\nstarting = 2026-11-23', "", 'such as every = "2w"'),
    ('rule = "every"\nat = ["07:00"]\nevery = "2w"', "", "such as starting = 2026-11-23"),
    ('rule = "every"\nat = ["07:00"]\nevery = "36h"', "every", 'whole days between "1d" and "52w"'),
    ('rule = "every"\nat = ["07:00"]\nevery = "0d"', "every", 'whole days between "1d" and "52w"'),
    ('rule = "every"\nat = ["07:00"]\nevery = "53w"', "every", 'whole days between "1d"'),
    (
        'rule = "every"\nat = ["07:00"]\nevery = "2w"\nstarting = "2026-02-30"',
        "starting",
        "no date",
    ),
    ('rule = "every"\nat = ["07:00"]\nevery = "2w"\nstarting = 7', "starting", "no date from 2000"),
    (
        'rule = "every"\nat = ["07:00"]\nevery = "2w"\nstarting = 2026-11-23T07:00:00',
        "starting",
        "no date from 2000",
    ),
]


@pytest.mark.parametrize(("lines", "key", "cure"), CADENCES)
def test_a_mistake_in_a_cadence_names_its_key_and_the_cure(feeds, lines, key, cure):
    _replace(
        feeds / "actualites.toml", 'rule = "weekly"\nat = ["09:00"]\nweekdays = ["sun"]', lines
    )
    (found,) = _mistakes(feeds)
    where = "digest.cadences.semaine" + (f".{key}" if key else "")
    assert found.split(": ")[1] == where
    assert cure in found


RULES = [
    ("actualites", 'freeze = "10m"', "skip = [2026-13-01]", "is not valid TOML"),
    ("actualites", 'freeze = "10m"', 'skip = ["25/12"]', "digest.skip.0: is no date from 2000"),
    (
        "actualites",
        'freeze = "10m"',
        "skip = 3",
        'digest.skip: must be a list, such as ["2026-12-25"]',
    ),
    ("actualites", 'freeze = "10m"', "max_errors = 0", "digest.max_errors: must be 1 or more"),
    ("publication", "[sender]", '[specials]\nhold = "2d"\n[sender]', "specials.hold: is longer"),
    (
        "publication",
        "[sender]",
        '[subscribing]\nforget_unconfirmed = "1d"\n[sender]',
        'must lie between "4d" and "90d"',
    ),
    ("publication", "[sender]", "[subscribing]\nremin = true\n[sender]", "Did you mean remind?"),
    ("publication", "[sender]", '[subscribing.at_most]\nip = "x"\n[sender]', "has a limit that"),
    ("publication", "[sender]", "[subscribing.at_most]\nipp = 1\n[sender]", "Did you mean ip?"),
    (
        "publication",
        "[sender]",
        '[subscribing]\ndisposable = "no"\n[sender]',
        "must be 'refuse' or 'accept'",
    ),
    (
        "publication",
        "[sender]",
        '[retention]\ndeliveries = "7d"\n[sender]',
        "retention.deliveries: is shorter than max_age and catch_up of actualites together (",
    ),
    ("publication", "[sender]", '[retention]\nips = "1h"\n[sender]', 'write at least "1d"'),
    ("publication", "[sender]", "[retention]\nip = 1\n[sender]", "Did you mean ips?"),
    ("publication", "[sender]", "[specials]\nholt = 3\n[sender]", "Did you mean hold?"),
    ("publication", "[sender]", "[specials]\nconfirm_above = -1\n[sender]", "must be 0 or more"),
    ("publication", "[sender]", 'four_eyes = "x"\n[sender]', "four_eyes: must be true or false"),
    ("actualites", 'freeze = "10m"', 'quiet_hours = "22-7"', "quiet_hours: are no hours of a day"),
]


@pytest.mark.parametrize(("name", "old", "new", "said"), RULES)
def test_a_mistake_in_the_rules_of_editions_is_told_with_its_cure(feeds, name, old, new, said):
    _replace(feeds / f"{name}.toml", old, new)
    (found,) = _mistakes(feeds)
    assert said in found


SENDING = [
    (
        '[domain_groups.orange]\nlimits = ["20/fortnight"]',
        "orange.limits.0: has a limit that is none",
        "300/day",
    ),
    (
        "[domain_groups.orange]\nlimits = [20]",
        "domain_groups.orange.limits.0: has a limit that is none",
        "20",
    ),
    ("[domain_groups.orange]\nconnexions = 2", "orange.connexions", "Did you mean connections?"),
    ("[domain_groups.orange]\nconnections = 0", "orange.connections: must be 1", "such as 2"),
    ("[domain_groups.orange]\noff = true\nmessages = 3", "domain_groups.orange", "remove off"),
    ("[domain_groups.ours]\noff = true", "domain_groups.ours: is no shipped group", "la-poste"),
    ("[domain_groups.ours]\nconnections = 2", "ours: has no domains", "or name one of: orange"),
    ("[domain_groups.rest]\nconnections = 2", "domain_groups.rest: 'rest' is what", "another name"),
    ('[domain_groups.ours]\ndomains = ["a@b.fr"]', "ours.domains.0: is no domain", "orange.fr"),
    (
        '[domain_groups.a]\ndomains = ["x.fr", "y.fr"]\n[domain_groups.b]\ndomains = ["Y.fr"]',
        "domain_groups.b.domains: y.fr is in the group a too",
        "one domain, one group",
    ),
    ('[warm_up."r.example"]\nstart = 2026-11-23', "warm_up.r.example.days: is missing", "[50, 1"),
    (
        '[warm_up."r.example"]\nstart = 2026-11-23\ndays = [50, 40]',
        "warm_up.r.example.days: do not grow",
        "day 2 has fewer (40)",
    ),
    (
        '[warm_up."r.example"]\nstart = "soon"\ndays = [50]',
        "warm_up.r.example.start: is no date",
        "such as",
    ),
    ("[warm_up.bonjour]\nstart = 2026-11-23\ndays = [50]", "is no domain", "such as orange.fr"),
]


@pytest.mark.parametrize(("lines", "said", "cure"), SENDING)
def test_a_mistake_in_how_mail_leaves_is_told_with_its_cure(feeds, lines, said, cure):
    path = feeds / "publication.toml"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{lines}\n", encoding="utf-8")
    (found,) = _mistakes(feeds)
    assert said in found
    assert cure in found


CADENCES_IN_WORDS = {
    'rule = "instant"': "semaine: instant, 5 minutes after an article\n",
    'rule = "monthly"\nat = ["08:00"]\nday = 31': "monthly, last day at 08:00 (Europe/Paris); next",
    'rule = "monthly"\nat = ["08:00"]\non = "Last  Friday"': "monthly, last friday at 08:00",
    'rule = "every"\nat = ["08:00"]\nevery = "2w"\nstarting = 2026-11-23': (
        "every 14d from 2026-11-23 at 08:00"
    ),
    'rule = "daily"\nat = ["08:00", "18:00"]\nweekdays = ["mon"]': "daily, mon at 08:00 18:00",
}


def test_check_says_each_rule_in_words(feeds, capsys):
    path = feeds / "actualites.toml"
    weekly = 'rule = "weekly"\nat = ["09:00"]\nweekdays = ["sun"]'
    tables = "\n".join(
        f"[digest.cadences.{name}]\n{lines}"
        for name, lines in zip("abcd", list(CADENCES_IN_WORDS)[1:], strict=True)
    )
    _replace(path, weekly, f"{next(iter(CADENCES_IN_WORDS))}\n{tables}")
    check(feeds)
    said = capsys.readouterr().out
    for words in CADENCES_IN_WORDS.values():
        assert words in said


def test_check_says_what_editions_must_pass(feeds, capsys):
    _replace(
        feeds / "actualites.toml",
        'freeze = "10m"',
        "approval = true\nskip = [2026-12-25, 2027-01-01]\nmax_errors = 5",
    )
    _replace(
        feeds / "publication.toml",
        "[sender]",
        'four_eyes = true\nquiet_hours = "22:00-07:00"\n'
        "[domain_groups]\norange.connections = 1\nyahoo.off = true\n"
        '[warm_up."relais.example"]\nstart = 2026-11-23\ndays = [1, 2, 3, 4]\n'
        '[specials]\nhold = "10m"\napproval = true\n[sender]',
    )
    check(feeds)
    said = capsys.readouterr().out
    for part in (
        "quiet hours 22:00-07:00 for who chose no hour",
        "mail to orange: 1 at once, 100 messages on each connection, 20/second",
        "mail to yahoo: no limits",
        "relais.example warms up from 2026-11-23: 1, 2, 3… a day",
        "nothing on 2026-12-25, 2027-01-01",
        "leaves when somebody approved it",
        "special editions wait 10m, leave when somebody approved them; nobody approves their own",
    ):
        assert part in said


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


SOURCE = '[[sources]]\nurl = "https://a.example/feed"\n\n[[sources]] # the second\n'
SECOND = 'url = "https://b.example/feed"\n'
SOURCES = [
    (SECOND + 'kindd = "feed"', "1.kindd", "Did you mean kind?", "kindd"),
    (SECOND + 'kind = "rss"', "1.kind", "'sitemap' or 'wordpress' (given: \"rss\")", "kind ="),
    (SECOND + 'every = "1m"', "1.every", 'between "5m" and "7d"', "every"),
    (SECOND + 'every = "8d"', "1.every", 'between "5m" and "7d"', "every"),
    (SECOND + "keep_ids = 1.5", "1.keep_ids", "must be true or false", "keep_ids"),
    (SECOND + 'topics = ["halth"]', "1.topics", "no topic 'halth'", "halth"),
    ('url = "b.example"', "1.url", "is no web address", "b.example"),
    ('kind = "feed"', "1.url", "is missing", "the second"),
    ('url = "https://a.example/feed" # again', "1.url", "stands there twice", "again"),
]


@pytest.mark.parametrize(("second", "key", "cure", "shows"), SOURCES)
def test_a_mistake_in_the_second_source_is_told_with_its_own_line(feeds, second, key, cure, shows):
    path = feeds / "actualites.toml"
    text = path.read_text(encoding="utf-8") + f"\n{SOURCE}{second}\n"
    path.write_text(text, encoding="utf-8")
    line = next(number for number, said in enumerate(text.splitlines(), 1) if shows in said)
    (found,) = _mistakes(feeds)
    assert found.startswith(f"{path}:{line}: sources.{key}: ")
    assert cure in found


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
    assert found.startswith(f"{feeds / 'nashra.toml'}:2: is not valid TOML: ")
    assert found.endswith("texts stand in quotes, lists in brackets.")


def test_toml_that_breaks_off_is_told_with_its_last_line(feeds):
    (feeds / "nashra.toml").write_text('title = "x"\ntopics = ["a",', encoding="utf-8")
    (found,) = _mistakes(feeds)
    assert found.startswith(f"{feeds / 'nashra.toml'}:2: is not valid TOML: ")
    assert "at end" not in found


def test_a_wrong_hour_is_one_mistake(feeds):
    _replace(feeds / "actualites.toml", '["07:00"]', '["25:00"]')
    (found,) = _mistakes(feeds)
    assert "matin.at.0" in found


def test_what_disagrees_is_told_beside_mistakes_of_form(feeds):
    _replace(feeds / "publication.toml", "title", "titel")
    _replace(feeds / "publication.toml", 'ar = "باريس"\n', "")
    _replace(feeds / "publication.toml", ', ar = "الصحة"', "")
    _replace(feeds / "actualites.toml", '"health", "law"', '"halth"')
    _replace(feeds / "actualites.toml", '"07:00"', '"25:00"')
    _replace(feeds / "actualites.toml", 'freeze = "10m"', 'freeze = "8d"\nmin_items = 20')
    (feeds / "nashra.toml").rename(feeds / "archive.toml")
    _replace(feeds / "publication.toml", '"nashra"', '"archive"')
    parts = (
        "titel: is an unknown key",
        "title: is missing",
        "at.0: is no time of day",
        "'archive' is an address",
        "has no address in 'ar'",
        "no topic 'halth'",
        "not shorter than max_age",
        "is above max_items",
        "topics.health.name: has no name in 'ar'",
    )
    found = _mistakes(feeds)
    assert [part for part in parts if not any(part in one for one in found)] == []
    assert len(found) == len(parts)


def test_a_mistake_of_form_is_not_told_again_as_a_disagreement(feeds):
    _replace(feeds / "publication.toml", '["fr", "ar"]', "3")
    _replace(feeds / "publication.toml", 'name = { fr = "Santé", ar = "الصحة" }', "name = 3")
    _replace(feeds / "publication.toml", "[postal_address]", "[postal_adress]")
    _replace(feeds / "actualites.toml", 'freeze = "10m"', "freeze = 3")
    found = _mistakes(feeds)
    keys = [one.split(": ")[1] for one in found]
    assert sorted(keys) == sorted(
        ["languages", "topics.health.name", "postal_adress", "postal_address", "digest.freeze"]
    )


def test_channels_are_checked_though_the_publications_own_file_is_broken(feeds):
    _replace(feeds / "publication.toml", 'title = "Le Relais"', "title = ")
    _replace(feeds / "actualites.toml", '"07:00"', '"25:00"')
    broken, hour = _mistakes(feeds)
    assert "publication.toml:1: is not valid TOML" in broken
    assert "matin.at.0" in hour


def test_channels_are_checked_though_their_list_is_wrong(feeds):
    _replace(feeds / "publication.toml", 'channels = ["actualites", "nashra"]\n', "")
    _replace(feeds / "actualites.toml", '"health", "law"', '"halth"')
    listed, topic = _mistakes(feeds)
    assert 'channels: is missing. Add it, such as channels = ["news"]' in listed
    assert "no topic 'halth'" in topic


def test_a_file_in_place_of_the_folder_is_told(feeds):
    with pytest.raises(UnknownName) as caught:
        read_publication(feeds / "publication.toml")
    assert caught.value.cure == f"Name the folder, not the file: {feeds}"


def test_check_prints_names_that_look_like_markup_as_they_are(feeds, capsys):
    _replace(feeds / "actualites.toml", "Actualités", "A [/x] b")
    _replace(feeds / "publication.toml", 'title = "Le Relais"', 'title = "R [bold] [/] c"')
    _replace(feeds / "publication.toml", 'name = "Le Relais"', 'name = "S [/y]"')
    check(feeds)
    said = capsys.readouterr().out
    for part in ("A [/x] b", "R [bold] [/] c", "S [/y]"):
        assert part in said


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
