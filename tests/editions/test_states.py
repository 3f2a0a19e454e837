import pytest

from colporteur.editions.states import TABLE, Event, State, transition
from colporteur.exceptions import TransitionRefused


@pytest.mark.parametrize(("state", "event"), list(TABLE))
def test_a_change_in_the_table_is_allowed(state: State, event: Event):
    assert transition(state, event) is TABLE[state, event]


@pytest.mark.parametrize(
    ("state", "event"), [(s, e) for s in State for e in Event if (s, e) not in TABLE]
)
def test_a_change_outside_the_table_is_refused_and_says_what_is_allowed(state: State, event: Event):
    with pytest.raises(TransitionRefused) as refusal:
        transition(state, event)
    assert refusal.value.cure.startswith("It can: ")
