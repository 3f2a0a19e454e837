from dataclasses import replace

import pytest

from colporteur.syndication.lint.cures import CURES
from colporteur.syndication.lint.serving import (
    Served,
    lint_answer,
    lint_changed,
    lint_unchanged,
    validators,
)

URL = "https://relais.example/feeds/a.rss"
GOOD = Served(
    200,
    {
        "content-type": "application/rss+xml; charset=UTF-8",
        "content-encoding": "gzip",
        "etag": 'W/"1"',
        "last-modified": "Fri, 20 Nov 2026 07:00:00 GMT",
        "cache-control": "public, max-age=60",
        "access-control-allow-origin": "*",
        "link": f'<https://relais.example/hub>; rel="hub", <{URL}>; rel="self"',
    },
    URL,
)
CASES = [
    ({"content-type": "text/html; charset=utf-8"}, "http-content-type"),
    ({"content-type": "application/xml; charset=utf-8"}, "http-content-type"),
    ({"content-type": "application/rss+xml"}, "http-charset"),
    ({"content-type": "application/rss+xml; charset=latin-1"}, "http-charset"),
    ({"etag": None, "last-modified": None}, "http-validator-missing"),
    ({"set-cookie": "a=1"}, "http-cookie"),
    ({"cache-control": None}, "http-cache-control"),
    ({"expires": "0"}, "http-expires"),
    ({"access-control-allow-origin": None}, "http-cors"),
    ({"content-encoding": None}, "http-gzip"),
    ({"link": f'<{URL}>; rel="hub"'}, "http-link-self"),
]


def answered(**changes: str | None) -> Served:
    merged = GOOD.headers | changes
    return replace(GOOD, headers={name: said for name, said in merged.items() if said is not None})


@pytest.mark.parametrize(("changes", "rule"), CASES)
def test_one_header_breaks_one_rule(changes: dict[str, str | None], rule: str):
    assert [one.rule for one in lint_answer(answered(**changes), "rss", URL)] == [rule]


def test_a_good_answer_has_no_faults():
    assert list(lint_answer(GOOD, "rss", URL)) == []


def test_another_status_is_the_one_fault():
    assert [one.rule for one in lint_answer(replace(GOOD, status=403), "", URL)] == ["http-status"]


def test_a_redirect_is_told():
    (found,) = lint_answer(GOOD, "rss", "https://relais.example/old")
    assert (found.rule, found.warning) == ("http-redirect", True)


def test_validators_are_the_etag_or_else_the_date():
    assert validators(GOOD) == {"If-None-Match": 'W/"1"'}
    dated = {"If-Modified-Since": "Fri, 20 Nov 2026 07:00:00 GMT"}
    assert validators(answered(etag=None)) == dated
    assert validators(answered(**{"etag": None, "last-modified": None})) == {}


def test_what_has_not_changed_is_304_with_the_etag():
    unchanged = Served(304, {"etag": 'W/"1"'}, URL)
    assert list(lint_unchanged(GOOD, unchanged)) == []
    assert [one.rule for one in lint_unchanged(GOOD, GOOD)] == ["http-not-modified"]
    for headers in ({}, {"etag": 'W/"2"'}):
        found = lint_unchanged(GOOD, replace(unchanged, headers=headers))
        assert [one.rule for one in found] == ["http-not-modified-etag"]


def test_a_validator_never_given_gets_the_feed():
    assert list(lint_changed(GOOD)) == []
    assert [one.rule for one in lint_changed(replace(GOOD, status=304))] == ["http-wrong-validator"]


def test_every_rule_of_answers_is_broken_here():
    here = {rule for _, rule in CASES}
    here |= {"http-status", "http-redirect", "http-wrong-validator"}
    here |= {"http-not-modified", "http-not-modified-etag"}
    assert here == {rule for rule in CURES if rule.startswith("http-")}
