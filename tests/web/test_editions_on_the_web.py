from datetime import timedelta
from pathlib import Path

import pytest
from asking import Ask, asker, make_app
from house import NOW, SITE, House, channel, publication
from lxml import html as lxml_html
from posting import frozen, keys_of, mails_in, page_of, posted
from sqlalchemy import Connection, select, update

from colporteur.articles.withdrawing import withdraw
from colporteur.db import reading, writing
from colporteur.db.tables import articles as tables
from colporteur.db.tables.delivery import batches, deliveries
from colporteur.db.tables.editions import editions
from colporteur.editions.freezing.moving import withdraw_from_frozen
from colporteur.editions.past import past_editions

DATABASES = ("sqlite",)  # the stores below have their tests on both


@pytest.fixture
def ask(house: House, tmp_path: Path) -> Ask:
    return asker(make_app(house, tmp_path))


@pytest.fixture
def newsroom(house: House) -> House:
    """A house with three articles, a reader of everything and one of the law alone."""
    house.take("Un port mesure", topics=("law",), teaser="Trois cents capteurs.")
    house.take("Deux écoles", topics=("health",), body_html="<p>x</p>")
    house.take("Trois lois", topics=("law", "health"), url="https://elsewhere.example/trois")
    house.subscribe("ada@example.org")
    house.subscribe("bea@example.org", topics_in=("law",))
    return house


def read(ask: Ask, path: str) -> lxml_html.HtmlElement:
    found = ask("GET", path)
    assert found.status_code == 200, found.text
    return lxml_html.document_fromstring(found.text)


def titles(root: lxml_html.HtmlElement) -> list[str]:
    return [one.text_content().strip() for one in root.xpath("//article//h2")]


@pytest.mark.usefixtures("newsroom")
def test_an_edition_has_no_page_before_its_first_mail_has_left(
    ask: Ask, house: House, tmp_path: Path
):
    edition = frozen(house)
    path = page_of(house, edition)
    key = next(iter(keys_of(house, edition).values()))
    assert ask("GET", path).status_code == 404
    assert ask("GET", f"{path}/{key}").status_code == 404
    assert posted(house, edition, tmp_path) == 2
    assert ask("GET", path).status_code == 200


@pytest.mark.usefixtures("newsroom")
def test_the_page_holds_the_whole_edition_and_each_variant_its_own(
    ask: Ask, house: House, tmp_path: Path
):
    edition = frozen(house)
    posted(house, edition, tmp_path)
    path = page_of(house, edition)
    whole = read(ask, path)
    assert sorted(titles(whole)) == ["Deux écoles", "Trois lois", "Un port mesure"]
    for articles, key in keys_of(house, edition).items():
        part = read(ask, f"{path}/{key}")
        assert len(titles(part)) == len(articles)
        assert part.xpath('//link[@rel="canonical"]/@href') == [SITE + path]
        leads_on = part.xpath(f'//a[@href="{SITE}{path}"]')
        assert bool(leads_on) is (len(articles) < 3)
    assert ask("GET", f"{path}/{'0' * 16}").status_code == 404
    assert ask("GET", f"{path}/%25").status_code == 404


@pytest.mark.usefixtures("newsroom")
def test_a_mail_leads_to_what_its_reader_got_and_to_nothing_personal(
    ask: Ask, house: House, tmp_path: Path
):
    edition = frozen(house)
    posted(house, edition, tmp_path)
    path = page_of(house, edition)
    mails = mails_in(tmp_path)
    views = {f"{path}/{key}" for key in keys_of(house, edition).values()}
    for kind in ("html", "plain"):
        bodies = [one.get_body((kind,)).get_content() for one in mails]
        assert {view for view in views for body in bodies if SITE + view in body} == views
    assert {one["List-Archive"] for one in mails} == {f"<{SITE}/archive/actualites>"}
    for view in views:
        text = ask("GET", view).text
        assert "example.org" not in text
        assert "unsubscribe" not in text


