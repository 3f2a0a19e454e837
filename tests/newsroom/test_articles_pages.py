"""The newsroom's articles: written, kept as drafts, changed, withdrawn; and who may."""

import html
import io
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from asking import Ask, asker, make_app
from elsewhere import Elsewhere
from house import House
from newsroom import ON_SQLITE, Editor, sign_in
from PIL import Image
from sqlalchemy import func, select

from colporteur.articles import refusals
from colporteur.articles.store import listing
from colporteur.db import reading, writing
from colporteur.db.tables.articles import article_channels, article_drafts, articles, picture_copies
from colporteur.db.tables.editions import editions
from colporteur.staff import audit
from colporteur.staff.people import Role

pytestmark = ON_SQLITE
HOME = "/newsroom/articles"


@pytest.fixture
def ask(house: House, tmp_path: Path) -> Ask:
    return asker(make_app(house, tmp_path, fetch_loopback=True))


@pytest.fixture
def editor(house: House, ask: Ask) -> Editor:
    return sign_in(house, ask)


@pytest.fixture
def author(house: House, ask: Ask) -> Editor:
    return sign_in(house, ask, Role.AUTHOR)


def hidden(answer: httpx.Response, name: str) -> str:
    """What a page's form carries under a name."""
    found = re.search(rf'name="{name}" value="([^"]*)"', answer.text)
    assert found, name
    return html.unescape(found[1])


def written(who: Editor, do: str = "publish", **typed: Any) -> httpx.Response:
    """An article sent by the form; its title and text are there unless said otherwise."""
    key = hidden(who.get(f"{HOME}/new"), "key")
    usual = {"key": key, "title": "Un titre", "text": "Un **texte**.", "language": "fr", "do": do}
    return who.post(f"{HOME}/new", usual | typed)


def number(answer: httpx.Response) -> int:
    """The id of the article that a form led to."""
    assert answer.status_code == 303, answer.text[-2000:]
    return int(answer.headers["location"].partition("?")[0].rpartition("/")[2])


def titles(house: House) -> list[str]:
    """What there is, as the API and the command line list it."""
    with reading(house.engine) as connection:
        return [one.title for one in listing(connection)]


def row(house: House, article_id: int) -> Any:
    with reading(house.engine) as connection:
        return connection.execute(select(articles).where(articles.c.id == article_id)).one()


def noted(house: House, subject: str) -> list[str]:
    with reading(house.engine) as connection:
        return [one.action for one in audit.noted(connection, limit=9, subject=subject)]


def picture(width: int = 40) -> bytes:
    kept = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    Image.new("RGB", (width, 30), "red").save(kept, "JPEG", exif=exif)
    return kept.getvalue()


def test_an_article_is_written_once_however_often_its_form_is_sent(
    house: House, ask: Ask, author: Editor
) -> None:
    form = {
        "key": "k" * 24,
        "topics": ["health", "law"],
        "authors": "Zoé, Ali",
        "feeds_only": "yes",
    }
    first, again = written(author, **form), written(author, **form)
    assert number(first) == number(again)
    assert titles(house) == ["Un titre"]
    made = row(house, number(first))
    assert (made.state, made.made_by, made.in_digests) == ("published", author.person.id, False)
    assert noted(house, f"article:{made.id}") == ["article.written"]
    page = ask("GET", f"/articles/{made.slug}").text
    assert "<strong>texte</strong>" in page
    assert "Ali" in page
    shown = author.get(f"{HOME}/{made.id}?done=published").text
    assert "Zoé" in shown
    assert "for feeds only" in shown


