import gzip
import json
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from elsewhere import Handler
from newsstand import FETCHER, Newsstand
from sqlalchemy import event, select, update
from sqlalchemy.exc import DataError, DBAPIError, OperationalError

from colporteur.articles.sources import store
from colporteur.articles.sources.fetching import poll
from colporteur.clock import utcnow
from colporteur.db import database_now, reading, writing
from colporteur.db.tables.articles import article_channels, articles
from colporteur.db.tables.editions import edition_articles
from colporteur.editions import scheduling
from colporteur.fetch import fetching as limits


def feed(*items: str) -> bytes:
    inside = "".join(f"<item>{item}</item>" for item in items)
    return (
        '<?xml version="1.0"?><rss version="2.0"><channel><title>Le site</title>'
        f"<link>https://site.example/</link>{inside}</channel></rss>"
    ).encode()


def item(name: str, **more: str) -> str:
    said = {
        "title": name,
        "guid": f"https://site.example/{name}",
        "description": f"Ce que dit {name}, en une phrase.",
    } | more
    return "".join(f"<{tag}>{text}</{tag}>" for tag, text in said.items())


def entry(name: str, updated: datetime, text: str) -> bytes:
    return (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>Le site</title><entry>'
        f"<id>urn:{name}</id><title>{name}</title><published>2026-11-01T00:00:00Z</published>"
        f"<updated>{updated.isoformat()}</updated><summary>{text}</summary></entry></feed>"
    ).encode()


def test_entries_become_articles_of_the_channel_and_a_second_poll_changes_nothing(
    stand: Newsstand,
):
    stand.has()
    stand.elsewhere.says("/feed", feed(item("Un"), item("Deux")))
    assert vars(stand.poll().counts) == {"added": 2, "updated": 0, "unchanged": 0, "refused": 0}
    first, second = stand.articles()
    assert (first.title, second.title) == ("Un", "Deux")
    assert (first.external_id, first.language) == ("https://site.example/Un", "fr")
    assert first.feed_id.startswith("tag:")
    stand.elsewhere.says("/feed", feed(item("Un"), item("Deux")) + b"\n")
    assert stand.poll().counts.unchanged == 2
    assert stand.articles() == [first, second]
    assert stand.row().taken == 2


def test_an_unchanged_source_is_asked_conditionally_and_answers_304(stand: Newsstand):
    stand.has()
    date = "Fri, 20 Nov 2026 08:00:00 GMT"
    stand.elsewhere.says("/feed", feed(item("Un")), ETag='"a"', Last_Modified=date)
    stand.poll()
    stand.elsewhere.says("/feed", status=304)
    report = stand.poll()
    asked = stand.elsewhere.asked[-1][2]
    assert (asked["If-None-Match"], asked["If-Modified-Since"]) == ('"a"', date)
    assert asked["User-Agent"].startswith("Colporteur/")
    assert (report.problem, report.counts.added, stand.row().failures) == ("", 0, 0)
    assert stand.row().next_at > utcnow() + timedelta(minutes=29)


def test_the_same_bytes_again_cost_no_reading(stand: Newsstand):
    stand.has()
    stand.elsewhere.says("/feed", feed(item("Un")))
    stand.poll()
    assert vars(stand.poll().counts) == vars(type(stand.poll().counts)())


def test_a_source_is_polled_when_it_is_due_and_not_before(stand: Newsstand):
    stand.has()
    stand.elsewhere.says("/feed", feed(item("Un")))
    stand.poll(forced=False)
    assert poll(stand.house.engine, FETCHER, 1) is None
    assert len(stand.elsewhere.asked) == 1


def test_a_moved_source_is_asked_at_its_new_address_from_now_on(stand: Newsstand):
    stand.has("/old")
    stand.elsewhere.says("/old", status=301, Location="/new")
    stand.elsewhere.says("/new", feed(item("Un")))
    stand.poll()
    stand.poll()
    assert [one[1] for one in stand.elsewhere.asked] == ["/old", "/new", "/new"]
    assert stand.row().url == stand.elsewhere.url("/old")


def test_a_move_to_what_is_no_feed_is_not_believed(stand: Newsstand):
    url = stand.has("/old")
    stand.elsewhere.says("/old", status=301, Location="/login")
    stand.elsewhere.says("/login", b"<html>Login</html>")
    assert "web page" in stand.poll().problem
    assert stand.row().address == url


