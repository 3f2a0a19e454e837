"""Every kind of answer gets the best grade, over TLS and without."""

from collections.abc import Callable
from pathlib import Path

import pytest
from asking import Ask, asker, make_app
from grading import Grade, grade
from house import SITE, House
from newsroom import ON_SQLITE
from starlette.applications import Starlette
from starlette.routing import Route

from colporteur.tokens import PREFERENCES, UNSUBSCRIBE, make_token
from colporteur.web.feeds import FeedsInFront
from colporteur.web.safeguards import lacking

KEY = "k" * 32
PAGES = """
/ /robots.txt /.well-known/security.txt /actualites /articles/tri-aux-urgences /archive /hub /subscribe /preferences /newsroom/sign-in
/newsroom/ /newsroom/forgotten /unsubscribe/forged /preferences/forged /confirm/forged /go/forged
/editions/none /outbox /static/site.css /static/none /images/none.jpg /nowhere /healthz /readyz
/api/docs /api/openapi.json /api/v1/articles /api/none /feeds.opml /feeds/actualites.atom
/feeds/actualites.rss /feeds/actualites.json /feeds/none.rss /feeds/private/forged.rss /feeds/%00
"""


@pytest.fixture
def answers(published: House, ask: Ask) -> Callable[[str], dict[str, Grade]]:
    reader = published.subscribe("lea@example.org")
    own = [
        f"/unsubscribe/{make_token(KEY, UNSUBSCRIBE, reader.subscription_id)}",
        f"/preferences/{make_token(KEY, PREFERENCES, reader.subscriber_id)}",
    ]

    def graded(site: str) -> dict[str, Grade]:
        found = {}
        https = site.startswith("https:")
        looked = PAGES.split() if https else PAGES.split()[::6]
        for method, path in [("GET", one) for one in [*looked, *own]] + [
            ("POST", one) for one in ("/subscribe", "/hub", "/feedback/ses", "/nowhere", *own)
        ]:
            answer = ask(method, f"{site}{path}")
            cookies = answer.headers.get_list("set-cookie")
            found[f"{method} {path}"] = grade(answer.headers, cookies, https=https)
        return found

    return graded


@ON_SQLITE
@pytest.mark.parametrize("site", [SITE, "http://localhost"])
def test_every_kind_of_answer_gets_the_best_grade(
    answers: Callable[[str], dict[str, Grade]], site: str
):
    worse = {path: one for path, one in answers(site).items() if one.letter != "A+"}
    assert worse == {}


def test_the_grade_falls_with_what_is_missing():
    nothing = grade({"Content-Type": "text/html", "Server": "x"}, ["a=b"])
    assert nothing.letter == "F"
    assert len(nothing.lost) > 8
    own = {name.decode(): value.decode() for name, value in lacking([], "/", https=True)}
    assert grade({"Content-Type": "text/html"} | own, []).letter == "A+"
    for name in own:
        less = {key: value for key, value in own.items() if key != name}
        assert (name, grade({"Content-Type": "text/html"} | less, []).letter) != (name, "A+")


def test_an_answer_keeps_what_it_says_itself():
    said = [(b"Content-Security-Policy", b"default-src 'none'; frame-ancestors 'self'")]
    found = dict(lacking(said, "/outbox/x/frame", https=False))
    assert b"content-security-policy" not in found
    assert found[b"x-frame-options"] == b"SAMEORIGIN"


def test_feeds_pictures_and_styles_may_be_loaded_by_others_and_nothing_else():
    def loaded(path: str) -> bytes:
        return dict(lacking([], path, https=False))[b"cross-origin-resource-policy"]

    assert {loaded(one) for one in ("/feeds/a.rss", "/images/a.jpg", "/static/icon.png")} == {
        b"cross-origin"
    }
    for path in ("/", "/feeds/private/a.rss", "/api/v1/articles", "/newsroom/", "/staticky"):
        assert loaded(path) == b"same-origin"


@ON_SQLITE
def test_an_error_that_nobody_foresaw_is_as_strict(published: House, tmp_path: Path):
    def broken(_request: object) -> None:
        raise RuntimeError(KEY)

    documents = make_app(published, tmp_path).documents
    web = FeedsInFront(Starlette(routes=[Route("/", broken)]), documents, closing=lambda: None)
    answer = asker(web, raises=False)("GET", f"{SITE}/")
    assert answer.status_code == 500
    assert grade(answer.headers, []).letter == "A+"
    assert KEY not in answer.text
