import pytest
from house import NOW, channel, publication

from colporteur.articles.preparing import prepare
from colporteur.articles.submission import Image, Submission
from colporteur.exceptions import ArticleRefused

FRENCH = "Le conseil municipal a voté hier soir la publication de tous les outils de la ville."
TOPICS = {"health": 1, "law": 2, "justice": 2}  # the last is a former name


def _prepare(title="Un titre", *, among=None, **said):
    return prepare(Submission(title, **said), among or publication(), TOPICS, NOW)


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"title": " \x00 "}, "has no title"),
        ({"title": "…"}, "no letter or digit"),
        ({"title": "+ % &"}, "no letter or digit"),
        ({"title": "a" * 10_000}, "has 10000 characters; at most 500"),
        ({"teaser": "a" * 2001}, "teaser has 2001 characters"),
        ({"dated_at": NOW.replace(year=1)}, "year 1 is no article's"),
        ({"publish_at": NOW.replace(year=9999)}, "year 9999 is no article's"),
        ({"url": "relais.example/un"}, "no web address"),
        ({"url": "javascript:alert(1)"}, "no web address"),
        ({"url": "https://"}, "no web address"),
        ({"url": "http://["}, "no web address"),
        ({"url": "https://x.example/\x00"}, "no web address"),
        ({"url": "https://x.example/un deux"}, "no web address"),
        ({"url": "https://x.example/un\ndeux"}, "no web address"),
        ({"url": "https://x.example/un\u00a0deux"}, "no web address"),
        ({"url": 'https://x.example/"un"'}, "no web address"),
        ({"url": "https://x.example/<un>"}, "no web address"),
        ({"url": "https://:80/"}, "no web address"),
        ({"url": "https://moi@/"}, "no web address"),
        ({"url": "https://x.example:port/"}, "no web address"),
        ({"image": Image("https://x.example/un deux.jpg", "")}, "no web address"),
        ({"body_html": "<blockquote>" * 100_000}, "more than 200 deep"),
        ({"body_html": "<blockquote>" * 201 + "x"}, "more than 200 deep"),
        ({"url": "https://x.example/" + "a" * 2000}, "id or address"),
        ({"external_id": "a" * 501}, "id or address"),
        ({"external_id": "a\x00"}, "id or address"),
        ({"feed_id": "a\ud800"}, "id or address"),
        ({"image": Image("/un.jpg", "")}, "no web address"),
        ({"topics": ("law", "sport")}, "no topic 'sport'"),
        ({"language": "de"}, "none of the publication's"),
        ({"channels": ("autre",)}, "no channel 'autre'"),
    ],
)
def test_what_cannot_be_taken_is_refused_with_the_cure(said, problem):
    with pytest.raises(ArticleRefused, match=problem) as caught:
        _prepare(**said)
    assert caught.value.cure


def test_an_article_is_cleaned():
    content = _prepare(
        "L\u2019IA...\x00",
        teaser="  À suivre...",
        authors=("  Inès\tValmont ",),
        url="https://x.example/a",
        body_html='<p>a</p><a href="b">c</a><script>d</script>',
        image=Image("https://x.example/i", "\x00i"),
    ).content
    assert (content.title, content.teaser, content.authors) == (
        "L’IA…",
        "À suivre…",
        ("Inès Valmont",),
    )
    assert content.body_html == '<p>a</p><a href="https://x.example/b">c</a>'
    assert content.image == Image("https://x.example/i", "i")


def test_a_teaser_is_the_authors_or_cut_from_the_text():
    body = f"<p>{FRENCH}</p>"
    own, cut = _prepare(teaser="Le sien.", body_html=body), _prepare(teaser=" ", body_html=body)
    assert (own.content.teaser, own.content.teaser_given) == ("Le sien.", True)
    assert (cut.content.teaser, cut.content.teaser_given) == (FRENCH, False)


@pytest.mark.parametrize(
    ("text", "language", "slug"),
    [
        (FRENCH, "fr", "actualites"),
        ("صوت مجلس المدينة أمس على نشر كل الأدوات الرقمية.", "ar", "nashra"),
    ],
)
def test_the_language_is_guessed_and_leads_to_its_channel(text, language, slug):
    prepared = _prepare(text[:40], body_html=f"<p>{text}</p>")
    assert (prepared.language, prepared.channels) == (language, (slug,))


@pytest.mark.parametrize(("said", "wanted"), [("fr", "fr"), ("fr-CA", "fr"), ("AR", "ar")])
def test_a_language_that_is_said_is_believed(said, wanted):
    assert _prepare(language=said).language == wanted


def test_a_channel_that_is_named_is_used_whatever_the_language():
    assert _prepare(FRENCH, channels=("nashra", "nashra")).channels == ("nashra",)


def test_a_channel_may_be_named_as_it_was_called_formerly():
    renamed = publication(channels=[channel("nouvelles", "fr", formerly=["actualites"])])
    assert _prepare(among=renamed, language="fr", channels=("actualites",)).channels == (
        "nouvelles",
    )


def test_an_article_in_a_language_without_a_channel_is_refused():
    alone = publication(channels=[channel("actualites", "fr")])
    with pytest.raises(ArticleRefused, match="No channel is in its language, 'ar'"):
        _prepare(among=alone, language="ar")


def test_a_topic_counts_once_by_the_name_it_has_now():
    assert _prepare(topics=("justice", "law", "health")).content.topics == ("law", "health")


def test_empty_ids_are_none():
    said = _prepare(external_id="", feed_id="", url="").said
    assert (said.external_id, said.feed_id, said.url) == (None, None, None)


@pytest.mark.parametrize(
    "url", ["https://fr.example/wiki/L'Été_(film)?a=b%20c#d", "http://مثال.example:8080/"]
)
def test_an_address_may_hold_apostrophes_and_letters_of_every_script(url):
    assert _prepare(url=url).said.url == url


@pytest.mark.parametrize(
    "body",
    [
        "<blockquote>" * 199 + "<p>x</p>" + "</blockquote>" * 199,
        "<p>x" * 5000,
        "<ul>" + "<li>x" * 5000 + "</ul>",
        "<p><em>x</p>" * 500,
        "<p>x<br><img src='https://x.example/i'></p>" * 1000,
        "<!-- <div> -->" * 5000 + "<p>x</p>",
    ],
    ids=["199", "p", "li", "em", "void", "comments"],
)
def test_a_text_that_is_long_or_forgets_to_close_tags_is_not_a_deep_one(body):
    assert "x" in _prepare(body_html=body).content.body_html