def test_a_source_that_is_gone_is_never_asked_again(stand: Newsstand):
    stand.has()
    stand.elsewhere.says("/feed", status=410)
    assert "removed for good" in stand.poll().problem
    assert stand.row().state == "gone"
    assert poll(stand.house.engine, FETCHER, 1) is None
    with writing(stand.house.engine) as connection:
        assert store.ring_due(connection, utcnow() + timedelta(days=99)) == []


def test_a_source_that_is_gone_is_told_of_once_and_comes_back_when_asked_by_hand(
    stand: Newsstand,
):
    stand.has()
    stand.elsewhere.says("/feed", status=410)
    told = []
    for _ in range(2):
        stand.poll()
        with writing(stand.house.engine) as connection:
            told.append([one.id for one in store.to_alert(connection, database_now(connection))])
    assert told == [[1], []]
    stand.elsewhere.says("/feed", feed(item("Un")))
    assert stand.poll().counts.added == 1
    row = stand.row()
    assert (row.state, row.problem, row.failures) == ("active", "", 0)


def test_a_source_is_told_of_after_its_own_poll_has_ended(stand: Newsstand):
    stand.has()
    now = utcnow()
    since = now - timedelta(hours=25)
    stand.change(failing_since=since, failures=8, tried_at=since + timedelta(hours=23))
    with writing(stand.house.engine) as connection:
        assert store.to_alert(connection, now) == []
    stand.change(tried_at=now, leased_until=now + timedelta(minutes=1))
    with writing(stand.house.engine) as connection:
        assert store.to_alert(connection, now) == []
    stand.change(leased_until=None, failures=9)
    with writing(stand.house.engine) as connection:
        assert [one.failures for one in store.to_alert(connection, now)] == [9]


def test_retry_after_is_obeyed(stand: Newsstand):
    stand.has()
    stand.elsewhere.says("/feed", status=429, Retry_After="7200")
    assert "asked too often" in stand.poll().problem
    assert stand.row().next_at > utcnow() + timedelta(minutes=119)
    later = format_datetime(utcnow() + timedelta(hours=5), usegmt=True)
    stand.elsewhere.says("/feed", status=503, Retry_After=later)
    stand.poll()
    assert stand.row().next_at > utcnow() + timedelta(hours=4)


def test_failures_wait_longer_each_time_until_one_success(stand: Newsstand):
    stand.has()
    waits = []
    for status in (404, 500, 403):
        stand.elsewhere.says("/feed", status=status)
        stand.poll()
        waits.append(round((stand.row().next_at - stand.row().tried_at) / timedelta(minutes=1)))
    assert waits == [5, 10, 20]
    assert (stand.row().failures, stand.row().failing_since is None) == (3, False)
    stand.elsewhere.says("/feed", feed(item("Un")))
    stand.poll()
    assert (stand.row().failures, stand.row().failing_since, stand.row().problem) == (0, None, "")


@pytest.mark.parametrize(
    ("body", "headers", "words"),
    [
        (b"x" * 41_943_040, {}, "longer than 10 MB"),
        (gzip.compress(bytes(100_000_000)), {"Content-Encoding": "gzip"}, "longer than 10 MB"),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><rss/>', {}, "entities"),
        (
            b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><rss><title>&b;</title></rss>',
            {},
            "entities",
        ),
        (b"<!doctype html><title>Accueil</title>", {"Content-Type": "text/html"}, "web page"),
        (b"<html><title>Just a moment...</title></html>", {}, "tests browsers"),
    ],
    ids=["40 MB", "gzip bomb", "entities", "external entity", "HTML", "challenge"],
)
def test_a_bad_answer_is_refused_whole_with_the_reason(
    stand: Newsstand, body: bytes, headers: dict[str, str], words: str
):
    stand.has()
    stand.elsewhere.says("/feed", body, **headers)
    assert words in stand.poll().problem
    assert (stand.titles(), stand.row().failures) == ([], 1)
    assert words in stand.row().problem
    stand.elsewhere.says("/feed", feed(item("Un")))
    stand.poll()
    assert (stand.titles(), stand.refused()) == (["Un"], [])


def test_a_challenge_behind_a_status_is_named(stand: Newsstand):
    stand.has()
    stand.elsewhere.says("/feed", b"<html>cf-chl</html>", status=403)
    assert "tests browsers" in stand.poll().problem