def test_a_draft_is_seen_by_its_author_and_the_editors_and_by_nothing_else(
    house: House, ask: Ask, author: Editor, editor: Editor
) -> None:
    kept = written(author, "draft", title="<b>Secret</b>", text="Un brouillon.", publish_at="x")
    draft = kept.headers["location"].partition("?")[0]
    assert "&lt;b&gt;Secret" in author.get(draft).text
    assert "&lt;b&gt;Secret" in editor.get(f"{HOME}/drafts").text
    other = sign_in(house, ask, Role.AUTHOR, "another@relais.example")
    assert other.get(draft).status_code == 404
    assert "Secret" not in other.get(f"{HOME}/drafts").text
    assert other.post(f"{draft}/drop").status_code == 404
    assert titles(house) == []
    house.build(anew=True)
    for path in (
        "/",
        "/actualites",
        "/feeds/actualites.rss",
        "/feeds/all.json",
        "/articles/secret",
    ):
        assert "Secret" not in ask("GET", path).text, path
    assert editor.post(f"{draft}/drop").headers["location"] == f"{HOME}/drafts?done=dropped"
    assert author.get(draft).status_code == 404


def test_who_saves_a_draft_that_another_saved_meanwhile_is_told(
    house: House, author: Editor, editor: Editor
) -> None:
    draft = written(author, "draft").headers["location"].partition("?")[0]
    page = author.get(draft)
    theirs = {"key": hidden(page, "key"), "seen": hidden(page, "seen"), "do": "draft"}
    editor.get(draft)
    assert editor.post(f"{HOME}/new", theirs | {"title": "D’elle"}).status_code == 303
    his = theirs | {"title": "De lui", "text": "Un.", "language": "fr", "do": "publish"}
    told = author.post(f"{HOME}/new", his)
    assert told.status_code == 409
    assert "editor@relais.example" in told.text
    assert 'value="De lui"' in told.text
    over = his | {"seen": hidden(told, "seen")}
    assert row(house, number(author.post(f"{HOME}/new", over))).made_by == author.person.id
    with reading(house.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(article_drafts)) == 1


WRONG = [
    ({"title": " "}, "Give it a title."),
    ({"title": "?!"}, "Write the title in words."),
    ({"title": "x" * 10_000}, "It has 10000 characters; at most 500 are taken."),
    ({"teaser": "x" * 10_000}, "It has 10000 characters; at most 2000 are taken."),
    ({"text": ""}, "Write a text, or at least a teaser."),
    ({"text": "<b>" * 400}, "The text nests its elements too deep."),
    ({"url": "javascript:alert(1)"}, "Write the whole address"),
    ({"url": f"https://x.example/{'x' * 3000}"}, "This address is too long."),
    ({"language": "de"}, "Choose a language of the publication."),
    ({"channels": "gone"}, "One of these channels is not there any more."),
    ({"topics": "gone"}, "One of these topics is not there any more."),
    ({"publish_at": "soon"}, "Choose a day and an hour."),
    ({"publish_at": "1999-01-01T07:00"}, "This moment has passed."),
    ({"publish_at": "9999-12-31T23:59"}, "This is no date for an article."),
    ({"picture": "https://x.example/p.jpg"}, "Say what the picture shows"),
    ({"picture": "x", "alt": "A"}, "Write the whole address"),
]


def test_what_is_wrong_is_said_beside_its_field_and_what_was_typed_is_kept(
    house: House, author: Editor
) -> None:
    for typed, said in WRONG:
        answer = written(author, **{"authors": "Zoé & Ali"} | typed)
        assert answer.status_code == 422, typed
        assert said in answer.text
        assert 'value="Zoé &amp; Ali"' in answer.text
    assert titles(house) == []


def test_all_that_is_wrong_is_said_at_once_in_the_language_of_the_page(author: Editor) -> None:
    key = hidden(author.get(f"{HOME}/new"), "key")
    typed = {"key": key, "do": "publish", "url": "x", "topics": "gone"}
    answer = author.post(f"{HOME}/new", typed, headers={"Accept-Language": "ar"})
    assert answer.text.count('class="fault"') == 4
    assert "Give it" not in answer.text


