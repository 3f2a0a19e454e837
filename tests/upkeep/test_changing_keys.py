"""The secret key is changed, and what was made with the one before goes on."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from api_house import Mint
from asking import Ask, asker, make_app
from house import House
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection, select

from colporteur.audience.links import private_feed_link
from colporteur.care.resealing import name_of, opened, reseal
from colporteur.clock import utcnow
from colporteur.config import load_settings
from colporteur.config.variables import renew_secret
from colporteur.db import reading, writing
from colporteur.db.tables.audience import subscriptions
from colporteur.db.tables.webhooks import webhooks
from colporteur.exceptions import ConfigurationError, TokenExpired, TokenInvalid
from colporteur.feedback.ears import Ears
from colporteur.feedback.ways.gate import Gate, gate
from colporteur.sealing import seal, unseal
from colporteur.staff import people, second_factor
from colporteur.staff.tokens import Scope, Token, ghost_secret
from colporteur.tokens import (
    BOUNCE,
    CLICK,
    MESSAGE_ID,
    PREFERENCES,
    UNSUBSCRIBE,
    fingerprint,
    is_fingerprint,
    make_passing,
    make_tag,
    make_token,
    passing_maker,
    read_pair,
    read_passing,
    read_tag,
    read_token,
    token_maker,
)
from colporteur.webhooks import endpoints
from colporteur.webhooks.endpoints import PURPOSE
from colporteur.webhooks.kinds import Kind

OLD, NEW, OTHER = "o" * 32, "n" * 32, "x" * 32
UNTIL = datetime(2026, 11, 24, 12, tzinfo=UTC)
KEYS = st.lists(st.text("abcdef", min_size=4, max_size=4), min_size=1, max_size=4, unique=True)
IDS = st.integers(0, 2**40 - 1)


@given(keys=KEYS.map(tuple), value=IDS)
def test_each_key_that_is_kept_is_believed_and_the_first_makes_what_is_made(keys, value):
    for one in keys:
        assert read_token(keys, UNSUBSCRIBE, make_token(one, UNSUBSCRIBE, value)) == value
        assert read_tag(keys, BOUNCE, make_tag(one, BOUNCE, value)) == value
        assert read_pair(keys, CLICK, make_token(one, CLICK, (value, "é"))) == (value, "é")
        assert is_fingerprint(keys, MESSAGE_ID, "7", fingerprint(one, MESSAGE_ID, "7"))
        assert unseal(keys, "it", seal(one, "it", "secret")) == "secret"
    first = keys[0]
    assert make_token(keys, UNSUBSCRIBE, value) == make_token(first, UNSUBSCRIBE, value)
    assert token_maker(keys, UNSUBSCRIBE)(value) == make_token(first, UNSUBSCRIBE, value)
    assert make_tag(keys, BOUNCE, value) == make_tag(first, BOUNCE, value)
    assert fingerprint(keys, MESSAGE_ID, "7") == fingerprint(first, MESSAGE_ID, "7")
    made = passing_maker(keys, PREFERENCES, UNTIL)(value)
    assert made == make_passing(first, PREFERENCES, value, UNTIL)
    assert unseal(first, "it", seal(keys, "it", "secret")) == "secret"


@given(keys=KEYS.map(tuple), value=IDS)
def test_a_key_that_was_dropped_and_another_purpose_are_believed_no_more(keys, value):
    for token in (make_token(OTHER, UNSUBSCRIBE, value), make_token(keys, PREFERENCES, value)):
        with pytest.raises(TokenInvalid):
            read_token(keys, UNSUBSCRIBE, token)
    for tag in (make_tag(OTHER, BOUNCE, value), make_tag(keys, "leave", value)):
        with pytest.raises(TokenInvalid):
            read_tag(keys, BOUNCE, tag)
    assert not is_fingerprint(keys, MESSAGE_ID, "7", fingerprint(OTHER, MESSAGE_ID, "7"))
    assert unseal(keys, "it", seal(OTHER, "it", "secret")) is None
    late = make_passing(keys[-1], PREFERENCES, value, UNTIL)
    with pytest.raises(TokenExpired):
        read_passing(keys, PREFERENCES, late, UNTIL + timedelta(seconds=1))


def test_fallbacks_are_keys_between_spaces_or_lines_and_one_that_is_short_stops_the_start(
    tmp_path: Path,
):
    file = tmp_path / "former"
    file.write_text(f"{OLD}\n{OTHER}\n", encoding="ascii")
    name = "COLPORTEUR_SECRET_KEY_FALLBACKS"
    for given_as in ({name: f"{OLD} {OTHER}"}, {f"{name}_FILE": str(file)}):
        found = load_settings({"COLPORTEUR_SECRET_KEY": NEW, **given_as}, tmp_path / "none")
        assert found.secret_keys == (NEW, OLD, OTHER)
        assert OLD not in repr(found)
    file.write_text(f"{NEW}\n{OLD}\n", encoding="ascii")  # as an embedded run keeps them
    lines = {"COLPORTEUR_SECRET_KEY_FILE": str(file), name: OTHER}
    assert load_settings(lines, tmp_path / "none").secret_keys == (NEW, OLD, OTHER)
    with pytest.raises(ConfigurationError, match=f"{name}: must be keys of at least") as refused:
        load_settings({"COLPORTEUR_SECRET_KEY": NEW, name: f"{OLD} short-one"}, tmp_path / "none")
    assert "short-one" not in str(refused.value)


def test_an_installation_that_keeps_its_own_key_gets_a_new_one_in_front_of_the_old(tmp_path: Path):
    own = {"COLPORTEUR_DATA_DIR": str(tmp_path / "var")}
    first = load_settings(own, tmp_path / "none")
    path = renew_secret(first)
    then = load_settings(own, tmp_path / "none")
    assert then.secret_keys == (then.secret_key, first.secret_key)
    assert then.secret_key != first.secret_key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["secret_key"]
    by_hand = load_settings({**own, "COLPORTEUR_SECRET_KEY": NEW}, tmp_path / "none")
    with pytest.raises(ConfigurationError, match="set by hand"):
        renew_secret(by_hand)
    assert load_settings(own, tmp_path / "none") == then


def test_links_of_a_year_ago_go_on_after_the_change(house: House, tmp_path: Path):
    reader = house.subscribe("amina@example.org")
    leaving = f"/unsubscribe/{make_token(OLD, UNSUBSCRIBE, reader.subscription_id)}"
    feed = private_feed_link(OLD, "", reader.subscriber_id, "no key of theirs")
    ask = asker(make_app(house, tmp_path, secret_key=NEW, secret_key_fallbacks=OLD))
    assert ask("GET", f"{feed}.rss").text == ask("GET", f"{feed}.atom").text  # it has a new one
    assert "has a new one" in ask("GET", f"{feed}.rss").text
    forgetful = asker(make_app(house, tmp_path, secret_key=NEW))
    assert forgetful("POST", leaving).status_code == 404
    assert ask("POST", leaving, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    with reading(house.engine) as connection:
        assert connection.scalar(select(subscriptions.c.state)) == "unsubscribed"


def test_bounces_and_ghosts_webhooks_made_with_the_old_key_are_heard(house: House, tmp_path: Path):
    ears = Ears((NEW, OLD), "bounces.example.org")
    assert gate(f"b+{make_tag(OLD, BOUNCE, 7)}@bounces.example.org", ears) is Gate.OPEN
    assert gate(f"b+{make_tag(OTHER, BOUNCE, 7)}@bounces.example.org", ears) is Gate.FORGED
    _, token = Mint(house)(Scope.GHOST)
    ask = asker(make_app(house, tmp_path, secret_key=NEW, secret_key_fallbacks=OLD))
    answers = [_from_ghost(ask, token, key) for key in (OLD, NEW, OTHER)]
    assert answers == [200, 200, 401]


def test_what_is_sealed_is_sealed_anew_and_what_no_key_opens_stays(house: House):
    with writing(house.engine) as connection:
        person, _ = people.add(connection, "a@example.org", name="", role=None, now=utcnow())
        second_factor.begin(connection, OLD, person.id)
        phone = second_factor.waiting_secret(connection, OLD, person.id)
        hooks = [_hook(connection, key) for key in (OLD, NEW, OTHER)]
    keys = (NEW, OLD)
    with writing(house.engine) as connection:
        assert [(one.by_key, one.by_none) for one in opened(connection, keys)] == [
            ((0, 1), 0),
            ((1, 1), 1),
        ]
        before = _secret_of(connection, hooks[2])
        assert list(reseal(connection, keys).values()) == [1, 1]
        assert list(reseal(connection, keys).values()) == [0, 0]
        assert [(one.by_key, one.by_none) for one in opened(connection, keys)] == [
            ((1, 0), 0),
            ((2, 0), 1),
        ]
        assert second_factor.waiting_secret(connection, NEW, person.id) == phone
        assert _secret_of(connection, hooks[2]) == before
        assert unseal(NEW, PURPOSE, _secret_of(connection, hooks[0])) is not None
    assert name_of(NEW) != name_of(OLD)
    assert NEW not in name_of(NEW)


def _from_ghost(ask: Ask, token: Token, key: str) -> int:
    body, moment = b"{}", str(int(utcnow().timestamp() * 1000))
    mark = hmac.new(ghost_secret(key, token).encode(), body + moment.encode(), hashlib.sha256)
    headers = {
        "Content-Type": "application/json",
        "X-Ghost-Signature": f"sha256={mark.hexdigest()}, t={moment}",
    }
    return ask("POST", f"/api/v1/ghost/{token.hint}", content=body, headers=headers).status_code


def _hook(connection: Connection, key: str) -> int:
    said: dict[str, Any] = {"name": "", "kinds": [Kind.ARTICLE_PUBLISHED], "by": "test"}
    made = endpoints.add(connection, key, url="https://hook.example/", now=utcnow(), **said)
    assert made is not None
    return made[0].id


def _secret_of(connection: Connection, number: int) -> str:
    return str(connection.scalar(select(webhooks.c.secret).where(webhooks.c.id == number)))