def test_bad_entries_are_mended_or_refused_and_the_others_taken(stand: Newsstand):
    stand.has()
    future = utcnow() + timedelta(days=2)
    stand.elsewhere.says(
        "/feed",
        feed(
            item("Sans date"),
            "<description></description>",
            item("An un", pubDate="Mon, 01 Jan 0001 00:00:00 GMT"),
            item("Plus tard", pubDate=format_datetime(future)),
            item("Relatif", link="/r", description='&lt;a href="x"&gt;lien&lt;/a&gt;'),
            item("L&amp;amp;apos;eau &amp;amp;#8230;", guid="urn:eau"),
            item("x" * 501, guid="urn:long"),
            item("Pro\x00fond\x0b", guid="urn:profond"),
        ),
    )
    counts = stand.poll().counts
    assert (counts.added, counts.refused) == (6, 2)
    by_title = {row.title: row for row in stand.articles()}
    now = utcnow()
    for title in ("Sans date", "An un"):
        row = by_title[title]
        assert row.dated_at is None
        assert now - row.published_at < timedelta(minutes=1)
    assert by_title["Plus tard"].state == "scheduled"
    assert by_title["Plus tard"].publish_at == future.replace(microsecond=0)
    assert by_title["Relatif"].url == stand.elsewhere.url("/r")
    assert {"L'eau…", "Profond"} <= set(by_title)
    reasons = dict(stand.refused())
    assert "501 characters" in reasons["urn:long"]
    assert "no id, no link and no title" in reasons["entry 2"]


def test_a_refused_entry_that_is_mended_stands_refused_no_longer(stand: Newsstand):
    stand.has()
    stand.elsewhere.says("/feed", feed(item("x" * 501, guid="urn:a")))
    stand.poll()
    with reading(stand.house.engine) as connection:
        (listed,) = store.listing(connection)
    assert (listed.refused, [name for name, _ in stand.refused()]) == (1, ["urn:a"])
    stand.elsewhere.says("/feed", feed(item("Court", guid="urn:a")))
    stand.poll()
    assert (stand.refused(), stand.titles()) == ([], ["Court"])


def test_an_entry_of_the_future_whose_date_is_corrected_is_published(stand: Newsstand):
    stand.has()
    stand.elsewhere.says("/feed", feed(item("Un", pubDate="Fri, 20 Nov 2999 08:00:00 GMT")))
    stand.poll()
    assert stand.articles()[0].state == "scheduled"
    stand.elsewhere.says("/feed", feed(item("Un", pubDate="Fri, 20 Nov 2020 08:00:00 GMT")))
    stand.poll()
    assert stand.articles()[0].publish_at.year == 2020


def test_a_change_that_the_entry_dates_is_significant_and_any_other_a_correction(
    stand: Newsstand,
):
    stand.has()
    old = datetime.fromisoformat("2026-11-01T00:00:00+00:00")
    stand.elsewhere.says("/feed", entry("un", old, "Premier texte."))
    stand.poll()
    (before,) = stand.articles()
    stand.elsewhere.says("/feed", entry("un", old, "Premier texte, corrigé."))
    stand.poll()
    (typo,) = stand.articles()
    assert (typo.version, typo.changed_at) == (1, before.changed_at)
    assert typo.teaser == "Premier texte, corrigé."
    stand.elsewhere.says("/feed", entry("un", utcnow() + timedelta(minutes=5), "Autre texte."))
    stand.poll()
    (news,) = stand.articles()
    assert (news.version, news.feed_id, news.published_at) == (
        2,
        before.feed_id,
        before.published_at,
    )
    assert news.changed_at > before.changed_at


def test_entries_that_leave_the_feed_stay_articles(stand: Newsstand):
    stand.has()
    stand.elsewhere.says("/feed", feed(item("Un")))
    stand.poll()
    stand.elsewhere.says("/feed", feed(item("Deux")))
    stand.poll()
    assert [row.state for row in stand.articles()] == ["published", "published"]


def test_an_article_of_two_sources_is_one_article_in_both_channels(stand: Newsstand):
    stand.has("/a", channel="actualites")
    stand.has("/b", channel="nashra")
    for path in ("/a", "/b"):
        stand.elsewhere.says(path, feed(item("Un")))
    assert stand.poll(1).counts.added == 1
    assert stand.poll(2).counts.updated == 1
    with reading(stand.house.engine) as connection:
        shown = connection.execute(select(article_channels)).all()
    assert (len(stand.articles()), len(shown)) == (1, 2)