def test_an_article_that_is_there_is_not_written_over_by_one_of_its_title(
    house: House, author: Editor
) -> None:
    there = house.take("Un titre", body_html="<p>Le premier.</p>").article_id
    answer = written(author)
    assert answer.status_code == 422
    assert f"{HOME}/{there}" in answer.text
    assert row(house, there).made_by is None
    assert row(house, there).edits == 1


def test_a_picture_is_kept_as_one_sees_it_and_what_is_none_is_refused(
    house: House, ask: Ask, author: Editor
) -> None:
    key = hidden(author.get(f"{HOME}/new"), "key")
    typed = {"key": key, "title": "Un titre", "text": "T", "language": "fr", "do": "publish"}

    def sent(body: bytes, **more: str) -> httpx.Response:
        files = {"image": ("p.jpg", body, "image/jpeg")}
        return author.post(f"{HOME}/new", typed | more, files=files)

    refused = sent(b"<svg xmlns='http://www.w3.org/2000/svg'/>", alt="A")
    assert refused.status_code == 422
    assert "This cannot be shown as a picture." in refused.text
    asked = sent(picture())
    assert asked.status_code == 422
    assert "Say what the picture shows" in asked.text
    kept = hidden(asked, "picture")
    made = row(
        house, number(author.post(f"{HOME}/new", typed | {"picture": kept, "alt": "A rose"}))
    )
    assert 'alt="A rose"' in ask("GET", f"/articles/{made.slug}").text
    copy = ask("GET", kept.removeprefix("https://relais.example"))
    assert copy.headers["content-type"] == "image/jpeg"
    assert not Image.open(io.BytesIO(copy.content)).getexif()
    with reading(house.engine) as connection:
        assert connection.scalar(select(func.count()).select_from(picture_copies)) == 1


def test_a_preview_shows_the_page_in_a_frame_and_keeps_nothing(
    house: House, author: Editor
) -> None:
    author.get(f"{HOME}/new")
    typed = {"title": "Un <i>titre</i>", "text": "Un **texte**.", "language": "fr"}
    shown = author.post(f"{HOME}/preview", typed)
    assert "<strong>texte</strong>" in shown.text
    assert "<i>titre" not in shown.text
    assert "sandbox" in shown.headers["content-security-policy"]
    assert "Give it a title." in author.post(f"{HOME}/preview", typed | {"title": ""}).text
    assert titles(house) == []


def test_an_author_changes_their_own_alone_and_sees_all_that_is_published(
    house: House, ask: Ask, author: Editor, editor: Editor
) -> None:
    own = number(written(author))
    other = house.take("Un autre", body_html="<p>T</p>").article_id
    with writing(house.engine) as connection:
        later = articles.update().where(articles.c.id == other)
        connection.execute(later.values(state="withdrawn"))
    listed = author.get(HOME).text
    assert "Un titre" in listed
    assert "Un autre" not in listed
    assert "Un autre" in editor.get(HOME).text
    assert author.get(f"{HOME}/{other}").status_code == 404
    with writing(house.engine) as connection:
        connection.execute(later.values(state="published"))
    assert author.get(f"{HOME}/{other}").status_code == 200
    assert author.get(f"{HOME}/{other}/edit").status_code == 404
    for deed in ("edit", "withdraw", "restore", "digests"):
        assert author.post(f"{HOME}/{other}/{deed}").status_code == 404, deed
    assert author.post(f"{HOME}/{other}/pin").status_code == 403
    assert row(house, other).state == "published"
    assert author.post(f"{HOME}/{own}/withdraw").status_code == 303
    assert row(house, own).state == "withdrawn"


def edited(who: Editor, article_id: int, **typed: Any) -> httpx.Response:
    """The form of an article, sent with what was changed."""
    page = who.get(f"{HOME}/{article_id}/edit")
    said = re.findall(
        r'<input [^>]*name="(title|authors|alt|picture|html)"[^>]*value="([^"]*)"', page.text
    )
    areas = re.findall(r'<textarea [^>]*name="(\w+)"[^>]*>\n([^<]*)</textarea>', page.text)
    usual = {name: html.unescape(value) for name, value in [*said, *areas]}
    return who.post(f"{HOME}/{article_id}/edit", usual | {"seen": hidden(page, "seen")} | typed)


