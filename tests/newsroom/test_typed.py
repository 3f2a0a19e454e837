"""What the desk's form says: pure."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.editions.arrangement import Arrangement
from colporteur.editions.arranging import NO_LEAD
from colporteur.web.bodies import Form
from colporteur.web.newsroom.editions.typed import (
    Typed,
    faults_in,
    fitted,
    moved,
    read_typed,
    typed_of,
    wishes_of,
)

NEWEST = [5, 4, 3, 2, 1]
UNTOUCHED = Arrangement()


def form(**fields: str | list[str]) -> Form:
    return Form({name: [one] if isinstance(one, str) else one for name, one in fields.items()})


@pytest.mark.parametrize(
    ("what", "after"),
    [
        ("up 3", (5, 3, 4, 2, 1)),
        ("up 5", (5, 4, 3, 2, 1)),
        ("down 5", (4, 5, 3, 2, 1)),
        ("down 1", (5, 4, 3, 2, 1)),
        ("first 1", (1, 5, 4, 3, 2)),
        ("lead 3", (3, 5, 4, 2, 1)),
        ("leave 4", (5, 3, 2, 1)),
        ("leave 99", (5, 4, 3, 2, 1)),
        ("explode 4", (5, 4, 3, 2, 1)),
        ("up x", (5, 4, 3, 2, 1)),
    ],
)
def test_a_button_moves_an_article(what: str, after: tuple[int, ...]) -> None:
    assert moved(typed_of(UNTOUCHED, NEWEST), what).order == after


def test_nothing_comes_before_the_lead() -> None:
    pinned = moved(typed_of(UNTOUCHED, NEWEST), "lead 3")
    assert moved(pinned, "first 1").order == (3, 1, 5, 4, 2)
    assert moved(pinned, "up 5").order == (3, 5, 4, 2, 1)
    assert moved(pinned, "down 3").order == pinned.order
    assert moved(pinned, "unpin 3").lead is None


def test_what_is_taken_back_in_falls_into_its_own_place() -> None:
    without = moved(typed_of(UNTOUCHED, NEWEST), "leave 4")
    assert fitted(moved(without, "take 4"), NEWEST).order == (5, 4, 3, 2, 1)


def test_only_what_was_moved_is_fixed_in_its_place() -> None:
    typed = moved(typed_of(UNTOUCHED, NEWEST), "up 3")
    assert wishes_of(typed, UNTOUCHED, NEWEST).order == (5, 3)
    assert wishes_of(moved(typed, "lead 1"), UNTOUCHED, NEWEST).order == (5, 3)
    assert fitted(typed, [6, *NEWEST]).order == (5, 3, 6, 4, 2, 1)


def test_an_order_that_nobody_touched_stays_as_it_was_kept() -> None:
    before = Arrangement(order=(5, 4), lead=3, subject="Un titre")
    typed = typed_of(before, NEWEST)
    wishes = wishes_of(typed, before, NEWEST)
    assert (wishes.lead, tuple(wishes.order or ()), wishes.subject) == (3, (5, 4), "Un titre")


def test_what_vanished_is_in_no_wish() -> None:
    typed = Typed(order=(3, 5, 4), left_out=(2,), lead=3)
    left = fitted(typed, [5, 4])
    assert (left.order, left.left_out, left.lead) == ((5, 4), (), None)
    assert wishes_of(left, Arrangement(order=(3, 5)), [5, 4]).lead == NO_LEAD


def test_a_form_is_read_whatever_it_holds() -> None:
    typed = read_typed(
        form(
            order=["5", "x", "5", "9" * 40, "4", "٣"],
            left_out=["4"],
            lead="4",
            intro="Une\r\nintro",
        )
    )
    assert typed == Typed(order=(5,), left_out=(4,), lead=None, intro="Une\nintro")


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        (Typed(subject="x" * 151), {"subject"}),
        (Typed(preheader="a\nb"), {"preheader"}),
        (Typed(intro="x" * 20_001), {"intro"}),
        (Typed(intro="Une intro", subject="Un titre"), set()),
    ],
)
def test_words_that_cannot_be_are_named(typed: Typed, wrong: set[str]) -> None:
    assert faults_in(typed, lead=True).keys() == wrong


def test_words_of_a_lead_need_one() -> None:
    assert faults_in(Typed(subject="Un titre"), lead=False).keys() == {"subject"}


@given(
    st.permutations(NEWEST),
    st.lists(st.sampled_from(["up", "down", "first", "lead", "leave", "take", "unpin"])),
    st.sampled_from(NEWEST),
)
def test_no_button_loses_or_doubles_an_article(
    order: list[int], verbs: list[str], one: int
) -> None:
    typed = Typed(order=tuple(order))
    for verb in verbs:
        typed = fitted(moved(typed, f"{verb} {one}"), NEWEST)
    assert sorted([*typed.order, *typed.left_out]) == sorted(NEWEST)
    assert typed.lead in {None, typed.order[0] if typed.order else None}
    wished = wishes_of(typed, UNTOUCHED, NEWEST)
    kept = Arrangement(
        lead=wished.lead or None,
        order=tuple(wished.order or ()),
        left_out=frozenset(wished.left_out or ()),
    )
    assert typed_of(kept, NEWEST).order == typed.order
