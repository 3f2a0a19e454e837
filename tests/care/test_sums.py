from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from colporteur.care.sums import Sum

NO_JSON: frozenset[int] = frozenset()
ROWS = st.lists(
    st.tuples(st.integers(), st.text(max_size=3), st.none() | st.binary(max_size=3)), max_size=5
)


def of(*rows: tuple[object, ...], json_at: frozenset[int] = NO_JSON) -> Sum:
    return Sum().with_rows(rows, json_at)


@given(ROWS, st.randoms(use_true_random=False), st.integers(0, 5))
def test_neither_order_nor_portions_matter(rows, random, cut):
    shuffled = list(rows)
    random.shuffle(shuffled)
    parts = Sum().with_rows(shuffled[:cut], NO_JSON).with_rows(shuffled[cut:], NO_JSON)
    assert parts == of(*rows)


@given(ROWS, ROWS)
def test_other_rows_have_another_sum(one, other):
    assert (of(*one) == of(*other)) is (sorted(map(repr, one)) == sorted(map(repr, other)))


def test_one_value_is_the_same_however_a_database_gives_it():
    paris = timezone(timedelta(hours=1))
    at = datetime(2026, 11, 22, 7, 0, tzinfo=paris)
    assert of((at, b"x")) == of((at.astimezone(UTC), memoryview(b"x")))
    json_at = frozenset({0})
    assert of(('{"b": 1e5, "a": [1.0]}',), json_at=json_at) == of(
        ('{"a":[1],"b":100000}',), json_at=json_at
    )


def test_nothing_and_the_word_for_it_in_json_are_not_the_same():
    json_at = frozenset({0})
    assert of((None,), json_at=json_at) != of(("null",), json_at=json_at)
    assert of((b"1",)) != of((1,))
    assert of(("1",)) != of((1,))
