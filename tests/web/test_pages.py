import pytest
from asking import Ask
from house import SITE, House
from lxml import html as lxml_html

from colporteur.articles.withdrawing import withdraw

pytestmark = pytest.mark.usefixtures("published")


def page(ask: Ask, path: str) -> lxml_html.HtmlElement:
    found = ask("GET", path)
    assert found.status_code == 200, found.text
    return lxml_html.document_fromstring(found.text)


def test_the_home_page_shows_each_channel_in_its_own_language(ask: Ask):
    root = page(ask, "/")
    sections = [(one.get("lang"), one.get("dir")) for one in root.iter("section")]
    assert sections == [("fr", "ltr"), ("ar", "rtl")]
    assert "Tri aux urgences" in root.text_content()
    assert "مقال عن الحكامة" in root.text_content()


@pytest.mark.parametrize(
    ("path", "feeds"), [("/", 6), ("/actualites", 3), ("/articles/tri-aux-urgences", 3)]
)
def test_each_page_names_its_feeds_for_programs_that_look(ask: Ask, path: str, feeds: int):
    root = page(ask, path)
    links = root.xpath('//link[@rel="alternate"]')
    assert len(links) == feeds
    for link in links:
        assert ask("GET", link.get("href").removeprefix(SITE)).status_code == 200
    said = ask("GET", path).headers["link"]
    assert all(f'<{one.get("href")}>; rel="alternate"' in said for one in links)


def test_an_arabic_channel_is_right_to_left_throughout(ask: Ask):
    root = page(ask, "/nashra")
    assert (root.get("lang"), root.get("dir")) == ("ar", "rtl")


def test_an_articles_page_holds_its_text_and_is_canonical(ask: Ask):
    root = page(ask, "/articles/tri-aux-urgences")
    assert "Le texte entier." in root.text_content()
    assert (
        root.xpath('//link[@rel="canonical"]')[0].get("href") == f"{SITE}/articles/tri-aux-urgences"
    )


def test_a_closed_article_shows_its_teaser_alone(ask: Ask, house: House):
    house.take("Fermé", body_html="<p>Secret</p>", teaser="Un extrait.", body_public=False)
    text = page(ask, "/articles/ferme").text_content()
    assert "Un extrait." in text
    assert "Secret" not in text


def test_script_in_an_article_never_reaches_a_page(ask: Ask, house: House):
    house.take(
        "<script>alert(1)</script>Titre",
        body_html='<p onclick="x()">a</p><script>alert(2)</script><a href="javascript:x()">b</a>',
        teaser="<img src=x onerror=alert(3)>",
    )
    for path in ("/", "/actualites", "/articles/script-alert-1-script-titre"):
        root = page(ask, path)
        assert not list(root.iter("script"))
        assert not root.xpath("//@onclick | //@onerror")
        assert not root.xpath('//a[starts-with(@href, "javascript")]')


def test_pages_forbid_what_they_do_not_use(ask: Ask):
    headers = ask("GET", "/").headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"


def test_the_style_sheet_is_served_and_pages_have_no_style_of_their_own(ask: Ask):
    assert ask("GET", "/static/site.css").headers["content-type"].startswith("text/css")
    root = page(ask, "/")
    assert not root.xpath("//style | //@style")


def test_a_withdrawn_articles_page_is_gone(ask: Ask, house: House):
    house.take("Retiré", body_html="<p>Secret</p>")
    with house.open() as (connection, _, _names):
        withdraw(connection, "retire", house.now)
    gone = ask("GET", "/articles/retire")
    assert gone.status_code == 410
    assert "Cet article a été retiré." in gone.text
    assert "Secret" not in gone.text
    assert "Retiré" not in ask("GET", "/actualites").text


def test_a_teaser_cut_from_the_text_does_not_stand_twice_on_its_page(ask: Ask, house: House):
    text = "Trois cents capteurs veillent sur les quais depuis le printemps."
    house.take("Coupé", body_html=f"<p>{text}</p>")
    house.take("Donné", body_html=f"<p>{text}</p>", teaser="Le chapeau de l’auteur.")
    root = page(ask, "/articles/coupe")
    assert root.find("body").text_content().count(text) == 1
    assert "Le chapeau de l’auteur." in page(ask, "/articles/donne").find("body").text_content()


def test_an_arabic_articles_canonical_address_is_the_one_its_feeds_give(ask: Ask):
    link = ask("GET", "/feeds/nashra.json").json()["items"][0]["url"]
    assert link.isascii()
    root = page(ask, link.removeprefix(SITE))
    assert root.xpath('//link[@rel="canonical"]')[0].get("href") == link