def test_two_sites_that_number_their_entries_alike_have_articles_of_their_own(stand: Newsstand):
    stand.has("/a", keep_ids=True)
    stand.has("/b", keep_ids=True)
    first = item("Un", guid="1")
    stand.elsewhere.says("/a", feed(first))
    stand.elsewhere.says("/b", feed(item("Deux", guid="1")))
    stand.poll(1)
    with writing(stand.house.engine) as connection:  # as if the first were another host's
        connection.execute(update(articles).values(external_id="other.example 1"))
    stand.poll(2)
    one, two = stand.articles()
    assert (one.title, one.feed_id, two.title) == ("Un", "1", "Deux")
    assert two.feed_id.startswith("tag:")


def test_the_published_id_is_the_entrys_own_where_the_channel_says_so(stand: Newsstand):
    stand.has(keep_ids=True)
    stand.elsewhere.says("/feed", feed(item("Un", guid="tag:site.example,2020:un")))
    stand.poll()
    assert stand.articles()[0].feed_id == "tag:site.example,2020:un"


def test_the_first_fetch_never_reaches_an_edition_and_the_next_does(stand: Newsstand):
    stand.has()
    stand.elsewhere.says("/feed", feed(item("Ancien")))
    stand.house.subscribe("a@example.org", back=timedelta(days=30))
    stand.poll()
    assert [row.in_digests for row in stand.articles()] == [False]
    assert send_now(stand, later=1) == 0
    stand.elsewhere.says("/feed", feed(item("Nouveau"), item("Ancien", description="Autrement.")))
    stand.poll()
    assert [row.in_digests for row in stand.articles()] == [False, True]
    assert send_now(stand, later=2) == 1


def send_now(stand: Newsstand, *, later: int) -> int:
    """Readers of an edition forced so many seconds from now: one a second at most."""
    now = utcnow() + timedelta(seconds=later)
    with stand.house.open() as (connection, revision, names):
        channel = revision.publication.channel("actualites")
        edition, count = scheduling.send_now(
            connection, revision, names, channel, "matin", by="test", now=now
        )
        assert edition is not None
        return count


def test_an_article_known_before_a_first_fetch_stays_in_digests(stand: Newsstand):
    stand.house.now = utcnow()
    stand.house.take("Un", external_id="https://site.example/Un", teaser="Connu.", language="fr")
    stand.has()
    stand.elsewhere.says("/feed", feed(item("Un")))
    stand.poll()
    assert [row.in_digests for row in stand.articles()] == [True]


def test_two_workers_never_ask_one_source_at_once(stand: Newsstand):
    stand.has()
    asked, go = threading.Event(), threading.Event()

    def slow(handler: Handler) -> None:
        asked.set()
        go.wait(5)
        handler.send_response(304)
        handler.end_headers()

    stand.elsewhere.answers["/feed"] = slow
    first = threading.Thread(target=stand.poll)
    first.start()
    assert asked.wait(5)
    assert poll(stand.house.engine, FETCHER, 1, forced=True) is None
    go.set()
    first.join()
    assert len(stand.elsewhere.asked) == 1
    assert stand.row().leased_until is None


def test_a_lease_that_ran_out_is_anybodys(stand: Newsstand):
    stand.has()
    stand.elsewhere.says("/feed", feed(item("Un")))
    stand.change(leased_until=utcnow() - timedelta(seconds=1))
    assert stand.poll().counts.added == 1


def test_a_due_source_is_rung_for_once_in_a_while_and_two_at_a_time(stand: Newsstand):
    for path in "abc":
        stand.has(f"/{path}")
    with writing(stand.house.engine) as connection:
        now = database_now(connection)
        rings: Callable[[float], list[int]] = lambda later: store.ring_due(  # noqa: E731
            connection, now + timedelta(seconds=later)
        )
        assert [rings(1), rings(2), rings(12)] == [[1, 2], [], [1, 2]]


def test_rows_follow_the_publication(stand: Newsstand):
    stand.has("/a")
    stand.elsewhere.says("/a", feed(item("Un")))
    stand.poll()
    stand.sources = {}
    stand.apply()
    assert stand.row(1).state == "removed"
    stand.has("/b")
    assert (stand.row(2).state, stand.row(1).state) == ("active", "removed")
    stand.has("/a")
    again = stand.row(1)
    assert (again.state, again.taken, again.first_taken_at) == ("active", 1, None)


