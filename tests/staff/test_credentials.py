"""What people prove with that it is them, on both databases."""

from datetime import timedelta

import pytest
from house import House
from hypothesis import given
from hypothesis import strategies as st
from newsroom import add_person
from pyotp import TOTP, random_base32
from sqlalchemy import select

from colporteur.db import writing
from colporteur.db.tables.staff import staff_links
from colporteur.exceptions import PersonRefused, UnknownName
from colporteur.sealing import seal, unseal
from colporteur.staff import audit, credentials, links, second_factor, sessions, standing
from colporteur.staff.links import LASTS, Purpose
from colporteur.staff.people import Role

KEY = "k" * 32
STEP = timedelta(seconds=30)


def test_a_link_opens_once_for_a_while_and_a_newer_one_ends_it(house: House):
    lea = add_person(house)
    with writing(house.engine) as connection:
        first = links.make(connection, Purpose.RESET, lea.id, house.now)
        second = links.make(connection, Purpose.RESET, lea.id, house.now)
        assert links.opened(connection, first, house.now) is None
        late = house.now + LASTS[Purpose.RESET]
        assert links.opened(connection, second, late) is None
        found = links.opened(connection, second, late - STEP)
        assert found is not None
        assert found.person == lea
        assert links.use(connection, found, house.now)
        assert not links.use(connection, found, house.now)
        assert links.opened(connection, second, house.now) is None
        for days, gone in ((0, 0), (40, 2)):
            ended = links.ended(house.now + timedelta(days=days))
            assert len(connection.execute(select(staff_links.c.id).where(ended)).all()) == gone


def test_a_code_works_once_and_those_before_it_no_more(house: House):
    lea, other = add_person(house), add_person(house, address="other@relais.example")
    with writing(house.engine) as connection:
        second_factor.begin(connection, KEY, lea.id)
        secret = second_factor.waiting_secret(connection, KEY, lea.id)
        assert secret is not None
        assert second_factor.waiting_secret(connection, "another key", lea.id) is None
        phone, now = TOTP(secret), house.now
        before, present, after = (phone.at(now + turn * STEP) for turn in (-1, 0, 1))
        codes = second_factor.turn_on(connection, KEY, lea.id, present, now)
        assert len(set(codes)) == 10
        assert not second_factor.passes(connection, KEY, lea.id, present, now)
        assert not second_factor.passes(connection, KEY, lea.id, before, now)
        assert second_factor.passes(connection, KEY, lea.id, after, now)
        assert not second_factor.passes(connection, "another key", lea.id, after, now + STEP)
        assert not second_factor.passes(connection, KEY, other.id, codes[0], now)
        assert second_factor.passes(connection, KEY, lea.id, f" {codes[0].lower()} ", now)
        assert not second_factor.passes(connection, KEY, lea.id, codes[0], now)
        assert second_factor.recovery_codes_left(connection, lea.id) == 9
        second_factor.begin(connection, KEY, lea.id)  # it is on: nobody replaces it by this
        assert second_factor.passes(connection, KEY, lea.id, phone.at(now + 2 * STEP), now + STEP)
        assert second_factor.turn_off(connection, lea.id)
        assert second_factor.recovery_codes_left(connection, lea.id) == 0
        assert not second_factor.passes(connection, KEY, lea.id, codes[1], now)


def test_a_password_that_is_chosen_ends_sessions_and_links(house: House):
    lea = add_person(house)
    with writing(house.engine) as connection:
        known = credentials.of_person(connection, lea.id)
        assert known is not None
        assert credentials.nobody_signs_in(connection)
        cookie = sessions.begin(connection, lea, agent="", ip=None, now=house.now)
        link = links.make(connection, Purpose.INVITED, lea.id, house.now)
        credentials.keep_password(connection, lea.id, "a hash", house.now)
        assert sessions.signed_in(connection, cookie, house.now) is None
        assert links.opened(connection, link, house.now) is None
        assert not credentials.unchanged(connection, known)
        assert not credentials.nobody_signs_in(connection)
        assert "a hash" not in repr(credentials.of_address(connection, lea.address))


def test_there_is_always_an_admin_who_can_sign_in(house: House):
    ada = add_person(house, Role.ADMIN, "ada@relais.example")
    eve = add_person(house, Role.ADMIN, "eve@relais.example")
    with writing(house.engine) as connection:
        credentials.keep_password(connection, ada.id, "a hash", house.now)
        for deed in (
            lambda: standing.set_role(connection, ada.id, Role.EDITOR),
            lambda: standing.disable(connection, ada.id, house.now),
        ):
            with pytest.raises(PersonRefused, match="Nobody would be left"):
                deed()
        assert standing.set_role(connection, eve.id, Role.EDITOR) is Role.ADMIN
        assert standing.disable(connection, eve.id, house.now)
        assert not standing.disable(connection, eve.id, house.now)
        assert standing.enable(connection, eve.id)
        with pytest.raises(UnknownName):
            standing.set_role(connection, 4711, Role.EDITOR)


def test_the_log_is_read_by_first_words(house: House):
    with writing(house.engine) as connection:
        for action in ("person.role", "persons.x", "token.made", "article.written"):
            audit.note(connection, "the command line", action, "x:1", {}, house.now)
        found = audit.noted(connection, limit=9, families=("person", "token"))
        assert [one.action for one in found] == ["token.made", "person.role"]
        assert audit.who_did(connection) == ["the command line"]


@given(st.integers(-3, 3), st.integers(0, 29))
def test_a_code_of_now_and_of_the_steps_beside_it_fits(turn: int, second: int):
    secret, now = random_base32(), House.now + timedelta(seconds=second)
    found = second_factor.matching_step(secret, TOTP(secret).at(now + turn * STEP), now)
    assert found == (TOTP(secret).timecode(now) + turn if abs(turn) <= 1 else None)


@given(st.text())
def test_what_is_sealed_is_read_with_its_key_and_for_its_purpose_alone(text: str):
    sealed = seal(KEY, "one", text)
    assert unseal(KEY, "one", sealed) == text
    assert unseal(KEY, "other", sealed) is None
    assert unseal("another", "one", sealed) is None
    assert unseal(KEY, "one", text) is None
