"""Ghost's webhooks: who signed them, and what they do."""

import contextlib
import hashlib
import hmac
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from api_house import Mint
from asking import Ask, asker, make_app
from house import NOW, SITE, House
from hypothesis import given
from hypothesis import strategies as st

from colporteur.articles.article import Article
from colporteur.articles.formats.ghost import Happened, read_event
from colporteur.articles.store import by_key, topic_slugs
from colporteur.clock import utcnow
from colporteur.config import Settings
from colporteur.db import reading
from colporteur.exceptions import ArticleRefused
from colporteur.staff.tokens import Scope, Token, ghost_secret, revoke
from colporteur.tasks import Runtime
from colporteur.templating import Templates
from colporteur.web.api import api_app
from colporteur.web.api.ghost import Form, signed
from colporteur.web.api.rates import Allowances

DATABASES = ("sqlite",)  # the stores below have their tests on both

UUID = "001cdb2b-98bf-4b05-b46c-15b3b93cade0"
POST: dict[str, Any] = {
    "id": "67447438e61fb200012f48e0",
    "uuid": UUID,
    "title": "Tri aux urgences",
    "slug": "tri",
    "html": '<p>Le texte entier, avec <a href="/autre/">un lien</a>.</p>',
    "feature_image": "https://blog.example/content/images/tri.jpg",
    "feature_image_alt": "Une salle d’attente",
    "status": "published",
    "visibility": "public",
    "published_at": "2026-11-20T09:00:00.000Z",
    "custom_excerpt": None,
    "excerpt": "Le texte entier",
    "url": "https://blog.example/tri/",
    "tags": [{"name": "Health", "slug": "sante"}, {"name": "#intern", "slug": "hash-intern"}],
    "authors": [{"name": "Leïla", "email": "leila@example.org"}],
}
PUBLISHED = {"status": "draft", "updated_at": "2026-11-20T08:59:00.000Z"}


def event(current: dict[str, Any], previous: dict[str, Any]) -> dict[str, Any]:
    return {"post": {"current": current, "previous": previous}}


def header(secret: str, body: bytes, age: timedelta = timedelta(), *, old: bool = False) -> str:
    moment = str(int((utcnow() - age).timestamp() * 1000))
    what = body if old else body + moment.encode()
    return f"sha256={hmac.new(secret.encode(), what, hashlib.sha256).hexdigest()}, t={moment}"


class Ghost:
    """A blog that posts to our web, as its custom integration does."""

    def __init__(self, ask: Ask, token: Token) -> None:
        self.ask = ask
        self.token = token
        self.secret = ghost_secret("k" * 32, token)

    def send(self, payload: Any, signature: str | None = None):
        body = json.dumps(payload).encode()
        headers = {"Content-Type": "application/json"}
        headers["X-Ghost-Signature"] = header(self.secret, body) if signature is None else signature
        return self.ask("POST", f"/api/v1/ghost/{self.token.hint}", content=body, headers=headers)

    def outcome(self, current: dict[str, Any], previous: dict[str, Any]) -> str:
        found = self.send(event(current, previous))
        assert found.status_code == 200, found.text
        return str(found.json()["outcome"])


@pytest.fixture
def ghost(ask: Ask, mint: Mint) -> Ghost:
    return Ghost(ask, mint(Scope.GHOST, name="blog")[1])


def article(house: House) -> Article:
    with reading(house.engine) as connection:
        found = by_key(connection, f"ghost:{UUID}")
    assert found is not None
    return found


def test_a_published_post_becomes_an_article(ghost: Ghost, house: House):
    assert ghost.outcome(POST, PUBLISHED) == "added"
    found = article(house)
    assert (found.title, found.url) == ("Tri aux urgences", "https://blog.example/tri/")
    assert 'href="https://blog.example/autre/"' in found.body_html
    assert not found.teaser_given
    assert found.authors == ("Leïla",)
    assert found.image is not None
    assert found.image.alt == "Une salle d’attente"
    assert found.published_at is not None
    assert found.published_at.isoformat() == "2026-11-20T09:00:00+00:00"
    assert found.body_public
    with reading(house.engine) as connection:
        assert [topic_slugs(connection)[one] for one in found.topics] == ["health"]
    assert ghost.outcome(POST, PUBLISHED) == "unchanged"


def test_a_teaser_is_only_what_somebody_wrote_and_members_texts_are_not_public(
    ghost: Ghost, house: House
):
    ghost.outcome(POST | {"custom_excerpt": "L’extrait.", "visibility": "paid"}, PUBLISHED)
    found = article(house)
    assert (found.teaser, found.teaser_given, found.body_public) == ("L’extrait.", True, False)


