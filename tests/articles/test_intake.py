from datetime import timedelta
from pathlib import Path

import pytest
from house import NOW, channel, publication
from sqlalchemy import select

from colporteur.articles import store
from colporteur.articles.formats import read_file
from colporteur.articles.intake import Outcome
from colporteur.db.tables.articles import articles
from colporteur.exceptions import ArticleRefused

ADDED, UPDATED, UNCHANGED = Outcome.ADDED, Outcome.UPDATED, Outcome.UNCHANGED
PAGES = Path(__file__).parent / "pages"
BODY = "<p>Le conseil municipal a voté hier soir la publication des outils.</p>"
LATER = timedelta(days=7, hours=1)
FIRST = timedelta(microseconds=1)  # tells the first article's change from any other's


def _take_files(house, *names):
    said = [one for name in names for one in read_file(PAGES / name, NOW)]
    return [house.take(**vars(one)).outcome for one in said]


def _articles(house):
    with house.open() as (connection, _revision, _names):
        return store.listing(connection)


def test_files_of_every_kind_are_taken_in_and_a_second_time_change_nothing(house):
    names = ("registre.txt", "audit.md", "assureurs.html", "articles.json")
    assert _take_files(house, *names).count(ADDED) == 6
    before = _articles(house)
    assert set(_take_files(house, *names)) == {UNCHANGED}
    assert _articles(house) == before


def test_a_page_that_lists_itself_is_one_article(house):
    assert _take_files(house, "registre.txt") == [ADDED, ADDED, UNCHANGED, ADDED]


def test_a_listed_teaser_never_overwrites_the_articles_own_page(house):
    house.take("L’audit", body_html=BODY, language="fr")
    taken = house.take("L'audit...", teaser="Autre chose…", listed=True, language="fr")
    assert taken.outcome == UNCHANGED
    (article,) = _articles(house)
    assert (article.title, article.body_html) == ("L’audit", BODY)


def test_the_page_of_a_listed_article_completes_it(house):
    listed = house.take("L'audit", teaser="Le teaser de la liste…", listed=True, language="fr")
    own = house.take("L’audit", body_html=BODY, language="fr", dated_at=NOW, external_id="7")
    assert (own.article_id, own.outcome) == (listed.article_id, UPDATED)
    (article,) = _articles(house)
    assert (article.listed, article.external_id, article.title) == (False, "7", "L’audit")
    assert article.teaser == "Le conseil municipal a voté hier soir la publication des outils."


def test_next_weeks_press_review_is_a_new_article(house):
    said = {"language": "fr", "body_html": BODY}
    first = house.take("Revue de presse", dated_at=NOW, **said)
    house.now = NOW + timedelta(days=7)
    second = house.take("Revue de presse", dated_at=house.now, **said)
    assert second.outcome == ADDED
    assert first.article_id != second.article_id
    assert {one.slug for one in _articles(house)} == {"revue-de-presse", "revue-de-presse-2"}


def test_the_same_bare_title_is_an_update_for_seven_days(house):
    house.take("Revue de presse", language="fr")
    assert house.take("Revue de presse", language="fr", teaser="Neuf.").outcome == UPDATED
    house.now = NOW + LATER
    assert house.take("Revue de presse", language="fr").outcome == ADDED


def test_an_id_brings_an_article_back_whatever_its_title(house):
    first = house.take("Un", language="fr", external_id="7")
    house.now = NOW + LATER
    second = house.take("Deux", language="fr", external_id="7", url="https://x.example/deux")
    third = house.take("Trois", language="fr", url="https://x.example/deux")
    assert first.article_id == second.article_id == third.article_id
    assert _articles(house)[0].title == "Trois"


def test_a_change_is_a_new_version_and_says_when(house):
    house.take("Un", language="fr", external_id="7")
    house.now = NOW + timedelta(hours=2)
    house.take("Un", language="fr", external_id="7", teaser="Neuf.")
    (article,) = _articles(house)
    assert (article.version, article.teaser) == (2, "Neuf.")
    assert (article.published_at, article.changed_at) == (NOW, house.now)


def test_a_typo_is_mended_in_place(house):
    house.take("Un", language="fr", external_id="7", teaser="Nuef.")
    house.now = NOW + timedelta(hours=2)
    taken = house.take("Un", language="fr", external_id="7", teaser="Neuf.", significant=False)
    assert taken.outcome == UPDATED
    (article,) = _articles(house)
    assert (article.version, article.teaser, article.changed_at) == (1, "Neuf.", NOW + FIRST)


def test_an_update_keeps_what_it_does_not_say(house):
    said = {"teaser": "Le sien.", "authors": ("Inès",), "topics": ("law",), "body_public": False}
    house.take("Un", language="fr", external_id="7", body_html=BODY, **said)
    house.take("Un, deux", language="fr", external_id="7")
    (article,) = _articles(house)
    assert (article.title, article.teaser, article.body_html) == ("Un, deux", "Le sien.", BODY)
    assert (article.authors, len(article.topics), article.body_public) == (("Inès",), 1, False)


def test_the_feed_id_of_those_who_migrate_is_kept_unchanged(house):
    kept = "https://ancien.example/?p=12 "
    house.take("Un", language="fr", feed_id=kept)
    house.take("Deux", language="fr", feed_id=kept, external_id="7")
    (article,) = _articles(house)
    assert (article.feed_id, article.title) == (kept, "Deux")


def test_an_article_without_a_feed_id_gets_a_tag_of_the_senders_domain(house):
    house.take("Un", language="fr")
    assert _articles(house)[0].feed_id.startswith("tag:relais.example,2026-11-20:")


def _channels(house, article_id):
    with house.open() as (connection, _revision, names):
        slugs = {number: slug for slug, number in names.channels.items()}
        return {slugs[one] for one in store.channel_ids(connection, [article_id])[article_id]}