def test_a_change_that_matters_is_a_new_version_and_a_typo_is_none(
    house: House, editor: Editor
) -> None:
    made = number(written(editor, teaser="Le sien."))
    assert edited(editor, made, kind="typo", text="Un **texte** sûr.").status_code == 303
    assert row(house, made).version == 1
    page = editor.get(f"{HOME}/{made}/edit").text
    assert "Un **texte** sûr." in page  # it is Markdown still
    assert (
        "done=changed"
        in edited(editor, made, title="Autre", teaser="", topics="law").headers["location"]
    )
    assert row(house, made).version == 2
    assert "done=unchanged" in edited(editor, made, topics="law").headers["location"]
    shown = editor.get(f"{HOME}/{made}").text
    assert "Un texte sûr." in shown  # cut from the text, as no teaser is given
    assert noted(house, f"article:{made}") == [
        "article.changed",
        "article.corrected",
        "article.written",
    ]
    assert edited(editor, made, title=" ").status_code == 422
    assert edited(editor, made, text="").status_code == 422


def test_who_changes_what_another_changed_meanwhile_is_told_and_twice_the_same_is_once(
    house: House, ask: Ask, author: Editor, editor: Editor
) -> None:
    made = number(written(author))
    seen = hidden(author.get(f"{HOME}/{made}/edit"), "seen")
    typed = {"seen": seen, "title": "D’elle", "text": "Un **texte**."}
    editor.get(f"{HOME}/{made}/edit")
    assert editor.post(f"{HOME}/{made}/edit", typed).status_code == 303
    assert editor.post(f"{HOME}/{made}/edit", typed).status_code == 303
    assert row(house, made).version == 2
    told = author.post(f"{HOME}/{made}/edit", typed | {"title": "De lui"})
    assert told.status_code == 409
    assert "editor@relais.example" in told.text
    assert "changed it" in told.text
    over = typed | {"title": "De lui", "seen": hidden(told, "seen")}
    assert author.post(f"{HOME}/{made}/edit", over).status_code == 303
    assert row(house, made).version == 3


def test_a_scheduled_article_waits_and_can_be_let_go_at_once(house: House, editor: Editor) -> None:
    made = number(written(editor, publish_at="2199-01-01T07:00"))
    assert row(house, made).state == "scheduled"
    assert row(house, made).publish_at.isoformat() == "2199-01-01T06:00:00+00:00"
    assert 'value="2199-01-01T07:00"' in editor.get(f"{HOME}/{made}/edit").text
    assert edited(editor, made, publish_at="", text="Un autre.").status_code == 303
    assert row(house, made).version == 1  # nobody has seen another
    assert row(house, made).publish_at.year < 2100


def test_buttons_withdraw_and_publish_again_and_keep_out_of_digests(
    house: House, ask: Ask, editor: Editor
) -> None:
    made = number(written(editor))
    for deed, form in (("withdraw", {}), ("withdraw", {}), ("digests", {"wanted": "no"})):
        assert editor.post(f"{HOME}/{made}/{deed}", form).status_code == 303
    assert ask("GET", f"/articles/{row(house, made).slug}").status_code == 410
    assert not row(house, made).in_digests
    assert editor.post(f"{HOME}/{made}/restore").status_code == 303
    assert editor.post(f"{HOME}/{made}/digests", {"wanted": "yes"}).status_code == 303
    assert row(house, made).state == "published"
    assert noted(house, f"article:{made}") == [
        "article.for_digests",
        "article.restored",
        "article.for_feeds_only",
        "article.withdrawn",
        "article.written",
    ]
    with reading(house.engine) as connection:
        (place,) = connection.scalars(select(article_channels.c.number))
    assert place > row(house, made).number