def test_a_source_that_fails_for_a_day_is_told_of_once(stand: Newsstand):
    stand.has()
    now = utcnow()
    stand.change(failing_since=now - timedelta(hours=25), failures=9, tried_at=now)
    with writing(stand.house.engine) as connection:
        assert [one.id for one in store.to_alert(connection, now)] == [1]
        assert store.to_alert(connection, now + timedelta(days=3)) == []
    later = now + timedelta(days=5)  # it served in between
    stand.change(failing_since=later, tried_at=later + timedelta(days=1))
    with writing(stand.house.engine) as connection:
        assert len(store.to_alert(connection, now + timedelta(days=7))) == 1


def test_a_stopping_process_gives_the_source_back(stand: Newsstand):
    stand.has(kind="sitemap")
    stand.elsewhere.says(
        "/feed",
        b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        b"<url><loc>/page</loc></url></urlset>",
    )
    report = poll(stand.house.engine, FETCHER, 1, stopping=lambda: True)
    assert report is not None
    assert (report.problem, stand.row().leased_until) == ("It was interrupted.", None)
    assert stand.row().next_at <= utcnow()


def test_the_limit_is_what_the_list_of_bad_input_says():
    assert limits.LIMIT_BYTES == 10 * 1024 * 1024


def wordpress_post(number: int, **picture: object) -> dict[str, object]:
    media = {"source_url": "https://site.example/i.jpg", **picture}
    return {
        "guid": {"rendered": f"https://site.example/?p={number}"},
        "title": {"rendered": f"Article {number}"},
        "excerpt": {"rendered": "<p>Ce qu'il dit, en une phrase.</p>"},
        "_embedded": {"wp:featuredmedia": [media]},
    }


def test_one_posts_media_type_does_not_stop_the_source(stand: Newsstand):
    stand.has("/blog", kind="wordpress")
    bad = wordpress_post(1, mime_type="image/\0jpeg", media_details={"filesize": 10**400})
    path = "/blog/wp-json/wp/v2/posts?_embed=1&per_page=50&orderby=modified"
    posts = [bad, wordpress_post(2, mime_type="image/jpeg")]
    stand.elsewhere.says(path, json.dumps(posts).encode())
    assert (stand.poll().problem, len(stand.articles())) == ("", 2)
    assert [row.image["type"] for row in stand.articles()] == [None, "image/jpeg"]


def broken_for(stand: Newsstand, title: str, error: type[DBAPIError]) -> None:
    """Have the database fail in the middle of writing an article of this title."""

    def fail(_: Any, __: Any, statement: str, parameters: Any, *___: Any) -> None:
        if statement.startswith("INSERT INTO articles") and title in repr(parameters):
            raise error(statement, parameters, Exception("the database's words"))

    event.listen(stand.house.engine, "before_cursor_execute", fail)


def test_an_entry_that_the_database_cannot_hold_is_refused_alone(stand: Newsstand):
    stand.has()
    broken_for(stand, "Deux", DataError)
    stand.elsewhere.says("/feed", feed(item("Un"), item("Deux"), item("Trois")))
    report = stand.poll()
    assert (report.problem, stand.titles()) == ("", ["Un", "Trois"])
    ((entry, reason),) = stand.refused()
    assert entry == "https://site.example/Deux"
    assert "the database's words" not in reason


def test_a_fault_of_the_database_counts_as_a_failure_of_the_source(stand: Newsstand):
    stand.has()
    broken_for(stand, "Deux", OperationalError)
    stand.elsewhere.says("/feed", feed(item("Un"), item("Deux")))
    assert "OperationalError" in stand.poll().problem
    row = stand.row()
    assert (row.failures, row.leased_until, row.first_taken_at) == (1, None, None)
    assert row.next_at > utcnow()


def test_whatever_a_site_says_is_wrong_can_be_written_down(stand: Newsstand):
    stand.has("/wp-json/", kind="wordpress")
    path = "/wp-json/?_embed=1&per_page=50&orderby=modified"
    stand.elsewhere.says(path, json.dumps({"message": "No\0 route \ud800 here"}).encode())
    stand.poll()
    assert stand.row().failures == 1
    assert "No route" in stand.row().problem