@pytest.mark.usefixtures("newsroom")
def test_what_was_withdrawn_since_is_not_shown(ask: Ask, house: House, tmp_path: Path):
    edition = frozen(house)
    posted(house, edition, tmp_path)
    with house.open() as (connection, _, _names):
        withdraw(connection, "deux-ecoles", NOW)
    found = ask("GET", page_of(house, edition)).text
    assert "Deux écoles" not in found
    assert "Un port mesure" in found
    assert "2 articles" in ask("GET", "/archive/actualites").text


@pytest.mark.usefixtures("newsroom")
def test_what_was_taken_out_before_it_left_is_not_shown_when_it_is_restored(
    ask: Ask, house: House, tmp_path: Path
):
    edition = frozen(house)
    with house.open() as (connection, _, _names):
        withdraw(connection, "deux-ecoles", NOW)
        withdraw_from_frozen(connection, NOW)
        restore(connection)
    posted(house, edition, tmp_path)
    path = page_of(house, edition)
    assert sorted(titles(read(ask, path))) == ["Trois lois", "Un port mesure"]
    for key in keys_of(house, edition).values():
        assert "Deux écoles" not in ask("GET", f"{path}/{key}").text
    assert "2 articles" in ask("GET", "/archive/actualites").text


def restore(connection: Connection) -> None:
    everything = update(tables.articles)
    connection.execute(everything.values(state="published", withdrawn_at=None))


@pytest.mark.usefixtures("newsroom")
def test_what_was_restored_after_it_left_stays_out_and_the_edition_dated_by_it(
    house: House, tmp_path: Path
):
    edition = frozen(house)
    posted(house, edition, tmp_path)
    later = NOW + timedelta(days=3)
    with house.open() as (connection, _, names):
        withdraw(connection, "deux-ecoles", later)
        withdraw_from_frozen(connection, later + timedelta(seconds=1))
        (told,) = past_editions(connection, names.channels["actualites"], 1)
        assert told.changed_at == later
        restore(connection)
        (told,) = past_editions(connection, names.channels["actualites"], 1)
    assert sorted(one.title for one in told.lines) == ["Trois lois", "Un port mesure"]
    assert told.changed_at == later + timedelta(seconds=1)


@pytest.mark.usefixtures("newsroom")
def test_a_cancelled_edition_whose_mail_has_left_stays_readable(
    ask: Ask, house: House, tmp_path: Path
):
    edition = frozen(house)
    with writing(house.engine) as connection:  # only the first of two is due
        connection.execute(update(deliveries).where(deliveries.c.id == 2).values(status="skipped"))
    posted(house, edition, tmp_path)
    with writing(house.engine) as connection:
        connection.execute(update(editions).values(state="cancelled"))
    assert ask("GET", page_of(house, edition)).status_code == 200


@pytest.mark.usefixtures("newsroom")
def test_the_first_mail_alone_dates_an_edition_and_asks_for_its_feed(house: House, tmp_path: Path):
    edition = frozen(house)
    house.build()
    with writing(house.engine) as connection:
        connection.execute(update(deliveries).where(deliveries.c.id == 2).values(status="skipped"))
    posted(house, edition, tmp_path)
    first = _dated(house)
    assert first is not None
    assert house.build()
    with writing(house.engine) as connection:
        connection.execute(update(deliveries).where(deliveries.c.id == 2).values(status="pending"))
        connection.execute(update(editions).values(state="sending"))
        connection.execute(update(batches).values(status="pending"))
    assert posted(house, edition, tmp_path) == 1
    assert _dated(house) == first
    assert not house.build()


def _dated(house: House) -> object:
    with reading(house.engine) as connection:
        return connection.scalar(select(editions.c.first_left_at))


