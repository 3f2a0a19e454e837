from datetime import timedelta
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from house import SITE
from hypothesis import given
from hypothesis import strategies as st

from colporteur.exceptions import HubRefused
from colporteur.syndication.hub.distributing import retry_after
from colporteur.syndication.hub.requests import (
    LEASE,
    Mode,
    Publish,
    Request,
    Wanted,
    parse_request,
    with_parameters,
)

TOPIC = f"{SITE}/feeds/actualites.rss"
CALLBACK = "https://reader.example/cb"
HOUR, DAY = 3600, 86400


def form(**changes: str | None) -> bytes:
    said = {"mode": "subscribe", "topic": TOPIC, "callback": CALLBACK, **changes}
    return urlencode({f"hub.{name}": value for name, value in said.items() if value}).encode()


def parsed(**changes: str | None) -> Request:
    found = parse_request(form(**changes), SITE)
    assert isinstance(found, Request)
    return found


def test_a_request_names_the_document_the_callback_and_what_is_wanted():
    assert parsed(secret="s3cret") == Request(
        "feeds/actualites.rss", CALLBACK, Wanted(Mode.SUBSCRIBE, LEASE, "s3cret")
    )
    assert parsed(mode="unsubscribe").wanted.mode is Mode.UNSUBSCRIBE


def test_keys_that_are_not_understood_are_ignored():
    assert parsed(verify="sync", verify_token="x") == parsed()
    assert parse_request(form() + b"&foo=bar&hub.new=%C3%A9&&=", SITE) == parsed()


@pytest.mark.parametrize(
    ("wanted", "given"),
    [
        (None, 10 * DAY),
        ("7200", 7200),
        ("1", HOUR),
        ("00060", HOUR),
        ("864000", 10 * DAY),
        ("99999999", 30 * DAY),
        ("9" * 5000, 30 * DAY),
    ],
)
def test_a_lease_is_what_is_wished_within_an_hour_and_thirty_days(wanted: str | None, given: int):
    assert parsed(lease_seconds=wanted).wanted.lease_seconds == given


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mode": None}, "hub.mode is missing"),
        ({"mode": "listen"}, "must be subscribe or unsubscribe"),
        ({"mode": "denied"}, "must be subscribe or unsubscribe"),
        ({"topic": None}, "hub.topic is missing"),
        ({"topic": "https://other.example/feeds/actualites.rss"}, "no feed of this site"),
        ({"topic": f"{SITE}.evil.example/feeds/actualites.rss"}, "no feed of this site"),
        ({"topic": f"{SITE}/feeds.opml"}, "no feed of this site"),
        ({"topic": f"{SITE}/actualites"}, "no feed of this site"),
        ({"topic": f"{SITE}/feeds/actualites/archive/1.atom"}, "no feed of this site"),
        ({"topic": f"{SITE}/feeds/{'a' * 300}.rss"}, "no feed of this site"),
        ({"callback": None}, "hub.callback is missing"),
        ({"callback": "ftp://reader.example/"}, "hub.callback"),
        ({"callback": "https://user:pw@reader.example/"}, "hub.callback"),
        ({"callback": f"https://reader.example/{'a' * 2000}"}, "hub.callback"),
        ({"callback": f"https://reader.example/{'a' * 1900}"}, "too long"),
        ({"callback": f"https://reader.example/{'é' * 400}"}, "too long"),
        ({"lease_seconds": "0"}, "positive"),
        ({"lease_seconds": "-5"}, "positive"),
        ({"lease_seconds": "1.5"}, "positive"),
        ({"lease_seconds": "٣"}, "positive"),
        ({"secret": "a" * 200}, "less than 200 bytes"),
        ({"secret": "é" * 100}, "less than 200 bytes"),
        ({"secret": "a\0b"}, "NUL"),
    ],
)
def test_what_is_missing_or_wrong_is_said(changes: dict[str, str | None], words: str):
    with pytest.raises(HubRefused, match=words):
        parse_request(form(**changes), SITE)


def test_a_secret_of_199_bytes_is_taken():
    assert parsed(secret="é" * 99 + "a").wanted.secret == "é" * 99 + "a"


@pytest.mark.parametrize("name", ["topic", "url"])
def test_a_notice_of_publishing_is_for_our_own_feeds_only(name: str):
    asked = {"mode": "publish", "topic": None, "callback": None}
    found = parse_request(form(**(asked | {name: TOPIC})), SITE)
    assert found == Publish("feeds/actualites.rss")
    with pytest.raises(HubRefused):
        parse_request(form(**(asked | {name: "https://other.example/feed"})), SITE)


@pytest.mark.parametrize(
    "callback",
    [CALLBACK, f"{CALLBACK}?foo=bar&red=fish", f"{CALLBACK}?hub.mode=mine&a=%26"],
)
def test_the_callbacks_own_query_is_kept_and_ours_is_appended(callback: str):
    found = with_parameters(callback, {"hub.mode": "subscribe", "hub.topic": TOPIC})
    assert found.startswith(callback)
    own = parse_qsl(urlsplit(callback).query)
    added = [("hub.mode", "subscribe"), ("hub.topic", TOPIC)]
    assert parse_qsl(urlsplit(found).query) == own + added


@given(st.binary(max_size=300) | st.text(max_size=80).map(lambda text: form(callback=text)))
def test_no_body_does_more_than_be_refused(body: bytes):
    try:
        found = parse_request(body, SITE)
    except HubRefused:
        return
    assert found.path == "feeds/actualites.rss"


def test_tries_are_a_minute_apart_at_first_and_six_hours_at_most():
    waits = [retry_after(attempts) for attempts in range(1, 400)]
    assert waits[:4] == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]
    assert waits == sorted(waits)
    assert waits[-1] == timedelta(hours=6)