@pytest.mark.parametrize("cut", ["at the end", "within an entry"])
def test_a_first_document_that_breaks_off_does_not_end_the_first_fetch(stand: Newsstand, cut: str):
    stand.has()
    whole = feed(item("Un"), item("Deux"), item("Trois"))
    end = whole.index(b"<item><title>Deux") if cut == "at the end" else whole.index(b"Trois, en")
    stand.elsewhere.says("/feed", whole[:end], ETag='"1"')
    stand.poll()
    row = stand.row()
    assert (row.first_taken_at, row.etag, row.body_hash) == (None, None, None)
    stand.elsewhere.says("/feed", whole)
    stand.poll()
    assert [item.in_digests for item in stand.articles()] == [False, False, False]
    assert (stand.row().first_taken_at is None, stand.refused()) == (False, [])


def test_a_feed_that_is_never_well_formed_is_taken_when_nothing_more_of_it_is_new(
    stand: Newsstand,
):
    stand.has()
    broken = item("Un", description="Ce que dit <b>Un</i>, en une phrase.")
    stand.elsewhere.says("/feed", feed(broken))
    stand.poll()
    assert stand.row().first_taken_at is None
    stand.poll()
    assert stand.row().first_taken_at is not None
    stand.elsewhere.says("/feed", feed(item("Deux"), broken))
    stand.poll()
    assert [row.in_digests for row in stand.articles()] == [False, True]


def test_an_article_that_a_first_fetch_brings_into_another_channel_is_not_mailed_there(
    stand: Newsstand,
):
    stand.apply()
    url = "https://site.example/Un"
    stand.house.take("Un", external_id=url, teaser="Connu.", language="fr", channels=("nashra",))
    stand.has()
    stand.house.subscribe("a@example.org", back=timedelta(days=30))
    stand.elsewhere.says("/feed", feed(item("Un")))
    stand.poll()
    assert [row.in_digests for row in stand.articles()] == [True]
    assert send_now(stand, later=1) == 0
    stand.elsewhere.says("/feed", feed(item("Un", description="Autrement."), item("Deux")))
    stand.poll()
    assert send_now(stand, later=2) == 1
    with reading(stand.house.engine) as connection:
        brought = connection.scalars(select(edition_articles.c.article_id)).all()
    assert brought == [2]


def test_a_date_of_change_in_the_future_makes_one_change_significant_and_no_later_typo(
    stand: Newsstand,
):
    stand.has()
    future = utcnow() + timedelta(days=400)
    versions = []
    for number, updated in enumerate((utcnow(), future, future, future + timedelta(days=1))):
        text = f"Le texte numéro {number}."
        stand.elsewhere.says("/feed", entry("un", updated, text))
        stand.poll()
        (row,) = stand.articles()
        assert row.teaser == text
        versions.append(row.version)
    assert versions == [1, 2, 2, 3]


@pytest.mark.parametrize("guid", ["42", "post:1", "x" * 600, "tag:site.example,2026:un"])
def test_a_refusal_is_dropped_when_the_entry_is_taken_whatever_its_id(stand: Newsstand, guid: str):
    stand.has()
    bad = f"<title>?</title><guid>{guid}</guid><description>Un texte.</description>"
    stand.elsewhere.says("/feed", feed(bad))
    stand.poll()
    assert len(stand.refused()) == 1
    stand.elsewhere.says("/feed", feed(item("Un", guid=guid)))
    stand.poll()
    assert (stand.refused(), stand.titles()) == ([], ["Un"])


def test_the_refusal_of_a_cut_entry_is_dropped_when_it_comes_whole(stand: Newsstand):
    stand.has()
    whole = feed(item("Un", guid="1"), item("Deux", guid="2"))
    stand.elsewhere.says("/feed", whole[: whole.index(b"Deux, en")])
    stand.poll()
    assert len(stand.refused()) == 1
    stand.elsewhere.says("/feed", whole)
    stand.poll()
    assert stand.refused() == []


def test_the_refusal_of_an_entry_that_nothing_names_lasts_as_long_as_it(stand: Newsstand):
    stand.has()
    stand.elsewhere.says("/feed", feed("<link/>", item("Un")))
    stand.poll()
    assert [name for name, _ in stand.refused()] == ["entry 1"]
    stand.elsewhere.says("/feed", feed(item("Un")))
    stand.poll()
    assert stand.refused() == []