def test_an_update_corrects_the_language_and_the_channel_that_goes_with_it(house):
    first = house.take("Un", language="fr", external_id="7")
    again = house.take("Un", language="ar", external_id="7")
    assert (again.article_id, again.outcome) == (first.article_id, UPDATED)
    assert _articles(house)[0].language == "ar"
    assert _channels(house, first.article_id) == {"nashra"}
    assert house.take("Un", language="ar", external_id="7").outcome == UNCHANGED


def test_a_corrected_language_leaves_the_channels_that_are_named(house):
    said = {"external_id": "7", "channels": ("actualites",)}
    first = house.take("Un", language="fr", **said)
    house.take("Un", language="ar", **said)
    assert _channels(house, first.article_id) == {"actualites"}


def test_a_language_that_is_only_guessed_corrects_nothing(house):
    arabic = "<p>صوت مجلس المدينة أمس على نشر كل الأدوات الرقمية.</p>"
    first = house.take("Un", language="fr", external_id="7", body_html=arabic)
    assert house.take("Un", external_id="7", body_html=arabic).outcome == UNCHANGED
    assert _channels(house, first.article_id) == {"actualites"}


def test_the_same_title_in_another_language_is_another_article(house):
    house.take("2026", language="fr")
    assert house.take("2026", language="ar").outcome == ADDED


def test_the_same_article_for_another_channel_is_added_to_it(house):
    first = house.take("Un", language="fr", external_id="7")
    again = house.take("Un", language="fr", external_id="7", channels=("nashra",))
    assert again.outcome == UPDATED
    assert _channels(house, first.article_id) == {"actualites", "nashra"}
    (article,) = _articles(house)
    assert article.version == 1
    again = house.take("Un", language="fr", external_id="7", channels=("nashra",))
    assert again.outcome == UNCHANGED


def test_titles_that_differ_by_a_decimal_comma_are_two_articles(house):
    house.take("Hausse de 1,5 % des prix", language="fr")
    assert house.take("Hausse de 15 % des prix", language="fr").outcome == ADDED


def _dated(house):
    with house.open() as (connection, _revision, _names):
        return connection.scalar(select(articles.c.dated_at))


def test_a_first_date_is_kept_and_moves_nothing_in_feeds(house):
    house.take("Un", language="fr", external_id="7")
    date = NOW - timedelta(days=3)
    assert house.take("Un", language="fr", external_id="7", dated_at=date).outcome == UPDATED
    assert _dated(house) == date
    (article,) = _articles(house)
    assert (article.published_at, article.version) == (NOW, 1)
    assert house.take("Un", language="fr", external_id="7", dated_at=date).outcome == UNCHANGED


@pytest.mark.parametrize(("days", "published"), [(-3, -3), (3, 1)])
def test_the_dated_page_of_a_listed_teaser_says_when_it_was_published(house, days, published):
    house.take("Un", language="fr", teaser="La liste…", listed=True)
    house.now = NOW + timedelta(days=1)
    date = NOW + timedelta(days=days)
    house.take("Un", language="fr", body_html=BODY, dated_at=date)
    (article,) = _articles(house)
    assert _dated(house) == date
    assert article.published_at == NOW + timedelta(days=published)
    assert article.changed_at == house.now


def test_a_dated_page_that_says_no_more_than_the_list_did_is_not_changed_before_it_was(house):
    house.take("Un", language="fr", teaser="La liste…", listed=True)
    house.now = NOW + timedelta(days=1)
    house.take("Un", language="fr", teaser="La liste…", dated_at=house.now)
    (article,) = _articles(house)
    assert article.published_at == article.changed_at == house.now


def test_an_update_may_not_take_the_address_of_another_article(house):
    house.take("Un", language="fr", external_id="7", url="https://x.example/un")
    house.take("Deux", language="fr", external_id="8")
    with pytest.raises(ArticleRefused, match="belongs to"):
        house.take("Deux", language="fr", external_id="8", url="https://x.example/un")


def test_a_refused_article_leaves_nothing_behind(house):
    with pytest.raises(ArticleRefused):
        house.take("Un", topics=("sport",))
    assert _articles(house) == []


def test_the_same_file_after_a_topic_was_renamed_changes_nothing(house):
    house.take("Un", language="fr", external_id="7", topics=("law",))
    topics = publication().model_dump(mode="json")["topics"]
    topics["justice"] = topics.pop("law") | {"formerly": ["law"]}
    house.apply(publication(topics=topics, channels=[channel("actualites", "fr", topics=[])]))
    taken = house.take("Un", language="fr", external_id="7", topics=("law",))
    assert taken.outcome == UNCHANGED


@pytest.mark.parametrize(
    ("title", "language", "slug"),
    [
        ("L’été des « modèles » : où en est-on ?", "fr", "l-ete-des-modeles-ou-en-est-on"),
        ("الذكاء الاصطناعي في المدرسة", "ar", "الذكاء-الاصطناعي-في-المدرسة"),
        ("2026", "fr", "2026"),
        ("a" * 300, "fr", "a" * 80),
    ],
)
def test_slugs_are_readable_in_every_script(house, title, language, slug):
    house.take(title, language=language, dated_at=NOW)
    house.take(title, language=language, dated_at=NOW)
    assert [one.slug for one in _articles(house)] == [f"{slug}-2", slug]


def test_articles_of_one_moment_are_changed_at_moments_of_their_own(house):
    for number in range(5):
        house.take(f"Article {number}", language="fr", body_html=BODY, dated_at=NOW)
    found = _articles(house)
    assert {article.published_at for article in found} == {NOW}
    assert len({article.changed_at for article in found}) == 5
