from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.exceptions import TokenExpired, TokenInvalid
from colporteur.tokens import (
    BOUNCE,
    CLICK,
    LEAVE_BY_MAIL,
    MESSAGE_ID,
    PREFERENCES,
    UNSUBSCRIBE,
    fingerprint,
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

UNTIL = datetime(2026, 12, 20, 8, tzinfo=UTC)
KEY, OTHER_KEY = "k" * 32, "o" * 32


@given(st.integers(0, 2**63))
def test_a_token_carries_its_value_and_needs_no_quoting_in_a_link(value):
    token = make_token(KEY, UNSUBSCRIBE, value)
    assert read_token(KEY, UNSUBSCRIBE, token) == value
    assert set(token) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")


@given(st.integers(-5, 2**63) | st.integers(0, 9).map(lambda digit: int(f"{digit}" * 19)))
def test_tokens_made_in_bulk_are_the_same(value):
    assert token_maker(KEY, UNSUBSCRIBE)(value) == make_token(KEY, UNSUBSCRIBE, value)


def test_the_same_purpose_and_value_give_the_same_token():
    assert make_token(KEY, UNSUBSCRIBE, 7) == make_token(KEY, UNSUBSCRIBE, 7)


@pytest.mark.parametrize(("key", "purpose"), [(KEY, "preferences"), (OTHER_KEY, UNSUBSCRIBE)])
def test_a_token_opens_nothing_but_its_purpose(key, purpose):
    with pytest.raises(TokenInvalid):
        read_token(key, purpose, make_token(KEY, UNSUBSCRIBE, 7))


@given(st.data())
def test_a_token_with_one_character_changed_is_refused(data):
    token = make_token(KEY, UNSUBSCRIBE, 7)
    at = data.draw(st.integers(0, len(token) - 2))  # the last one holds bits that are not read
    other = data.draw(st.sampled_from("aZ0-_.é").filter(lambda char: char != token[at]))
    with pytest.raises(TokenInvalid):
        read_token(KEY, UNSUBSCRIBE, token[:at] + other + token[at + 1 :])


@given(st.integers(0, 40))
def test_a_token_cut_short_is_refused_with_the_cure(length):
    with pytest.raises(TokenInvalid, match="not complete") as caught:
        read_token(KEY, UNSUBSCRIBE, make_token(KEY, UNSUBSCRIBE, 7)[:length])
    assert "Copy the whole link" in caught.value.cure


@given(st.text())
def test_any_text_is_refused(text):
    with pytest.raises(TokenInvalid):
        read_token(KEY, UNSUBSCRIBE, text)


def test_a_fingerprint_is_bound_to_key_purpose_and_text():
    made = fingerprint(KEY, MESSAGE_ID, "7")
    assert len(made) == 20
    others = [(OTHER_KEY, MESSAGE_ID, "7"), (KEY, UNSUBSCRIBE, "7"), (KEY, MESSAGE_ID, "8")]
    assert made == fingerprint(KEY, MESSAGE_ID, "7")
    assert made not in [fingerprint(*other) for other in others]


@given(st.integers(0, 2**63), st.text(max_size=300))
def test_a_token_may_carry_an_address_beside_its_number(number, text):
    token = make_token(KEY, CLICK, (number, text))
    assert read_pair(KEY, CLICK, token) == (number, text)
    with pytest.raises(TokenInvalid):
        read_token(KEY, CLICK, token)
    with pytest.raises(TokenInvalid):
        read_pair(KEY, CLICK, make_token(KEY, CLICK, number))


@given(st.integers(0, 2**63), st.text())
def test_a_passing_token_works_until_its_moment_and_no_longer(value: int, text: str):
    token = make_passing(KEY, PREFERENCES, value, UNTIL, text)
    assert read_passing(KEY, PREFERENCES, token, UNTIL) == (value, text)
    with pytest.raises(TokenExpired) as expired:
        read_passing(KEY, PREFERENCES, token, UNTIL + timedelta(seconds=1))
    assert expired.value.value == (value, text)


@given(st.integers(0, 10**10 - 1))
def test_passing_tokens_made_in_bulk_fit_a_line_of_a_mail(value: int):
    token = passing_maker(KEY, PREFERENCES, UNTIL)(value)
    assert read_passing(KEY, PREFERENCES, token, UNTIL) == (value, "")
    assert len(token) <= 75


@pytest.mark.parametrize("key", [KEY, OTHER_KEY])
def test_a_token_of_another_kind_purpose_or_key_is_no_passing_one(key: str):
    forged = [
        make_token(KEY, PREFERENCES, 7),
        make_passing(KEY, UNSUBSCRIBE, 7, UNTIL),
        make_passing(OTHER_KEY if key == KEY else KEY, PREFERENCES, 7, UNTIL),
        make_passing(key, PREFERENCES, 7, UNTIL)[:-2],
        "",
    ]
    for token in forged:
        with pytest.raises(TokenInvalid):
            read_passing(key, PREFERENCES, token, UNTIL)


@given(st.integers(0, 2**63), st.booleans())
def test_a_tag_fits_an_address_and_survives_another_case(number: int, upper: bool):
    tag = make_tag(KEY, BOUNCE, number)
    assert set(tag) <= set("abcdefghijklmnopqrstuvwxyz234567")
    assert len(f"leave+{tag}") <= 64
    assert read_tag(KEY, BOUNCE, tag.upper() if upper else tag) == number


@given(st.integers(0, 2**40), st.integers(0, 2**40), st.data())
def test_a_forged_tag_is_refused(number: int, other: int, data: st.DataObject):
    tag = make_tag(KEY, BOUNCE, number)
    at = data.draw(st.integers(0, len(tag) - 1))
    forged = tag[:at] + ("a" if tag[at] != "a" else "b") + tag[at + 1 :]
    for one in (forged, tag[:-3], make_tag(KEY, LEAVE_BY_MAIL, other), "é", "0189", ""):
        with pytest.raises(TokenInvalid):
            read_tag(KEY, BOUNCE, one)
