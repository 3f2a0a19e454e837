import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.exceptions import TokenInvalid
from colporteur.tokens import (
    CLICK,
    MESSAGE_ID,
    UNSUBSCRIBE,
    fingerprint,
    make_token,
    read_pair,
    read_token,
    token_maker,
)

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