@pytest.mark.usefixtures("newsroom")
def test_a_page_is_for_sharing_and_search_engines_only_if_the_publisher_says_so(
    ask: Ask, house: House, tmp_path: Path
):
    edition = frozen(house)
    posted(house, edition, tmp_path)
    path = page_of(house, edition)
    root = read(ask, path)
    assert root.xpath('//meta[@property="og:title"]/@content')
    assert root.xpath('//meta[@property="og:url"]/@content') == [SITE + path]
    assert root.xpath('//meta[@name="robots"]/@content') == ["noindex"]
    assert root.xpath(f'//aside//a[@href="{SITE}/actualites"]')
    house.apply(publication(index_editions=True))
    assert not read(ask, path).xpath('//meta[@name="robots"]')


@pytest.mark.usefixtures("newsroom")
def test_pages_of_editions_have_validators(ask: Ask, house: House, tmp_path: Path):
    edition = frozen(house)
    posted(house, edition, tmp_path)
    for path in (page_of(house, edition), "/archive", "/archive/actualites"):
        found = ask("GET", path)
        again = ask("GET", path, headers={"If-None-Match": found.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        head = ask("HEAD", path)
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["etag"] == found.headers["etag"]


def test_an_arabic_edition_is_arabic_throughout(ask: Ask, house: House, tmp_path: Path):
    house.take("الحكامة والقانون", language="ar", teaser="مقتطف.")
    house.subscribe("nadia@example.org", channel="nashra")
    edition = frozen(house, "nashra")
    posted(house, edition, tmp_path)
    root = read(ask, page_of(house, edition))
    assert (root.get("lang"), root.get("dir")) == ("ar", "rtl")
    text = root.text_content()
    assert "الجمعة، 20 نونبر 2026" in text
    assert "الأعداد السابقة" in text
    front = read(ask, "/archive")
    section = front.xpath('//section[@lang="ar"]')[0]
    assert "مقال واحد" in section.text_content()


@pytest.mark.usefixtures("newsroom")
def test_the_archive_lists_what_has_left_in_pages(ask: Ask, house: House, tmp_path: Path):
    assert "Aucune édition" in ask("GET", "/archive/actualites").text
    edition = frozen(house)
    posted(house, edition, tmp_path)
    with writing(house.engine) as connection:
        row = dict(connection.execute(select(editions)).mappings().one())
        for number in range(60):
            other = row | {"id": 100 + number, "public_id": f"p{number}", "slot": None}
            other |= {"key": f"k{number}", "kind": "special", "cadence": None}
            other |= {"arrangement": {"subject": f"Alerte {number}", "intro": "Un **mot**."}}
            other |= {"first_left_at": None} if number == 59 else {}
            connection.execute(editions.insert().values(other))
    first, second = (read(ask, f"/archive/actualites{more}") for more in ("", "?page=2"))
    assert [len(one.xpath('//ol[@class="letters"]/li')) for one in (first, second)] == [50, 10]
    assert first.xpath('//link[@rel="next"]/@href') == [f"{SITE}/archive/actualites?page=2"]
    assert second.xpath('//link[@rel="prev"]/@href') == [f"{SITE}/archive/actualites"]
    assert "Édition spéciale" in first.text_content()
    assert "Alerte 59" not in first.text_content()
    assert "un mot" not in second.text_content()
    for path in ("/archive/actualites?page=3", "/archive/actualites?page=x", "/archive/never"):
        assert ask("GET", path).status_code == 404
    special = read(ask, "/editions/p0")
    assert special.xpath("//strong")[0].text == "mot"


def test_the_archive_of_a_renamed_channel_has_moved(ask: Ask, house: House):
    house.apply(
        publication(
            channels=[
                channel("nouvelles", "fr", formerly=["actualites"]),
                channel("nashra", "ar"),
            ]
        )
    )
    found = ask("GET", "/archive/actualites")
    assert (found.status_code, found.headers["location"]) == (301, "/archive/nouvelles")
