"""Where links lead: asked at a real server, and through the guard."""

import time
from typing import Any

import pytest
from elsewhere import Elsewhere, Handler

from colporteur.articles.languages import recognise
from colporteur.digests.preflight import ERROR, WARNING, Material
from colporteur.digests.preflight import links as rule
from colporteur.digests.preflight.material import Answers, Letterhead, Link, Message, Piece
from colporteur.digests.preflight.reaching import Asking, reach
from colporteur.digests.rendering import UNSUBSCRIBE_MARK, Rendering

SITE = "https://relais.example"


def material(*urls: str, extra: str = "", **more: Any) -> Material:
    """An edition whose articles live at these addresses; ``extra`` is in a footer."""
    pieces = {
        number: Piece(number, f"Article {number}", "", url) for number, url in enumerate(urls)
    }
    html = f'<a href="{UNSUBSCRIBE_MARK}">x</a>' + (f'<a href="{extra}">x</a>' if extra else "")
    message = Message(Rendering("", "", html), tuple(pieces))
    return Material(Letterhead("fr", "R", "1 rue", SITE, False), (message,), pieces, **more)


def followed(made: Material, seconds: float = 5) -> list[tuple[str, str]]:
    answers = reach(rule.to_ask(made), Asking(SITE, loopback=True, seconds=seconds))
    told = [(one.severity, one.text) for one in rule.check(made, answers) if one.check == "link"]
    return sorted(told)


def test_a_link_that_answers_is_fine_even_where_head_is_not_known(elsewhere: Elsewhere):
    def no_head(handler: Handler) -> None:
        handler.send_response(404 if handler.command == "HEAD" else 200)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    fine = elsewhere.says("/fine", b"x" * 100_000)
    elsewhere.answers["/no-head"] = no_head
    moved = elsewhere.says("/moved", status=301, Location="/fine")
    assert followed(material(fine, elsewhere.url("/no-head"), moved)) == []
    assert ("HEAD", "/fine") in [(method, path) for method, path, *_ in elsewhere.asked]
    assert ("GET", "/fine") not in [(method, path) for method, path, *_ in elsewhere.asked]


@pytest.mark.parametrize("status", [404, 410])
def test_a_dead_link_is_an_error_for_an_article_and_a_warning_in_the_footer(
    elsewhere: Elsewhere, status: int
):
    dead = elsewhere.says("/dead", status=status)
    ((severity, text),) = followed(material(dead))
    assert (severity, f"“Article 0” is dead ({status})" in text) == (ERROR, True)
    fine = elsewhere.says("/fine")
    ((severity, _),) = followed(material(fine, extra=dead))
    assert severity == WARNING
    for extra in (dead, ""):  # also where the mail leads there by a detour
        ((severity, _),) = followed(material(fine, extra=extra, in_words=frozenset({dead})))
        assert severity == ERROR


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_what_a_robot_is_refused_may_open_for_people(elsewhere: Elsewhere, status: int):
    ((severity, text),) = followed(material(elsewhere.says("/closed", status=status)))
    assert (severity, f"it says {status}" in text) == (WARNING, True)


def test_a_host_that_nobody_knows_is_an_error_where_names_are_known_at_all(elsewhere: Elsewhere):
    nowhere = "https://nowhere.invalid/x"
    ((severity, _),) = followed(material(nowhere, elsewhere.says("/fine")))
    assert severity == ERROR
    ((severity, _),) = followed(material(nowhere))  # nor is our own: this machine has no network
    assert severity == WARNING


def test_a_private_address_is_an_error_that_is_named():
    ((severity, text),) = followed(material("https://10.0.0.7/un-port"))
    assert (severity, "10.0.0.7 is not on the public Internet" in text) == (ERROR, True)


def test_all_links_together_have_one_deadline(elsewhere: Elsewhere):
    def slow(handler: Handler) -> None:
        time.sleep(0.4)

    for number in range(20):
        elsewhere.answers[f"/slow/{number}"] = slow
    begun = time.monotonic()
    found = followed(material(*(elsewhere.url(f"/slow/{one}") for one in range(20))), seconds=0.3)
    assert time.monotonic() - begun < 2
    assert {severity for severity, _ in found} == {WARNING}
    assert any("not looked at for lack of time" in text for _, text in found)


def test_pages_of_our_own_are_known_without_asking():
    made = material(
        f"{SITE}/articles/un-port",
        f"{SITE}/articles/withdrawn",
        extra=f"{SITE}/nobody",
        own_pages=frozenset({"/articles/un-port"}),
    )
    assert rule.to_ask(made) == []
    found = {one.where: one.severity for one in rule.check(made, Answers({}))}
    assert found == {f"{SITE}/articles/withdrawn": ERROR, f"{SITE}/nobody": WARNING}


def test_links_without_https_or_to_nowhere_are_told():
    plain = "http://ailleurs.example/"
    made = material(plain, extra="javascript:alert(1)")
    answers = Answers({plain: Link(plain, status=200)})
    told = [(one.severity, one.check, one.where) for one in rule.check(made, answers)]
    assert told == [(WARNING, "link", "javascript:alert(1)"), (WARNING, "https", plain)]
    fine = material("https://ailleurs.example/", extra="mailto:redaction@relais.example")
    assert list(rule.check(fine, Answers({}))) == []


def test_a_language_is_recognised_in_a_teaser_and_not_in_a_title():
    english = (
        "A port measures its smoke and now publishes every hour what it measured, by the quay."
    )
    found = recognise(english)
    assert found is not None
    assert found[0] == "en"
    assert recognise("Un port") is None
