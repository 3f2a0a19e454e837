"""What readers can be, and what may happen to them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.audience.states import Event, State, overall, states_before, transition
from colporteur.exceptions import ReaderStateRefused

NOT_MAILED = (State.BOUNCED, State.COMPLAINED, State.SUPPRESSED, State.ERASED)


def after(state: State, *events: Event) -> State:
    for event in events:
        state = transition(state, event)
    return state


@pytest.mark.parametrize(
    ("state", "event", "then"),
    [
        (State.PENDING, Event.CONFIRMED, State.ACTIVE),
        (State.PENDING, Event.LAPSED, State.UNSUBSCRIBED),
        (State.ACTIVE, Event.PAUSED, State.PAUSED),
        (State.ACTIVE, Event.SIGNED_UP, State.ACTIVE),
        (State.PAUSED, Event.RESUMED, State.ACTIVE),
        (State.PAUSED, Event.CONFIRMED, State.PAUSED),
        (State.UNSUBSCRIBED, Event.SIGNED_UP, State.PENDING),
        (State.UNSUBSCRIBED, Event.RETURNED, State.ACTIVE),
        (State.BOUNCED, Event.CONFIRMED, State.ACTIVE),
        (State.BOUNCED, Event.COMPLAINED, State.COMPLAINED),
        (State.COMPLAINED, Event.BOUNCED, State.COMPLAINED),
        (State.SUPPRESSED, Event.SIGNED_UP, State.SUPPRESSED),
        (State.SUPPRESSED, Event.LIFTED, State.ACTIVE),
    ],
)
def test_what_comes_of_an_event(state: State, event: Event, then: State):
    assert transition(state, event) is then


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (State.PENDING, Event.PAUSED),
        (State.UNSUBSCRIBED, Event.CONFIRMED),  # a button pressed before they left
        (State.UNSUBSCRIBED, Event.RESUMED),
        (State.SUPPRESSED, Event.CONFIRMED),
        (State.ERASED, Event.CONFIRMED),
        (State.ERASED, Event.LIFTED),
    ],
)
def test_what_cannot_happen_is_refused_and_what_can_is_named(state: State, event: Event):
    with pytest.raises(ReaderStateRefused) as refused:
        transition(state, event)
    assert "What can happen: " in refused.value.cure


@given(st.sampled_from(NOT_MAILED), st.lists(st.sampled_from(Event), max_size=6))
def test_who_gets_no_mail_gets_some_again_only_by_confirming_or_by_our_hand(
    state: State, events: list[Event]
):
    for event in events:
        try:
            state = transition(state, event)
        except ReaderStateRefused:
            continue
        if state is State.ACTIVE:
            assert event in {Event.CONFIRMED, Event.LIFTED}
            return
        assert state in NOT_MAILED


@given(st.sampled_from(State))
def test_everybody_can_be_erased_and_stays_so(state: State):
    assert after(state, Event.ERASED, Event.ERASED) is State.ERASED


@given(st.sampled_from(Event), st.sampled_from(State))
def test_set_based_changes_ask_the_same_table(event: Event, then: State):
    for state in State:
        try:
            leads = transition(state, event) is then
        except ReaderStateRefused:
            leads = False
        assert leads == (state in states_before(event, then))


@pytest.mark.parametrize(
    ("reader", "chosen", "called"),
    [
        (State.ACTIVE, [State.UNSUBSCRIBED, State.PAUSED], State.PAUSED),
        (State.ACTIVE, [State.PENDING, State.ACTIVE], State.ACTIVE),
        (State.ACTIVE, [State.UNSUBSCRIBED], State.UNSUBSCRIBED),
        (State.ACTIVE, [], State.UNSUBSCRIBED),
        (State.BOUNCED, [State.ACTIVE], State.BOUNCED),
        (State.PENDING, [State.PENDING], State.PENDING),
    ],
)
def test_a_reader_is_called_by_what_is_true_of_all_their_mail(
    reader: State, chosen: list[State], called: State
):
    assert overall(reader, chosen) is called