def test_an_edit_is_a_correction_unless_the_title_changed(ghost: Ghost, house: House):
    ghost.outcome(POST, PUBLISHED)
    mended = POST | {"html": "<p>Le texte, corrigé.</p>"}
    assert ghost.outcome(mended, {"html": POST["html"]}) == "updated"
    assert article(house).version == 1
    assert "corrigé" in article(house).body_html
    renamed = mended | {"title": "Tri, la suite"}
    assert ghost.outcome(renamed, {"title": POST["title"]}) == "updated"
    assert article(house).version == 2


def test_unpublished_is_withdrawn_and_published_again_is_back_at_its_place(
    ghost: Ghost, house: House
):
    ghost.outcome(POST, PUBLISHED)
    number = article(house).number
    draft = POST | {"status": "draft"}
    assert ghost.outcome(draft, {"status": "published"}) == "withdrawn"
    assert article(house).state == "withdrawn"
    assert ghost.outcome(POST | {"html": "<p>Autre.</p>"}, {"html": POST["html"]}) == "updated"
    assert article(house).state == "withdrawn"  # an edit alone brings nothing back
    assert ghost.outcome(POST, PUBLISHED) == "updated"
    assert (article(house).state, article(house).number) == ("published", number)
    assert ghost.outcome({}, POST) == "withdrawn"


@pytest.mark.parametrize(
    "payload",
    [
        event(POST | {"status": "draft"}, {"title": "Avant"}),
        event(POST | {"status": "scheduled"}, {"status": "draft"}),
        event(POST | {"status": "sent"}, {"status": "draft"}),
        event({}, POST | {"status": "draft"}),
        event({}, POST),  # one that we were never told of
        {"page": {"current": POST, "previous": {}}},
        {"member": {"current": {}, "previous": {}}},
        {},
    ],
)
def test_what_is_no_business_of_ours_is_ignored(ghost: Ghost, payload: dict[str, Any]):
    found = ghost.send(payload)
    assert (found.status_code, found.json()) == (200, {"outcome": "ignored"})


@pytest.mark.parametrize(
    "payload",
    [
        [],
        {"post": []},
        {"post": {"current": POST}},
        event(POST | {"uuid": None}, PUBLISHED),
        event(POST | {"title": 1}, PUBLISHED),
        event(POST | {"published_at": "hier"}, PUBLISHED),
        event(POST | {"html": None}, PUBLISHED),
        event(POST | {"title": ""}, PUBLISHED),
    ],
)
def test_what_ghost_would_not_send_is_refused(ghost: Ghost, payload: Any):
    found = ghost.send(payload)
    assert found.status_code == 422
    assert found.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "record",
    [
        {"feature_image": "http://["},
        {"feature_image": None},
        {"url": "nowhere"},
        {"tags": None, "authors": None},
        {"tags": ["a"], "authors": [{"name": None}]},
    ],
)
def test_what_is_odd_about_a_post_is_left_out(ghost: Ghost, record: dict[str, Any]):
    assert ghost.outcome(POST | record, PUBLISHED) == "added"


def test_a_body_that_somebody_else_signed_changes_nothing(ghost: Ghost, ask: Ask):
    body = json.dumps(event(POST, PUBLISHED)).encode()
    for signature in (
        "",
        "sha256=, t=",
        header("another secret", body),
        header(ghost.secret, body + b" "),
        header(ghost.secret, body, timedelta(minutes=6)),
        header(ghost.secret, body, -timedelta(minutes=6)),
        header(ghost.secret, body).replace("sha256", "sha1"),
    ):
        assert ghost.send(event(POST, PUBLISHED), signature).status_code == 401
    assert (
        ghost.send(event(POST, PUBLISHED), header(ghost.secret, body, old=True)).status_code == 200
    )


def test_only_a_token_for_ghost_opens_its_door_and_it_opens_nothing_else(
    ask: Ask, mint: Mint, house: House, ghost: Ghost
):
    other = Ghost(ask, mint()[1])
    assert other.send(event(POST, PUBLISHED)).status_code == 401
    text, _ = mint(Scope.GHOST)
    bearer = {"Authorization": f"Bearer {text}"}
    assert ask("GET", "/api/v1/articles", headers=bearer).status_code == 403
    with house.open() as (connection, _, _):
        revoke(connection, ghost.token.hint, house.now)
    assert ghost.send(event(POST, PUBLISHED)).status_code == 401
    for hint in ("col_nothing0", "%00", "é"):
        assert ask("POST", f"/api/v1/ghost/{hint}").status_code == 401


def test_another_installations_secret_opens_nothing(house: House, mint: Mint, tmp_path: Path):
    ask = asker(make_app(house, tmp_path, secret_key="o" * 32))
    ghost = Ghost(ask, mint(Scope.GHOST)[1])
    assert ghost.send(event(POST, PUBLISHED)).status_code == 401


