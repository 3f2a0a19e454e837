import re
from pathlib import Path

import pytest
from asking import Ask, asker, make_app
from drawing import drawn
from elsewhere import Elsewhere
from house import SITE, House, publication
from lxml import html as lxml_html
from posting import frozen, mails_in, page_of, posted
from sqlalchemy import select, text

from colporteur.articles.pictures.fetching import fetch_picture
from colporteur.articles.submission import Image
from colporteur.db import reading, writing
from colporteur.db.tables.editions import clicks
from colporteur.editions.clicks import clicks_of
from colporteur.editions.reporting import report
from colporteur.editions.store import load
from colporteur.fetch import Fetcher
from colporteur.tokens import CLICK, UNSUBSCRIBE, make_token

KEY = "k" * 32
ELSEWHERE = "https://elsewhere.example/un?a=1;b=é&c=%20"


@pytest.fixture
def ask(house: House, tmp_path: Path) -> Ask:
    return asker(make_app(house, tmp_path))


def sent(house: House, folder: Path) -> tuple[int, str, str]:
    """A digest of two articles: the edition, and the two bodies of its mail."""
    house.take("Un", url="https://elsewhere.example/un?a=1", teaser="Un extrait.")
    house.take("Deux", teaser="Un extrait.")
    house.subscribe("ada@example.org")
    edition = frozen(house)
    posted(house, edition, folder)
    (mail,) = mails_in(folder)
    return edition, *(mail.get_body((one,)).get_content() for one in ("html", "plain"))


def links(html: str) -> set[str]:
    return {one.get("href") for one in lxml_html.document_fromstring(html).iter("a")}


def test_by_default_no_mail_has_a_pixel_or_a_link_that_leads_around(
    house: House, elsewhere: Elsewhere, tmp_path: Path
):
    house.take("Trois", image=Image(elsewhere.says("/a.jpg", drawn(300, 200)), "Un quai"))
    fetch_picture(house.engine, Fetcher(loopback=True), 1)
    edition, html, plain = sent(house, tmp_path)
    assert "/go/" not in html + plain
    known = {
        "https://elsewhere.example/un?a=1",
        *(f"{SITE}{one}" for one in ("/", "/actualites", "/articles/deux", "/articles/trois")),
    }
    own = (
        SITE + page_of(house, edition),
        f"{SITE}/unsubscribe/",
        f"{SITE}/preferences/",
    )
    assert all(one in known or one.startswith(own) for one in links(html))
    pictures = list(lxml_html.document_fromstring(html).iter("img"))
    assert [one.get("alt") for one in pictures] == ["Un quai"]
    assert all(int(one.get("width")) > 1 for one in pictures)


def test_counted_links_lead_to_the_articles_and_count_nobody(
    ask: Ask, house: House, tmp_path: Path
):
    house.apply(publication(count_clicks=True))
    edition, html, plain = sent(house, tmp_path)
    around = {one for one in links(html) if "/go/" in one}
    assert around == set(re.findall(rf"{SITE}/go/\S+", plain))
    assert len(around) == 2
    assert not [one for one in links(html) if "/articles/" in one or "elsewhere" in one]
    straight = [one for one in links(html) if "/go/" not in one]
    assert any("/unsubscribe/" in one for one in straight)
    assert any("/editions/" in one for one in straight)
    led = set()
    for link in around:
        for _ in range(2):
            found = ask("GET", link.removeprefix(SITE))
            assert found.status_code == 302
            assert found.headers["referrer-policy"] == "no-referrer"
            assert found.headers["x-robots-tag"] == "noindex"
            assert found.headers["cache-control"] == "no-store"
        assert ask("HEAD", link.removeprefix(SITE)).status_code == 302
        led.add(found.headers["location"])
    assert led == {"https://elsewhere.example/un?a=1", f"{SITE}/articles/deux"}
    with reading(house.engine) as connection:
        rows = connection.execute(select(clicks)).all()
        assert {(row.edition_id, row.url, row.count) for row in rows} == {
            (edition, url, 2) for url in led
        }
        assert report(connection, load(connection, edition)).clicks == tuple(
            clicks_of(connection, edition)
        )


@pytest.mark.parametrize(
    "token",
    [
        "https://evil.example/",
        make_token("o" * 32, CLICK, (1, "https://evil.example/")),
        make_token(KEY, UNSUBSCRIBE, (1, "https://evil.example/")),
        make_token(KEY, CLICK, 1),
        make_token(KEY, CLICK, (1, "https://evil.example/"))[:-4],
    ],
)
def test_nobody_is_led_to_an_address_that_we_did_not_sign(ask: Ask, token: str):
    found = ask("GET", f"/go/{token}")
    assert found.status_code == 404
    assert "location" not in found.headers


def test_who_cannot_be_counted_is_led_on_all_the_same(ask: Ask, house: House):
    house.apply(publication(count_clicks=True))
    token = make_token(KEY, CLICK, (4711, ELSEWHERE))  # there is no such edition any more
    found = ask("GET", f"/go/{token}")
    assert found.status_code == 302
    assert found.headers["location"] == "https://elsewhere.example/un?a=1;b=%C3%A9&c=%20"
    with writing(house.engine) as connection:
        connection.execute(text("ALTER TABLE clicks RENAME TO away"))
    try:
        assert ask("GET", f"/go/{token}").status_code == 302
    finally:
        with writing(house.engine) as connection:
            connection.execute(text("ALTER TABLE away RENAME TO clicks"))


def test_links_of_older_mails_lead_on_when_nothing_is_counted_any_more(
    ask: Ask, house: House, tmp_path: Path
):
    edition, *_ = sent(house, tmp_path)
    assert ask("GET", f"/go/{make_token(KEY, CLICK, (edition, ELSEWHERE))}").status_code == 302
    with reading(house.engine) as connection:
        assert clicks_of(connection, edition) == []
