from pathlib import Path

import pytest
from asking import Ask, asker, make_app
from drawing import drawn, opened
from elsewhere import Elsewhere
from house import SITE, House, publication
from lxml import html as lxml_html
from posting import frozen, mails_in, posted
from sqlalchemy import select

from colporteur.articles.pictures.fetching import fetch_picture
from colporteur.articles.submission import Image
from colporteur.db import reading
from colporteur.db.tables.articles import picture_copies
from colporteur.fetch import Fetcher


@pytest.fixture
def ask(house: House, tmp_path: Path) -> Ask:
    return asker(make_app(house, tmp_path))


def take(house: House, elsewhere: Elsewhere, body: bytes, *, fetch: bool = True) -> str:
    url = elsewhere.says("/port.jpg", body)
    house.take("Un port mesure", teaser="Un extrait.", image=Image(url, "Un quai", 40, 30))
    if fetch:
        fetch_picture(house.engine, Fetcher(loopback=True), 1)
    return url


def pictures(ask: Ask, path: str) -> list[tuple[str, str | None]]:
    root = lxml_html.document_fromstring(ask("GET", path).text)
    return [(one.get("src"), one.get("width")) for one in root.iter("img")]


def test_a_copy_is_served_for_ever_with_its_type(ask: Ask, house: House, elsewhere: Elsewhere):
    take(house, elsewhere, drawn(1600, 800))
    with reading(house.engine) as connection:
        names = list(connection.scalars(select(picture_copies.c.name)))
    for name in names:
        found = ask("GET", f"/images/{name}")
        assert opened(found.content).width == int(name.partition("-")[2].removesuffix(".jpg"))
        assert found.headers["content-type"] == "image/jpeg"
        assert found.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert found.headers["x-content-type-options"] == "nosniff"
        head = ask("HEAD", f"/images/{name}")
        assert (head.status_code, head.content) == (200, b"")
        again = ask("GET", f"/images/{name}", headers={"If-None-Match": head.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert ask("GET", "/images/none.jpg").status_code == 404


def test_pages_show_our_copy_in_the_size_they_need(ask: Ask, house: House, elsewhere: Elsewhere):
    take(house, elsewhere, drawn(1600, 800))
    for path, width in (
        ("/", "1200"),
        ("/actualites", "600"),
        ("/articles/un-port-mesure", "1200"),
    ):
        ((src, said),) = pictures(ask, path)
        assert src.startswith(f"{SITE}/images/")
        assert said == width


def test_a_mail_shows_our_copy_with_its_true_size(
    house: House, elsewhere: Elsewhere, tmp_path: Path
):
    take(house, elsewhere, drawn(1600, 800))
    house.subscribe("ada@example.org")
    posted(house, frozen(house), tmp_path)
    (mail,) = mails_in(tmp_path)
    page = mail.get_body(("html",)).get_content()
    (image,) = lxml_html.document_fromstring(page).iter("img")
    assert image.get("src").startswith(f"{SITE}/images/")
    assert image.get("src").endswith("-1200.jpg")
    assert image.get("alt") == "Un quai"
    assert "elsewhere" not in page


def test_what_was_not_fetched_yet_is_shown_from_where_it_is(
    ask: Ask, house: House, elsewhere: Elsewhere
):
    url = take(house, elsewhere, drawn(1600, 800), fetch=False)
    assert pictures(ask, "/actualites") == [(url, "40")]


def test_without_copies_the_original_is_shown_with_its_true_size(
    ask: Ask, house: House, elsewhere: Elsewhere
):
    url = take(house, elsewhere, drawn(1600, 800))
    house.apply(publication(serve_images=False))
    assert pictures(ask, "/actualites") == [(url, "1600")]


def test_what_was_refused_is_shown_nowhere(ask: Ask, house: House, elsewhere: Elsewhere):
    take(house, elsewhere, b"<svg xmlns='http://www.w3.org/2000/svg'/>")
    for path in ("/", "/actualites", "/articles/un-port-mesure"):
        assert pictures(ask, path) == []