@given(st.binary(max_size=50), st.binary(max_size=50), st.integers(-299_000, 299_000))
def test_a_signature_is_of_one_body_only(body: bytes, other: bytes, age: int):
    moment = str(int(NOW.timestamp() * 1000) + age)
    made = hmac.new(b"s", body + moment.encode(), hashlib.sha256).hexdigest()
    assert signed("s", f"sha256={made}, t={moment}", body, NOW) is Form.WITH_TIME
    found = signed("s", f"sha256={made}, t={moment}", other, NOW)
    assert found is (Form.WITH_TIME if body == other else None)


@given(
    st.recursive(
        st.none() | st.text(max_size=5) | st.integers(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["post", "current", "previous", "status", "uuid", "title"]), inner
            )
        ),
    )
)
def test_any_payload_is_read_or_refused(payload: Any):
    with contextlib.suppress(ArticleRefused):
        assert read_event(payload).happened in Happened


def at(second: int, **changes: Any) -> dict[str, Any]:
    """The post as it was changed at a second."""
    return POST | {"updated_at": f"2026-11-20T09:00:{second:02}.000Z"} | changes


def test_a_post_that_a_source_brought_is_taken_back_by_its_address(ghost: Ghost, house: House):
    house.take("Tri", teaser="Un.", url=POST["url"], external_id="https://blog.example/?p=1")
    draft = at(9, status="draft")
    assert ghost.outcome(draft, {"status": "published"}) == "withdrawn"
    assert article(house).state == "withdrawn"  # and it is known by its id from now on
    assert ghost.outcome(at(11), PUBLISHED) == "updated"
    assert article(house).state == "published"
    with reading(house.engine) as connection:
        assert by_key(connection, "https://blog.example/?p=1") == article(house)


def test_a_draft_is_known_by_the_address_that_it_had(ghost: Ghost, house: House):
    house.take("Tri", teaser="Un.", url=POST["url"], external_id="https://blog.example/?p=1")
    draft = at(9, status="draft", url=f"https://blog.example/p/{UUID}/")
    assert ghost.outcome(draft, {"status": "published"}) == "withdrawn"


def test_what_is_older_than_what_was_told_is_ignored(ghost: Ghost, house: House):
    assert ghost.outcome(at(10), PUBLISHED) == "added"
    assert ghost.outcome(at(12, title="Neuf"), {"title": "Tri"}) == "updated"
    assert ghost.outcome(at(11, title="Vieux"), {"title": "Tri"}) == "ignored"
    assert ghost.outcome(at(11, status="draft"), {"status": "published"}) == "ignored"
    assert (article(house).title, article(house).state) == ("Neuf", "published")
    # Two edits in one second look alike to a Ghost whose database counts in seconds.
    assert ghost.outcome(at(12, title="Plus neuf"), {"title": "Neuf"}) == "updated"
    assert ghost.outcome({}, at(12)) == "withdrawn"
    assert ghost.outcome(at(12), PUBLISHED) == "ignored"
    assert article(house).state == "withdrawn"


def test_an_old_signature_cannot_be_used_again(ghost: Ghost, house: House):
    def old(payload: dict[str, Any]) -> str:
        body = json.dumps(payload).encode()
        return str(ghost.send(payload, header(ghost.secret, body, old=True)).json()["outcome"])

    published, renamed = event(at(10), PUBLISHED), event(at(11, title="Neuf"), {"title": "Tri"})
    assert old(published) == "added"
    assert old(published) == "ignored"
    assert old(renamed) == "updated"
    assert old(published) == "ignored"
    assert article(house).title == "Neuf"
    assert old(event({}, at(11))) == "withdrawn"
    assert [old(published), old(renamed)] == ["ignored", "ignored"]
    assert article(house).state == "withdrawn"
    assert old(event(POST, PUBLISHED)) == "ignored"  # it does not say when it changed


def test_a_stranger_who_knows_the_address_keeps_no_webhook_out(
    house: House, mint: Mint, tmp_path: Path
):
    settings = Settings(secret_key="k" * 32, base_url=SITE, broker_url="memory://")
    runtime = Runtime(settings, house.engine, Templates(settings.template_folders))
    app = api_app(runtime, Allowances(writes=3, failures=9))
    token = mint(Scope.GHOST)[1]
    stranger, own = (Ghost(asker(app, f"192.0.2.{number}"), token) for number in (1, 2))
    found = [stranger.send(event(POST, PUBLISHED), "").status_code for _ in range(5)]
    assert found == [401, 401, 401, 429, 429]
    assert own.outcome(POST, PUBLISHED) == "added"
    assert [own.outcome(POST, PUBLISHED) for _ in range(2)] == ["unchanged"] * 2
    assert own.send(event(POST, PUBLISHED)).status_code == 429