def test_an_article_is_pinned_as_the_lead_of_the_next_edition(house: House, editor: Editor) -> None:
    made = number(written(editor))
    edition = hidden(editor.get(f"{HOME}/{made}"), "edition")
    assert editor.post(f"{HOME}/{made}/pin", {"edition": edition}).status_code == 303
    with reading(house.engine) as connection:
        assert connection.scalar(select(editions.c.arrangement)) == {"lead": made}
    assert "it leads" in editor.get(f"{HOME}/{made}").text
    late = editor.post(f"{HOME}/{made}/pin", {"edition": "actualites matin 1999"})
    assert late.headers["location"].endswith("done=too-late")


def test_an_article_without_a_topic_says_how_many_readers_it_misses(
    house: House, editor: Editor
) -> None:
    made = number(written(editor))
    house.subscribe("a@x.example", topics_in=("law",))
    house.subscribe("b@x.example", topics_out=("law",))
    house.subscribe("c@x.example")
    house.subscribe("d@x.example", topics_in=("law",), channel="nashra")
    page = editor.get(f"{HOME}/{made}").text
    assert "2 readers who chose topics in its channels will not get it." in page


def test_the_list_is_searched_filtered_and_paged(house: House, editor: Editor) -> None:
    for count in range(42):
        house.take(f"Article {count}", body_html="<p>T</p>", topics=("law",) if count % 2 else ())
    house.take("مقال عن الحكامة", body_html="<p>نص</p>", language="ar")

    def listed(query: str) -> list[str]:
        page = editor.get(f"{HOME}?{query}").text
        return re.findall(r'<h2 class="line"[^>]*><a [^>]*>([^<]*)</a>', page)

    assert len(listed("")) == 40
    more = re.search(r'href="(\?[^"]*before=\d+)"', editor.get(HOME).text)
    assert more
    assert listed(html.unescape(more[1])[1:]) == ["Article 2", "Article 1", "Article 0"]
    assert listed("q=حكامة") == listed("language=ar") == listed("channel=nashra")
    assert listed("q=artic 41") == ["Article 41"]
    assert len(listed("topic=law")) == 21
    assert len(listed("without_topics=yes")) == 22
    assert listed("mine=yes") == listed("state=withdrawn") == []
    assert listed("q=%22*&state=x&channel=x&topic=x&language=x&before=1") == []
    assert editor.get(f"{HOME}?before=x").status_code == 404


def test_an_article_is_read_at_an_address_and_looked_over_before_it_is_kept(
    house: House, author: Editor, elsewhere: Elsewhere
) -> None:
    text = "Un long paragraphe qui dit de quoi il est question, et bien assez long. " * 4
    page = f"<html lang=fr><title>Une page</title><body><h1>Une page</h1><p>{text}</p>"
    elsewhere.says("/a", page.encode())
    elsewhere.says("/none", status=404)
    elsewhere.says("/short", b"<p></p>")
    author.get(f"{HOME}/from-address")
    form = author.post(f"{HOME}/from-address", {"address": elsewhere.url("/a")})
    assert form.status_code == 200
    assert 'value="Une page"' in form.text
    assert "Un long paragraphe" in form.text
    assert titles(house) == []
    for address in (
        "file:///etc/passwd",
        *map(elsewhere.url, ("/none", "/short")),
        "",
        "x" * 10_000,
    ):
        answer = author.post(f"{HOME}/from-address", {"address": address})
        assert answer.status_code == 422, address


def test_what_was_refused_stands_with_its_cure(house: House, editor: Editor) -> None:
    with writing(house.engine) as connection:
        told = ("api:cms", "42", "<b>A title</b>", "It has no text.", "Write one.")
        refusals.note(connection, *told, house.now)
    page = editor.get(f"{HOME}/refused").text
    assert "&lt;b&gt;A title" in page
    assert "Write one." in page
