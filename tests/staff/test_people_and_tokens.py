import hashlib
from datetime import timedelta

import pytest
from house import NOW
from sqlalchemy import Engine, select, update

from colporteur.db import reading, writing
from colporteur.db.tables.staff import api_tokens, users
from colporteur.exceptions import AddressRefused, ColporteurError, UnknownName
from colporteur.staff import people, tokens
from colporteur.staff.people import Person, Role
from colporteur.staff.tokens import Scope, Token


def person(engine: Engine, address: str = "leila@example.org") -> Person:
    with writing(engine) as connection:
        return people.add(connection, address, name=None, role=None, now=NOW)[0]


def minted(engine: Engine, lasts: timedelta | None = None) -> tuple[str, Token]:
    holder = person(engine)
    with writing(engine) as connection:
        return tokens.mint(connection, holder.id, "cms", [Scope.ARTICLES_WRITE], NOW, lasts)


def test_somebody_added_twice_is_one_person_whatever_the_spelling(engine: Engine):
    with writing(engine) as connection:
        first, new = people.add(connection, "Leila@Example.org", name="L", role=None, now=NOW)
        again, new_again = people.add(
            connection, "leila@example.ORG", name=None, role=Role.ADMIN, now=NOW
        )
        assert (new, new_again) == (True, False)
        assert (first.role, again.role) == (Role.EDITOR, Role.ADMIN)
        assert again.name == "L"
        assert people.listing(connection) == [again]
        assert people.by_address(connection, "LEILA@example.org") == again


@pytest.mark.parametrize("address", ["leila", "leila@", "a b@example.org", ""])
def test_what_is_no_address_is_refused(engine: Engine, address: str):
    with pytest.raises(AddressRefused):
        person(engine, address)


def test_an_unknown_address_leads_to_the_list(engine: Engine):
    with reading(engine) as connection, pytest.raises(UnknownName, match="Nobody") as caught:
        people.by_address(connection, "nobody@example.org")
    assert "users list" in caught.value.cure


def test_a_token_is_found_by_its_text_and_only_its_hash_is_stored(engine: Engine):
    text, made = minted(engine)
    assert text.startswith("col_")
    assert len(text) == 47
    with reading(engine) as connection:
        assert tokens.valid(connection, text, NOW) == made
        row = connection.execute(select(api_tokens)).one()
    assert row.token_hash == hashlib.sha256(text.encode()).hexdigest()
    assert made.hint == text[:12]
    assert text not in [str(value) for value in row]


@pytest.mark.parametrize("text", ["", "col_", "col_" + "a" * 43, "\0", "col_" + "é" * 43])
def test_any_other_text_is_no_token(engine: Engine, text: str):
    minted(engine)
    with reading(engine) as connection:
        assert tokens.valid(connection, text, NOW) is None
        assert tokens.valid_by_hint(connection, text, NOW) is None


def test_a_token_ends_on_its_day(engine: Engine):
    text, _ = minted(engine, timedelta(days=1))
    with reading(engine) as connection:
        assert tokens.valid(connection, text, NOW + timedelta(hours=23))
        assert tokens.valid(connection, text, NOW + timedelta(days=1)) is None


def test_a_revoked_token_is_none_at_once_and_twice_is_once(engine: Engine):
    text, made = minted(engine)
    with writing(engine) as connection:
        assert tokens.revoke(connection, made.hint, NOW)
        assert not tokens.revoke(connection, made.hint, NOW)
        assert tokens.valid(connection, text, NOW) is None
        assert tokens.valid_by_hint(connection, made.hint, NOW) is None
        with pytest.raises(UnknownName):
            tokens.revoke(connection, "col_nothing0", NOW)


def test_the_tokens_of_somebody_disabled_open_nothing(engine: Engine):
    text, _ = minted(engine)
    with writing(engine) as connection:
        connection.execute(update(users).values(disabled_at=NOW))
        assert tokens.valid(connection, text, NOW) is None


def test_a_use_is_news_once_an_hour(engine: Engine):
    text, made = minted(engine)
    assert made.use_is_news(NOW)
    with writing(engine) as connection:
        tokens.note_use(connection, made, NOW)
        used = tokens.valid(connection, text, NOW)
    assert used is not None
    assert not used.use_is_news(NOW + timedelta(minutes=59))
    assert used.use_is_news(NOW + timedelta(hours=1))


@pytest.mark.parametrize("name", ["", " ", "a\nb", "a" * 101])
def test_a_tokens_name_is_printable(engine: Engine, name: str):
    holder = person(engine)
    with writing(engine) as connection, pytest.raises(ColporteurError, match="token's name"):
        tokens.mint(connection, holder.id, name, [Scope.ARTICLES_READ], NOW)


def test_ghosts_secret_is_bound_to_the_key_and_to_the_token(engine: Engine):
    _, one = minted(engine)
    _, other = minted(engine)
    secret = tokens.ghost_secret("k" * 32, one)
    assert secret == tokens.ghost_secret("k" * 32, one)
    assert secret not in {tokens.ghost_secret("o" * 32, one), tokens.ghost_secret("k" * 32, other)}
