"""How much may leave in how long."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from colporteur.config.limit import Limit, parse_limit


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("300/day", Limit(300, 86_400)),
        ("200/hour", Limit(200, 3600)),
        ("10/second", Limit(10, 1)),
        ("100/15 minutes", Limit(100, 900)),
        (" 5 / 2 Days ", Limit(5, 172_800)),
        ("9/week", Limit(9, 604_800)),
        ("60/minutes", Limit(60, 60)),
    ],
)
def test_a_limit_is_a_number_in_a_span(text: str, limit: Limit) -> None:
    assert parse_limit(text) == limit


@pytest.mark.parametrize(
    "text",
    [
        "",
        "300",
        "300/",
        "/day",
        "0/day",
        "5/0 hours",
        "-1/day",
        "5/fortnight",
        "5/9 weeks",
        "1.5/day",
        "9/40 days",
    ],
)
def test_what_is_no_limit_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match='such as "300/day"'):
        parse_limit(text)


@given(st.integers(1, 10**9 - 1), st.integers(1, 86_400))
def test_a_limit_is_written_as_it_is_read(count: int, seconds: int) -> None:
    assert parse_limit(str(Limit(count, seconds))) == Limit(count, seconds)
